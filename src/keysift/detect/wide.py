"""Whole texts in UTF-16: scanned as UTF-8, reported at their own offsets."""

from __future__ import annotations

from functools import cached_property
from typing import Final

_LOOK: Final = 512
_SHARE: Final = 0.4
_CHECKPOINT: Final = 4096
"""Bytes of text after which a place in the source is remembered."""


class WideText:
    """A blob that is UTF-16.

    Args:
        text: The same text in UTF-8.
        encoding: ``utf-16-le`` or ``utf-16-be``.
        skipped: Bytes of the byte order mark.

    Attributes:
        text: As given.
        encoding: As given.
    """

    def __init__(self, text: bytes, encoding: str, skipped: int) -> None:
        self.text = text
        self.encoding = encoding
        self._skipped = skipped

    def source(self, offset: int) -> int:
        """Translate an offset in ``text`` to one in the blob."""
        places = self._places
        if not places:
            return self._skipped + 2 * offset
        start, place = places[min(offset // _CHECKPOINT, len(places) - 1)]
        return place + self._width(start, offset)

    @cached_property
    def _places(self) -> list[tuple[int, int]]:
        """For each checkpoint, where a character begins in the text, and where in the blob.

        Empty when every character takes one byte in the text.
        """
        if self.text.isascii():
            return []
        start, place = 0, self._skipped
        places = [(start, place)]
        for at in range(_CHECKPOINT, len(self.text), _CHECKPOINT):
            end = at
            while self.text[end] & 0xC0 == 0x80:
                end -= 1
            place += self._width(start, end)
            start = end
            places.append((start, place))
        return places

    def _width(self, start: int, end: int) -> int:
        part = self.text[start:end].decode("utf-8", "ignore")
        return len(part.encode(self.encoding, "surrogatepass"))


def widen(content: bytes) -> WideText | None:
    """Return the text of a blob in UTF-16: by its byte order mark, or by its zero bytes."""
    head = content[:_LOOK]
    if head[:2] == b"\xff\xfe" and head[2:4] != b"\0\0":
        return _decode(content, "utf-16-le", 2)
    if head[:2] == b"\xfe\xff":
        return _decode(content, "utf-16-be", 2)
    if b"\0" not in head or len(head) < 8:
        return None
    odd, even = head[1::2].count(0), head[::2].count(0)
    if odd > _SHARE * len(head) and not even:
        return _decode(content, "utf-16-le", 0)
    if even > _SHARE * len(head) and not odd:
        return _decode(content, "utf-16-be", 0)
    return None


def _decode(content: bytes, encoding: str, skipped: int) -> WideText:
    text = content[skipped:].decode(encoding, "replace")
    return WideText(text.encode("utf-8", "replace"), encoding, skipped)
