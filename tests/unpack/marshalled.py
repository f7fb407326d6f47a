"""A writer for compiled modules of all versions, so that tests need no other interpreter."""

from __future__ import annotations

import struct
from typing import TypeAlias

from msgspec import Struct

Constant: TypeAlias = "bytes | str | int | tuple[Constant, ...] | Module | None"


class Era(Struct, frozen=True, kw_only=True):
    """How one version of the interpreter writes ``NAME = constant``.

    Attributes:
        magic: First two bytes of its files, little-endian.
        header: Bytes before the code object.
        counts: Format of the numbers at the beginning of a code object.
        tail: Tables of names between ``names`` and the file name.
        line: Format of the line number.
        has_qualname: Whether a qualified name follows the name.
        tables: Tables behind the line number.
        load: Number of LOAD_CONST.
        store: Number of STORE_NAME.
        has_words: Whether each instruction takes two bytes.
    """

    magic: int
    header: int
    counts: str
    tail: int
    line: str
    has_qualname: bool = False
    tables: int = 1
    load: int = 100
    store: int = 90
    has_words: bool = True

    def instruction(self, number: int, argument: int) -> bytes:
        """Return one instruction with an argument."""
        if self.has_words:
            return bytes([number, argument])
        return bytes([number]) + struct.pack("<H", argument)

    def assign(self, count: int) -> bytes:
        """Return bytecode that gives constant ``i`` name ``i``."""
        return b"".join(
            self.instruction(self.load, index) + self.instruction(self.store, index)
            for index in range(count)
        )


OLD = "<4h"
ERAS = {
    "1.5": Era(magic=20121, header=8, counts=OLD, tail=1, line="<h", has_words=False),
    "2.0": Era(magic=50823, header=8, counts=OLD, tail=1, line="<h", has_words=False),
    "2.2": Era(magic=60717, header=8, counts=OLD, tail=3, line="<h", has_words=False),
    "2.4": Era(magic=62061, header=8, counts="<4i", tail=3, line="<i", has_words=False),
    "2.7": Era(magic=62211, header=8, counts="<4i", tail=3, line="<i", has_words=False),
    "2.7 PyPy": Era(magic=62218, header=8, counts="<4i", tail=3, line="<i", has_words=False),
    "3.2": Era(magic=3180, header=8, counts="<5i", tail=3, line="<i", has_words=False),
    "3.4": Era(magic=3310, header=12, counts="<5i", tail=3, line="<i", has_words=False),
    "3.6": Era(magic=3379, header=12, counts="<5i", tail=3, line="<i"),
    "3.6 PyPy": Era(magic=160, header=12, counts="<5i", tail=3, line="<i"),
    "3.7": Era(magic=3394, header=16, counts="<5i", tail=3, line="<i"),
    "3.8": Era(magic=3413, header=16, counts="<6i", tail=3, line="<i"),
    "3.10": Era(magic=3439, header=16, counts="<6i", tail=3, line="<i"),
    "3.10 PyPy": Era(magic=384, header=16, counts="<6i", tail=3, line="<i"),
    "3.11": Era(
        magic=3495, header=16, counts="<5i", tail=2, line="<i", has_qualname=True, tables=2
    ),
    "3.11 PyPy": Era(
        magic=416, header=16, counts="<6i", tail=3, line="<i", has_qualname=True, tables=1
    ),
    "3.12": Era(
        magic=3531, header=16, counts="<5i", tail=2, line="<i", has_qualname=True, tables=2
    ),
    "3.13": Era(
        magic=3571,
        header=16,
        counts="<5i",
        tail=2,
        line="<i",
        has_qualname=True,
        tables=2,
        load=83,
        store=114,
    ),
    "3.14": Era(
        magic=3627,
        header=16,
        counts="<5i",
        tail=2,
        line="<i",
        has_qualname=True,
        tables=2,
        load=82,
        store=116,
    ),
    "3.15": Era(
        magic=3657,
        header=16,
        counts="<5i",
        tail=2,
        line="<i",
        has_qualname=True,
        tables=2,
        load=81,
        store=115,
    ),
}


class Module(Struct, frozen=True, kw_only=True):
    """A code object to write."""

    era: Era
    consts: tuple[Constant, ...] = ()
    names: tuple[str, ...] = ()
    bytecode: bytes = b""
    name: str = "<module>"

    def file(self) -> bytes:
        """Return the whole compiled module."""
        header = struct.pack("<H", self.era.magic) + b"\r\n"
        return header.ljust(self.era.header, b"\0") + self.marshalled()

    def marshalled(self) -> bytes:
        """Return the code object without a header."""
        era = self.era
        count = len(era.counts) - 1 if not era.counts[1].isdigit() else int(era.counts[1])
        fields = [
            b"c" + struct.pack(era.counts, *[0] * count),
            dumped(self.bytecode),
            dumped(self.consts),
            dumped(tuple(name.encode() for name in self.names)),
            *[dumped(())] * (era.tail - (era.tail == 2)),
            *[dumped(b"")] * (era.tail == 2),
            dumped(b"source.py"),
            dumped(self.name.encode()),
            *[dumped(self.name.encode())] * era.has_qualname,
            struct.pack(era.line, 1),
            *[dumped(b"")] * era.tables,
        ]
        return b"".join(fields)


def dumped(value: Constant) -> bytes:
    """Return a constant in a notation that all versions read."""
    if isinstance(value, bytes):
        return b"s" + struct.pack("<i", len(value)) + value
    if isinstance(value, str):
        text = value.encode("utf-8", "surrogatepass")
        return b"u" + struct.pack("<i", len(text)) + text
    if isinstance(value, int):
        return b"i" + struct.pack("<i", value)
    if isinstance(value, tuple):
        return b"(" + struct.pack("<i", len(value)) + b"".join(map(dumped, value))
    return b"N" if value is None else value.marshalled()
