"""PNG pictures: the texts that programs attach to them.

Chunks are those of the PNG specification, third edition (https://www.w3.org/TR/png-3), 11.3:
tEXt and iTXt stand in the file as they are unless compressed, zTXt always is. EXIF data stays raw.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from typing import Final

from keysift.model import Blob, Skip, SkipReason
from keysift.unpack.budget import Budget
from keysift.unpack.formats.extraction import Parts
from keysift.unpack.formats.recognition import PNG_MAGIC

_LARGEST: Final = 4 * 1024 * 1024
"""Bytes of one text; programs that store whole files in one stay below."""

_MOST: Final = 100_000


def read_png(blob: Blob, budget: Budget) -> Parts:
    """Yield the texts of a picture that are compressed or hidden in it, as one part."""
    texts: list[bytes] = []
    for kind, data in _chunks(blob.content, budget):
        keyword, _, rest = data.partition(b"\0")
        if kind == b"tEXt":
            texts.append(keyword + b": " + rest)
            continue
        if kind == b"iTXt":
            compressed = rest[:1] == b"\1"
            rest = rest[2:].split(b"\0", 2)[-1]
        else:
            compressed = True
            rest = rest[1:]
        if compressed:
            text, failure = _inflated(rest, blob.path)
            if failure is not None:
                yield failure
        else:
            text = rest
        texts.append(keyword + b": " + text)
    if texts:
        yield Blob(path=blob.path, part="PNG text", content=b"\n".join(texts))
    return False


def _chunks(content: bytes, budget: Budget) -> Iterator[tuple[bytes, bytes]]:
    """Yield type and data of the chunks with text, up to the end or to what is no chunk."""
    position = len(PNG_MAGIC)
    for _ in range(_MOST):
        if len(content) < position + 8:
            return
        if not budget.step():
            raise budget.stopped()
        size = int.from_bytes(content[position : position + 4], "big")
        kind = content[position + 4 : position + 8]
        if kind in (b"tEXt", b"zTXt", b"iTXt"):
            yield kind, content[position + 8 : position + 8 + size]
        position += size + 12


def _inflated(data: bytes, path: str) -> tuple[bytes, Skip | None]:
    for bits in (zlib.MAX_WBITS, -zlib.MAX_WBITS):  # draw.io leaves the zlib header out
        decoder = zlib.decompressobj(bits)
        try:
            text = decoder.decompress(data, _LARGEST)
        except zlib.error:
            continue
        if decoder.unconsumed_tail and not decoder.eof:
            detail = f"a text of a PNG picture is longer than {_LARGEST} bytes"
            return text, Skip(path=path, reason=SkipReason.TOO_LARGE, detail=detail)
        return text, None
    detail = "a compressed text of a PNG picture cannot be read"
    return b"", Skip(path=path, reason=SkipReason.CORRUPT, detail=detail)
