"""What the indexes have, and how much of it was looked at: the denominators of all figures.

The database adds up; what comes here is a row for each release, which is not kept.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from contextlib import contextmanager
from datetime import datetime
from itertools import chain
from typing import Any, Final

import sqlalchemy as sa
from msgspec import Struct
from sqlalchemy import ColumnElement, Connection, Row, Select

from keysift.store import tables as t
from keysift.store.queries.scope import of_scope
from keysift.store.types import SQLITE

ROWS: Final = 5000
"""Rows that are in memory where an answer is read as it comes."""


class ReleaseRow(Struct, frozen=True):
    """The artifacts of a release that were uploaded in one year.

    Attributes:
        project: Number of its project.
        release: Its number.
        year: Year of the upload (UTC); None: the index does not say.
        artifacts: How many there are.
        scanned: Those of them that were scanned.
        there: Those that the index still has.
        missing: Those that it has and that were not scanned, or not completely.
        listed: Those that it has and that are not yanked.
    """

    project: int
    release: int
    year: int | None
    artifacts: int
    scanned: int
    there: int
    missing: int
    listed: int


class ArtifactRow(Struct, frozen=True, kw_only=True):
    """Artifacts that are alike.

    Attributes:
        kind: sdist, wheel, egg or other.
        state: ``scanned``, ``unreadable``, ``failed``, ``pending`` or ``gone``.
        ruleset: Number of the ruleset of their last scan.
        artifacts: How many there are.
        incomplete: Those of them in which something was passed over that may hold a secret.
        yanked: Those that are yanked, and not deleted.
        deleted: Those that the index has no more.
        bytes: Sum of the sizes that are known.
        unsized: How many have an unknown size.
        fetched_bytes: Bytes fetched for their scans.
        content_bytes: Bytes of content that were looked at.
        members: Files in them.
        first_upload: Earliest upload.
        last_upload: Latest upload.
        first_scan: When the first of them was last scanned.
        last_scan: When the last of them was.
    """

    kind: str
    state: str
    ruleset: int | None
    artifacts: int
    incomplete: int
    yanked: int
    deleted: int
    bytes: int
    unsized: int
    fetched_bytes: int
    content_bytes: int
    members: int
    first_upload: datetime | None
    last_upload: datetime | None
    first_scan: datetime | None
    last_scan: datetime | None


class ProjectTotals(Struct, frozen=True):
    """Projects in numbers.

    Attributes:
        listed: All of them.
        removed: Those that their index has no more.
        unread: Those that it has and whose page was not read yet.
        last_read: When a page was last read.
    """

    listed: int
    removed: int
    unread: int
    last_read: datetime | None


@contextmanager
def streamed(connection: Connection, query: Select[Any]) -> Iterator[Iterator[tuple[Any, ...]]]:
    """Give the rows of an answer as they come, some thousand in memory at a time.

    A server's cursor is closed at the end.
    """
    with connection.execute(query, execution_options={"yield_per": ROWS}) as result:
        # A page is fetched at once, which is much faster than row by row.
        yield chain.from_iterable(result.partitions())


def is_scanned() -> ColumnElement[bool]:
    """Return the condition that an artifact was looked at.

    By its last scan, or by an earlier one that found something. What was fetched and could not be
    read at all was not looked at.
    """
    a = t.artifacts.c
    read = sa.and_(a.state == "scanned", sa.or_(a.is_complete == 1, a.files > 0))
    holds = sa.exists().where(t.occurrences.c.artifact_id == a.id)
    return sa.or_(read, holds)


def releases(connection: Connection, projects: Select[Any] | None) -> Generator[ReleaseRow]:
    """Yield the releases of the scope, those of a project together; see ``ReleaseRow``.

    Args:
        connection: From ``Store.reading``.
        projects: The scope, from ``in_scope``.
    """
    a, r = t.artifacts.c, t.releases.c
    scanned, there = is_scanned(), a.deleted_at.is_(None)
    whole = sa.and_(a.state == "scanned", a.is_complete == 1)
    year = year_of(connection, a.uploaded_at).label("year")
    query = (
        sa.select(
            r.project_id,
            a.release_id,
            year,
            sa.func.count(),
            *(
                number(condition)
                for condition in (
                    scanned,
                    there,
                    sa.and_(there, ~whole),
                    sa.and_(there, a.yanked.is_(None)),
                )
            ),
        )
        .join(t.releases, r.id == a.release_id)
        .where(of_scope(projects, r.project_id))
        .group_by(r.project_id, a.release_id, year)
        .order_by(r.project_id, a.release_id)
    )
    with streamed(connection, query) as rows:
        for row in rows:
            project, release, written, *numbers = row
            yield ReleaseRow(project, release, None if written is None else int(written), *numbers)


def artifacts(connection: Connection, projects: Select[Any] | None) -> list[ArtifactRow]:
    """Return the artifacts of the scope, by what they have in common.

    Args:
        connection: From ``Store.reading``.
        projects: The scope, from ``in_scope``.
    """
    a = t.artifacts.c
    state = sa.case(
        (is_scanned(), "scanned"),
        (a.deleted_at.is_not(None), "gone"),
        (a.state == "scanned", "unreadable"),
        else_=a.state,
    ).label("state")
    there = a.deleted_at.is_(None)
    query = sa.select(
        a.kind,
        state,
        a.ruleset_id.label("ruleset"),
        sa.func.count().label("artifacts"),
        number(a.is_complete == 0).label("incomplete"),
        number(sa.and_(there, a.yanked.is_not(None))).label("yanked"),
        number(~there).label("deleted"),
        total(a.size_bytes).label("bytes"),
        number(a.size_bytes.is_(None)).label("unsized"),
        total(a.fetched_bytes).label("fetched_bytes"),
        total(a.content_bytes).label("content_bytes"),
        total(a.files).label("members"),
        sa.func.min(a.uploaded_at).label("first_upload"),
        sa.func.max(a.uploaded_at).label("last_upload"),
        sa.func.min(a.scanned_at).label("first_scan"),
        sa.func.max(a.scanned_at).label("last_scan"),
    ).group_by(a.kind, state, a.ruleset_id)
    if projects is not None:
        query = query.join(t.releases, t.releases.c.id == a.release_id)
        query = query.where(t.releases.c.project_id.in_(projects))
    return [ArtifactRow(**row) for row in connection.execute(query).mappings()]


def project_totals(connection: Connection, projects: Select[Any] | None) -> ProjectTotals:
    """Return the projects of the scope in numbers.

    Args:
        connection: From ``Store.reading``.
        projects: The scope, from ``in_scope``.
    """
    p = t.projects.c
    is_there = p.removed_at.is_(None)
    row = connection.execute(
        sa.select(
            sa.func.count(),
            number(~is_there),
            number(sa.and_(is_there, p.read_at.is_(None))),
            sa.func.max(p.read_at),
        ).where(of_scope(projects, p.id))
    ).one()
    return ProjectTotals(*row)


def skips(connection: Connection, projects: Select[Any] | None) -> list[Row[Any]]:
    """Return what was passed over: ``reason``, ``skips``, ``artifacts``, ``bytes``, ``unsized``.

    Args:
        connection: From ``Store.reading``.
        projects: The scope, from ``in_scope``.
    """
    s = t.skips.c
    query = sa.select(
        s.reason,
        sa.func.count().label("skips"),
        sa.func.count(s.artifact_id.distinct()).label("artifacts"),
        total(s.size_bytes).label("bytes"),
        number(s.size_bytes.is_(None)).label("unsized"),
    ).group_by(s.reason)
    if projects is not None:
        query = query.join(t.artifacts, t.artifacts.c.id == s.artifact_id)
        query = query.join(t.releases, t.releases.c.id == t.artifacts.c.release_id)
        query = query.where(t.releases.c.project_id.in_(projects))
    return list(connection.execute(query))


def rulesets(connection: Connection) -> list[Row[Any]]:
    """Return all rulesets as rows, the first used first."""
    return list(connection.execute(sa.select(t.rulesets).order_by(t.rulesets.c.id)))


def index_addresses(connection: Connection, projects: Select[Any] | None) -> list[str]:
    """Return the addresses of the indexes that projects of the scope are in, sorted."""
    used = sa.select(t.projects.c.registry_id).where(of_scope(projects, t.projects.c.id))
    query = sa.select(t.registries.c.url).where(t.registries.c.id.in_(used))
    return sorted(connection.scalars(query))


def year_of(connection: Connection, column: ColumnElement[Any]) -> ColumnElement[Any]:
    """Return the year (UTC) of a time, as a number or its digits."""
    if connection.dialect.name == SQLITE:
        return sa.func.substr(sa.type_coerce(column, sa.Text), 1, 4)
    return sa.extract("year", sa.func.timezone("UTC", column))


def number(condition: ColumnElement[bool]) -> ColumnElement[int]:
    """Return how many rows of a group fulfil a condition."""
    return sa.func.count(sa.case((condition, 1)))


def total(column: ColumnElement[Any]) -> ColumnElement[int]:
    """Return the sum of a column over a group, 0 when nothing is known."""
    return sa.cast(sa.func.coalesce(sa.func.sum(column), 0), sa.BigInteger)
