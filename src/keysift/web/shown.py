"""What templates show, as values: columns, pages of a list, charts. Macros have their names."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from msgspec import Struct


class Column(Struct, frozen=True):
    """A column of a table.

    Attributes:
        name: What stands above it.
        kind: ``number`` for numbers, ``tick`` for check boxes, else empty.
        link: Address of the list sorted by it; empty: it cannot be.
        sorted: How the list is sorted by it; empty: it is not.
    """

    name: str
    kind: Literal["", "number", "tick"] = ""
    link: str = ""
    sorted: Literal["", "ascending", "descending"] = ""


class Pager(Struct, frozen=True):
    """Where in a list a page is.

    Attributes:
        text: What it shows, such as "51 to 100 of 2,345".
        before: Address of the page before; empty: there is none.
        after: Address of the page after; empty: there is none.
    """

    text: str
    before: str = ""
    after: str = ""


class Link(Struct, frozen=True):
    """A figure or name that leads somewhere.

    Attributes:
        text: What is shown.
        target: A page of ours.
    """

    text: str | int | float
    target: str


class Chart(Struct, frozen=True, kw_only=True):
    """A picture of figures, and the figures.

    Attributes:
        id: Names it on its page: letters, digits and hyphens.
        title: What it shows.
        description: In a sentence: what is counted, and what to see.
        spec: Of Vega-Lite, with its data. Colours and fonts come from the page (``charts.js``).
        columns: Names of what a row has.
        rows: The figures: what people get who do not see the picture.
    """

    id: str
    title: str
    description: str
    spec: dict[str, Any]
    columns: Sequence[str]
    rows: Sequence[Sequence[str | int | float | Link]]
