"""Every secret of a scope in few words: what decides whether it counts, and in which groups."""

from __future__ import annotations

from collections.abc import Container, Generator, Iterator
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa
from msgspec import Struct
from sqlalchemy import ColumnElement, Connection, Select

from keysift.detect.proofs.identifiers import MODES
from keysift.model import Confidence, Severity, TriageStatus, Verdict
from keysift.store import tables as t
from keysift.store.queries import parts
from keysift.store.queries.census import streamed

_SEVERITIES: Final = tuple(Severity)
_CONFIDENCES: Final = tuple(Confidence)
_MODE: Final = "mode"


class Graded(Struct, frozen=True, gc=False):
    """A secret that the ruleset which looked last still finds in the scope.

    Attributes:
        id: Its number.
        detector: Id of its type.
        mask: What may be shown of its value.
        first_seen_at: When the store first saw it.
        severity: The worst of its matches in the scope.
        confidence: The best over its occurrences in the scope.
        triage: What people decided last.
        is_canary: Whether it is known to raise an alarm when it is used.
    """

    id: int
    detector: str
    mask: str
    first_seen_at: datetime
    severity: Severity
    confidence: Confidence
    triage: TriageStatus
    is_canary: bool


def graded(connection: Connection, projects: Select[Any] | None) -> Generator[Graded]:
    """Yield the secrets of the scope that count as found, by their numbers.

    Args:
        connection: From ``Store.reading``.
        projects: The scope, from ``in_scope``.
    """
    counting = parts.counting().subquery("counting")
    totals = _within(
        sa.select(
            counting.c.secret_id,
            sa.func.max(counting.c.severity).label("severity"),
            sa.func.max(parts.rank(t.occurrences.c.confidence, Confidence)).label("confidence"),
        ).join(t.occurrences, t.occurrences.c.match_id == counting.c.id),
        projects,
    )
    found = totals.group_by(counting.c.secret_id).subquery("totals")
    canary = (
        sa.exists()
        .where(t.verdicts.c.secret_id == t.secrets.c.id)
        .where(t.verdicts.c.verdict == Verdict.CANARY.value)
    )
    query = (
        sa.select(
            *(t.secrets.c[name] for name in ("id", "detector", "mask", "first_seen_at")),
            found.c.severity,
            found.c.confidence,
            parts.latest(t.triage, "status", t.secrets.c.id),
            canary,
        )
        .join(found, found.c.secret_id == t.secrets.c.id)
        .order_by(t.secrets.c.id)
    )
    with streamed(connection, query) as rows:
        for number, detector, mask, seen, severity, confidence, triage, is_canary in rows:
            yield Graded(
                number,
                detector,
                mask,
                seen,
                _SEVERITIES[severity],
                _CONFIDENCES[confidence],
                TriageStatus.OPEN if triage is None else TriageStatus(triage),
                bool(is_canary),
            )


def standing(connection: Connection, projects: Select[Any] | None) -> int:
    """Return how many secrets stand in the scope, those that are found no more included.

    Args:
        connection: From ``Store.reading``.
        projects: The scope, from ``in_scope``.
    """
    query = sa.select(sa.func.count(t.matches.c.secret_id.distinct())).join(
        t.occurrences, t.occurrences.c.match_id == t.matches.c.id
    )
    number: int = connection.execute(_within(query, projects)).scalar_one()
    return number


def elsewhere(
    connection: Connection, projects: Select[Any], wanted: Container[int]
) -> Iterator[int]:
    """Yield those of some secrets that are found in a project outside of the scope too.

    Args:
        connection: From ``Store.reading``.
        projects: The scope, from ``in_scope``.
        wanted: Numbers of secrets.
    """
    counting = parts.counting().subquery("counting")
    query = (
        sa.select(counting.c.secret_id)
        .join(t.occurrences, t.occurrences.c.match_id == counting.c.id)
        .join(t.artifacts, t.artifacts.c.id == t.occurrences.c.artifact_id)
        .join(t.releases, t.releases.c.id == t.artifacts.c.release_id)
        .where(t.releases.c.project_id.not_in(projects))
        .distinct()
    )
    with streamed(connection, query) as rows:
        for (number,) in rows:
            if number in wanted:
                yield number


def modes(connection: Connection) -> dict[int, str]:
    """Return which secrets are ``live`` and which for tests (``test``), by their numbers.

    The value itself says so, where its type has a word for it; else its provider did. Those of
    which neither does are left out.
    """
    said = _modes(connection, t.verdicts, t.verdicts.c.facts)
    current = t.matches.c.confirmed_by == t.blobs.c.ruleset_id
    matches = t.matches.join(t.blobs, t.blobs.c.id == t.matches.c.blob_id)
    return said | _modes(connection, matches, t.matches.c.facts, current)


def _modes(
    connection: Connection,
    table: sa.FromClause,
    facts: ColumnElement[Any],
    *which: ColumnElement[bool],
) -> dict[int, str]:
    numbers = facts.table.c
    # Most facts have none: those are not even decoded.
    has_one = sa.cast(facts, sa.Text).like(f'%"{_MODE}"%')
    query = (
        sa.select(numbers.secret_id, facts)
        .select_from(table)
        .where(has_one, *which)
        .order_by(numbers.id)
    )
    found: dict[int, str] = {}
    with streamed(connection, query) as rows:
        for secret, learned in rows:
            mode = MODES.get(str(learned.get(_MODE, "")).lower())
            if mode is not None:
                found[secret] = mode
    return found


def powers(connection: Connection) -> dict[int, tuple[str, ...]]:
    """Return what secrets may do, by their numbers, as they were last said to be active."""
    columns = [t.verdicts.c[name] for name in ("secret_id", "powers")]
    query = sa.select(*columns).where(t.verdicts.c.verdict == Verdict.ACTIVE.value)
    found: dict[int, tuple[str, ...]] = {}
    ordered = query.order_by(t.verdicts.c.id)
    with streamed(connection, ordered) as rows:
        for secret, said in rows:
            found[secret] = tuple(said or ())
    return found


def _within(query: Select[Any], projects: Select[Any] | None) -> Select[Any]:
    """Return a query on occurrences that asks for those of the scope alone."""
    if projects is None:
        return query
    return (
        query.join(t.artifacts, t.artifacts.c.id == t.occurrences.c.artifact_id)
        .join(t.releases, t.releases.c.id == t.artifacts.c.release_id)
        .where(t.releases.c.project_id.in_(projects))
    )
