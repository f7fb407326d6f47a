"""The objects of a PDF file, found without its cross-reference table.

The table may be missing, wrong or of one revision only; every object that stands in the file is
looked at here, those of earlier revisions too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from msgspec import Struct

from keysift.model import SkipReason
from keysift.unpack.budget import Budget, StoppedError
from keysift.unpack.formats.pdf.filters import decode
from keysift.unpack.formats.pdf.syntax import Lexer, Name, Object, Reference

_OBJECT: Final = re.compile(rb"([0-9]{1,10})[\0\t\n\x0c\r ]+[0-9]{1,5}[\0\t\n\x0c\r ]+obj(?![a-z])")
_STREAM: Final = re.compile(rb"[\0\t\n\x0c\r ]*stream(?:\r\n|\n|\r)?")
_END: Final = b"endstream"
_MOST_PARENTS: Final = 50
_MOST_OBJECTS: Final = 1_000_000


class Stream(Struct, frozen=True):
    """A stream as it stands in the file.

    Attributes:
        number: Of its object.
        dictionary: What is known of it.
        begin: Offset of its data.
        end: One past the last byte of its data.
    """

    number: int
    dictionary: dict[bytes, Object]
    begin: int
    end: int


class Structure:
    """All objects of one file.

    Attributes:
        streams: All streams in order of their place, those of earlier revisions too.
        objects: The last object of each number; of streams, the dictionary.
        failures: Why object streams could not be read.
    """

    def __init__(self, content: bytes, budget: Budget) -> None:
        self.streams: list[Stream] = []
        self.objects: dict[int, Object] = {}
        self.failures: list[tuple[SkipReason, str]] = []
        self._content = content
        self._budget = budget

    def load(self) -> None:
        """Find all objects, and those in object streams.

        Raises:
            StoppedError: The budget is used up, or there are too many.
        """
        position = 0
        while (match := _OBJECT.search(self._content, position)) is not None:
            lexer = Lexer(self._content, match.end(), self._budget)
            try:
                value = lexer.read()
            except StoppedError as error:
                self._fail(error)
                value = None
            number = int(match[1])
            if len(self.objects) > _MOST_OBJECTS:
                detail = f"a PDF document of more than {_MOST_OBJECTS} objects"
                raise StoppedError(SkipReason.TOO_LARGE, detail)
            self.objects[number] = value
            position = max(match.end(), lexer.position)
            begins = _STREAM.match(self._content, position) if isinstance(value, dict) else None
            if begins is not None and isinstance(value, dict):
                end, position = self._data(value, begins.end())
                self.streams.append(Stream(number, value, begins.end(), end))
        for stream in self.streams:
            if stream.dictionary.get(b"Type") == Name(b"ObjStm"):
                self._unpack(stream)

    def data(self, stream: Stream) -> bytes:
        """Return the decoded data of a stream; raises ``StoppedError`` when that cannot be."""
        raw = self._content[stream.begin : stream.end]
        return decode(raw, stream.dictionary, self._budget)

    def resolve(self, value: Object) -> Object:
        """Return what a reference leads to; a reference to a reference leads nowhere."""
        return self.objects.get(value.number) if isinstance(value, Reference) else value

    def dictionary(self, value: Object) -> dict[bytes, Object]:
        """Return what a reference leads to if it is a dictionary, else an empty one."""
        found = self.resolve(value)
        return found if isinstance(found, dict) else {}

    def inherited(self, page: dict[bytes, Object], key: bytes) -> Object:
        """Return an entry of a page, or of what it is below."""
        for _ in range(_MOST_PARENTS):
            if key in page:
                return page[key]
            page = self.dictionary(page.get(b"Parent"))
        return None

    def strings(self) -> Iterator[tuple[bytes, bytes]]:
        """Yield all strings in dictionaries and arrays, with the key that they stand under."""
        for value in self.objects.values():
            pending: list[tuple[bytes, Object]] = [(b"", value)]
            while pending:
                key, one = pending.pop()
                if isinstance(one, bytes):
                    yield key, one
                elif isinstance(one, list):
                    pending.extend((key, item) for item in reversed(one))
                elif isinstance(one, dict):
                    pending.extend(reversed(one.items()))

    def _data(self, dictionary: dict[bytes, Object], begin: int) -> tuple[int, int]:
        """Return where the data of a stream end, and where to go on."""
        length = self.resolve(dictionary.get(b"Length"))
        if isinstance(length, float) and 0 <= length < len(self._content):
            end = begin + int(length)
            if self._content[end : end + 20].lstrip().startswith(_END):
                return end, end
        end = self._content.find(_END, begin)
        return (len(self._content), len(self._content)) if end < 0 else (end, end)

    def _unpack(self, stream: Stream) -> None:
        """Read the objects in an object stream (7.5.7)."""
        first = stream.dictionary.get(b"First")
        try:
            data = self.data(stream)
            header = Lexer(data[: int(first)] if isinstance(first, float) else b"", 0, self._budget)
            while isinstance(number := header.read(), float):
                offset = header.read()
                if not isinstance(first, float) or not isinstance(offset, float):
                    break
                lexer = Lexer(data, int(first + offset), self._budget)
                self.objects.setdefault(int(number), lexer.read())
        except StoppedError as error:
            self._fail(error)

    def _fail(self, error: StoppedError) -> None:
        if self._budget.exhausted is not None:
            raise error
        # Not the error itself: it would keep what its frames hold, megabytes of a stream.
        self.failures.append((error.reason, error.detail))
