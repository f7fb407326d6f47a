"""What pages of lists share: where more of the list is, and how it is sorted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from keysift.report.summary import count
from keysift.store.queries.keyset import Page
from keysift.web.links import address
from keysift.web.shown import Column, Pager


def pager(path: str, page: Page[Any], noun: str, number: int | None, **wanted: object) -> Pager:
    """Return where a page of a list is.

    Args:
        path: Of the list.
        page: The page.
        noun: What is listed; its plural ends in s.
        number: How many there are in all; None: not counted.
        **wanted: Parameters of the list.
    """
    shown = len(page.rows)
    text = count(shown, noun) if number is None else f"{shown:,} of {count(number, noun)}"
    return Pager(
        text,
        address(path, **wanted, at=page.previous) if page.previous else "",
        address(path, **wanted, at=page.next) if page.next else "",
    )


def sortable(  # noqa: PLR0913 (each by its name)
    name: str,
    order: str,
    path: str,
    *,
    now: str,
    is_rising: bool,
    text: bool = False,
    wanted: Mapping[str, object],
) -> Column:
    """Return a column that a list can be sorted by.

    Args:
        name: What stands above it.
        order: What the parameter ``sort`` calls it; with a hyphen before it, the largest is first.
        path: Of the list.
        now: What the list is sorted by.
        is_rising: Whether the smallest comes first.
        text: Whether it holds text, whose first order is that of the alphabet.
        wanted: Other parameters of the list.
    """
    is_now = now == order
    rises = not is_rising if is_now else text
    return Column(
        name,
        "" if text else "number",
        address(path, **wanted, sort=order if rises else f"-{order}"),
        ("ascending" if is_rising else "descending") if is_now else "",
    )
