"""Where the text of a page goes (ISO 32000-1, 8.3 and 9.4): into which lines and words."""

from __future__ import annotations

import math
from typing import Final, TypeAlias

from keysift.unpack.formats.pdf.cmap import CMap, Fonts
from keysift.unpack.formats.pdf.syntax import Name, Object

Matrix: TypeAlias = tuple[float, float, float, float, float, float]

_IDENTITY: Final[Matrix] = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)
_DEEPEST: Final = 1000

_GAP: Final = -180.0
"""Thousandths of the font size; a move by more than this inside a string is a space."""

_LINE: Final = 0.3
_WIDTH: Final = 0.5
_WIDTH_ERROR: Final = 0.1
_SPACE: Final = 0.6
"""In font sizes: how far apart lines are, how wide a character is on average and how wrong that may
be, and how far behind the end of a text another one must begin to be another word."""


class Page:
    """Takes operators and collects the text that they show.

    Args:
        fonts: The CMaps of the fonts in its resources.
    """

    def __init__(self, fonts: Fonts) -> None:
        self._fonts = fonts
        self._pieces: list[str] = []
        self._font: CMap | None = None
        self._size = 1.0
        self._leading = 0.0
        self._matrix = _IDENTITY
        self._line = _IDENTITY
        self._page = _IDENTITY
        self._saved: list[Matrix] = []
        self._across: float | None = None
        self._begin = self._end = 0.0

    def text(self) -> bytes:
        """Return all text so far."""
        return "".join(self._pieces).encode("utf-8", "replace")

    def new_line(self) -> None:
        """Begin a line with whatever is shown next."""
        self._pieces.append("\n")
        self._across = None

    def operate(self, operator: bytes, operands: list[Object]) -> None:
        """Follow an operator; those that do not concern text are ignored."""
        last = operands[-1] if operands else None
        if operator == b"Tj":
            self._show([last])
        elif operator == b"TJ" and isinstance(last, list):
            self._show(last)
        elif operator in (b"'", b'"'):
            self._next_line(0.0, -self._leading)
            self._show([last])
        elif operator == b"Tf" and len(operands) > 1:
            name = operands[-2]
            self._font = self._fonts.get(name.text) if isinstance(name, Name) else None
            self._size = last if isinstance(last, float) else 1.0
        else:
            self._move(operator, [one for one in operands if isinstance(one, float)])

    def _move(self, operator: bytes, numbers: list[float]) -> None:
        if operator == b"BT":
            self._matrix = self._line = _IDENTITY
        elif operator == b"T*":
            self._next_line(0.0, -self._leading)
        elif operator in (b"Td", b"TD") and len(numbers) > 1:
            if operator == b"TD":
                self._leading = -numbers[-1]
            self._next_line(numbers[-2], numbers[-1])
        elif operator == b"TL" and numbers:
            self._leading = numbers[-1]
        elif operator == b"Tm" and len(numbers) > 5:
            self._matrix = self._line = _matrix(numbers)
        elif operator == b"cm" and len(numbers) > 5:
            self._page = _multiplied(_matrix(numbers), self._page)
        elif operator == b"q" and len(self._saved) < _DEEPEST:
            self._saved.append(self._page)
        elif operator == b"Q" and self._saved:
            self._page = self._saved.pop()

    def _next_line(self, right: float, up: float) -> None:
        self._line = _multiplied((1.0, 0.0, 0.0, 1.0, right, up), self._line)
        self._matrix = self._line

    def _show(self, items: list[Object]) -> None:
        texts: list[str] = []
        for item in items:
            if isinstance(item, bytes):
                texts.append(self._decoded(item))
            elif isinstance(item, float) and item < _GAP and texts:
                texts.append(" ")
        text = "".join(texts)
        if not text:
            return
        self._separate(len(text))
        self._pieces.append(text)

    def _separate(self, length: int) -> None:
        """Begin a line or word unless the text goes on where the last one ended."""
        a, b, _, _, e, f = _multiplied(self._matrix, self._page)
        scale = math.hypot(a, b) or 1.0
        size = abs(self._size * scale) or 1.0
        along, across = (e * a + f * b) / scale, (f * a - e * b) / scale
        width = size * _WIDTH * length
        if self._across is not None:
            far = abs(across - self._across) > _LINE * size
            if far or along < self._begin - _LINE * size:
                self._pieces.append("\n")
            elif along > self._end + size * _SPACE:
                self._pieces.append(" ")
        if along == self._begin and across == self._across:
            along = self._end  # nothing was moved: it goes on behind the last one
        self._across, self._begin = across, along
        self._end = along + width + size * _WIDTH_ERROR * length

    def _decoded(self, text: bytes) -> str:
        return text.decode("cp1252", "replace") if self._font is None else self._font.decode(text)


def _matrix(numbers: list[float]) -> Matrix:
    a, b, c, d, e, f = numbers[-6:]
    return a, b, c, d, e, f


def _multiplied(left: Matrix, right: Matrix) -> Matrix:
    a, b, c, d, e, f = left
    g, h, i, j, k, m = right
    product = (a * g + b * i, a * h + b * j, c * g + d * i, c * h + d * j)
    moved = (e * g + f * i + k, e * h + f * j + m)
    if not all(map(math.isfinite, (*product, *moved))):
        return _IDENTITY
    return (*product, *moved)
