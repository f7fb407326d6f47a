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
        self._restart()

    def _restart(self) -> None:
        self._seen = self._lines = self._columns = 0

    def position(self, offset: int) -> Position:
        """Return line and column (both from 1) of a byte offset in the text."""
        if offset < self._seen:
            self._restart()
        newline = b"\r" if self._bare_returns else b"\n"
        begin = self._seen
        lines = self._text.count(newline, begin, offset)
        if lines:
            begin = self._text.rfind(newline, begin, offset) + 1
            self._lines += lines
            self._columns = 0
        # Counted from the last place that was asked for: a line can be as long as the text.
        self._columns += len(self._text[begin:offset].decode("utf-8", "replace"))
        self._seen = offset
        return Position(
            offset=self._base.offset + offset,
            line=self._base.line + self._lines,
            column=self._columns + (1 if self._lines else self._base.column),
        )
