"""Packs: where git keeps most objects, many of them as differences to others.

Git is asked for objects that are not found here, or not understood: a pack is only the faster way,
and the way to what git would not tell: which text a text was made of, and what is new in it.
https://git-scm.com/docs/gitformat-pack
"""

from __future__ import annotations

import mmap
import struct
import sys
import zlib
from array import array
from collections.abc import Container
from pathlib import Path
from typing import Final

from msgspec import Struct

from keysift.errors import KeysiftError
from keysift.sources.git.edits import Edit, Exchange

COMMIT: Final = 1
BLOB: Final = 3
TAG: Final = 4
"""Numbers of the kinds of objects; 2 is a tree."""

_OFFSET: Final = 6
_REFERENCE: Final = 7
"""Numbers of differences to an object at an offset, or with an id."""

_INDEX_HEAD: Final = b"\xfftOc\0\0\0\x02"
_PACK_HEADS: Final = (b"PACK\0\0\0\x02", b"PACK\0\0\0\x03")
_FANOUT: Final = 256 * 4
_FAR: Final = 1 << 31

_TRAILER: Final = 64
"""Bytes that what is compressed takes at most beyond its content, and a thousandth of that."""

_MOST_COPIED: Final = 0x10000
_WIDEST: Final = 64
"""Bits of a number, at most."""


class PackError(KeysiftError):
    """A pack cannot be read; git may know more."""


class Entry(Struct, frozen=True, gc=False):
    """An object in a pack.

    Attributes:
        kind: Its number; 0 for a difference.
        size_bytes: Of what is compressed: the object, or the difference.
        start: Where that begins in the pack.
        base: Offset of the object that a difference is one to; 0 for others.
    """

    kind: int
    size_bytes: int
    start: int
    base: int


class Pack:
    """A pack and its index.

    Args:
        path: The pack; its index lies beside it.
        id_bytes: Length of an object's id.

    Raises:
        PackError: It cannot be read, or is of a version that nobody writes any more.
    """

    def __init__(self, path: Path, id_bytes: int) -> None:
        self.path = path
        self._id_bytes = id_bytes
        self._data = _mapped(path)
        if self._data[: len(_PACK_HEADS[0])] not in _PACK_HEADS:
            raise PackError(f"{path}: not a pack of version 2 or 3")
        self._view = memoryview(self._data)

    def offsets(self, wanted: Container[bytes]) -> dict[bytes, int]:
        """Return where objects are, by their ids.

        Args:
            wanted: The ids to look for.

        Raises:
            PackError: The index cannot be read.
        """
        index = _mapped(self.path.with_suffix(".idx"))
        if index[: len(_INDEX_HEAD)] != _INDEX_HEAD:
            raise PackError(f"{self.path}: its index is not of version 2")
        names_at = len(_INDEX_HEAD) + _FANOUT
        if len(index) < names_at:
            raise PackError(f"{self.path}: its index is cut")
        (count,) = struct.unpack(">I", index[names_at - 4 : names_at])
        near_at = names_at + count * (self._id_bytes + 4)
        far_at = near_at + 4 * count
        if len(index) < far_at + 2 * self._id_bytes:
            raise PackError(f"{self.path}: its index is cut")
        near = _numbers("I", index[near_at:far_at])
        names = struct.iter_unpack(f"{self._id_bytes}s", index[names_at : near_at - 4 * count])
        found = {name: place for (name,), place in zip(names, near, strict=True) if name in wanted}
        far = _numbers("Q", index[far_at : len(index) - 2 * self._id_bytes])
        for name, place in found.items():
            if place & _FAR:
                if place - _FAR >= len(far):
                    raise PackError(f"{self.path}: its index is damaged")
                found[name] = far[place - _FAR]
        return found

    def entry(self, offset: int) -> Entry:
        """Return what is at an offset.

        Raises:
            PackError: It cannot be read.
        """
        data = self._data
        try:
            byte = data[offset]
            place = offset + 1
            kind, size, shift = byte >> 4 & 7, byte & 15, 4
            while byte & 128 and shift < _WIDEST:
                byte = data[place]
                size |= (byte & 127) << shift
                shift += 7
                place += 1
            if kind == _OFFSET:
                byte = data[place]
                place += 1
                back = byte & 127
                while byte & 128 and back < offset:
                    byte = data[place]
                    back = back + 1 << 7 | byte & 127
                    place += 1
                if not 0 < back < offset:
                    raise PackError(f"{self.path}: damaged")
                return Entry(0, size, place, offset - back)
        except IndexError:
            raise PackError(f"{self.path}: cut") from None
        if kind == _REFERENCE:
            raise PackError(f"{self.path}: a difference to an object somewhere else")
        return Entry(kind, size, place, 0)

    def inflate(self, start: int, size_bytes: int) -> bytes:
        """Return what is compressed at an offset.

        Args:
            start: Where it begins.
            size_bytes: How much it is.

        Raises:
            PackError: It is not that much, or damaged.
        """
        stop = start + size_bytes + size_bytes // 1000 + _TRAILER
        unpacker = zlib.decompressobj()
        try:
            # One byte more, so that it reads on to the checksum.
            content = unpacker.decompress(self._view[start:stop], size_bytes + 1)
        except zlib.error:
            raise PackError(f"{self.path}: damaged") from None
        if len(content) != size_bytes or not unpacker.eof:
            raise PackError(f"{self.path}: damaged")
        return content


def apply(base: bytes, delta: bytes, most: int) -> tuple[bytes, Edit]:
    """Return the text that a difference makes of another, and how it differs from that.

    Args:
        base: The other.
        delta: The difference.
        most: Bytes of the text, at most.

    Raises:
        PackError: It is not a difference to this text, or makes a larger one.
    """
    try:
        return _applied(base, delta, most)
    except IndexError:
        raise PackError("a difference is cut") from None


def _applied(  # noqa: C901, PLR0912, PLR0915 (read byte by byte: it runs for millions of texts)
    base: bytes, delta: bytes, most: int
) -> tuple[bytes, Edit]:
    size_before, place = _size(delta, 0)
    size, place = _size(delta, place)
    if size_before != len(base):
        raise PackError("a difference to another object")
    if size > most:
        raise PackError(f"a difference that makes more than {most} bytes")
    pieces: list[bytes] = []
    exchanges: list[Exchange] = []
    at = follows = 0
    new = -1
    length = len(delta)
    while place < length:
        code = delta[place]
        place += 1
        if not code & 128:
            if new < 0:
                new = at
            pieces.append(delta[place : place + code])
            place += code
            at += code
            continue
        start = count = 0
        if code & 1:
            start = delta[place]
            place += 1
        if code & 2:
            start |= delta[place] << 8
            place += 1
        if code & 4:
            start |= delta[place] << 16
            place += 1
        if code & 8:
            start |= delta[place] << 24
            place += 1
        if code & 16:
            count = delta[place]
            place += 1
        if code & 32:
            count |= delta[place] << 8
            place += 1
        if code & 64:
            count |= delta[place] << 16
            place += 1
        count = count or _MOST_COPIED
        if new >= 0 or start != follows:
            # What comes before what was copied last is somewhere else now, or twice.
            old = base[follows:start] if start >= follows else None
            exchanges.append((at if new < 0 else new, at, old))
            new = -1
        pieces.append(base[start : start + count])
        follows = start + count
        at += count
        if at > size:
            break
    text = b"".join(pieces)
    if len(text) != size or at != size:
        raise PackError("a difference that is damaged")
    if new >= 0 or follows != size_before:
        exchanges.append((at if new < 0 else new, at, base[follows:]))
    if not exchanges:
        return text, Edit((), size, 0, 0, ())
    spans = tuple([(start, end) for start, end, _ in exchanges])
    head, tail = spans[0][0], size - spans[-1][1]
    return text, Edit(spans, head, tail, size - size_before, tuple(exchanges))


def _size(delta: bytes, place: int) -> tuple[int, int]:
    """Return a number of variable length, and where it ends."""
    size = shift = 0
    byte = 128
    while byte & 128 and shift < _WIDEST:
        byte = delta[place]
        size |= (byte & 127) << shift
        shift += 7
        place += 1
    return size, place


def _numbers(code: str, data: bytes) -> array[int]:
    numbers = array(code)
    numbers.frombytes(data[: len(data) - len(data) % numbers.itemsize])
    if sys.byteorder == "little":
        numbers.byteswap()
    return numbers


def _mapped(path: Path) -> mmap.mmap:
    try:
        with path.open("rb") as file:
            return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    except (OSError, ValueError) as error:
        raise PackError(f"{path}: {error}") from None
