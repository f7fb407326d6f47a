"""Expressions of JavaScript whose value is known without executing anything.

Sums and templates of constants, arrays that are joined or reversed, ``atob``, ``Buffer.from`` and
``String.fromCharCode``: read by our own code within bounds of size, steps and depth. No file is
parsed as a whole: an expression begins where something is assigned or passed before a place.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from msgspec import Struct

from keysift.detect.script_functions import as_text, call, method, unescaped
from keysift.detect.values import OpenError, Value, together

MAX_STEPS: Final = 20_000
"""Parts of expressions read for one text."""

MAX_SEARCHED: Final = 64 * 1024 * 1024
"""Bytes of a text searched for what its names stand for, each as often as it is."""

_MAX_DEPTH: Final = 40
_LEAST_NAME: Final = 3
_WINDOWS: Final = (192, 1536)
"""Bytes before a place in which an expression may begin; most begin in the first."""

_TRIES: Final = 4

_SKIP: Final = re.compile(rb"(?:\s+|//[^\n]*\n|/\*(?:(?!\*/)[\s\S]){0,2000}\*/)*")
_STRING: Final = re.compile(rb"\"((?:[^\"\\\n]|\\[\s\S])*+)\"|'((?:[^'\\\n]|\\[\s\S])*+)'")
_NUMBER: Final = re.compile(rb"0[xX][0-9a-fA-F]{1,8}|\d{1,10}(?![\w.])")
_NAME: Final = re.compile(rb"[A-Za-z_$][\w$]*(?:\.(?:from|fromCharCode|fromCodePoint)\b)?")
_MEMBER: Final = re.compile(rb"\[|\.(?!(?:join|reverse|split|concat|slice|toString|trim)\()")
_PLAIN: Final = re.compile(rb"(?:[^`\\$]|\\[\s\S]|\$(?!\{))*+")
_ASSIGNS: Final = re.compile(rb"\s{0,8}(?::\s?string\s?)?([+|?]{0,2})=(?![=>])")
_WORD: Final = re.compile(rb"[\w$.]")
_BEGINS: Final = re.compile(
    rb"(?:(?<![\w$])([A-Za-z_$][\w$]{0,80})|[\"']([\w.-]{1,80})[\"'])\]?\s{0,4}(?::\s?string\s?)?[:=]\s{0,4}(?![=>])"
    rb"|(?<![\w$.])(?:atob|String\.fromChar[cC]ode|Buffer\.from)\(|(?<=[(\[,{=:])\s?\[\s{0,8}(?=[\"'`])"
)


class Made(Struct, frozen=True):
    """A text that a script puts together.

    Attributes:
        name: What it is assigned to; may be empty.
        value: What it says.
        start: First byte of the expression.
        end: One past its last byte.
    """

    name: str
    value: bytes
    start: int
    end: int


class Script:
    """Reads constant expressions of one text.

    Args:
        data: The text.

    Attributes:
        stopped: Why it reads nothing any more; empty while it does.
    """

    def __init__(self, data: bytes) -> None:
        self.stopped = ""
        self._data = data
        self._steps = 0
        self._searched = 0
        self._known: dict[bytes, Value | None] = {}

    def at(self, place: int) -> Made | None:
        """Return what is put together around a place; None when that is not known."""
        for begin in reversed(self._begins(place)):
            is_named = begin[1] is not None or begin[2] is not None
            start = begin.end() if is_named else begin.start()
            made = self._made(start, begin[1] or begin[2] or b"")
            if made is not None and made.end >= place - 1:
                return made
        return None

    def _begins(self, place: int) -> list[re.Match[bytes]]:
        """Return where what holds a place may begin: the last ones before it, in order."""
        for window in _WINDOWS:
            found = list(_BEGINS.finditer(self._data, max(0, place - window), place))
            if len(found) > _TRIES:
                break
        # The first one of a window may have begun before it.
        return found[-_TRIES:]

    def _made(self, start: int, name: bytes) -> Made | None:
        try:
            value, end = self._sum(self._skip(start), 0)
        except OpenError:
            return None
        raw = value.encode("utf-8", "replace") if isinstance(value, str) else value
        if not isinstance(raw, bytes):
            return None
        return Made(name.decode("ascii", "replace"), raw, start, end)

    def _skip(self, place: int) -> int:
        found = _SKIP.match(self._data, place)
        return found.end() if found is not None else place

    def _is(self, place: int, sign: bytes) -> bool:
        return self._data.startswith(sign, place)

    def _sum(self, place: int, depth: int) -> tuple[Value, int]:
        """Return the value of a sum that begins at an offset, and where it ends."""
        value, place = self._term(place, depth)
        parts = [value]
        while True:
            sign = self._skip(place)
            if not self._is(sign, b"+") or self._is(sign, b"++") or self._is(sign, b"+="):
                break
            more, place = self._term(self._skip(sign + 1), depth)
            parts.append(more)
        return (value if len(parts) == 1 else together(map(as_text, parts))), place

    def _term(self, place: int, depth: int) -> tuple[Value, int]:
        self._steps += 1
        if self._steps > MAX_STEPS:
            self.stopped = self.stopped or f"more than {MAX_STEPS} parts of expressions"
        if self.stopped or depth > _MAX_DEPTH:
            raise OpenError
        value, place = self._primary(place, depth)
        while self._is(dot := self._skip(place), b"."):
            name = _NAME.match(self._data, self._skip(dot + 1))
            if name is None or not self._is(name.end(), b"("):
                raise OpenError
            arguments, place = self._list(name.end() + 1, b")", depth)
            value = method(value, name[0], arguments)
        return value, place

    def _primary(self, place: int, depth: int) -> tuple[Value, int]:
        if (text := _STRING.match(self._data, place)) is not None:
            return unescaped(text[1] if text[1] is not None else text[2]), text.end()
        if self._is(place, b"`"):
            return self._template(place + 1, depth)
        if self._is(place, b"["):
            return self._list(place + 1, b"]", depth)
        if self._is(place, b"("):
            value, place = self._sum(self._skip(place + 1), depth + 1)
            return value, self._closed(place, b")")
        if (number := _NUMBER.match(self._data, place)) is not None:
            digits = number[0].decode("ascii")
            return int(digits, 16 if digits[1:2] in {"x", "X"} else 10), number.end()
        name = _NAME.match(self._data, place)
        if name is None:
            raise OpenError
        if self._is(name.end(), b"("):
            arguments, place = self._list(name.end() + 1, b")", depth)
            return call(name[0], arguments), place
        if self._data[name.end() : name.end() + 1] in b".[" and not self._is_method(name.end()):
            raise OpenError
        return self._named(name[0], depth), name.end()

    def _is_method(self, place: int) -> bool:
        return (
            re.compile(rb"\.(?:join|reverse|split|concat|slice|toString|trim)\(").match(
                self._data, place
            )
            is not None
        )

    def _closed(self, place: int, sign: bytes) -> int:
        place = self._skip(place)
        if not self._is(place, sign):
            raise OpenError
        return place + 1

    def _list(self, place: int, end: bytes, depth: int) -> tuple[list[Value], int]:
        """Return the values up to a closing bracket, and the offset behind it."""
        values: list[Value] = []
        place = self._skip(place)
        while not self._is(place, end):
            value, place = self._sum(place, depth + 1)
            values.append(value)
            place = self._skip(place)
            if self._is(place, b","):
                place = self._skip(place + 1)
            elif not self._is(place, end):
                raise OpenError
        return values, place + 1

    def _template(self, place: int, depth: int) -> tuple[Value, int]:
        parts: list[str] = []
        while True:
            plain = _PLAIN.match(self._data, place)
            if plain is None:
                raise OpenError
            parts.append(unescaped(plain[0]))
            place = plain.end()
            if self._is(place, b"`"):
                return together(parts), place + 1
            if not self._is(place, b"${"):
                raise OpenError
            value, place = self._sum(self._skip(place + 2), depth + 1)
            parts.append(as_text(value))
            place = self._closed(place, b"}")

    def _named(self, name: bytes, depth: int) -> Value:
        """Return what a name stands for, when it is assigned to once."""
        if len(name) < _LEAST_NAME:
            # Names in minified text mean something else in each function.
            raise OpenError
        if name not in self._known:
            # While it is looked for it stands for nothing: circles end there.
            self._known[name] = None
            self._known[name] = self._bound(name, depth)
        value = self._known[name]
        if value is None:
            raise OpenError
        return value

    def _bound(self, name: bytes, depth: int) -> Value | None:
        places = list(self._assignments(name))
        if len(places) != 1:
            return None
        try:
            return self._sum(places[0], depth + 1)[0]
        except OpenError:
            return None

    def _assignments(self, name: bytes) -> Iterator[int]:
        self._searched += len(self._data)
        if self._searched > MAX_SEARCHED:
            self.stopped = self.stopped or f"more than {MAX_SEARCHED} bytes searched for names"
            raise OpenError
        data, place = self._data, -1
        while (place := data.find(name, place + 1)) >= 0:
            found = _ASSIGNS.match(data, place + len(name))
            if found is None or (place and _WORD.match(data, place - 1)):
                continue
            yield self._skip(found.end())
            if found[1]:
                # What is added to it later is not known here: twice makes it unknown.
                yield found.end()


def may_be_script(data: bytes) -> bool:
    """Tell whether a text may hold JavaScript: it has functions, constants or calls of its own."""
    return any(sign in data for sign in (b"const ", b"var ", b"let ", b"function", b"=>", b");"))
