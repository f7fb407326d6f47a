"""Functions and methods of JavaScript whose results are known without executing anything."""

from __future__ import annotations

import binascii
import re
from collections.abc import Sequence
from typing import Final

from keysift.detect.functions import FUNCTIONS
from keysift.detect.values import (
    OpenError,
    Value,
    character,
    checked,
    integer,
    items_of,
    joined,
    text_of,
    together,
)

_ESCAPE: Final = re.compile(
    rb"\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|u\{([0-9a-fA-F]{1,6})\}|([\s\S]))"
)
_ESCAPED: Final = {b"n": "\n", b"t": "\t", b"r": "\r", b"0": "\0", b"\n": "", b"b": "\b"}


def unescaped(raw: bytes) -> str:
    """Return what a text in quotes says."""
    text = raw.decode("utf-8", "replace") if b"\\" not in raw else ""
    return text or _ESCAPE.sub(_plain, raw).decode("utf-8", "replace")


def _plain(found: re.Match[bytes]) -> bytes:
    code = found[1] or found[2] or found[3]
    if code is None:
        known = _ESCAPED.get(found[4])
        return found[4] if known is None else known.encode()
    number = int(code, 16)
    return chr(number).encode("utf-8", "replace") if number < 0x110000 else b"?"


def as_text(value: Value) -> str:
    """Return what a value is as part of a text.

    Raises:
        OpenError: It is none.
    """
    if isinstance(value, str | int):
        return str(value)
    raise OpenError


def call(name: bytes, arguments: Sequence[Value]) -> Value:
    """Return what a function gives.

    Raises:
        OpenError: It is none of those that are known, or not for these arguments.
    """
    match name, arguments:
        case b"atob", [str() as text]:
            raw = checked(FUNCTIONS["b64decode"], text + "=" * (-len(text) % 4))
            return raw.decode("latin-1") if isinstance(raw, bytes) else raw
        case ((b"String.fromCharCode" | b"String.fromCodePoint"), [*numbers]):
            return together(character(integer(number)) for number in numbers)
        case b"Buffer.from", [str() as text, "base64"]:
            return checked(FUNCTIONS["b64decode"], text + "=" * (-len(text) % 4))
        case b"Buffer.from", [str() as text, "hex"]:
            return checked(binascii.unhexlify, text)
        case ((b"decodeURIComponent" | b"unescape"), [str() as text]):
            return checked(FUNCTIONS["unquote"], text)
        case _:
            raise OpenError


def method(value: Value, name: bytes, arguments: Sequence[Value]) -> Value:
    """Return what a method of a text, of bytes or of an array gives.

    Raises:
        OpenError: It is none of those that are known, or not for these arguments.
    """
    match name, value, arguments:
        case b"join", list(), [str() as glue]:
            return joined(glue, [as_text(item) for item in value])
        case b"reverse", list(), []:
            return list(reversed(items_of(value)))
        case b"split", str(), [""]:
            return list(value)
        case b"split", str(), [str() as by]:
            return list(value.split(by))
        case b"concat", str(), [*others]:
            return together([value, *map(as_text, others)])
        case b"toString", bytes(), ([] | ["utf8" | "utf-8" | "ascii" | "latin1"]):
            return value.decode("utf-8", "replace")
        case ((b"slice" | b"substring"), str(), [int() as low]):
            return value[low:]
        case ((b"slice" | b"substring"), str(), [int() as low, int() as high]):
            return value[low:high]
        case b"trim", str(), []:
            return text_of(value).strip()
        case _:
            raise OpenError
