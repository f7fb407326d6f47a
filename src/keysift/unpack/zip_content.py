"""The content of one zip member, by its compression method (APPNOTE 4.4.5)."""

from __future__ import annotations

from typing import Final

from isal import isal_zlib

from keysift.model import SkipReason
from keysift.unpack.budget import Budget, StoppedError
from keysift.unpack.compression import (
    BZIP2,
    DEFLATE,
    INFLATE_ERRORS,
    RAW_DEFLATE,
    Decoded,
    StreamReader,
    raw_lzma,
    xz,
)
from keysift.unpack.reader import Exactly, Metered, Reader, Source, Span
from keysift.unpack.zip_directory import HAS_DESCRIPTOR, LZMA_ENDS_ITSELF, Entry, Local
from keysift.unpack.zstd import ZstdReader

STORED: Final = 0
DEFLATED: Final = 8
_BZIP2: Final = 12
_LZMA: Final = 14
_OLD_ZSTD: Final = 20
_ZSTD: Final = 93
_XZ: Final = 95
_NAMES: Final = {
    1: "shrunk",
    6: "imploded",
    9: "deflate64",
    96: "jpeg",
    97: "wavpack",
    98: "ppmd",
    99: "encrypted (AES)",
}


class Content:
    """Reads a member and keeps its checksum.

    Attributes:
        crc: CRC-32 of what was read.
        failure: What ended it, if it did not end well.
        is_complete: True once it was read to its end.
    """

    __slots__ = ("_reader", "_stream", "crc", "failure", "is_complete")

    def __init__(self, reader: Reader, stream: StreamReader | None) -> None:
        self._reader = reader
        self._stream = stream
        self.crc = 0
        self.failure: StoppedError | None = None
        self.is_complete = False

    @property
    def consumed(self) -> int:
        """Bytes of the stored form that have been used."""
        return self._reader.consumed

    @property
    def rest(self) -> int | None:
        """Offset of the first byte after compressed data that has ended by itself."""
        return None if self._stream is None else self._stream.rest

    def read(self, size: int) -> bytes:
        """Return at most ``size`` bytes, none at the end."""
        try:
            data = self._reader.read(size)
        except StoppedError as error:
            self.failure = error
            raise
        if data:
            self.crc = isal_zlib.crc32(data, self.crc)
        else:
            self.is_complete = True
        return data


def open_content(source: Source, entry: Entry, start: int, stop: int, budget: Budget) -> Content:
    """Return a reader of a member's content.

    Args:
        source: The archive.
        entry: Which method, and for LZMA which size.
        start: Offset of the data.
        stop: Offset at which the data ends at the latest; for stored data, its end.
        budget: Charged for what comes out.

    Raises:
        StoppedError: The method is not supported.
    """
    method = entry.method
    if method == STORED:
        size = stop - start
        return Content(Exactly(Metered(Span(source, start, stop), budget), size), None)
    if method == _LZMA:
        return _lzma_content(source, entry, start, stop, budget)
    stream: StreamReader
    span = Span(source, start, stop)
    if method == DEFLATED:
        stream = Decoded(DEFLATE, span, budget)
    elif method == _BZIP2:
        stream = Decoded(BZIP2, span, budget)
    elif method == _XZ:
        stream = Decoded(xz(budget.limits.decoder_bytes), span, budget)
    elif method in (_ZSTD, _OLD_ZSTD):
        stream = ZstdReader(span, budget)
    else:
        reason = SkipReason.ENCRYPTED if method == 99 else SkipReason.UNSUPPORTED
        name = _NAMES.get(method, "unknown")
        raise StoppedError(reason, f"compression method {method} ({name})")
    return Content(Metered(stream, budget), stream)


def _lzma_content(source: Source, entry: Entry, start: int, stop: int, budget: Budget) -> Content:
    # Version of the SDK (2 bytes), length of the properties (2 bytes), properties (5.8.8).
    header = source.at(start, min(9, stop - start))
    length = int.from_bytes(header[2:4], "little")
    codec = raw_lzma(header[4 : 4 + length], budget.limits.decoder_bytes)
    stream = Decoded(codec, Span(source, start + 4 + length, stop), budget)
    reader: Reader = Metered(stream, budget)
    if not entry.flags & LZMA_ENDS_ITSELF:
        reader = Exactly(reader, entry.size)
    return Content(reader, stream)


class Where:
    """What the headers of a member say about the place of its data.

    Attributes:
        entry: The central header.
        local: The local header.
        claimed: Offset at which the data ends by what the headers say.
        stop: Offset up to which it may go on: compressed data says itself where it ends.
    """

    __slots__ = ("claimed", "entry", "local", "stop")

    def __init__(self, entry: Entry, local: Local, claimed: int, limit: int) -> None:
        self.entry = entry
        self.local = local
        self.claimed = claimed
        self.stop = claimed if entry.method == STORED else max(claimed, limit)


def claimed_end(entry: Entry, local: Local, limit: int) -> int:
    """Return where the data of a member ends when its headers are weighed against each other."""
    room = limit - local.data
    packed = entry.packed
    if not local.entry.flags & HAS_DESCRIPTOR and local.entry.packed != packed:
        other = local.entry.packed
        packed = max((size for size in (packed, other) if size <= room), default=max(packed, other))
    if entry.method == STORED:
        # Stored data has no end of its own, so what is known to begin behind it bounds it.
        packed = min(packed, max(room, 0))
    return local.data + packed


def inflated(data: bytes, size: int) -> bytes:
    """Return deflated content of a known size; something else when that is not what it is."""
    decoder = isal_zlib.decompressobj(RAW_DEFLATE)
    try:
        content = decoder.decompress(data, size + 1)
    except INFLATE_ERRORS:
        return b""
    return content if decoder.eof and not decoder.unused_data else b""
