"""Projects in sum: how many findings of which kind each has."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy import ColumnElement, Connection, Row, Select

from keysift.model import Severity, TriageStatus, Verdict
from keysift.store import tables as t
from keysift.store.chunks import chunked
from keysift.store.queries.standing import TRIAGE, VERDICTS

COUNTS: Final = ("findings", *(one.value for one in Severity), "active", "open", "present")
"""Columns of ``tallies`` that count findings."""

_FACTS: Final = ("name", "releases", "last_uploaded_at")
_CHUNK: Final = 500


def counted(connection: Connection, projects: Sequence[int]) -> dict[int, dict[str, Any]]:
    """Return what ``tallies`` has to say of projects, by number; of those with a finding.

    Args:
        connection: To the store.
        projects: Their numbers, no more than a statement takes.
    """
    return _whole(
        connection, {row.project_id: row for row in connection.execute(_counts(projects))}
    )


def kept_numbers(connection: Connection, projects: Sequence[int]) -> dict[int, dict[str, Any]]:
    """Return what ``tallies`` says of projects, as ``counted`` does."""
    query = sa.select(t.tallies).where(t.tallies.c.project_id.in_(projects))
    return {row.project_id: _columns(row, (*COUNTS, *_FACTS)) for row in connection.execute(query)}


def count_again(connection: Connection, projects: Sequence[int]) -> None:
    """Bring the numbers of projects up to date, from ``lives`` and ``summaries``.

    Args:
        connection: In a transaction that writes, which holds ``Purpose.SUMMING``.
        projects: Their numbers; as many as one likes.
    """
    for chunk in chunked(projects, _CHUNK):
        counts = {row.project_id: row for row in connection.execute(_counts(chunk))}
        columns = [t.tallies.c[name] for name in COUNTS]
        query = sa.select(t.tallies.c.project_id, *columns)
        known = {
            row.project_id: row
            for row in connection.execute(query.where(t.tallies.c.project_id.in_(chunk)))
        }
        _forget(connection, known.keys() - counts.keys())
        changed = [counts[one] for one in known.keys() & counts if counts[one] != known[one]]
        if changed:
            rows = [{"project": one.project_id} | _columns(one, COUNTS) for one in changed]
            connection.execute(_CHANGE, rows)
        _add(connection, {one: counts[one] for one in sorted(counts.keys() - known)})


def look_again(connection: Connection, projects: Sequence[int]) -> None:
    """Bring what else is told of projects up to date: their releases and last uploads.

    Args:
        connection: As for ``count_again``.
        projects: Their numbers; those without a finding are passed over.
    """
    for chunk in chunked(projects, _CHUNK):
        held = sa.select(t.tallies.c.project_id).where(t.tallies.c.project_id.in_(chunk))
        rows = connection.execute(_facts(held)).all()
        if rows:
            connection.execute(
                _CHANGE, [{"project": row.id} | _columns(row, _FACTS) for row in rows]
            )


_PROJECT: Final[sa.BindParameter[int]] = sa.bindparam("project")
_CHANGE: Final = sa.update(t.tallies).where(t.tallies.c.project_id == _PROJECT)


def _columns(row: Row[Any], names: Sequence[str]) -> dict[str, Any]:
    return {name: getattr(row, name) for name in names}


def _counts(projects: Sequence[int]) -> Select[Any]:
    summary = t.summaries.c

    def number(condition: ColumnElement[bool]) -> ColumnElement[int]:
        return sa.func.count(sa.case((condition, 1)))

    return (
        sa.select(
            t.lives.c.project_id,
            sa.func.count().label("findings"),
            *(number(summary.severity == one.rank).label(one.value) for one in Severity),
            number(summary.verdict == VERDICTS.index(Verdict.ACTIVE)).label("active"),
            number(summary.triage == TRIAGE.index(TriageStatus.OPEN)).label("open"),
            number(t.lives.c.still_present == 1).label("present"),
        )
        .join(t.summaries, summary.secret_id == t.lives.c.secret_id)
        # Added to nothing: SQLite would go through all that are not outdated for a few projects.
        .where(t.lives.c.project_id.in_(projects), summary.is_outdated + 0 == 0)
        .group_by(t.lives.c.project_id)
    )


def _facts(projects: Select[Any] | Sequence[int]) -> Select[Any]:
    return (
        sa.select(
            t.projects.c.id,
            t.projects.c.name,
            sa.func.count(t.releases.c.id.distinct()).label("releases"),
            sa.func.max(t.artifacts.c.uploaded_at).label("last_uploaded_at"),
        )
        .outerjoin(t.releases, t.releases.c.project_id == t.projects.c.id)
        .outerjoin(t.artifacts, t.artifacts.c.release_id == t.releases.c.id)
        .where(t.projects.c.id.in_(projects))
        .group_by(t.projects.c.id)
    )


def _forget(connection: Connection, projects: set[int]) -> None:
    if projects:
        connection.execute(sa.delete(t.tallies).where(t.tallies.c.project_id.in_(projects)))


def _add(connection: Connection, counts: dict[int, Row[Any]]) -> None:
    rows = [{"project_id": one} | row for one, row in _whole(connection, counts).items()]
    if rows:
        connection.execute(sa.insert(t.tallies), rows)


def _whole(connection: Connection, counts: dict[int, Row[Any]]) -> dict[int, dict[str, Any]]:
    """Return counts of projects with what else is told of these."""
    if not counts:
        return {}
    facts = {row.id: row for row in connection.execute(_facts(list(counts)))}
    return {
        number: _columns(row, COUNTS) | _columns(facts[number], _FACTS)
        for number, row in counts.items()
    }
