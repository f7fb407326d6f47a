"""Zstandard streams, fed to the library one block at a time (RFC 8878, section 3.1).

A block gives at most 128 KiB, however small it is itself, so no call can give more than that; and
whoever follows the blocks knows where a frame ends and whether it ended at all.
"""

from __future__ import annotations

from typing import Final

import zstandard

from keysift.model import SkipReason
from keysift.unpack.budget import Budget, StoppedError
from keysift.unpack.reader import Span

MAGIC: Final = b"\x28\xb5\x2f\xfd"
_SKIPPABLE: Final = b"\x2a\x4d\x18"
_RLE: Final = 1
_RESERVED: Final = 3
_DICTIONARY_BYTES: Final = (0, 1, 2, 4)


class ZstdReader:
    """What comes out of the zstd frames that begin a span.

    Attributes:
        rest: Offset of the first byte after the last frame, once it has ended well.
    """

    __slots__ = ("_budget", "_checksum", "_failure", "_frame", "_out", "_span", "rest")

    def __init__(self, span: Span, budget: Budget) -> None:
        self._span = span
        self._budget = budget
        self._frame: zstandard.ZstdDecompressionObj | None = None
        self._checksum = False
        self._out = b""
        self._failure: StoppedError | None = None
        self.rest: int | None = None

    @property
    def consumed(self) -> int:
        """Bytes of the stored form that have been used."""
        return self._span.consumed

    def read(self, size: int) -> bytes:
        """Return at most ``size`` bytes, none at the end."""
        while not self._out:
            if self._failure is not None:
                raise self._failure
            if self.rest is not None:
                return b""
            try:
                self._advance()
            except StoppedError as error:
                self._failure = error
            except zstandard.ZstdError:
                self._failure = StoppedError(SkipReason.CORRUPT, "the compressed data is damaged")
        out, self._out = self._out[:size], self._out[size:]
        return out

    def _advance(self) -> None:
        """Go one block, or one frame header, further."""
        if not self._budget.step():
            raise self._budget.stopped()
        if self._frame is None:
            self._begin_frame()
            return
        header = self._exactly(3)
        field = int.from_bytes(header, "little")
        is_last, kind, size = field & 1, field >> 1 & 3, field >> 3
        if kind == _RESERVED or size > 1 << 17:
            raise StoppedError(SkipReason.CORRUPT, "a block that does not exist")
        body = self._exactly(1 if kind == _RLE else size)
        frame = self._frame
        self._out = frame.decompress(header + body)
        if is_last:
            self._frame = None
            if self._checksum:
                # Bytes that came out before a wrong checksum are kept: fail at the next call.
                checksum = self._exactly(4)
                try:
                    self._out += frame.decompress(checksum)
                except zstandard.ZstdError:
                    self._failure = StoppedError(SkipReason.CORRUPT, "the checksum is wrong")

    def _begin_frame(self) -> None:
        span = self._span
        start = span.position
        magic = span.read(4)
        if magic[1:] == _SKIPPABLE and 0x50 <= magic[0] <= 0x5F:
            size = int.from_bytes(self._exactly(4), "little")
            if size > span.end - span.position:
                raise StoppedError(SkipReason.TRUNCATED, "the compressed data ends too early")
            span.position += size
            return
        if magic != MAGIC:
            self.rest = span.position = start
            return
        descriptor = self._exactly(1)
        flags = descriptor[0]
        single = flags >> 5 & 1
        size_bytes = (single, 2, 4, 8)[flags >> 6]
        header = self._exactly((not single) + _DICTIONARY_BYTES[flags & 3] + size_bytes)
        if flags & 3 and any(header[(not single) : len(header) - size_bytes]):
            raise StoppedError(SkipReason.UNSUPPORTED, "a zstd dictionary that is not here")
        self._checksum = bool(flags & 4)
        window = self._budget.limits.decoder_bytes
        decompressor = zstandard.ZstdDecompressor(max_window_size=window)
        self._frame = decompressor.decompressobj()
        self._frame.decompress(magic + descriptor + header)

    def _exactly(self, size: int) -> bytes:
        data = self._span.read(size) if size else b""
        if len(data) < size:
            raise StoppedError(SkipReason.TRUNCATED, "the compressed data ends too early")
        return data
