"""Pages of a list by where they begin, so that the thousandth page is as fast as the first one.

A place in a list is the values of its order in one row. What comes after it is a condition, for
which an index may be used; nothing is counted off.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final, Literal, TypeAlias

import sqlalchemy as sa
from msgspec import Struct
from sqlalchemy import ColumnElement, Connection, Row, Select

PAGE: Final = 50
"""Rows of a page."""

Value: TypeAlias = int | str | datetime


class Key(Struct, frozen=True):
    """What a list is sorted by; all keys together tell any two rows apart.

    Attributes:
        column: Without NULL.
        kind: What its values are.
        is_falling: Whether the largest comes first.
    """

    column: ColumnElement[Any]
    kind: type[int | str | datetime]
    is_falling: bool = False


class Place(Struct, frozen=True):
    """Where a page begins or ends.

    Attributes:
        values: Of the keys in a row of the list.
        side: Whether the page is ``after`` that row or ``before`` it.
    """

    values: tuple[Value, ...]
    side: Literal["after", "before"] = "after"


class Page(Struct, frozen=True):
    """A page of a list.

    Attributes:
        rows: In the order of the list.
        first: Of the first row, when there are rows before it.
        last: Of the last row, when there are rows after it.
    """

    rows: list[Row[Any]]
    first: Place | None
    last: Place | None


def paged(
    connection: Connection,
    query: Select[Any],
    keys: Sequence[Key],
    place: Place | None,
    size: int = PAGE,
) -> Page:
    """Return a page of what a query selects.

    Args:
        connection: From ``Store.reading``.
        query: Without an order.
        keys: The order.
        place: Where the page is; None: the first one.
        size: Rows at most.
    """
    backwards = place is not None and place.side == "before"
    named = [key.column.label(f"key_{number}") for number, key in enumerate(keys)]
    query = query.add_columns(*named)
    if place is not None:
        query = query.where(_beyond(keys, place, backwards=backwards))
    order = [
        key.column.desc() if key.is_falling is not backwards else key.column.asc() for key in keys
    ]
    rows = list(connection.execute(query.order_by(*order).limit(size + 1)))
    has_more = len(rows) > size
    rows = rows[:size]
    if backwards:
        rows.reverse()
    has_before, has_after = (has_more, True) if backwards else (place is not None, has_more)
    return Page(
        rows,
        Place(_values(rows[0], keys), "before") if rows and has_before else None,
        Place(_values(rows[-1], keys), "after") if rows and has_after else None,
    )


def _values(row: Row[Any], keys: Sequence[Key]) -> tuple[Value, ...]:
    return tuple(row[len(row) - len(keys) :])


def _beyond(keys: Sequence[Key], place: Place, *, backwards: bool) -> ColumnElement[bool]:
    """Return the condition that a row comes after a place, or before it."""
    cases = []
    same: list[ColumnElement[bool]] = []
    for key, value in zip(keys, place.values, strict=True):
        is_less = key.is_falling is not backwards
        beyond = key.column < value if is_less else key.column > value
        cases.append(sa.and_(*same, beyond))
        same.append(key.column == value)
    return sa.or_(*cases)
