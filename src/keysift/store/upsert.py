"""Rows that are there already: the same statements for SQLite and PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite

from keysift.store.types import SQLITE

_MOST_ROWS: Final = 500
"""Rows of one statement: SQLite takes 32,766 values in one."""


def insert(connection: Connection, table: Table) -> sqlite.Insert | postgresql.Insert:
    """Return an insert that knows ``ON CONFLICT``."""
    if connection.dialect.name == SQLITE:
        return sqlite.insert(table)
    return postgresql.insert(table)


def add(
    connection: Connection,
    table: Table,
    rows: Sequence[Mapping[str, Any]],
    update: Iterable[str] = (),
) -> None:
    """Insert rows; those that are there by a unique constraint stay, or are updated.

    Args:
        connection: In a transaction.
        table: With one unique constraint that counts: of ``update`` when that is given.
        rows: With the same columns each.
        update: Columns that take the new value when the row is there; then the primary key or the
            first unique constraint tells whether it is.
    """
    for chunk in _chunks(rows):
        statement = insert(connection, table).values(list(chunk))
        changed = {name: statement.excluded[name] for name in update}
        if changed:
            statement = statement.on_conflict_do_update(
                index_elements=_identity(table), set_=changed
            )
        else:
            statement = statement.on_conflict_do_nothing()
        connection.execute(statement)


def identify(
    connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]
) -> dict[tuple[Any, ...], int]:
    """Insert the rows that are not there, and return the ids of all by their identity."""
    identity = _identity(table)
    known = _ids(connection, table, identity, rows)
    missing = [row for row in rows if tuple(row[name] for name in identity) not in known]
    if missing:
        add(connection, table, missing)
        known |= _ids(connection, table, identity, missing)
    return known


def _ids(
    connection: Connection,
    table: Table,
    identity: Sequence[str],
    rows: Sequence[Mapping[str, Any]],
) -> dict[tuple[Any, ...], int]:
    columns = [table.c[name] for name in identity]
    found: dict[tuple[Any, ...], int] = {}
    for chunk in _chunks(rows):
        wanted = [tuple(row[name] for name in identity) for row in chunk]
        if len(columns) == 1:
            condition = columns[0].in_([value for (value,) in wanted])
        else:
            condition = sa.tuple_(*columns).in_(wanted)
        for row in connection.execute(sa.select(*columns, table.c.id).where(condition)):
            found[tuple(row[:-1])] = row[-1]
    return found


def _identity(table: Table) -> list[str]:
    """Return the columns that tell rows apart: those of the unique constraint, else of the key."""
    for constraint in table.constraints:
        if isinstance(constraint, sa.UniqueConstraint):
            return [column.name for column in constraint.columns]
    return [column.name for column in table.primary_key.columns]


def _chunks(rows: Sequence[Mapping[str, Any]]) -> Iterable[Sequence[Mapping[str, Any]]]:
    for start in range(0, len(rows), _MOST_ROWS):
        yield rows[start : start + _MOST_ROWS]
