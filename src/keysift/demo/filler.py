"""Filling the tables of a store in large pieces, with numbers that count from 1."""

from __future__ import annotations

from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy import Connection

from keysift.store import tables as t
from keysift.store.database import Store
from keysift.store.types import SQLITE

_ROWS: Final = 10_000

_CACHE_KIB: Final = 256 << 10
"""Digests come in no order: SQLite is to keep the pages of their indexes in memory."""


class Filler:
    """Adds rows to empty tables.

    Args:
        connection: In a transaction that writes.

    Attributes:
        counts: Rows so far, by the name of the table.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._waiting: dict[str, list[dict[str, Any]]] = {}
        self.counts: dict[str, int] = {}
        if connection.dialect.name == SQLITE:
            connection.exec_driver_sql(f"PRAGMA cache_size = -{_CACHE_KIB}")

    def add(self, table: sa.Table, **row: Any) -> int:  # noqa: ANN401 (columns)
        """Add a row; all rows of a table have the same columns.

        Returns:
            Its number, which counts from 1.
        """
        name = table.name
        number = self.counts.get(name, 0) + 1
        self.counts[name] = number
        if "id" in table.c:
            row["id"] = number
        rows = self._waiting.setdefault(name, [])
        rows.append(row)
        if len(rows) >= _ROWS:
            self._write()
        return number

    def finish(self) -> None:
        """Write what waits, and let the database count on from there."""
        self._write()
        if self._connection.dialect.name == SQLITE:
            self._connection.exec_driver_sql("PRAGMA cache_size = -2000")
            return
        for table in t.metadata.sorted_tables:
            if "id" in table.c and table.name in self.counts:
                self._connection.execute(
                    sa.text("SELECT setval(pg_get_serial_sequence(:name, 'id'), :number)"),
                    {"name": table.name, "number": self.counts[table.name]},
                )

    def _write(self) -> None:
        """Write what waits, what others refer to first."""
        for table in t.metadata.sorted_tables:
            rows = self._waiting.pop(table.name, None)
            if rows:
                self._connection.execute(sa.insert(table), rows)


def analyse(store: Store) -> None:
    """Have the database count what its planner wants to know of new tables."""
    with store.engine.connect() as connection:
        connection.execution_options(isolation_level="AUTOCOMMIT").execute(sa.text("ANALYZE"))
