"""Whole texts in UTF-16: scanned as UTF-8, reported at their own offsets."""

from __future__ import annotations

from typing import Final

from msgspec import Struct

_LOOK: Final = 512
_SHARE: Final = 0.4


class WideText(Struct, frozen=True):
    """A blob that is UTF-16.

    Attributes:
        text: The same text in UTF-8.
        encoding: ``utf-16-le`` or ``utf-16-be``.
        skipped: Bytes of the byte order mark.
    """

    text: bytes
    encoding: str
    skipped: int

    def source(self, offset: int) -> int:
        """Translate an offset in ``text`` to one in the blob."""
        before = self.text[:offset].decode("utf-8", "ignore")
        return self.skipped + len(before.encode(self.encoding, "surrogatepass"))


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
