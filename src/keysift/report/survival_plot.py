"""Curves of survival in characters: steps of lines, with the band when there is one curve.

A step function is the one thing that characters draw exactly; the plot libraries for terminals draw
it as slanted dots, without bands, and need a quarter of a second to begin.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from msgspec import Struct

from keysift.report.page import Page, Style
from keysift.report.survival_axis import Axis
from keysift.survival import Curve, Estimate

HEIGHT: Final = 17
"""Rows: a multiple of four, and one, so that quarters lie on rows."""

WIDEST: Final = 100
"""Wider, steps are no better to see."""

MARGIN: Final = 7
"""Cells before the plot: ``100% ┤``."""

_STYLES: Final = (
    Style.CURVE_1,
    Style.CURVE_2,
    Style.CURVE_3,
    Style.CURVE_4,
    Style.CURVE_5,
    Style.CURVE_6,
)
_LETTERS: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_EVERY: Final = 11
"""A letter on a curve each so many columns."""


class Glyphs(Struct, frozen=True):
    """What is drawn with.

    Attributes:
        across: A level line.
        down: A vertical one.
        falls: Where a level line turns down.
        lands: Where it becomes level again.
        band: Within the band.
        half: The line at 50 %.
        tick: On the axis at the left.
        corner: Of both axes.
        below: A tick of the axis below.
    """

    across: str
    down: str
    falls: str
    lands: str
    band: str
    half: str
    tick: str
    corner: str
    below: str


LINES: Final = Glyphs("─", "│", "┐", "└", "░", "·", "┤", "└", "┬")
ASCII: Final = Glyphs("-", "|", "+", "+", ":", ".", "|", "+", "+")


def letter(number: int) -> str:
    """Return what marks a curve of several."""
    return _LETTERS[number % len(_LETTERS)]


def style(number: int) -> Style:
    """Return the colour of a curve of several."""
    return _STYLES[number % len(_STYLES)]


def write_plot(page: Page, curves: Sequence[Curve | None], axis: Axis, glyphs: Glyphs) -> None:
    """Write a plot as wide as the page, with axes.

    Args:
        page: Where to.
        curves: In the order of their letters; None: not drawn.
        axis: Of ages.
        glyphs: What to draw with.
    """
    plot = _Plot(min(page.width, WIDEST) - MARGIN, axis, glyphs)
    is_one = len(curves) == 1
    for number in reversed(range(len(curves))):
        curve = curves[number]
        if curve is not None:
            plot.draw(curve, None if is_one else number)
    for row, cells in enumerate(plot.cells):
        share = 1 - row / (HEIGHT - 1)
        label = f"{share:4.0%} {glyphs.tick}" if row % 4 == 0 else f"     {glyphs.down}"
        page.raw(label + _painted(page, cells))
    page.raw("     " + plot.ruler())
    page.raw("      " + plot.labels())
    page.line((f"age in {axis.unit}", Style.FAINT), indent=MARGIN - 1)


def _painted(page: Page, cells: list[tuple[str, Style]]) -> str:
    """Return cells as text, each run of a style painted once."""
    text, run, last = "", "", Style.PLAIN
    for char, look in cells:
        if look is not last:
            text, run, last = text + page.paint(run, last), "", look
        run += char
    return text + page.paint(run, last)


class _Plot:
    """Cells of a plot.

    Attributes:
        cells: Rows of characters with their styles, from the top.
    """

    def __init__(self, width: int, axis: Axis, glyphs: Glyphs) -> None:
        self._width = width
        self._axis = axis
        self._glyphs = glyphs
        self.cells = [[(" ", Style.PLAIN)] * width for _ in range(HEIGHT)]
        self.cells[HEIGHT // 2] = [(glyphs.half, Style.FAINT)] * width

    def draw(self, curve: Curve, number: int | None) -> None:
        """Draw a curve; with its letter, or with its band when it is the only one."""
        look = Style.STRONG if number is None else style(number)
        for column in range(self._column(curve.begin), self._column(curve.end) + 1):
            left = max(self._age(column), curve.begin)
            right = min(self._age(column + 1), curve.end)
            before, after = curve.value(left), curve.value(right)
            if number is None:
                self._band(column, after)
            self._step(column, _row(before.survival), _row(after.survival), look)
            if number is not None and column % _EVERY == (number * 3) % _EVERY:
                self.cells[_row(after.survival)][column] = (letter(number), look)

    def ruler(self) -> str:
        """Return the axis below."""
        line = [self._glyphs.across] * self._width
        for tick in self._axis.ticks:
            line[self._column(tick * self._axis.days)] = self._glyphs.below
        return self._glyphs.corner + "".join(line)

    def labels(self) -> str:
        """Return the numbers below its ticks."""
        line = ""
        for tick in self._axis.ticks:
            text = f"{tick:g}"
            column = max(0, self._column(tick * self._axis.days) - len(text) // 2)
            line = line.ljust(column) + text
        return line

    def _step(self, column: int, top: int, bottom: int, look: Style) -> None:
        if top == bottom:
            self.cells[top][column] = (self._glyphs.across, look)
            return
        self.cells[top][column] = (self._glyphs.falls, look)
        for row in range(top + 1, bottom):
            self.cells[row][column] = (self._glyphs.down, look)
        self.cells[bottom][column] = (self._glyphs.lands, look)

    def _band(self, column: int, value: Estimate) -> None:
        for row in range(_row(value.upper), _row(value.lower) + 1):
            self.cells[row][column] = (self._glyphs.band, Style.FAINT)

    def _age(self, column: int) -> float:
        return self._axis.end * column / self._width

    def _column(self, age: float) -> int:
        return min(int(age / self._axis.end * self._width), self._width - 1)


def _row(share: float) -> int:
    return round((1 - share) * (HEIGHT - 1))
