"""The objects of PDF (ISO 32000-1, 7.2 and 7.3) as they stand in files, streams and content.

Streams are no objects here: their dictionary is, and where the data begin is known to the caller.
"""

from __future__ import annotations

import re
from typing import Final, TypeAlias

from msgspec import Struct

from keysift.model import SkipReason
from keysift.unpack.budget import Budget, StoppedError

_DEEPEST: Final = 50
_MOST_HELD: Final = 500_000
"""Members of one array or dictionary, with those of the ones in it."""

_MOST_PIECES: Final = 200_000
"""Escapes and brackets in one string; what comes after is not taken for a part of it."""

_TOKEN: Final = re.compile(
    rb"""[\0\t\n\x0c\r ]*+(?:%[^\r\n]*+[\0\t\n\x0c\r ]*+)*+
    (?:(?P<name>/[^\0\t\n\x0c\r ()<>\[\]{}/%]*+)
    |(?P<text>\()
    |(?P<mark><<|>>|[\[\]{}])
    |<(?P<hex>[^<>]*+)>
    |(?P<word>[^\0\t\n\x0c\r ()<>\[\]{}/%]++)
    |(?P<stray>[<>)]))""",
    re.VERBOSE,
)
_NUMBER: Final = re.compile(rb"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)\Z")
_NUMBERS: Final = re.compile(
    rb"(?:[\t\n\x0c\r ]*+[+-]?(?:[0-9]{1,16}\.?[0-9]{0,16}|\.[0-9]{1,16})(?=[\t\n\x0c\r \]]))++"
    rb"[\t\n\x0c\r ]*+\]"
)
"""The rest of an array of nothing but numbers, such as the widths of a font's characters."""

_REFERENCE: Final = re.compile(rb"[\0\t\n\x0c\r ]+([0-9]{1,10})[\0\t\n\x0c\r ]+R(?![A-Za-z0-9])")
_STRING_PIECE: Final = re.compile(rb"[^()\\\r]++|\\[0-7]{1,3}|\\\r\n|\\.|\r\n|[()\r]", re.DOTALL)
_ESCAPES: Final = {
    b"\\n": b"\n",
    b"\\r": b"\r",
    b"\\t": b"\t",
    b"\\b": b"\b",
    b"\\f": b"\f",
    b"\\\n": b"",
    b"\\\r": b"",
    b"\\\r\n": b"",
    b"\r": b"\n",
    b"\r\n": b"\n",
}
_NAME_ESCAPE: Final = re.compile(rb"#([0-9A-Fa-f]{2})")
_NOT_HEX: Final = re.compile(rb"[^0-9A-Fa-f]+")


class Name(Struct, frozen=True):
    """A name, without its slash and with its escapes undone."""

    text: bytes


class Reference(Struct, frozen=True):
    """A reference to an object by its number."""

    number: int


class Word(Struct, frozen=True):
    """An operator or keyword, or a mark that closes or opens something."""

    text: bytes


Object: TypeAlias = (
    "bytes | float | Name | Reference | Word | list[Object] | dict[bytes, Object] | None"
)
"""Strings are bytes; ``true``, ``false`` and ``null`` are words."""


class Lexer:
    """Reads objects one after the other; anything is taken, nothing is raised for its sake.

    Attributes:
        position: Offset of what comes next.

    Args:
        content: The bytes.
        position: Where to begin.
        budget: Charged a step for each object.
    """

    def __init__(self, content: bytes, position: int, budget: Budget) -> None:
        self.position = position
        self._content = content
        self._budget = budget
        self._held = 0

    def read(self, depth: int = 0) -> Object:
        """Return the next object, None at the end.

        Raises:
            StoppedError: Objects are nested too deeply, or the budget is used up.
        """
        if depth > _DEEPEST:
            raise StoppedError(SkipReason.TOO_DEEP, "PDF objects that are nested too deeply")
        if not self._budget.step():
            raise self._budget.stopped()
        token = _TOKEN.match(self._content, self.position)
        if token is None:
            self.position = len(self._content)
            return None
        self.position = token.end()
        kind = token.lastgroup
        if kind == "name":
            return Name(_NAME_ESCAPE.sub(_unescaped, token["name"][1:]))
        if kind == "text":
            return self._string()
        if kind == "hex":
            return unhex(token["hex"])
        if kind == "mark":
            return self._compound(token["mark"], depth)
        return self._word(token["word"] or token["stray"])

    def _word(self, text: bytes) -> Object:
        if not _NUMBER.match(text):
            return Word(text)
        if len(text) > 10 or not text.isdigit():
            return float(text[:40])
        reference = _REFERENCE.match(self._content, self.position)
        if reference is None:
            return float(text)
        self.position = reference.end()
        return Reference(int(text))

    def _compound(self, mark: bytes, depth: int) -> Object:
        if not depth:
            self._held = 0
        if mark == b"[":
            return self._numbers() or self._until(b"]", depth)
        if mark != b"<<":
            return Word(mark)
        items = self._until(b">>", depth)
        entries: dict[bytes, Object] = {}
        for key, value in zip(items[::2], items[1::2], strict=False):
            if isinstance(key, Name):
                entries[key.text] = value
        return entries

    def _numbers(self) -> list[Object]:
        """Return the members of an array whose bracket was read, none unless all are numbers."""
        array = _NUMBERS.match(self._content, self.position)
        if array is None:
            return []
        self.position = array.end()
        numbers: list[Object] = [float(one) for one in array[0][:-1].split()]
        self._hold(len(numbers))
        if not self._budget.step(1 + (len(numbers) >> 4)):
            raise self._budget.stopped()
        return numbers

    def _until(self, mark: bytes, depth: int) -> list[Object]:
        items: list[Object] = []
        while True:
            item = self.read(depth + 1)
            if item is None or item == Word(mark):
                return items
            if isinstance(item, Word) and item.text in (b"endobj", b"stream", b">>"):
                return items  # something is missing here; what follows is not inside
            items.append(item)
            self._hold(1)

    def _hold(self, count: int) -> None:
        self._held += count
        if self._held > _MOST_HELD:
            detail = f"a PDF object with more than {_MOST_HELD} members"
            raise StoppedError(SkipReason.TOO_LARGE, detail)

    def _string(self) -> bytes:
        """Return a string whose opening parenthesis was read: nested ones belong to it."""
        pieces: list[bytes] = []
        nested = 1
        for match in _STRING_PIECE.finditer(self._content, self.position):
            piece = match[0]
            self.position = match.end()
            if len(pieces) > _MOST_PIECES:
                break
            if piece == b"(":
                nested += 1
            elif piece == b")":
                nested -= 1
                if not nested:
                    break
            pieces.append(_ESCAPES[piece] if piece in _ESCAPES else _literal(piece))
        if not self._budget.step(len(pieces) >> 4):
            raise self._budget.stopped()
        return b"".join(pieces)


def unhex(digits: bytes) -> bytes:
    """Return the bytes of hexadecimal digits; a missing last one is 0, anything else is ignored."""
    digits = _NOT_HEX.sub(b"", digits)
    return bytes.fromhex((digits + b"0" * (len(digits) & 1)).decode("ascii"))


def _literal(piece: bytes) -> bytes:
    if piece[:1] != b"\\":
        return piece
    if piece[1:2].isdigit():
        return bytes([int(piece[1:], 8) & 0xFF])
    return piece[1:]


def _unescaped(match: re.Match[bytes]) -> bytes:
    return bytes.fromhex(match[1].decode("ascii"))
