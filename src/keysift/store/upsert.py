"""Rows that are there already: the same statements for SQLite and PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from itertools import islice
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite

from keysift.store.chunks import chunked
from keysift.store.types import SQLITE, storable

_MOST_ROWS: Final = 500
"""Rows that are looked for with one statement: SQLite takes 32,766 values in one."""

_MOST_ADDED: Final = 5_000
"""Rows that are in memory on their way to the database: a list of projects has a million."""


def insert(dialect: str, table: Table) -> sqlite.Insert | postgresql.Insert:
    """Return an insert that knows ``ON CONFLICT``."""
    if dialect == SQLITE:
        return sqlite.insert(table)
    return postgresql.insert(table)


def add(
    connection: Connection,
    table: Table,
    rows: Iterable[Mapping[str, Any]],
    update: Iterable[str] = (),
) -> None:
    """Insert rows; those that are there by a unique constraint stay, or are updated.

    Args:
        connection: In a transaction.
        table: With one unique constraint that counts: of ``update`` when that is given.
        rows: With the same columns each; may be made while they are added.
        update: Columns that take the new value when the row is there; then the primary key or the
            first unique constraint tells whether it is.
    """
    # The rows are parameters, not part of the statement: it is compiled once, however many.
    statement = _adding(connection.dialect.name, table, tuple(update))
    coming = iter(rows)
    while chunk := list(islice(coming, _MOST_ADDED)):
        connection.execute(statement, chunk)


@lru_cache
def _adding(dialect: str, table: Table, update: tuple[str, ...]) -> sa.Insert:
    statement = insert(dialect, table)
    if not update:
        return statement.on_conflict_do_nothing()
    return statement.on_conflict_do_update(
        index_elements=_identity(table),
        set_={name: statement.excluded[name] for name in update},
    )


def identify(
    connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]
) -> dict[tuple[Any, ...], int]:
    """Insert the rows that are not there, and return the ids of all by their identity."""
    identity = _identity(table)
    known = _ids(connection, table, identity, rows)
    missing = [row for row in rows if _as_kept(row, identity) not in known]
    if missing:
        add(connection, table, missing)
        known |= _ids(connection, table, identity, missing)
    return {tuple(row[name] for name in identity): known[_as_kept(row, identity)] for row in rows}


def _as_kept(row: Mapping[str, Any], identity: Sequence[str]) -> tuple[Any, ...]:
    """Return the identity of a row as the database gives it back."""
    values = (row[name] for name in identity)
    return tuple(storable(value) if isinstance(value, str) else value for value in values)


def _ids(
    connection: Connection,
    table: Table,
    identity: Sequence[str],
    rows: Sequence[Mapping[str, Any]],
) -> dict[tuple[Any, ...], int]:
    found: dict[tuple[Any, ...], int] = {}
    for chunk in chunked(rows, _MOST_ROWS):
        wanted = [tuple(row[name] for name in identity) for row in chunk]
        values = [value for (value,) in wanted] if len(identity) == 1 else wanted
        for row in connection.execute(_finding(table), {"wanted": values}):
            found[tuple(row[:-1])] = row[-1]
    return found


@lru_cache
def _finding(table: Table) -> sa.Select[Any]:
    columns = [table.c[name] for name in _identity(table)]
    identity = columns[0] if len(columns) == 1 else sa.tuple_(*columns)
    wanted: sa.BindParameter[Any] = sa.bindparam("wanted", expanding=True)
    return sa.select(*columns, table.c.id).where(identity.in_(wanted))


def _identity(table: Table) -> list[str]:
    """Return the columns that tell rows apart: those of the unique constraint, else of the key."""
    for constraint in table.constraints:
        if isinstance(constraint, sa.UniqueConstraint):
            return [column.name for column in constraint.columns]
    return [column.name for column in table.primary_key.columns]
