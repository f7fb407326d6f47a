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

    def paint(self, text: str, style: Style) -> str:
        """Return ``text`` in a style; unchanged on a page without colours."""
        if not self._color or style is Style.PLAIN or not text:
            return text
        return f"\x1b[{style.value}m{text}\x1b[0m"

    def line(self, *pieces: tuple[str, Style], indent: int = 0) -> None:
        """Write one line as it is, however long."""
        painted = "".join(self.paint(text, style) for text, style in pieces)
        self._stream.write(f"{' ' * indent}{painted}".rstrip(" ") + "\n")

    def between(self, left: tuple[str, Style], right: tuple[str, Style], *, used: int = 0) -> str:
        """Return two texts at the two ends of what a line has left after ``used`` cells."""
        gap = max(2, self.width - used - cells(left[0]) - cells(right[0]))
        return self.paint(*left) + " " * gap + self.paint(*right)

    def raw(self, painted: str = "") -> None:
        """Write a line that was painted already."""
        self._stream.write(painted.rstrip(" ") + "\n")

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
