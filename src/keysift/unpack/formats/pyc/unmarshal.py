"""A reader for marshalled objects that keeps text and code, and nothing else.

The format is that of CPython's ``Python/marshal.c``, versions 0 to 5. Nothing is executed and no
object of the interpreter is built: numbers become None, text and bytes stay the bytes that are
stored (text in UTF-8), and every container becomes a tuple.
"""

from __future__ import annotations

from typing import Final, TypeAlias

from msgspec import Struct

from keysift.model import SkipReason
from keysift.unpack.budget import Budget, StoppedError
from keysift.unpack.formats.pyc.version import Layout

_DEEPEST: Final = 100
"""Containers inside each other; compilers of real code stay far below."""

_MOST_OBJECTS: Final = 4_000_000
"""Objects of one file, which bounds the memory that they take here to a few hundred megabytes."""

_FLAG_REF: Final = 0x80
_SINGLETONS: Final = frozenset(b"NTFS.0")
_FIXED: Final = {ord("i"): 4, ord("I"): 8, ord("g"): 8, ord("y"): 16}
_LONG_TEXT: Final = frozenset(b"suaAt")
_SHORT_TEXT: Final = frozenset(b"zZ")
_SEQUENCES: Final = frozenset(b"([<>")


class Code(Struct, kw_only=True, eq=False):
    """A code object: what ``statements`` needs of it.

    Attributes:
        name: As written after ``def`` or ``class``.
        qualname: With the names of what it is defined in.
        arguments: How many of ``variables`` are positional arguments.
        bytecode: Its instructions.
        consts: Its constants, in order.
        names: Global names and attributes.
        variables: Local ones; since 3.11 with those of closures.
        cells: Variables of closures, before 3.11.
        filename: Where it was compiled from.
    """

    name: bytes = b""
    qualname: bytes = b""
    arguments: int = 0
    bytecode: bytes = b""
    consts: tuple[Value, ...] = ()
    names: tuple[Value, ...] = ()
    variables: tuple[Value, ...] = ()
    cells: tuple[Value, ...] = ()
    filename: bytes = b""


Value: TypeAlias = "bytes | tuple[Value, ...] | Code | None"


class Unmarshaller:
    """Reads objects one after the other.

    Attributes:
        codes: The code objects read so far, inner ones before outer ones.
        position: Offset of the next byte.

    Args:
        content: The file.
        position: Offset of the first object.
        layout: The fields of code objects in it.
        budget: Charged a step for each object.
    """

    def __init__(self, content: bytes, position: int, layout: Layout, budget: Budget) -> None:
        self.codes: list[Code] = []
        self.position = position
        self._content = content
        self._layout = layout
        self._budget = budget
        self._refs: list[Value] = []
        self._interned: list[Value] = []
        self._depth = 0
        self._objects = 0

    def read(self) -> Value:
        """Return the next object.

        Raises:
            StoppedError: It is truncated, is none, or is more than may be read.
        """
        self._objects += 1
        if self._objects > _MOST_OBJECTS:
            detail = f"more than {_MOST_OBJECTS} constants"
            raise StoppedError(SkipReason.STEP_BUDGET, detail)
        if not self._objects & 0xFF and not self._budget.step(0x100):
            raise self._budget.stopped()
        code = self._take(1)[0]
        if not code & _FLAG_REF:
            return self._object(code)
        slot = len(self._refs)
        self._refs.append(None)
        value = self._object(code & ~_FLAG_REF)
        self._refs[slot] = value
        return value

    def _object(self, code: int) -> Value:
        if code in _LONG_TEXT or code in _SHORT_TEXT:
            return self._text(code)
        if code in _SINGLETONS:
            return None
        if code in _FIXED:
            self._take(_FIXED[code])
            return None
        if code == ord("r"):
            return _at(self._refs, self._number(4))
        if code == ord("R"):
            return _at(self._interned, self._number(4))
        return self._container(code)

    def _text(self, code: int) -> bytes:
        size = self._take(1)[0] if code in _SHORT_TEXT else self._number(4)
        text = self._take(size)
        if code == ord("t"):
            self._interned.append(text)
        return text

    def _container(self, code: int) -> Value:
        self._depth += 1
        if self._depth > _DEEPEST:
            detail = f"more than {_DEEPEST} objects inside each other"
            raise StoppedError(SkipReason.TOO_DEEP, detail)
        value: Value = None
        if code == ord(")"):
            value = self._sequence(self._take(1)[0])
        elif code in _SEQUENCES:
            value = self._sequence(self._number(4))
        elif code == ord("c"):
            value = self._code()
        elif code == ord("{"):
            value = self._mapping()
        elif code == ord(":"):
            value = self._sequence(3)
        else:
            self._digits(code)
        self._depth -= 1
        return value

    def _sequence(self, size: int) -> tuple[Value, ...]:
        if size > len(self._content) - self.position:
            raise StoppedError(SkipReason.TRUNCATED, "a sequence is longer than the file")
        return tuple([self.read() for _ in range(size)])

    def _mapping(self) -> tuple[Value, ...]:
        items: list[Value] = []
        while self._content[self.position : self.position + 1] != b"0":
            items.append(self.read())
        self.position += 1
        return tuple(items)

    def _digits(self, code: int) -> None:
        """Step over a number that is written in digits."""
        if code == ord("l"):
            size = self._number(4)
            self._take(2 * (size if size < 1 << 31 else (1 << 32) - size))
        elif code == ord("f"):
            self._take(self._take(1)[0])
        elif code == ord("x"):
            self._take(self._take(1)[0])
            self._take(self._take(1)[0])
        else:
            raise StoppedError(SkipReason.CORRUPT, f"no object has type {code:#04x}")

    def _code(self) -> Code:
        layout = self._layout
        counts = [self._number(layout.count_bytes) for _ in range(layout.counts)]
        fields: dict[str, Value] = {}
        for name in layout.objects:
            if name == "firstlineno":
                self._number(layout.count_bytes)
            else:
                fields[name] = self.read()
        code = Code(
            name=_text(fields["name"]),
            qualname=_text(fields.get("qualname")) or _text(fields["name"]),
            arguments=counts[0],
            bytecode=_text(fields["code"]),
            consts=_items(fields["consts"]),
            names=_items(fields["names"]),
            variables=_items(fields.get("varnames") or fields.get("localsplusnames")),
            cells=_items(fields.get("cellvars")) + _items(fields.get("freevars")),
            filename=_text(fields["filename"]),
        )
        self.codes.append(code)
        return code

    def _number(self, size: int) -> int:
        return int.from_bytes(self._take(size), "little")

    def _take(self, size: int) -> bytes:
        begin = self.position
        self.position += size
        if self.position > len(self._content):
            raise StoppedError(SkipReason.TRUNCATED, "it ends within an object")
        return self._content[begin : self.position]


def _at(values: list[Value], index: int) -> Value:
    if index >= len(values):
        raise StoppedError(SkipReason.CORRUPT, "a reference to an object that was not read")
    return values[index]


def _text(value: Value) -> bytes:
    """Return a field that has to be text, or nothing for old files that store something else."""
    if value is None:
        return b""
    if not isinstance(value, bytes):
        raise StoppedError(SkipReason.CORRUPT, "a field of a code object has the wrong type")
    return value


def _items(value: Value) -> tuple[Value, ...]:
    if value is None:
        return ()
    if not isinstance(value, tuple):
        raise StoppedError(SkipReason.CORRUPT, "a field of a code object has the wrong type")
    return value
