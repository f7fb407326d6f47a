"""Filling the tables of a store in large pieces, with numbers that count from 1."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import lru_cache
from operator import itemgetter
from typing import Any, Final

import msgspec
import sqlalchemy as sa
from sqlalchemy import Connection

from keysift.store import tables as t
from keysift.store.types import SQLITE, Json, Stamp

_ROWS: Final = 5_000

_CACHE_KIB: Final = 128 << 10
_USUAL_CACHE_KIB: Final = 2000
"""What SQLite keeps of a database in memory. Digests come in no order, so that each may go to any
page of an index: while tables are filled these are to stay."""


class Filler:
    """Adds rows to empty tables.

    Args:
        connection: In a transaction that writes.

    Attributes:
        counts: Rows so far, by the name of the table.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._tables: dict[str, _Waiting] = {}
        self.counts: dict[str, int] = {}
        self._is_sqlite = connection.dialect.name == SQLITE
        self._cache(_CACHE_KIB)

    def add(self, table: sa.Table, **row: Any) -> int:  # noqa: ANN401 (columns)
        """Add a row; all rows of a table have the same columns.

        Returns:
            Its number, which counts from 1.
        """
        return self.add_row(table, row)

    def add_row(self, table: sa.Table, row: dict[str, Any]) -> int:
        """Add a row as ``add`` does; where it has a number, that is put into it."""
        name = table.name
        number = self.counts[name] = self.counts.get(name, 0) + 1
        waiting = self._tables.get(name)
        if waiting is None:
            waiting = self._tables[name] = _Waiting(table, self._connection.dialect)
        if waiting.is_numbered:
            row["id"] = number
        waiting.add(row)
        if len(waiting.rows) >= _ROWS:
            self._write()
        return number

    def finish(self) -> None:
        """Write what waits, and let the database count on from there."""
        self._write()
        self._cache(_USUAL_CACHE_KIB)
        if self._is_sqlite:
            return
        for name, waiting in self._tables.items():
            if waiting.is_numbered:
                statement = sa.text("SELECT setval(pg_get_serial_sequence(:name, 'id'), :number)")
                self._connection.execute(statement, {"name": name, "number": self.counts[name]})

    def _write(self) -> None:
        """Write what waits, what others refer to first."""
        for table in t.metadata.sorted_tables:
            waiting = self._tables.get(table.name)
            if waiting is None or not waiting.rows:
                continue
            if self._is_sqlite:
                self._connection.exec_driver_sql(waiting.statement, waiting.rows)
            else:
                self._connection.execute(sa.insert(table), waiting.rows)
            waiting.rows = []

    def _cache(self, size_kib: int) -> None:
        if self._is_sqlite:
            self._connection.exec_driver_sql(f"PRAGMA cache_size = -{size_kib}")


class _Waiting:
    """Rows of a table that wait to be written.

    For SQLite they are made into parameters here: SQLAlchemy looks at each value of each row, which
    takes longer than SQLite needs for them. Texts are made up and can be stored as they are.

    Args:
        table: The table.
        dialect: Of the database.

    Attributes:
        is_numbered: Whether its rows have a number.
        rows: The rows.
        statement: What writes them to SQLite; filled in with the first one.
    """

    def __init__(self, table: sa.Table, dialect: sa.Dialect) -> None:
        self.is_numbered = "id" in table.c
        self.rows: list[Any] = []
        self.statement = ""
        self._table = table
        self._dialect = dialect
        self._convert: Callable[[dict[str, Any]], Any] | None = None
        if dialect.name != SQLITE:
            self._convert = dict

    def add(self, row: dict[str, Any]) -> None:
        """Add a row."""
        if self._convert is None:
            self._convert = self._prepare(tuple(row))
        self.rows.append(self._convert(row))

    def _prepare(self, names: tuple[str, ...]) -> Callable[[dict[str, Any]], Any]:
        """Put the statement together; returns what makes parameters of a row with these columns."""
        kinds = [type(self._table.c[name].type) for name in names]
        times = [place for place, kind in enumerate(kinds) if kind is Stamp]
        documents = [place for place, kind in enumerate(kinds) if kind is Json]
        quoted = ", ".join(f'"{name}"' for name in names)
        marks = ", ".join("?" * len(names))
        self.statement = f'INSERT INTO "{self._table.name}" ({quoted}) VALUES ({marks})'  # noqa: S608 (names of our own)
        values_of = itemgetter(*names)
        # Rows that follow one another are often of the same time.
        stamp = lru_cache(maxsize=1024)(self._stamp)
        encode = msgspec.json.Encoder(order="sorted").encode

        def convert(row: dict[str, Any]) -> tuple[Any, ...]:
            values = list(values_of(row))
            for place in times:
                values[place] = stamp(values[place])
            for place in documents:
                if values[place] is not None:
                    values[place] = encode(values[place]).decode()
            return tuple(values)

        return convert

    def _stamp(self, time: datetime | None) -> object:
        return Stamp().process_bind_param(time, self._dialect)
