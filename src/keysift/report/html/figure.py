"""A figure: a picture, what it shows in words, and its numbers as a table."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from msgspec import Struct

Cell = str | int | float | None
"""A number or a text of a table; None: not known."""


class Column(Struct, frozen=True):
    """A column of a table.

    Attributes:
        title: What stands above it.
        is_share: Whether its numbers are shares from 0 to 1, shown as percentages.
    """

    title: str
    is_share: bool = False


class Figure(Struct, frozen=True, kw_only=True):
    """A figure of a report.

    Attributes:
        name: Unique in the report: letters, digits and dashes.
        title: What it is about, in a few words.
        reading: What it shows, in a sentence or two with numbers: for who cannot see it, and for
            who wants to quote it.
        counts: What its numbers count: the unit, what is in and what is out.
        draw: Makes the picture in Vega-Lite, without colours of text and background; None: a table
            is all there is to show.
        columns: Of the table.
        rows: Of the table; as wide as ``columns``.
    """

    name: str
    title: str
    reading: str
    counts: str
    draw: Callable[[], dict[str, Any]] | None
    columns: tuple[Column, ...]
    rows: Sequence[tuple[Cell, ...]]
