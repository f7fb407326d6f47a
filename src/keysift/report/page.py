"""Lines for a terminal: colours, and wrapping by what characters occupy rather than by count.

Text that is not ours must have gone through ``keysift.report.escape.visible``: a page writes what
it is given.
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING
from unicodedata import combining, east_asian_width

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import TextIO

MIN_WIDTH = 40
"""Narrower than this nothing is laid out; the terminal wraps."""


class Style(Enum):
    """How a piece of text looks; the value is the parameter of ANSI's SGR sequence."""

    PLAIN = ""
    STRONG = "1"
    FAINT = "2"
    LINK = "4;36"
    GOOD = "1;32"
    WARNING = "1;33"
    ALARM = "1;31"
    NOTE = "1;34"
    CRITICAL_BADGE = "1;97;41"
    HIGH_BADGE = "1;30;101"
    MEDIUM_BADGE = "1;30;43"
    LOW_BADGE = "1;30;46"
    INFO_BADGE = "1;30;47"
    CURVE_1 = "94"
    CURVE_2 = "33"
    CURVE_3 = "35"
    CURVE_4 = "36"
    CURVE_5 = "91"
    CURVE_6 = "32"


class Margin(Struct, frozen=True):
    """Where labelled text stands: cells before the label, and from there to the text."""

    indent: int
    gutter: int


class Page:
    """Writes styled, wrapped lines to a stream."""

    def __init__(self, stream: TextIO, *, color: bool, width: int) -> None:
        self._stream = stream
        self._color = color
        self.width = max(width, MIN_WIDTH)
        self.written = False

    def paint(self, text: str, style: Style) -> str:
        """Return ``text`` in a style; unchanged on a page without colours."""
        if not self._color or style is Style.PLAIN or not text:
            return text
        return f"\x1b[{style.value}m{text}\x1b[0m"

    def line(self, *pieces: tuple[str, Style], indent: int = 0) -> None:
        """Write one line as it is, however long."""
        self.raw(" " * indent + "".join(self.paint(text, style) for text, style in pieces))

    def heading(
        self, badge: tuple[str, Style], title: tuple[str, Style], ident: tuple[str, Style]
    ) -> None:
        """Write badge and title at the left and ``ident`` at the right, or below without room."""
        left = f"{self.paint(*badge)} {self.paint(*title)}"
        room = self.width - cells(badge[0]) - 1 - cells(title[0]) - cells(ident[0])
        if room >= 2:
            self.raw(left + " " * room + self.paint(*ident))
        else:
            self.raw(left)
            self.line(ident, indent=cells(badge[0]) + 1)
        self.raw()

    def raw(self, painted: str = "") -> None:
        """Write a line that was painted already."""
        self._stream.write(painted.rstrip(" ") + "\n")
        self.written = True

    def rule(self) -> None:
        """Write a horizontal line."""
        self.line(("─" * self.width, Style.FAINT))

    def paragraph(self, text: str, style: Style = Style.PLAIN, *, indent: int = 0) -> None:
        """Write prose, wrapped at the width."""
        for piece in fill(text.split(), self.width - indent):
            self.line((piece, style), indent=indent)

    def labelled(self, label: str, words: Iterable[str], style: Style, *, margin: Margin) -> None:
        """Write words beside a label, filled and aligned in the column after the label."""
        head = self.paint(label, Style.FAINT) + " " * max(1, margin.gutter - cells(label))
        for piece in fill(words, self.width - margin.indent - margin.gutter):
            self.raw(" " * margin.indent + head + self.paint(piece, style))
            head = " " * margin.gutter


def cells(text: str) -> int:
    """Return how many columns ``text`` occupies on a terminal."""
    if text.isascii():
        return len(text)
    return sum(_cell(char) for char in text)


def fill(words: Iterable[str], width: int) -> Iterator[str]:
    """Yield lines of words, each filled up to ``width`` cells.

    A word that is wider than a line stays whole on a line of its own: paths and links are there
    to be copied, and a terminal wraps them without adding a line break. A word may hold spaces.
    """
    line, used = "", 0
    for word in words:
        size = cells(word)
        if line and used + 1 + size > width:
            yield line
            line, used = word, size
        else:
            line = f"{line} {word}" if line else word
            used += size + (1 if used else 0)
    if line:
        yield line


def _cell(char: str) -> int:
    if combining(char):
        return 0
    return 2 if east_asian_width(char) in "WF" else 1
