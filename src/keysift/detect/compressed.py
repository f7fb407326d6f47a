"""gzip and zlib streams inside base64: ``exec(zlib.decompress(base64.b64decode("eJ…")))``."""

from __future__ import annotations

import binascii
import zlib
from typing import Final

from keysift.detect.encodings import BASE64_RUN, Region, base64_pieces

ANCHORS: Final = {
    # RFC 1952: 1f 8b 08 and the flags byte, of which common writers set only the file name bit.
    "gzip": r"H4sI[\x41-\x5a\x61-\x7a0-9+/_-]{40}",
    # RFC 1950: 78 and one of the four level bytes 01, 5e, 9c, da.
    "zlib": r"e(?:A[EFGH]|F[4567]|J[wxyz]|N[opqr])[\x41-\x5a\x61-\x7a0-9+/_-]{40}",
}
"""Expressions of the beginning of an encoded stream, by the name of the compression."""

ANCHOR_WIDTH: Final = {"gzip": 44, "zlib": 43}
"""Bytes that each of ``ANCHORS`` matches."""

MAX_ENCODED: Final = 16 * 1024 * 1024
"""Encoded bytes that are decoded at most."""

_URLSAFE: Final = bytes.maketrans(b"-_", b"+/")
_ENCODED: Final = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/_-=")


def inflate(data: bytes, end: int, kind: str, limit: int) -> tuple[Region, bool] | None:
    """Decode and inflate the stream whose anchor ended at ``end``.

    Args:
        data: The text around it.
        end: End of the anchor's match.
        kind: A key of ``ANCHORS``.
        limit: Inflated bytes at most.

    Returns:
        The inflated text, each span of which is that of the whole encoded run, and whether the
        stream was longer than ``limit``; None when there is no such stream.
    """
    start = end - ANCHOR_WIDTH[kind]
    if start > 0 and data[start - 1] in _ENCODED:
        return None
    run = BASE64_RUN.match(data, start, min(len(data), start + MAX_ENCODED))
    if run is None:
        return None
    pieces = base64_pieces(data, *run.span())
    text = b"".join(data[low:high] for low, high in pieces).translate(_URLSAFE)
    text = text[: len(text) - (len(text) % 4 == 1)]
    raw = binascii.a2b_base64(text + b"=" * (-len(text) % 4))
    stream = zlib.decompressobj(wbits=31 if kind == "gzip" else 15)
    try:
        plain = stream.decompress(raw, limit)
    except zlib.error:
        return None
    span = run.span()
    return Region(plain, *span, lambda _low, _high: span), bool(stream.unconsumed_tail)
