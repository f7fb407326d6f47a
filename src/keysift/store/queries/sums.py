"""Findings added up, as rows of the cache: by the same queries that ``describe`` asks."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any, Final

import sqlalchemy as sa
from msgspec import Struct
from sqlalchemy import ColumnElement, Connection, Row, Select

from keysift.store import tables as t
from keysift.store.queries import parts
from keysift.store.queries.lives import Known, Lives
from keysift.store.queries.standing import JUDGED
from keysift.store.queries.values import Lived
from keysift.store.types import SQLITE

LONGEST: Final = 1_000_000
"""Characters of one secret that a search looks through."""

CUT: Final = "…"
"""How a text begins of which the rest is left out."""

SUMMED: Final = tuple(column.name for column in t.summaries.c if column.name not in JUDGED)
"""Columns of ``summaries`` that are added up."""


class Sum(Struct, frozen=True):
    """What the cache has of a secret.

    Attributes:
        summary: Its row of ``summaries``: the columns of ``SUMMED``.
        lives: Its rows of ``lives``, by project.
        haystack: What a search looks through.
    """

    summary: dict[str, Any]
    lives: dict[int, dict[str, Any]]
    haystack: str


def sums(connection: Connection, secrets: Collection[int], lives: Lives) -> dict[int, Sum]:
    """Return secrets added up, by number; those that stand nowhere are left out.

    Args:
        connection: From ``Store.reading``.
        secrets: At most some hundred; a statement takes no more.
        lives: Of the same connection; what it knows of projects is not asked for again.
    """
    lived = lives.known(secrets)
    texts: dict[int, list[str]] = {}
    for number, text in connection.execute(_paths(connection, secrets)):
        texts.setdefault(number, []).append(text)
    found = {}
    for row in connection.execute(_graded(secrets)):
        known = lived[row.id]
        projects = sorted({one.life.introduced.project for one in known})
        text = "\n".join((row.detector, row.mask, *projects, *sorted(texts[row.id]))).casefold()
        found[row.id] = Sum(
            _summary(row, Lived(lives=tuple(one.life for one in known))),
            {one.project: _life(row.id, one) for one in known},
            text if len(text) <= LONGEST else CUT + text[:LONGEST],
        )
    return found


def kept(connection: Connection, secrets: Collection[int]) -> dict[int, Sum]:
    """Return what the cache has of secrets, by number; lives alone count too.

    Args:
        connection: As for ``sums``.
        secrets: As for ``sums``.
    """
    found: dict[int, Sum] = {}
    query = sa.select(*(t.summaries.c[name] for name in SUMMED), t.haystacks.c.text).join(
        t.haystacks, t.haystacks.c.secret_id == t.summaries.c.secret_id
    )
    for row in connection.execute(query.where(t.summaries.c.secret_id.in_(secrets))):
        found[row.secret_id] = Sum({name: getattr(row, name) for name in SUMMED}, {}, row.text)
    lives = sa.select(t.lives).where(t.lives.c.secret_id.in_(secrets))
    for life in connection.execute(lives).mappings():
        found.setdefault(life["secret_id"], Sum({}, {}, "")).lives[life["project_id"]] = dict(life)
    return found


def secrets_of(connection: Connection, projects: Collection[int]) -> Iterator[int]:
    """Yield the secrets that change when projects change.

    These stand there now, or did when they were last added up, or were found in the same content
    somewhere else: a scan that finds a secret no more says so of the content, wherever it is.

    Args:
        connection: As for ``sums``.
        projects: At most some hundred.
    """
    contents = (
        sa.select(t.matches.c.blob_id)
        .join(t.occurrences, t.occurrences.c.match_id == t.matches.c.id)
        .join(t.artifacts, t.artifacts.c.id == t.occurrences.c.artifact_id)
        .join(t.releases, t.releases.c.id == t.artifacts.c.release_id)
        .where(t.releases.c.project_id.in_(projects))
    )
    standing = sa.select(t.matches.c.secret_id).where(t.matches.c.blob_id.in_(contents))
    stood = sa.select(t.lives.c.secret_id).where(t.lives.c.project_id.in_(projects))
    yield from connection.scalars(standing.union(stood))


def _graded(secrets: Collection[int]) -> Select[Any]:
    grades = parts.grades(parts.counting(secrets, outdated=True).subquery("counting"))
    graded = grades.subquery("graded")
    return sa.select(
        t.secrets.c.id,
        t.secrets.c.detector,
        t.secrets.c.mask,
        *(graded.c[name] for name in ("severity", "confidence", "is_current")),
    ).join(graded, graded.c.secret_id == t.secrets.c.id)


def _paths(connection: Connection, secrets: Collection[int]) -> Select[Any]:
    """Return the paths of secrets, each once: in sdists the first folder names the release."""
    counting = parts.counting(secrets, outdated=True).subquery("counting")
    path = t.paths.c.path
    slash = _position(connection, path, "/")
    is_below = sa.and_(t.artifacts.c.kind == "sdist", slash > 0)
    rest = sa.case((is_below, sa.func.substr(path, slash + 1)), else_=path)
    return (
        sa.select(counting.c.secret_id, rest + t.matches.c.below)
        .join(t.matches, t.matches.c.id == counting.c.id)
        .join(t.occurrences, t.occurrences.c.match_id == counting.c.id)
        .join(t.artifacts, t.artifacts.c.id == t.occurrences.c.artifact_id)
        .join(t.paths, t.paths.c.id == t.occurrences.c.path_id)
        .distinct()
    )


def _position(
    connection: Connection, text: ColumnElement[str], part: str
) -> sa.sql.functions.Function[int]:
    is_sqlite = connection.dialect.name == SQLITE
    function = sa.func.instr if is_sqlite else sa.func.strpos
    return function(text, part, type_=sa.Integer)


def _summary(row: Row[Any], lived: Lived) -> dict[str, Any]:
    last = lived.last_seen
    return {
        "secret_id": row.id,
        "detector": row.detector,
        "severity": row.severity,
        "confidence": row.confidence,
        "urgency": 3 * row.severity + row.confidence,
        "is_outdated": 1 - row.is_current,
        "first_uploaded_at": lived.first_uploaded_at,
        "last_uploaded_at": lived.last_uploaded_at,
        "projects": lived.projects,
        "releases": lived.releases,
        "artifacts": lived.artifacts,
        "places": lived.places,
        "kinds": ",".join(lived.kinds),
        "still_present": _number(lived.still_present),
        "project": last.project,
        "version": last.version,
    }


def _life(secret: int, known: Known) -> dict[str, Any]:
    life = known.life
    counted = ("releases", "artifacts", "yanked", "deleted", "places")
    return {
        "secret_id": secret,
        "project_id": known.project,
        "introduced_in": known.introduced,
        "last_seen_in": known.last_seen,
        "removed_in": known.removed,
        "still_present": _number(life.still_present),
        "present_in": known.present,
        "first_uploaded_at": life.first_uploaded_at,
        "last_uploaded_at": life.last_uploaded_at,
        **{name: getattr(life, name) for name in counted},
        "kinds": ",".join(life.kinds),
        "present_kinds": ",".join(known.present_kinds),
    }


def _number(answer: bool | None) -> int | None:  # noqa: FBT001 (a value, not a switch)
    return None if answer is None else int(answer)
