"""Long lists, page by page: a cursor says after, or before, what a page begins.

It holds where the page before ended, not how many there were: what is added or taken away
meanwhile moves nothing.
"""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from typing import Annotated, Any, Final, Generic, TypeVar

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

from keysift.web.problems import ProblemError, Word

_T = TypeVar("_T")

Limit = Annotated[int, Meta(ge=1, le=500)]
"""How many a page may have."""

Cursor = Annotated[str, Meta(max_length=2_000)]

LARGEST: Final = 2**63 - 1

Number = Annotated[int, Meta(ge=0, le=LARGEST)]
"""A number of a row, in a cursor."""


class Page(Struct, Generic[_T], kw_only=True):
    """A part of a list.

    Attributes:
        items: What is on it.
        next: The cursor of the page after it; null: this is the last one.
        previous: The cursor of the page before it; null: this is the first one.
        total: How many there are on all pages, when that was asked for.
    """

    items: list[_T]
    next: str | None
    previous: str | None
    total: int | UnsetType = UNSET


class At(Struct, Generic[_T], array_like=True, forbid_unknown_fields=True):
    """What is in a cursor.

    Attributes:
        order: Names the list and how it is sorted.
        is_back: Whether the page comes before ``key``, else after it.
        key: What an item is sorted by.
    """

    order: str
    is_back: bool
    key: _T


def packed(order: str, key: Any, *, is_back: bool = False) -> str:  # noqa: ANN401 (JSON)
    """Return the cursor of what comes after a key, or before it."""
    raw = msgspec.json.encode(At(order, is_back, key))
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


def unpacked(cursor: str, order: str, kind: type[_T]) -> At[_T]:
    """Return what is in a cursor.

    Args:
        cursor: As somebody sent it.
        order: Names the list that they ask for.
        kind: What its items are sorted by.

    Raises:
        ProblemError: It is not a cursor of that list.
    """
    try:
        raw = urlsafe_b64decode(cursor.encode("ascii") + b"=" * (-len(cursor) % 4))
        at = msgspec.json.decode(raw, type=At[kind])  # type: ignore[valid-type]  # known at run time only
    except (ValueError, msgspec.DecodeError, RecursionError):
        raise _mangled() from None
    if at.order != order:
        raise _mangled()
    return at


def _mangled() -> ProblemError:
    detail = "cursor: take it from `next` or `previous` of an answer, and keep the filters and sort."
    return ProblemError(Word.BAD_CURSOR, detail, parameter="cursor")


class Wanted(Struct, frozen=True):
    """A page that is wanted, of a list that is sorted by numbers of rows.

    Attributes:
        key: Where it begins; None: at the beginning of the list.
        is_back: Whether it comes before ``key``.
        limit: How many items it has at most.
    """

    key: Any
    is_back: bool
    limit: int


def wanted(order: str, cursor: str | None, limit: int, kind: Any) -> Wanted:  # noqa: ANN401 (a type)
    """Return which page is wanted.

    Raises:
        ProblemError: The cursor is none of this list.
    """
    if cursor is None:
        return Wanted(None, is_back=False, limit=limit)
    at: At[Any] = unpacked(cursor, order, kind)
    return Wanted(at.key, at.is_back, limit)


def cut(
    order: str, page: Wanted, rows: Sequence[tuple[Any, _T]], total: int | UnsetType = UNSET
) -> Page[_T]:
    """Return a page of rows.

    Args:
        order: Names the list.
        page: Which was wanted.
        rows: Keys and items in the direction that was asked for, one more than wanted if there
            are so many.
        total: How many there are on all pages.
    """
    has_more = len(rows) > page.limit
    shown = list(rows[: page.limit])
    if page.is_back:
        shown.reverse()
    has_before = has_more if page.is_back else page.key is not None
    has_after = True if page.is_back else has_more
    return Page(
        items=[item for _, item in shown],
        next=packed(order, shown[-1][0]) if shown and has_after else None,
        previous=packed(order, shown[0][0], is_back=True) if shown and has_before else None,
        total=total,
    )
