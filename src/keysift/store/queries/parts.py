"""Pieces of SQL that several questions share: which matches count, and the order of releases."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement, Connection, FromClause, ScalarSelect, Select, Subquery

from keysift.model import Confidence, Doubt, Severity, Verdict
from keysift.store import tables as t
from keysift.store.types import SQLITE


def rank(column: ColumnElement[str], grades: type[Severity | Confidence]) -> sa.Case[int]:
    """Return the rank of a grade that a column holds as a word."""
    ranks: dict[Any, int] = {grade.value: grade.rank for grade in grades}
    return sa.case(ranks, value=column)


def bytewise(connection: Connection, column: ColumnElement[str]) -> ColumnElement[str]:
    """Return a text to sort by, in the same order in both databases whatever their locale."""
    return column if connection.dialect.name == SQLITE else sa.collate(column, "C")


def counting(secrets: Collection[int] | None = None, *, outdated: bool = False) -> Select[Any]:
    """Return the matches that count: those that the ruleset which looked last still finds.

    Columns: ``id``, ``secret_id``, ``severity`` (a rank), ``found_by``, ``confirmed_by``,
    ``is_current``.

    Args:
        secrets: Only matches of these.
        outdated: Of a secret that is found no more, all its matches as well.
    """
    current = t.matches.c.confirmed_by == t.blobs.c.ruleset_id
    flag = sa.case((current, 1), else_=0)
    query = sa.select(
        t.matches.c.id,
        t.matches.c.secret_id,
        rank(t.matches.c.severity, Severity).label("severity"),
        t.matches.c.found_by,
        t.matches.c.confirmed_by,
        flag.label("is_current"),
    ).join(t.blobs, t.blobs.c.id == t.matches.c.blob_id)
    if secrets is not None:
        query = query.where(t.matches.c.secret_id.in_(secrets))
    if not outdated:
        return query.where(current)
    best = sa.func.max(flag).over(partition_by=t.matches.c.secret_id)
    inner = query.add_columns(best.label("best")).subquery()
    return sa.select(*[column for column in inner.c if column.name != "best"]).where(
        inner.c.is_current == inner.c.best
    )


def grades(counting: FromClause) -> Select[Any]:
    """Return what the occurrences of each secret say of it together.

    Columns: ``secret_id``, ``severity`` and ``confidence`` (ranks), ``found_by``,
    ``confirmed_by``, ``is_current``.

    Args:
        counting: The matches that count.
    """
    return (
        sa.select(
            counting.c.secret_id,
            sa.func.max(counting.c.severity).label("severity"),
            sa.func.max(rank(t.occurrences.c.confidence, Confidence)).label("confidence"),
            sa.func.min(counting.c.found_by).label("found_by"),
            sa.func.max(counting.c.confirmed_by).label("confirmed_by"),
            sa.func.max(counting.c.is_current).label("is_current"),
        )
        .join(t.occurrences, t.occurrences.c.match_id == counting.c.id)
        .group_by(counting.c.secret_id)
    )


def latest(table: sa.Table, column: str, secret: ColumnElement[int]) -> ScalarSelect[Any]:
    """Return a column of the last row that a history has of a secret.

    A verdict stands until another one comes: that a provider could not be asked once more does not
    change what it said.

    Args:
        table: ``verdicts`` or ``triage``.
        column: Which.
        secret: Number of the secret.
    """
    order: list[ColumnElement[Any]] = [table.c.id.desc()]
    if table is t.verdicts:
        order.insert(0, _says_nothing)
    return (
        sa.select(table.c[column])
        .where(table.c.secret_id == secret)
        .order_by(*order)
        .limit(1)
        .correlate_except(table)
        .scalar_subquery()
    )


_says_nothing = sa.case(
    (
        sa.and_(
            t.verdicts.c.verdict == Verdict.UNKNOWN.value,
            sa.or_(
                t.verdicts.c.doubt.is_(None),
                t.verdicts.c.doubt.in_([one.value for one in Doubt if one.is_open]),
            ),
        ),
        1,
    ),
    else_=0,
)


def releases(connection: Connection, projects: Select[Any]) -> Subquery:
    """Return the releases of projects, in their order, with what their files say.

    Columns: ``id``, ``project_id``, ``version``, ``first_upload``; ``position`` counts from 1 in
    the order of ``Life`` and is the same for equal versions; ``is_newest`` is 1 for what pip would
    take; ``is_looked_at``: 1 when a file of it was; ``is_unknown``: 1 when the index has a file
    that was not.

    Newest is the rule of ``keysift.sources.pypi.newest``, for what the index still has. Yanked and
    deleted files do not count; a final release comes before all pre-releases; a version that
    PEP 440 cannot compare is newest only when there is no other, by its upload.
    """
    files = _files(projects)
    key = files.c.sort_key
    uploaded = sa.case((key.is_(None), files.c.last_upload))
    version = bytewise(connection, sa.case((key.is_(None), files.c.version)))
    position = sa.func.dense_rank().over(
        partition_by=files.c.project_id,
        order_by=(key.is_not(None), key, uploaded.nulls_first(), version),
    )
    place = sa.func.rank().over(
        partition_by=files.c.project_id,
        order_by=(
            files.c.is_listed.desc(),
            key.is_(None),
            files.c.is_prerelease,
            key.desc(),
            uploaded.desc().nulls_last(),
            version.desc(),
        ),
    )
    return sa.select(
        *(files.c[name] for name in ("id", "project_id", "version", "first_upload")),
        *(files.c[name] for name in ("is_looked_at", "is_unknown")),
        position.label("position"),
        sa.case((sa.and_(place == 1, files.c.is_listed == 1), 1), else_=0).label("is_newest"),
    ).subquery("ordered")


def _files(projects: Select[Any]) -> Subquery:
    """Return each release of projects with what its files say together."""
    is_there = t.artifacts.c.deleted_at.is_(None)
    looked_at = is_looked_at()

    def any_file(condition: ColumnElement[bool]) -> ColumnElement[int]:
        return sa.func.max(sa.case((condition, 1), else_=0))

    return (
        sa.select(
            *t.releases.c,
            sa.func.min(t.artifacts.c.uploaded_at).label("first_upload"),
            sa.func.max(t.artifacts.c.uploaded_at).label("last_upload"),
            any_file(is_listed()).label("is_listed"),
            any_file(looked_at).label("is_looked_at"),
            any_file(sa.and_(is_there, ~looked_at)).label("is_unknown"),
        )
        .join(t.artifacts, t.artifacts.c.release_id == t.releases.c.id)
        .where(t.releases.c.project_id.in_(projects))
        .group_by(t.releases.c.id)
        .subquery("files")
    )


def is_listed() -> ColumnElement[bool]:
    """Return the condition that an artifact is neither yanked nor deleted."""
    return sa.and_(t.artifacts.c.deleted_at.is_(None), t.artifacts.c.yanked.is_(None))


def is_looked_at() -> ColumnElement[bool]:
    """Return the condition that an artifact was looked at, be it in part."""
    # A file of which nothing at all could be read was not.
    return sa.and_(
        t.artifacts.c.state == "scanned",
        sa.or_(t.artifacts.c.is_complete == 1, t.artifacts.c.files > 0),
    )
