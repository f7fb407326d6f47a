"""What a store holds, at a glance: its size, its last runs, and how much was looked at."""

from __future__ import annotations

import sqlite3
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from msgspec import Struct
from sqlalchemy import Connection
from sqlalchemy.exc import OperationalError

from keysift.store import keys
from keysift.store import tables as t
from keysift.store.database import Store

_RUNS = 5


class TableSize(Struct, frozen=True):
    """How large a table is.

    Attributes:
        name: Of the table.
        rows: How many it has.
        size_bytes: With its indexes; None where the database does not tell.
    """

    name: str
    rows: int
    size_bytes: int | None


class Run(Struct, frozen=True, kw_only=True):
    """A crawl.

    Attributes:
        registry: Address of the index.
        version: Version of keysift.
        began_at: When it began (UTC).
        ended_at: When it ended; None: it runs, or was killed.
        counts: What it did, in numbers.
    """

    registry: str
    version: str
    began_at: datetime
    ended_at: datetime | None
    counts: dict[str, Any]


class Overview(Struct, frozen=True, kw_only=True):
    """What a store holds.

    Attributes:
        kind: The database and its version.
        size_bytes: All of it, on disk.
        sealing_key: Id of the key that seals values; None before the first.
        tables: Sizes.
        runs: The last ones, the newest first.
        is_crawled: Whether a crawl holds the store: the newest run goes on then.
        projects: How many are ``read``, ``unread`` and ``removed``.
        artifacts: How many are ``scanned`` (of these ``incomplete``), ``failed``, ``pending``;
            those the index has no more are ``deleted``, and counted nowhere else.
        skips: What was not looked at, by reason.
    """

    kind: str
    size_bytes: int
    sealing_key: str | None
    tables: tuple[TableSize, ...]
    runs: tuple[Run, ...]
    is_crawled: bool
    projects: dict[str, int]
    artifacts: dict[str, int]
    skips: dict[str, int]


class Reached(Struct, frozen=True, kw_only=True):
    """How far crawls came; the attributes are those of ``Overview``."""

    projects: dict[str, int]
    artifacts: dict[str, int]
    skips: dict[str, int]


def reached(connection: Connection) -> Reached:
    """Return how far crawls came."""
    return Reached(
        projects=_projects(connection), artifacts=_artifacts(connection), skips=_skips(connection)
    )


def overview(store: Store) -> Overview:
    """Return what a store holds.

    Raises:
        StoreError: The database fails.
    """
    with store.reading() as connection:
        sizes = _sizes_of_file(connection) if store.is_sqlite else _sizes_on_server(connection)
        return Overview(
            kind=_kind(connection, is_sqlite=store.is_sqlite),
            size_bytes=_size(connection, is_sqlite=store.is_sqlite),
            sealing_key=keys.sealing_key_id(connection),
            tables=tuple(
                TableSize(table.name, _count(connection, table), sizes.get(table.name))
                for table in t.metadata.tables.values()
            ),
            runs=_runs(connection),
            is_crawled=store.is_crawled(),
            projects=_projects(connection),
            artifacts=_artifacts(connection),
            skips=_skips(connection),
        )


def _kind(connection: Connection, *, is_sqlite: bool) -> str:
    if is_sqlite:
        return f"SQLite {sqlite3.sqlite_version}"
    version = connection.exec_driver_sql("SHOW server_version").scalar_one()
    return f"PostgreSQL {version}"


def _size(connection: Connection, *, is_sqlite: bool) -> int:
    statement = (
        "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size"
        if is_sqlite
        else "SELECT pg_database_size(current_database())"
    )
    size: int = connection.exec_driver_sql(statement).scalar_one()
    return size


def _sizes_of_file(connection: Connection) -> dict[str, int]:
    """Return bytes by table; nothing where SQLite was built without its ``dbstat``."""
    statement = (
        "SELECT tbl_name, sum(pgsize) "
        "FROM (SELECT name, pgsize FROM dbstat WHERE aggregate = TRUE) "
        "JOIN sqlite_schema USING (name) "
        "GROUP BY tbl_name"
    )
    try:
        return {name: size for name, size in connection.exec_driver_sql(statement)}  # noqa: C416 (rows are no pairs for dict)
    except OperationalError:
        return {}


def _sizes_on_server(connection: Connection) -> dict[str, int]:
    names = list(t.metadata.tables)
    query = sa.text(
        "SELECT name, pg_total_relation_size(CAST(name AS regclass)) "
        "FROM unnest(CAST(:names AS text[])) AS name"
    )
    return {row[0]: row[1] for row in connection.execute(query, {"names": names})}


def _runs(connection: Connection) -> tuple[Run, ...]:
    query = (
        sa.select(t.runs, t.registries.c.url)
        .join(t.registries, t.registries.c.id == t.runs.c.registry_id)
        .order_by(t.runs.c.id.desc())
        .limit(_RUNS)
    )
    return tuple(
        Run(
            registry=row.url,
            version=row.version,
            began_at=row.began_at,
            ended_at=row.ended_at,
            counts=row.counts,
        )
        for row in connection.execute(query)
    )


def _projects(connection: Connection) -> dict[str, int]:
    state = sa.case(
        (t.projects.c.removed_at.is_not(None), "removed"),
        (t.projects.c.read_at.is_(None), "unread"),
        else_="read",
    )
    return {"read": 0, "unread": 0, "removed": 0} | _counted(connection, t.projects, state)


def _artifacts(connection: Connection) -> dict[str, int]:
    state = sa.case(
        (t.artifacts.c.deleted_at.is_not(None), "deleted"),
        else_=t.artifacts.c.state,
    )
    counted = _counted(connection, t.artifacts, state)
    incomplete = sa.select(sa.func.count()).where(
        t.artifacts.c.deleted_at.is_(None),
        t.artifacts.c.state == "scanned",
        t.artifacts.c.is_complete == 0,
    )
    return {
        "scanned": counted.get("scanned", 0),
        "incomplete": connection.execute(incomplete).scalar_one(),
        "failed": counted.get("failed", 0),
        "pending": counted.get("pending", 0),
        "deleted": counted.get("deleted", 0),
    }


def _skips(connection: Connection) -> dict[str, int]:
    counted = _counted(connection, t.skips, t.skips.c.reason)
    return dict(sorted(counted.items(), key=lambda item: -item[1]))


def _counted(
    connection: Connection, table: sa.Table, state: sa.ColumnElement[Any]
) -> dict[str, int]:
    each = sa.select(state.label("state")).select_from(table).subquery()
    query = sa.select(each.c.state, sa.func.count()).group_by(each.c.state)
    return {row[0]: row[1] for row in connection.execute(query)}


def _count(connection: Connection, table: sa.Table) -> int:
    count: int = connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()
    return count
