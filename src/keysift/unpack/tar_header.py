"""The headers of tar archives: ustar and pax (POSIX.1-2017, "pax"), GNU and version 7 (tar(5))."""

from __future__ import annotations

import re
from typing import Final

from msgspec import Struct

from keysift.unpack.kind import has_tar_checksum

BLOCK: Final = 512
ZEROS: Final = bytes(BLOCK)

STANDARD_KEYS: Final = frozenset(
    {
        b"atime",
        b"charset",
        b"ctime",
        b"gid",
        b"gname",
        b"hdrcharset",
        b"linkpath",
        b"mtime",
        b"path",
        b"size",
        b"uid",
        b"uname",
    }
)
"""Keys of pax records whose values are about the member; others can hold anything."""

_PLAIN_RECORDS: Final = re.compile(
    rb"(?:[0-9]{1,3} (?:[acm]time=[0-9.]*|[ug]id=[0-9]*|[ug]name=[ -~]*)\n)+"
)


class Header(Struct, frozen=True):
    """One header block.

    Attributes:
        name: The path as stored.
        type: One byte: what the entry is.
        size: Bytes of data that follow; negative when the field makes no sense.
        raw: The block.
    """

    name: bytes
    type: bytes
    size: int
    raw: bytes

    @property
    def is_sparse_extended(self) -> bool:
        """True when a block with more of a sparse map follows (old GNU format)."""
        return self.type == b"S" and self.raw[482] != 0


class Overrides:
    """What earlier headers say about the next member.

    Attributes:
        name: Its path.
        size: Its size.
    """

    __slots__ = ("name", "size")

    def __init__(self) -> None:
        self.name: bytes | None = None
        self.size: int | None = None

    def take_records(self, records: list[tuple[bytes, bytes]]) -> None:
        """Take the standard keys of a pax header."""
        for key, value in records:
            if key in (b"path", b"GNU.sparse.name"):
                self.name = value
            elif key == b"size":
                digits = value.isdigit() and len(value) <= 20
                self.size = int(value) if digits else -1


def parse(block: bytes) -> Header | None:
    """Return the header in a block, or None when its checksum says that it is none."""
    if not has_tar_checksum(block):
        return None
    name = block[:100].split(b"\0", 1)[0]
    if block[257:263] == b"ustar\0":
        prefix = block[345:500].split(b"\0", 1)[0]
        if prefix:
            name = prefix + b"/" + name
    return Header(name, block[156:157], number(block[124:136]), block)


def number(field: bytes) -> int:
    """Return a numeric field: octal digits, or base 256 when its first bit is set; else -1."""
    if field[0] & 0x80:
        value = int.from_bytes(bytes([field[0] & 0x7F]) + field[1:], "big")
        # The second bit is the sign, so this is a negative number.
        return -1 if field[0] & 0x40 else value
    digits = field.strip(b" \0")
    try:
        return max(int(digits, 8), -1) if digits else 0
    except ValueError:
        return -1


def is_plain(data: bytes) -> bool:
    """Tell, fast, whether a pax header holds nothing but times and owners."""
    return _PLAIN_RECORDS.fullmatch(data) is not None


def records(data: bytes) -> tuple[list[tuple[bytes, bytes]], bytes]:
    r"""Return the records of a pax header, and what could not be read as records.

    A record is ``<length> <key>=<value>\n``; the length, in decimal, counts all of it.
    """
    found = []
    position = 0
    while position < len(data):
        space = data.find(b" ", position, position + 20)
        digits = data[position:space]
        if space < 0 or not digits.isdigit():
            break
        end = position + int(digits)
        if not space < end <= len(data) or data[end - 1 : end] != b"\n":
            break
        key, _, value = data[space + 1 : end - 1].partition(b"=")
        found.append((key, value))
        position = end
    return found, data[position:].strip(b"\0")
