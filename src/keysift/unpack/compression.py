"""One compressed stream as a reader: several members in a row, salvage of broken ones, bounds.

isa-l inflates at about twice zlib's speed; where its stream breaks, the slower zlib is asked for
the bytes just before, since isa-l gives nothing of the call that fails.
"""

from __future__ import annotations

import bz2
import lzma
import zlib
from collections.abc import Callable
from typing import Final, Protocol

from isal import isal_zlib

from keysift.model import SkipReason
from keysift.unpack.budget import Budget, StoppedError
from keysift.unpack.kind import Kind
from keysift.unpack.reader import CHUNK, Reader, Source, Span
from keysift.unpack.zstd import ZstdReader

RAW_DEFLATE: Final = -15
ZLIB: Final = 15
GZIP: Final = 31
"""How zlib calls the three wrappings of a deflate stream (``wbits``)."""

# The stub of isal has an instance where the class is.
INFLATE_ERRORS: Final[tuple[type[Exception], ...]] = (
    isal_zlib.IsalError,  # type: ignore[assignment]
)
"""What isa-l raises for data that it cannot inflate."""

_INPUT: Final = 64 * 1024
_FINE: Final = 4096
_ERRORS: Final[tuple[type[Exception], ...]] = (
    *INFLATE_ERRORS,
    zlib.error,
    lzma.LZMAError,
    OSError,
    EOFError,
    ValueError,
)


class Decoder(Protocol):
    """The shape of ``bz2.BZ2Decompressor``."""

    @property
    def eof(self) -> bool:
        """True after the end of the stream."""

    @property
    def needs_input(self) -> bool:
        """False while more can come out of what was given already."""

    @property
    def unused_data(self) -> bytes:
        """What was given beyond the end of the stream."""

    def decompress(self, data: bytes, max_length: int) -> bytes:
        """Return at most ``max_length`` bytes."""


class _ZlibObject(Protocol):
    @property
    def eof(self) -> bool: ...

    @property
    def unconsumed_tail(self) -> bytes: ...

    @property
    def unused_data(self) -> bytes: ...

    def decompress(self, data: bytes, max_length: int, /) -> bytes: ...


class _Inflater:
    """Gives zlib's decompression object, or isa-l's, the shape of bz2's."""

    __slots__ = ("_full", "_inner")

    def __init__(self, inner: _ZlibObject) -> None:
        self._inner = inner
        self._full = False

    @property
    def eof(self) -> bool:
        return self._inner.eof

    @property
    def needs_input(self) -> bool:
        # After a full buffer more may wait inside, even when no input is left over.
        return not (self._full or self._inner.unconsumed_tail or self._inner.eof)

    @property
    def unused_data(self) -> bytes:
        return self._inner.unused_data

    def decompress(self, data: bytes, max_length: int) -> bytes:
        kept = self._inner.unconsumed_tail
        out = self._inner.decompress(kept + data if kept else data, max_length)
        self._full = len(out) == max_length
        return out


class Codec:
    """A kind of stream: how to make its decoder, and how to know that another member follows.

    Attributes:
        make: Makes the fast decoder.
        make_exact: Makes a decoder that returns every byte before an error.
        magic: What the next member of the same file begins with; empty when there is none.
    """

    __slots__ = ("magic", "make", "make_exact")

    def __init__(
        self, make: Callable[[], Decoder], make_exact: Callable[[], Decoder], magic: bytes = b""
    ) -> None:
        self.make = make
        self.make_exact = make_exact
        self.magic = magic


def _deflate(wbits: int, magic: bytes = b"") -> Codec:
    return Codec(
        lambda: _Inflater(isal_zlib.decompressobj(wbits)),
        lambda: _Inflater(zlib.decompressobj(wbits)),
        magic,
    )


def _lzma(kind: int, memory_bytes: int, magic: bytes = b"") -> Codec:
    def make() -> Decoder:
        return lzma.LZMADecompressor(kind, memory_bytes)

    return Codec(make, make, magic)


def raw_lzma(properties: bytes, memory_bytes: int) -> Codec:
    """Return the codec of a zip member compressed with LZMA (APPNOTE 5.8.8).

    Args:
        properties: The five bytes of LZMA properties in front of its data.
        memory_bytes: What the decoder may allocate.

    Raises:
        StoppedError: The properties make no sense, or ask for too much memory.
    """
    if len(properties) != 5 or properties[0] >= 9 * 5 * 5:
        raise StoppedError(SkipReason.CORRUPT, "bad LZMA properties")
    dictionary = int.from_bytes(properties[1:5], "little")
    if dictionary > memory_bytes:
        raise StoppedError(SkipReason.TOO_LARGE, f"an LZMA dictionary of {dictionary} bytes")
    rest, lc = divmod(properties[0], 9)
    pb, lp = divmod(rest, 5)
    if lc + lp > 4:
        raise StoppedError(SkipReason.UNSUPPORTED, "LZMA properties beyond lc + lp = 4")
    chain = [
        {"id": lzma.FILTER_LZMA1, "dict_size": max(dictionary, 4096), "lc": lc, "lp": lp, "pb": pb}
    ]

    def make() -> Decoder:
        return lzma.LZMADecompressor(lzma.FORMAT_RAW, filters=chain)

    return Codec(make, make)


def xz(memory_bytes: int) -> Codec:
    """Return the codec of xz streams whose decoder may allocate ``memory_bytes``."""
    return _lzma(lzma.FORMAT_XZ, memory_bytes, b"\xfd7zXZ\0")


BZIP2: Final = Codec(bz2.BZ2Decompressor, bz2.BZ2Decompressor, b"BZh")
DEFLATE: Final = _deflate(RAW_DEFLATE)
_GZIP: Final = _deflate(GZIP, b"\x1f\x8b\x08")
_ZLIB: Final = _deflate(ZLIB)


class Decoded:
    """What comes out of a compressed part of a source.

    Attributes:
        rest: Offset of the first byte after the stream, once it has ended well.
    """

    __slots__ = ("_budget", "_codec", "_decoder", "_failure", "_member", "_span", "_total", "rest")

    def __init__(self, codec: Codec, span: Span, budget: Budget) -> None:
        self._codec = codec
        self._span = span
        self._budget = budget
        self._failure: StoppedError | None = None
        self.rest: int | None = None
        self._begin()

    def _begin(self) -> None:
        self._decoder = self._codec.make()
        self._member = self._span.position
        self._total = 0

    @property
    def consumed(self) -> int:
        """Bytes of the stored form that have been used."""
        return self._span.consumed

    def read(self, size: int) -> bytes:
        """Return at most ``size`` bytes, none at the end."""
        while self._failure is None:
            decoder = self._decoder
            if decoder.eof and not self._next_member():
                return b""
            decoder = self._decoder
            data = b""
            if decoder.needs_input:
                data = self._span.read(_INPUT)
                if not data:
                    self._failure = StoppedError(
                        SkipReason.TRUNCATED, "the compressed data ends too early"
                    )
                    break
            try:
                out = decoder.decompress(data, size)
            except _ERRORS as error:
                self._failure = _said(error)
                out = self._salvage(size)
            self._total += len(out)
            if out:
                return out
            if not self._budget.step():
                self._failure = self._budget.stopped()
        raise self._failure

    def _next_member(self) -> bool:
        """Go on to the member that follows, if one does; else note where the stream ended."""
        if self.rest is not None:
            return False
        span = self._span
        span.position -= len(self._decoder.unused_data)
        magic = self._codec.magic
        end = span.position
        if magic:
            # Padding with zeros, as tapes and xz have it, belongs to the stream.
            while chunk := span.source.at(end, min(_INPUT, span.end - end)):
                content = chunk.lstrip(b"\0")
                end += len(chunk) - len(content)
                if content or not self._budget.step():
                    break
            if span.source.at(end, len(magic)) == magic and end + len(magic) <= span.end:
                span.position = end
                self._begin()
                return True
            end = end if end == span.end else span.position
        self.rest = span.position = end
        return False

    def _salvage(self, most: int) -> bytes:
        """Return what the call that failed would have given before the damage.

        The member is decoded twice more: once to learn which input does the harm, and once to give
        that input byte by byte, since a call that fails gives nothing.
        """
        _, harmful = self._replay(self._span.end, most)
        return self._replay(harmful, most)[0]

    def _replay(self, fine_from: int, most: int) -> tuple[bytes, int]:
        """Decode this member again, without what was returned before.

        Args:
            fine_from: Offset from which on the input is given byte by byte.
            most: How many bytes to keep.

        Returns:
            What came out, and the offset of the last input that was given.
        """
        span = Span(self._span.source, self._member, self._span.end)
        decoder = self._codec.make_exact()
        passed = self._total
        kept = bytearray()
        given = self._member
        try:
            while not decoder.eof and len(kept) < most and self._budget.step():
                is_fine = given >= fine_from
                data = b""
                if decoder.needs_input:
                    given = span.position
                    is_fine = given >= fine_from
                    data = span.read(1 if is_fine else _FINE)
                    if not data:
                        break
                out = decoder.decompress(data, min(passed, CHUNK) or (1 if is_fine else CHUNK))
                if passed:
                    passed -= len(out)
                else:
                    kept += out
        except _ERRORS:
            pass
        return bytes(kept[:most]), given


def _said(error: Exception) -> StoppedError:
    if isinstance(error, lzma.LZMAError) and "limit" in str(error):
        return StoppedError(SkipReason.TOO_LARGE, "decompression needs too much memory")
    return StoppedError(SkipReason.CORRUPT, "the compressed data is damaged")


class StreamReader(Reader, Protocol):
    """A reader of a compressed stream, which knows where the stream ended."""

    rest: int | None


def decode(kind: Kind, source: Source, budget: Budget) -> StreamReader:
    """Return a reader of the compressed stream that begins a source.

    Args:
        kind: One for which ``is_stream`` is true.
        source: All of the compressed file.
        budget: Charged for the work, not for the bytes.
    """
    span = Span(source)
    memory = budget.limits.decoder_bytes
    if kind is Kind.ZSTD:
        return ZstdReader(span, budget)
    codecs = {
        Kind.GZIP: _GZIP,
        Kind.BZIP2: BZIP2,
        Kind.ZLIB: _ZLIB,
        Kind.XZ: xz(memory),
        Kind.LZMA: _lzma(lzma.FORMAT_ALONE, memory),
    }
    return Decoded(codecs[kind], span, budget)
