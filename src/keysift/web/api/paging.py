"""Long lists, page by page."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Annotated, Generic, TypeVar

from msgspec import UNSET, Meta, Struct, UnsetType

from keysift.errors import UsageError
from keysift.store.queries import keyset
from keysift.web.problems import ProblemError, Word

_Row = TypeVar("_Row")
_Item = TypeVar("_Item")

Limit = Annotated[int, Meta(ge=1, le=500)]
Cursor = Annotated[str, Meta(max_length=4_000)]


class Page(Struct, Generic[_Item], kw_only=True):
    """A part of a list.

    Attributes:
        items: What is on it.
        next: The `cursor` of the page after it; null: this is the last one.
        previous: The `cursor` of the page before it; null: this is the first one.
        total: How many there are on all pages, with `count=true`.
    """

    items: list[_Item]
    next: str | None
    previous: str | None
    total: int | UnsetType = UNSET


class PageQuery(Struct, frozen=True):
    """Which part of a list.

    Attributes:
        cursor: Which page: `next` or `previous` of another one; without it, the first.
        limit: How many items the page has at most.
    """

    cursor: Cursor | None = None
    limit: Limit = 100


@contextmanager
def cursors() -> Iterator[None]:
    """Refuse cursors that belong to no list, or to another one.

    Raises:
        ProblemError: Instead of an ``UsageError``.
    """
    try:
        yield
    except UsageError:
        detail = (
            "cursor: take `next` or `previous` of an answer, and keep the filters and the sort."
        )
        raise ProblemError(Word.BAD_CURSOR, detail, parameter="cursor") from None


def shown(
    page: keyset.Page[_Row], item: Callable[[_Row], _Item], total: int | UnsetType = UNSET
) -> Page[_Item]:
    """Return a page of a store as a document.

    Args:
        page: The page.
        item: Makes the document of a row.
        total: How many there are on all pages.
    """
    return Page(
        items=[item(row) for row in page.rows], next=page.next, previous=page.previous, total=total
    )
