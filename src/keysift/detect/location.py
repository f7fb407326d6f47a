"""Offsets to lines and columns, for LF, CRLF and lone CR line ends."""

from __future__ import annotations

from keysift.model import Position


class Locator:
    """Positions in one text, asked in any order but fastest in ascending order.

    Columns count characters of UTF-8; bytes that are no UTF-8 count as one character each.

    Args:
        text: The text.
        base: Position of its first byte.
    """

    def __init__(self, text: bytes, base: Position) -> None:
        self._text = text
        self._base = base
        self._bare_returns = b"\r" in text and b"\n" not in text
        self._seen = 0
        self._lines = 0

    def position(self, offset: int) -> Position:
        """Return line and column (both from 1) of a byte offset in the text."""
        newline = b"\r" if self._bare_returns else b"\n"
        if offset < self._seen:
            self._seen = self._lines = 0
        self._lines += self._text.count(newline, self._seen, offset)
        self._seen = offset
        begin = self._text.rfind(newline, 0, offset) + 1
        column = len(self._text[begin:offset].decode("utf-8", "replace"))
        first = self._lines == 0
        return Position(
            offset=self._base.offset + offset,
            line=self._base.line + self._lines,
            column=column + (self._base.column if first else 1),
        )
