r"""Regular expressions of RE2, Rust and Vectorscan as Python's, over bytes.

What differs is rewritten: flags in the middle of an expression, verbose mode, POSIX classes, names
of groups, ``\z``, ``\Q…\E``. What Python cannot say (Unicode classes, ungreedy mode, intersections)
is an error that names it.
"""

from __future__ import annotations

import re
from typing import Final

from msgspec import Struct, field

from keysift.catalogue.schema import SECRET_GROUP
from keysift.interchange.rule import Dialect

_POSIX: Final = {
    "alnum": "0-9A-Za-z",
    "alpha": "A-Za-z",
    "ascii": r"\x00-\x7f",
    "blank": r"\t ",
    "cntrl": r"\x00-\x1f\x7f",
    "digit": "0-9",
    "graph": "!-~",
    "lower": "a-z",
    "print": " -~",
    "punct": r"!-/:-@\[-`{-~",
    "space": r"\t\n\x0b\x0c\r ",
    "upper": "A-Z",
    "word": r"\w",
    "xdigit": "0-9A-Fa-f",
}
_SAME: Final = frozenset("bBdDsSwWAafnrtv")
_OTHERS: Final = {"z": r"\Z", "e": r"\x1b", "h": r"[ \t]"}
_FLAGS: Final = re.compile(r"\(\?([a-zA-Z]*)(?:-([a-zA-Z]+))?([:)])")
_NAMED: Final = re.compile(r"\(\?P?<([A-Za-z_]\w*)>")
_ASSERTION: Final = re.compile(r"\(\?(?:=|!|<=|<!|>|:)")
_HEX: Final = re.compile(r"\\x(?:\{([0-9A-Fa-f]+)\}|([0-9A-Fa-f]{2}))")
_KEPT: Final = frozenset("ims")
_DROPPED: Final = frozenset("xu")
"""Flags that say nothing any more once an expression is rewritten for bytes."""


class UntranslatableError(ValueError):
    """An expression that Python cannot say; the message says what in it."""


class _Level(Struct):
    """A group that is open, or the whole.

    Attributes:
        verbose: Whether white space and comments mean nothing.
        wraps: Groups that flags in the middle have opened, to be closed with this one.
    """

    verbose: bool = False
    wraps: list[str] = field(default_factory=list)


class _Groups(Struct):
    """The capturing groups of an expression, in order; None for those without a name."""

    names: list[str | None] = field(default_factory=list)


def translate(pattern: str, dialect: Dialect, group: int | str | None) -> str:
    """Return an expression for `Detector.pattern`.

    Args:
        pattern: As the other scanner has it.
        dialect: What that is written in.
        group: Number or name of the group that is the secret; when there is none such, the first
            is, and without any the whole match.

    Raises:
        UntranslatableError: Python cannot say it.
    """
    groups = _Groups()
    _Translation(pattern, dialect, groups, None).run()
    chosen = _chosen(groups, group)
    return _Translation(pattern, dialect, _Groups(), chosen).run()


def _chosen(groups: _Groups, group: int | str | None) -> int | None:
    if not groups.names:
        return None
    if isinstance(group, int):
        if group > len(groups.names):
            raise UntranslatableError(f"there is no group {group}")
        return group
    return groups.names.index(group) + 1 if group in groups.names else 1


class _Translation:
    """One pass over an expression."""

    def __init__(self, pattern: str, dialect: Dialect, groups: _Groups, secret: int | None) -> None:
        self._text = pattern.strip()
        self._dialect = dialect
        self._groups = groups
        self._secret = secret
        self._place = 0
        self._out: list[str] = []
        self._levels = [_Level()]

    def run(self) -> str:
        while self._place < len(self._text):
            self._step()
        if len(self._levels) > 1:
            raise UntranslatableError("a group is not closed")
        self._out.append(")" * len(self._levels[0].wraps))
        return "".join(self._out)

    def _step(self) -> None:
        char = self._text[self._place]
        match char:
            case "\\":
                self._escape()
            case "[":
                self._class()
            case "(":
                self._open()
            case ")":
                self._close()
            case "|":
                level = self._levels[-1]
                self._emit(")" * len(level.wraps) + "|" + "".join(level.wraps))
            case _ if self._levels[-1].verbose and char.isspace():
                self._place += 1
            case "#" if self._levels[-1].verbose:
                end = self._text.find("\n", self._place)
                self._place = len(self._text) if end < 0 else end + 1
            case _:
                self._emit(_bytes_of(char))

    def _emit(self, text: str, length: int = 1) -> None:
        self._out.append(text)
        self._place += length

    def _open(self) -> None:
        named = _NAMED.match(self._text, self._place)
        if named:
            self._capture(named[1], len(named[0]))
            return
        flags = _FLAGS.match(self._text, self._place)
        if flags and (flags[1] or flags[2]):
            self._flags(flags)
            return
        plain = _ASSERTION.match(self._text, self._place)
        if plain:
            self._levels.append(_Level(self._levels[-1].verbose))
            self._emit(plain[0], len(plain[0]))
            return
        if self._text.startswith("(?", self._place):
            raise UntranslatableError(f"{self._text[self._place : self._place + 4]!r}")
        self._capture(None, 1)

    def _capture(self, name: str | None, length: int) -> None:
        self._groups.names.append(name)
        is_secret = len(self._groups.names) == self._secret
        self._levels.append(_Level(self._levels[-1].verbose))
        self._emit(f"(?P<{SECRET_GROUP}>" if is_secret else "(?:", length)

    def _flags(self, found: re.Match[str]) -> None:
        on, off = set(found[1]), set(found[2] or "")
        unknown = sorted((on | off) - _KEPT - _DROPPED)
        if unknown:
            raise UntranslatableError(f"the flag {unknown[0]!r}")
        level = self._levels[-1]
        verbose = ("x" in on or level.verbose) and "x" not in off
        kept = "".join(sorted(on & _KEPT))
        lost = "".join(sorted(off & _KEPT))
        opening = f"(?{kept}{'-' + lost if lost else ''}:"
        if found[3] == ":":
            self._levels.append(_Level(verbose))
            self._emit(opening, len(found[0]))
            return
        level.verbose = verbose
        if kept or lost:
            level.wraps.append(opening)
            self._emit(opening, len(found[0]))
        else:
            self._place += len(found[0])

    def _close(self) -> None:
        if len(self._levels) == 1:
            raise UntranslatableError("a group is closed that is not open")
        level = self._levels.pop()
        self._emit(")" * (len(level.wraps) + 1))

    def _escape(self) -> None:
        hexadecimal = _HEX.match(self._text, self._place)
        if hexadecimal:
            number = int(hexadecimal[1] or hexadecimal[2], 16)
            shown = f"\\x{number:02x}" if number < 0x80 else _bytes_of(chr(number))
            self._emit(shown, len(hexadecimal[0]))
            return
        following = self._text[self._place + 1 : self._place + 2]
        if following == "Q":
            end = self._text.find(r"\E", self._place)
            end = len(self._text) if end < 0 else end
            quoted = self._text[self._place + 2 : end]
            self._emit("".join(map(_bytes_of, map(re.escape, quoted))), end + 2 - self._place)
            return
        self._emit(_escaped(following, self._dialect), 2)

    def _class(self) -> None:
        place = self._place + 1
        out = "["
        if self._text.startswith("^", place):
            out, place = "[^", place + 1
        first = True
        while True:
            char = self._text[place : place + 1]
            if not char:
                raise UntranslatableError("a class is not closed")
            if char == "]" and not first:
                break
            piece, place = self._member(place)
            out += piece
            first = False
        self._emit(out + "]", place + 1 - self._place)

    def _member(self, place: int) -> tuple[str, int]:
        """Return one item of a class, and where the next begins."""
        text = self._text
        posix = re.compile(r"\[:(\^?)(\w+):\]").match(text, place)
        if posix:
            if posix[1] or posix[2] not in _POSIX:
                raise UntranslatableError(f"the class {posix[0]}")
            return _POSIX[posix[2]], posix.end()
        hexadecimal = _HEX.match(text, place)
        if hexadecimal:
            number = int(hexadecimal[1] or hexadecimal[2], 16)
            if number > 0x7F:
                raise UntranslatableError("a character beyond ASCII in a class")
            return f"\\x{number:02x}", hexadecimal.end()
        char = text[place]
        if char == "\\":
            following = text[place + 1 : place + 2]
            if following == "b":
                return r"\x08", place + 2
            escaped = _escaped(following, self._dialect)
            return (r" \t" if following == "h" else escaped), place + 2
        if self._dialect is Dialect.RUST and (
            char == "[" or text[place : place + 2] in ("&&", "--", "~~")
        ):
            raise UntranslatableError("a class inside a class, or a difference of classes")
        if not char.isascii():
            raise UntranslatableError("a character beyond ASCII in a class")
        # Python warns of what may mean something in a class one day.
        return ("\\" + char if char in "[&~|" else char), place + 1


def _escaped(char: str, dialect: Dialect) -> str:
    if char in _SAME:
        return "\\" + char
    if char in _OTHERS:
        return _OTHERS[char]
    if char in "pPXCKRGkg" or char.isdigit():
        what = "a class of Unicode" if char in "pP" else "a reference or a rare escape"
        raise UntranslatableError(f"\\{char}: {what}")
    if not char or char.isalpha() or (dialect is Dialect.RUST and char in "<>"):
        raise UntranslatableError(f"\\{char}")
    return "\\" + char


def _bytes_of(char: str) -> str:
    """Return a character as an expression over the bytes of UTF-8."""
    if char.isascii():
        return char
    return "(?:" + "".join(f"\\x{byte:02x}" for byte in char.encode()) + ")"
