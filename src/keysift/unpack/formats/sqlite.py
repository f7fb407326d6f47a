"""SQLite databases: the rows of every table, and the text of rows that were deleted.

A value that is longer than a page is cut up in the file, and a WAL or an encoding of UTF-16 hides
others; so the database is opened, as a copy in memory, read-only, with the schema trusted in
nothing: no views or triggers run, virtual tables are left out, extensions cannot be loaded.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from typing import Final, TypeAlias

from keysift.model import Blob, Skip, SkipReason
from keysift.unpack.budget import Budget, StoppedError
from keysift.unpack.formats.extraction import Parts
from keysift.unpack.names import printable

_READ_VERSION: Final = slice(18, 20)
"""Write and read version: 1 for a rollback journal, 2 for a write-ahead log that is not here."""

_INSTRUCTIONS: Final = 1000
_INSTRUCTIONS_STEPS: Final = 20
"""How many steps so many instructions of SQLite's virtual machine are."""

_ROW_BYTES: Final = 16 * 1024 * 1024
_ROW_LEAST: Final = 4
"""No row takes fewer bytes in the file: more rows than that allows are pages used twice."""

_ROOM: Final = 16 * 1024 * 1024
_RATIO: Final = 8
"""Values take at most this many times the file's size, and some room: defaults repeat."""

_PART_BYTES: Final = 1024 * 1024
"""Rows are collected to parts of about this size."""

_LONGEST_NAME: Final = 200
_SCHEMA: Final = "SELECT type, name, sql FROM sqlite_master WHERE sql IS NOT NULL"

_ERRORS: Final = (sqlite3.Error, UnicodeError, OverflowError, MemoryError)

Cell: TypeAlias = bytes | int | float | None


def read_sqlite(blob: Blob, budget: Budget) -> Parts:
    """Yield the schema, and the texts and blobs in the rows of each table as ``column: value``.

    Raises:
        StoppedError: It cannot be opened.
    """
    with closing(sqlite3.connect(":memory:")) as database:
        _open(database, blob.content, budget)
        meter = _Meter(len(blob.content), budget)
        tables = []
        definitions = []
        for kind, name, sql in _rows(database, _SCHEMA, meter):
            if isinstance(sql, bytes):
                definitions.append(sql)
            if kind == b"table" and isinstance(name, bytes) and not _is_virtual(sql):
                tables.append(name)
        if definitions:
            yield Blob(path=blob.path, part="schema", content=b"\n".join(definitions))
        for name in tables:
            yield from _table(database, name, blob.path, meter)
    # Deleted rows, unused pages and what the schema hides can only be seen in the raw bytes.
    return False


def _open(database: sqlite3.Connection, content: bytes, budget: Budget) -> None:
    # Opening in WAL mode would look for the log's shared memory, which a copy in memory has not.
    copy = bytearray(content)
    copy[_READ_VERSION] = b"\1\1"
    database.text_factory = bytes
    try:
        database.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _ROW_BYTES)
        database.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)
        database.deserialize(copy)
        database.set_progress_handler(lambda: not budget.step(_INSTRUCTIONS_STEPS), _INSTRUCTIONS)
        for pragma in ("trusted_schema=OFF", "query_only=ON", "cell_size_check=ON"):
            database.execute(f"PRAGMA {pragma}")
    except sqlite3.Error as error:
        raise _stopped(error, budget) from None


class _Meter:
    """What the rows of one file may cost: a corrupt one can lead to the same page for ever."""

    def __init__(self, size_bytes: int, budget: Budget) -> None:
        self.budget = budget
        self._rows = size_bytes // _ROW_LEAST
        self._bytes = _ROOM + _RATIO * size_bytes

    def count(self, row: tuple[Cell, ...]) -> None:
        """Count a row; raises ``StoppedError`` when there cannot be so many."""
        if not self.budget.step():
            raise self.budget.stopped()
        self._rows -= 1
        for cell in row:
            if cell.__class__ is bytes:
                self._bytes -= len(cell)
        if self._rows < 0:
            raise StoppedError(SkipReason.CORRUPT, "a database with more rows than fit in it")
        if self._bytes < 0:
            raise StoppedError(SkipReason.RATIO, "a database whose values are larger than it")


def _is_virtual(sql: Cell) -> bool:
    """Tell whether a definition is that of a virtual table: what it holds is in other tables."""
    return isinstance(sql, bytes) and sql.upper().split(None, 2)[1:2] == [b"VIRTUAL"]


def _table(
    database: sqlite3.Connection, name: bytes, path: str, meter: _Meter
) -> Iterator[Blob | Skip]:
    """Yield the rows of a table in parts; one that cannot be read ends in a skip."""
    title = printable(name.decode("utf-8", "replace")[:_LONGEST_NAME])
    part = f"table {title}"
    lines: list[bytes] = []
    size = 0
    try:
        # A name cannot be a parameter. Quotes are doubled, and only SELECT is allowed here.
        quoted = name.decode("utf-8", "surrogateescape").replace('"', '""')
        cursor = database.execute(f'SELECT * FROM "{quoted}"')  # noqa: S608 - see above
        labels = [column[0].encode("utf-8", "replace") + b": " for column in cursor.description]
        for row in _fetched(cursor, meter):
            # Millions of rows come here: a list and the class itself are the fastest way.
            line = b"\n".join(
                [
                    label + cell
                    for label, cell in zip(labels, row, strict=True)
                    if cell.__class__ is bytes and cell
                ]
            )
            if line:
                lines.append(line)
            size += len(line)
            if size > _PART_BYTES:
                yield Blob(path=path, part=part, content=b"\n".join(lines))
                lines.clear()
                size = 0
    except StoppedError as error:
        failure: StoppedError | None = error
    except _ERRORS as error:
        failure = _stopped(error, meter.budget)
    else:
        failure = None
    if lines:
        yield Blob(path=path, part=part, content=b"\n".join(lines))
    if failure is not None:
        yield failure.skip(path)


def _rows(database: sqlite3.Connection, query: str, meter: _Meter) -> list[tuple[Cell, ...]]:
    try:
        return list(_fetched(database.execute(query), meter))
    except _ERRORS as error:
        raise _stopped(error, meter.budget) from None


def _fetched(cursor: sqlite3.Cursor, meter: _Meter) -> Iterator[tuple[Cell, ...]]:
    for row in cursor:
        meter.count(row)
        yield row


def _stopped(error: Exception, budget: Budget) -> StoppedError:
    """Say what went wrong, without the message: SQLite's may quote the schema."""
    if budget.exhausted is not None:
        return budget.stopped()
    kind = getattr(error, "sqlite_errorname", type(error).__name__)
    return StoppedError(SkipReason.CORRUPT, f"a database that cannot be read: {kind}")
