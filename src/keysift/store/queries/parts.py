"""Pieces of SQL that several questions share: which matches count, and the order of releases."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import sqlalchemy as sa
from sqlalchemy import CTE, ColumnElement, Connection, ScalarSelect, Select

from keysift.model import Confidence, Severity
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


def latest(table: sa.Table, column: str, secret: ColumnElement[int]) -> ScalarSelect[Any]:
    """Return a column of the last row that a history has of a secret.

    Args:
        table: ``verdicts`` or ``triage``.
        column: Which.
        secret: Number of the secret.
    """
    return (
        sa.select(table.c[column])
        .where(table.c.secret_id == secret)
        .order_by(table.c.id.desc())
        .limit(1)
        .correlate_except(table)
        .scalar_subquery()
    )


def newest(connection: Connection, projects: Select[Any]) -> CTE:
    """Return the newest releases (``release_id``) of projects: what pip would take.

    Yanked and deleted files do not count. A final release comes before all pre-releases; a version
    that PEP 440 cannot compare is newest only when there is no other, by its upload. That is the
    rule of ``keysift.sources.pypi.newest``, for what the index still has.
    """
    listed = (
        sa.select(
            t.artifacts.c.release_id, sa.func.max(t.artifacts.c.uploaded_at).label("uploaded")
        )
        .join(t.releases, t.releases.c.id == t.artifacts.c.release_id)
        .where(
            t.artifacts.c.deleted_at.is_(None),
            t.artifacts.c.yanked.is_(None),
            t.releases.c.project_id.in_(projects),
        )
        .group_by(t.artifacts.c.release_id)
        .subquery()
    )
    key = t.releases.c.sort_key
    order = (
        key.is_(None),
        t.releases.c.is_prerelease,
        key.desc(),
        sa.case((key.is_(None), listed.c.uploaded)).desc().nulls_last(),
        bytewise(connection, sa.case((key.is_(None), t.releases.c.version))).desc(),
    )
    ranked = (
        sa.select(
            t.releases.c.id.label("release_id"),
            sa.func.rank()
            .over(partition_by=t.releases.c.project_id, order_by=order)
            .label("place"),
        )
        .join(listed, listed.c.release_id == t.releases.c.id)
        .subquery()
    )
    return sa.select(ranked.c.release_id).where(ranked.c.place == 1).cte("newest")


def is_present(newest_releases: CTE) -> ColumnElement[bool]:
    """Return the condition that an artifact is neither yanked nor deleted, in a newest release."""
    return sa.and_(
        t.artifacts.c.deleted_at.is_(None),
        t.artifacts.c.yanked.is_(None),
        t.artifacts.c.release_id.in_(sa.select(newest_releases.c.release_id)),
    )
