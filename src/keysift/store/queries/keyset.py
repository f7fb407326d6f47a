"""Pages by keyset: a page begins behind the last row of the one before, however deep it is.

A cursor is text for links. It holds the values that its row is sorted by, and which way to go. It
grants nothing: whoever makes one up gets another page of the same list, or an error.
"""

from __future__ import annotations

import binascii
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Final, Generic, TypeVar

import msgspec
import sqlalchemy as sa
from msgspec import Struct
from sqlalchemy import ColumnElement, Connection, FromClause

from keysift.errors import UsageError
from keysift.store.types import Stamp, Words

MOST: Final = 1000
"""Rows of a page, at most."""

_LONGEST: Final = 4000
_LARGEST: Final = 2**63 - 1
_Row = TypeVar("_Row")

Value = str | int | datetime | None
"""What rows are sorted by."""


class Page(Struct, Generic[_Row], frozen=True):
    """Rows of a list.

    Attributes:
        rows: In order.
        next: Cursor of the page behind; None: this is the last one.
        previous: Cursor of the page before; None: this is the first one.
    """

    rows: tuple[_Row, ...]
    next: str | None
    previous: str | None


class Key(Struct, frozen=True):
    """A column that rows are sorted by.

    Attributes:
        column: The column; only the first of an order may be NULL. What is NULL comes last, in
            both directions.
        is_descending: Whether the largest comes first.
    """

    column: ColumnElement[Any]
    is_descending: bool

    @property
    def reversed(self) -> Key:
        """The same column the other way round."""
        return Key(self.column, not self.is_descending)


class Ordered(Struct, frozen=True):
    """A list that can be paged through.

    Attributes:
        name: What the order is called: a cursor of another order is refused.
        keys: What it is sorted by; the last one is the number of a row, which tells equals apart.
        is_nullable: Whether the first key may be NULL.
        conditions: Which rows.
        source: Where they come from, when that is a join.
        is_distinct: Whether a row may come several times.
        alternatives: Conditions of which each row fulfils one. Each is asked for by itself, in the
            order of an index that begins with it; for a list with one key only.
    """

    name: str
    keys: tuple[Key, ...]
    is_nullable: bool
    conditions: tuple[ColumnElement[bool], ...]
    source: FromClause | None = None
    is_distinct: bool = False
    alternatives: tuple[ColumnElement[bool], ...] = ()


class _Cursor(Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """A row and a direction, as text."""

    name: str
    is_back: bool
    values: tuple[str | int | None, ...]


def positions(
    connection: Connection, ordered: Ordered, cursor: str | None, limit: int
) -> Page[tuple[Value, ...]]:
    """Return the keys of a page of rows.

    Args:
        connection: From ``Store.reading``.
        ordered: The list.
        cursor: ``next`` or ``previous`` of another page; None: the first page.
        limit: Rows of the page.

    Raises:
        UsageError: The cursor is none of this list, or ``limit`` is not from 1 to ``MOST``.
    """
    if not 1 <= limit <= MOST:
        raise UsageError(f"a page has from 1 to {MOST:,} rows, not {limit:,}")
    is_back, start = (False, None) if cursor is None else _parsed(ordered, cursor)
    rows: list[tuple[Value, ...]] = []
    for query in _queries(ordered, start, is_back=is_back):
        left = limit + 1 - len(rows)
        rows += _rows(connection, ordered, query.limit(left), is_back=is_back)[:left]
        if len(rows) > limit:
            break
    has_more = len(rows) > limit
    rows = rows[:limit]
    if is_back:
        rows.reverse()
    first, last = (rows[0], rows[-1]) if rows else (start, start)
    has_next, has_previous = (True, has_more) if is_back else (has_more, start is not None)
    return Page(
        tuple(rows),
        next=_text(ordered, last, is_back=False) if has_next and last else None,
        previous=_text(ordered, first, is_back=True) if has_previous and first else None,
    )


def _rows(
    connection: Connection, ordered: Ordered, query: sa.Select[Any], *, is_back: bool
) -> list[tuple[Value, ...]]:
    if not ordered.alternatives:
        return [tuple(row) for row in connection.execute(query)]
    found = [
        tuple(row)
        for condition in ordered.alternatives
        for row in connection.execute(query.where(condition))
    ]
    return sorted(found, reverse=ordered.keys[0].is_descending is not is_back)


def _queries(
    ordered: Ordered, start: tuple[Value, ...] | None, *, is_back: bool
) -> list[sa.Select[Any]]:
    """Return the queries of what comes behind a row, one after the other.

    Rows whose first key is NULL have one of their own: an index is read in its order then.
    """
    keys = tuple(key.reversed for key in ordered.keys) if is_back else ordered.keys
    column = keys[0].column
    known = [column.is_not(None)] if ordered.is_nullable else []
    parts: list[tuple[bool, sa.Select[Any]]] = [(False, _sorted(ordered, keys, known))]
    if ordered.is_nullable:
        parts.append((True, _sorted(ordered, keys[1:], [column.is_(None)])))
    if is_back:
        parts.reverse()
    if start is None:
        return [query for _, query in parts]
    is_null = start[0] is None
    at = next(index for index, (nulls, _) in enumerate(parts) if nulls == is_null)
    beyond = _beyond(keys[1:], start[1:]) if is_null else _beyond(keys, start)
    return [parts[at][1].where(beyond), *(query for _, query in parts[at + 1 :])]


def _sorted(
    ordered: Ordered, keys: Sequence[Key], conditions: Sequence[ColumnElement[bool]]
) -> sa.Select[Any]:
    query = sa.select(*(key.column for key in ordered.keys))
    if ordered.source is not None:
        query = query.select_from(ordered.source)
    if ordered.is_distinct:
        query = query.distinct()
    return query.where(*ordered.conditions, *conditions).order_by(
        *(key.column.desc() if key.is_descending else key.column for key in keys)
    )


def _beyond(keys: Sequence[Key], values: Sequence[Value]) -> ColumnElement[bool]:
    """Return the condition that a row comes behind the one with these values."""
    same = len({key.is_descending for key in keys})
    if same == 1 and len(keys) > 1:
        ours = sa.tuple_(*(key.column for key in keys))
        theirs = sa.tuple_(*map(_literal, keys, values))
        return ours < theirs if keys[0].is_descending else ours > theirs
    key, value = keys[0], _literal(keys[0], values[0])
    behind = key.column < value if key.is_descending else key.column > value
    if len(keys) == 1:
        return behind
    # Said twice, so that an index is entered at the value.
    from_there = key.column <= value if key.is_descending else key.column >= value
    equal = sa.and_(key.column == value, _beyond(keys[1:], values[1:]))
    return sa.and_(from_there, sa.or_(behind, equal))


def _literal(key: Key, value: Value) -> ColumnElement[Any]:
    return sa.literal(value, key.column.type)


def _text(ordered: Ordered, row: tuple[Value, ...], *, is_back: bool) -> str:
    values = tuple(one.isoformat() if isinstance(one, datetime) else one for one in row)
    encoded = msgspec.json.encode(_Cursor(ordered.name, is_back, values))
    return urlsafe_b64encode(encoded).rstrip(b"=").decode()


def _parsed(ordered: Ordered, cursor: str) -> tuple[bool, tuple[Value, ...]]:
    """Return which way a cursor goes, and from which row."""
    wrong = UsageError("the page cannot be found: its cursor is not one of this list in this order")
    if len(cursor) > _LONGEST or not cursor.isascii():
        raise wrong
    try:
        raw = urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        found = msgspec.json.decode(raw, type=_Cursor)
    except (binascii.Error, msgspec.DecodeError, UnicodeDecodeError, ValueError):
        raise wrong from None
    if found.name != ordered.name or len(found.values) != len(ordered.keys):
        raise wrong
    values: list[Value] = []
    for index, (key, value) in enumerate(zip(ordered.keys, found.values, strict=True)):
        if value is None and ordered.is_nullable and index == 0:
            values.append(None)
            continue
        try:
            values.append(_value(key, value))
        except (ValueError, OverflowError):
            raise wrong from None
    return found.is_back, tuple(values)


def _value(key: Key, value: str | int | None) -> Value:
    """Return a value of a cursor as the column has it.

    Raises:
        ValueError: The column has no such values.
        OverflowError: Nor does the calendar.
    """
    kind = key.column.type
    if isinstance(kind, Stamp) and isinstance(value, str):
        moment = datetime.fromisoformat(value)
        if moment.tzinfo is None:
            raise ValueError(value)
        return moment.astimezone(UTC)
    if isinstance(kind, sa.Integer) and isinstance(value, int) and abs(value) <= _LARGEST:
        return value
    if isinstance(kind, Words) and isinstance(value, str):
        return value
    raise ValueError(value)
