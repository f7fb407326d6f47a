"""Tables for a terminal: one line a row, shortened where the width asks for it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from msgspec import Struct

from keysift.report.page import Page, Style, cells

_GAP: Final = 2


class Column(Struct, frozen=True):
    """A column.

    Attributes:
        title: Its heading.
        narrowest: Cells that it may be shortened to; None: it is not shortened.
        is_number: Whether it is aligned at the right.
    """

    title: str
    narrowest: int | None = None
    is_number: bool = False


def write_table(
    page: Page, columns: Sequence[Column], rows: Sequence[Sequence[tuple[str, Style]]]
) -> None:
    """Write a heading and a line a row; a column without any text is left out.

    Args:
        page: Where to; its width is kept unless even shortened columns do not fit.
        columns: The columns.
        rows: Texts that are safe to show, with their styles; as many as there are columns.
    """
    used = [number for number in range(len(columns)) if any(row[number][0] for row in rows)]
    widths = _fitted(
        [
            max(cells(columns[number].title), *(cells(row[number][0]) for row in rows))
            for number in used
        ],
        [columns[number].narrowest for number in used],
        page.width,
    )
    heading = [(column.title, Style.FAINT) for column in columns]
    for row in [heading, *rows]:
        pieces = [
            _padded(page, row[number], width, is_number=columns[number].is_number)
            for number, width in zip(used, widths, strict=True)
        ]
        page.raw((" " * _GAP).join(pieces))


def clip(text: str, width: int) -> str:
    """Return a text that fits into so many cells, with ``…`` for what does not."""
    if cells(text) <= width:
        return text
    kept = ""
    for char in text:
        if cells(kept + char) > width - 1:
            break
        kept += char
    return kept + "…"


def _padded(page: Page, cell: tuple[str, Style], width: int, *, is_number: bool) -> str:
    text, style = cell
    text = clip(text, width)
    space = " " * (width - cells(text))
    painted = page.paint(text, style)
    return space + painted if is_number else painted + space


def _fitted(widths: list[int], narrowest: list[int | None], room: int) -> list[int]:
    """Return widths whose sum fits, as far as the columns allow; who has most to give gives."""
    widths = list(widths)
    excess = sum(widths) + _GAP * (len(widths) - 1) - room
    while excess > 0:
        spare = [
            0 if least is None else width - least
            for width, least in zip(widths, narrowest, strict=True)
        ]
        most = max(range(len(widths)), key=spare.__getitem__)
        if spare[most] <= 0:
            break
        widths[most] -= 1
        excess -= 1
    return widths
