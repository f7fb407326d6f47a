"""Decoding of streams (ISO 32000-1, 7.4). Predictors, which change numbers and not text, stay."""

from __future__ import annotations

import base64
import re
import zlib
from collections.abc import Callable
from typing import Final

from keysift.model import SkipReason
from keysift.unpack.budget import Budget, StoppedError
from keysift.unpack.formats.pdf.syntax import Name, Object, unhex

_LARGEST: Final = 64 * 1024 * 1024
"""Bytes of one decoded stream; what comes after is skipped."""

_MOST_FILTERS: Final = 8
_STEP: Final = 4096
_NAMES: Final = {
    b"Fl": b"FlateDecode",
    b"AHx": b"ASCIIHexDecode",
    b"A85": b"ASCII85Decode",
    b"LZW": b"LZWDecode",
    b"RL": b"RunLengthDecode",
}
PICTURES: Final = frozenset(
    {b"DCTDecode", b"DCT", b"JPXDecode", b"CCITTFaxDecode", b"CCF", b"JBIG2Decode"}
)
_RUN_END: Final = 128
_LZW_CLEAR: Final = 256
_LZW_END: Final = 257
_LZW_MOST: Final = 4096
_LZW_FIRST: Final = (*(bytes([value]) for value in range(256)), b"", b"")
_WHITE: Final = re.compile(rb"[\0\t\n\x0c\r ]+")


def filters_of(dictionary: dict[bytes, Object]) -> list[bytes]:
    """Return the names of a stream's filters, in the order in which to undo them."""
    value = dictionary.get(b"Filter", dictionary.get(b"F"))
    values = value if isinstance(value, list) else [value]
    names = [one.text for one in values if isinstance(one, Name)]
    return [_NAMES.get(name, name) for name in names]


def decode(data: bytes, dictionary: dict[bytes, Object], budget: Budget) -> bytes:
    """Undo the filters of a stream.

    What a damaged stream gave before the damage is returned.

    Raises:
        StoppedError: A filter is not supported, gives too much, or nothing at all.
    """
    names = filters_of(dictionary)
    if len(names) > _MOST_FILTERS:
        raise StoppedError(SkipReason.TOO_DEEP, "a PDF stream with too many filters")
    for name in names:
        undo = _FILTERS.get(name)
        if undo is None:
            shown = name[:40].decode("ascii", "replace")
            raise StoppedError(SkipReason.UNSUPPORTED, f"a PDF stream with the filter {shown}")
        data = undo(data)
        if len(data) > _LARGEST:
            raise _too_large()
        if not budget.step(1 + len(data) // _STEP):
            raise budget.stopped()
    return data


def _inflate(data: bytes) -> bytes:
    for bits in (zlib.MAX_WBITS, -zlib.MAX_WBITS):
        decoder = zlib.decompressobj(bits)
        pieces: list[bytes] = []
        room = _LARGEST
        try:
            # In chunks, so that what came before an error is kept.
            for begin in range(0, len(data), _STEP):
                piece = decoder.decompress(data[begin : begin + _STEP], room)
                room -= len(piece)
                pieces.append(piece)
                if decoder.eof or room <= 0:
                    break
        except zlib.error:
            pass
        if room <= 0 and not decoder.eof:
            raise _too_large()
        if room < _LARGEST:
            return b"".join(pieces)
    return b""


def _ascii85(data: bytes) -> bytes:
    digits = _WHITE.sub(b"", data).removeprefix(b"<~").partition(b"~>")[0]
    try:
        return base64.a85decode(digits)
    except ValueError:
        raise StoppedError(SkipReason.CORRUPT, "a PDF stream that is no Ascii85") from None


def _run_lengths(data: bytes) -> bytes:
    pieces: list[bytes] = []
    position = total = 0
    while position < len(data) and (length := data[position]) != _RUN_END:
        if length < _RUN_END:
            pieces.append(data[position + 1 : position + 2 + length])
            position += length + 2
        else:
            pieces.append(data[position + 1 : position + 2] * (257 - length))
            position += 2
        total += len(pieces[-1])
        if total > _LARGEST:
            raise _too_large()
    return b"".join(pieces)


def _lzw(data: bytes) -> bytes:
    """Decode LZW with the early change that PDF has by default."""
    table: list[bytes] = list(_LZW_FIRST)
    pieces: list[bytes] = []
    last = b""
    held = bits = total = 0
    width = 9
    for byte in data:
        held = (held << 8 | byte) & 0xFFFFFF
        bits += 8
        if bits < width:
            continue
        bits -= width
        code = held >> bits & ((1 << width) - 1)
        if code == _LZW_CLEAR:
            table, last, width = list(_LZW_FIRST), b"", 9
            continue
        if code == _LZW_END or code > len(table) or (code == len(table) and not last):
            break
        entry = table[code] if code < len(table) else last + last[:1]
        if last and len(table) < _LZW_MOST:
            table.append(last + entry[:1])
        pieces.append(entry)
        last = entry
        width = min(12, (len(table) + 1).bit_length())
        total += len(entry)
        if total > _LARGEST:
            raise _too_large()
    return b"".join(pieces)


def _hexadecimal(data: bytes) -> bytes:
    return unhex(data.partition(b">")[0])


def _too_large() -> StoppedError:
    return StoppedError(SkipReason.TOO_LARGE, f"a PDF stream of more than {_LARGEST} bytes")


_FILTERS: Final[dict[bytes, Callable[[bytes], bytes]]] = {
    b"FlateDecode": _inflate,
    b"ASCIIHexDecode": _hexadecimal,
    b"ASCII85Decode": _ascii85,
    b"LZWDecode": _lzw,
    b"RunLengthDecode": _run_lengths,
}
