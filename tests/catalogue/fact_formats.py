"""Values from formats as the table of known secret types writes them.

A format is parts joined by `` + ``: literal text; ``40 base62`` or ``8-40 hex`` or ``1+ digits``,
random characters of a class; ``(a|b)``, a choice; ``(a){3}``, a repeat; ``[a]``, what may be
missing. Of ``63-char set`` only the size is known; ``3 [abc]`` has its class spelt out.
"""

from __future__ import annotations

import random
import re
import string
from typing import Final

_BASE62: Final = string.ascii_letters + string.digits
_CLASSES: Final = {
    "HEX": "0123456789ABCDEF",
    "any": _BASE62,
    "base32": string.ascii_uppercase + "234567",
    "base36 lower": string.ascii_lowercase + string.digits,
    "base36 upper": string.ascii_uppercase + string.digits,
    "base62": _BASE62,
    "base62-": _BASE62 + "-",
    "base64": _BASE62 + "+/",
    "base64+url": _BASE62,
    "base64=": _BASE62 + "+/",
    "base64url": _BASE62 + "-_",
    "base64url=": _BASE62 + "-_",
    "digits": string.digits,
    "hex": "0123456789abcdef",
    "hex(any case)": "0123456789abcdef",
    "letters": string.ascii_letters,
    "lower": string.ascii_lowercase,
    "lower_digits-": string.ascii_lowercase + string.digits + "-",
    "lower_digits_-": string.ascii_lowercase + string.digits + "-_",
    "upper": string.ascii_uppercase,
    "word": _BASE62 + "_",
}
_NAMES: Final = "|".join(map(re.escape, sorted(_CLASSES, key=len, reverse=True)))
_RANDOM: Final = re.compile(
    rf"(\d+)(?:-(\d+)|(\+))? (\[(?:\\.|[^\]])*\]|\d+-char set|{_NAMES})(?![\w-])"
)
_REPEAT: Final = re.compile(r"\{(\d+)(?:-(\d+))?\+?\}")
_WIDEST: Final = 60
"""Of a range of lengths no more than this is used."""


def value(form: str, seed: int) -> str | None:
    """Return a value of a format, or None when the format describes no single value.

    The same format and seed give the same value.
    """
    reader = _Reader(form, random.Random(f"{form}/{seed}"))
    text = reader.sequence("")
    return text if text and reader.place == len(form) else None


class _Reader:
    """Reads a format from left to right and writes a value."""

    def __init__(self, form: str, rng: random.Random) -> None:
        self.form = form
        self.place = 0
        self.random = rng

    def sequence(self, stops: str) -> str:
        """Return the parts up to the end or one of the characters that end a group."""
        text = self._part(stops)
        while self._skip(" + "):
            text += self._part(stops)
        return text

    def _part(self, stops: str) -> str:
        found = _RANDOM.match(self.form, self.place)
        if found:
            self.place = found.end()
            return self._characters(int(found[1]), found[2], found[3] or "", found[4])
        begin = self.place
        for read in (self._choice, self._option):
            text = read()
            if text is not None:
                return text
            self.place = begin
        return self._literal(stops)

    def _characters(self, low: int, high: str | None, more: str, name: str) -> str:
        least = max(low, 1) if more else low
        most = least + 8 if more else int(high or low)
        length = self.random.randint(least, min(most, least + _WIDEST))
        return "".join(self.random.choices(_members(name), k=length))

    def _choice(self) -> str | None:
        if not self._skip("("):
            return None
        ways = [self.sequence("|)")]
        while self._skip("|"):
            ways.append(self.sequence("|)"))
        if not self._skip(")"):
            return None
        chosen = self.random.choice([way for way in ways if way != ".."])
        repeat = _REPEAT.match(self.form, self.place)
        if repeat is None:
            return chosen
        self.place = repeat.end()
        return chosen * (self.random.randint(int(repeat[1]), int(repeat[2] or repeat[1])) or 1)

    def _option(self) -> str | None:
        if not self._skip("["):
            return None
        text = self.sequence("]")
        return (text if self.random.random() < 0.5 else "") if self._skip("]") else None

    def _literal(self, stops: str) -> str:
        begin = self.place
        while (
            self.place < len(self.form)
            and not self.form.startswith(" + ", self.place)
            and self.form[self.place] not in stops
        ):
            self.place += 1
        return self.form[begin : self.place].replace("\\", "")

    def _skip(self, text: str) -> bool:
        is_next = self.form.startswith(text, self.place)
        self.place += len(text) * is_next
        return is_next


def _members(name: str) -> str:
    if name in _CLASSES:
        return _CLASSES[name]
    if name.startswith("["):
        return name[1:-1].replace("\\", "") or " "
    size = int(name.partition("-")[0])
    if size < 36:
        return _CLASSES["base36 lower"][-size:] if size <= 10 else "0123456789abcdef"
    return _CLASSES["base36 lower"] if size < 62 else (_BASE62 + "_-")[:size]
