"""Values that expressions of constants have, and what is computed with them within bounds.

Nothing is executed: only what is listed here, and in ``keysift.detect.functions``, is computed, by
our own code, on strings, bytes, small integers and sequences of them.
"""

from __future__ import annotations

import lzma
import zlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import AnyStr, Final, TypeAlias

MAX_SIZE: Final = 1024 * 1024
"""Characters, bytes or elements of a value."""

MAX_BITS: Final = 64
"""Of an integer."""

Value: TypeAlias = "str | bytes | int | Sequence[Value]"


class OpenError(Exception):
    """The value of an expression is not known. Never leaves ``keysift.detect``."""


def bounded(value: Value) -> Value:
    """Return a value that is no larger than ``MAX_SIZE``.

    Raises:
        OpenError: It is none.
    """
    if not isinstance(value, int) and len(value) > MAX_SIZE:
        raise OpenError
    return value


def bounded_int(number: int) -> int:
    """Return an integer of no more than ``MAX_BITS``.

    Raises:
        OpenError: It is none.
    """
    if number.bit_length() > MAX_BITS:
        raise OpenError
    return int(number)


def integer(value: Value) -> int:
    """Return a value that must be an integer.

    Raises:
        OpenError: It is none.
    """
    if not isinstance(value, int):
        raise OpenError
    return value


def text_of(value: Value) -> str:
    """Return a value that must be a text.

    Raises:
        OpenError: It is none.
    """
    if not isinstance(value, str):
        raise OpenError
    return value


def shown(value: Value) -> str:
    """Return what formatting shows of a value."""
    if not isinstance(value, str | int):
        raise OpenError
    return str(value)


def octets(value: Value) -> bytes:
    """Return bytes, of a text too where a function takes both."""
    match value:
        case bytes():
            return value
        case str() if value.isascii():
            return value.encode()
        case _:
            raise OpenError


def items_of(value: Value) -> Sequence[Value]:
    """Return a value that must have elements.

    Raises:
        OpenError: It is none.
    """
    if isinstance(value, int):
        raise OpenError
    return value


def added(first: Value, second: Value) -> Value:
    """Return the sum of two values of the same kind.

    Raises:
        OpenError: It is none.
    """
    match first, second:
        case (str(), str()) | (bytes(), bytes()) | (list(), list()):
            return bounded(first + second)  # type: ignore[operator] # the same type on both sides
        case int(), int():
            return bounded_int(first + second)
        case _:
            raise OpenError


def repeated(value: str | bytes | Sequence[Value], times: int) -> Value:
    """Return a text, bytes or a list so many times over.

    Raises:
        OpenError: It is none.
    """
    if len(value) * max(times, 0) > MAX_SIZE or not isinstance(value, str | bytes | list):
        raise OpenError
    return value * times


def unknown() -> int:
    """Stand for a result that nobody computes.

    Raises:
        OpenError: It is none.
    """
    raise OpenError


def character(number: Value) -> str:
    """Return the character with a number.

    Raises:
        OpenError: It is none.
    """
    value = integer(number)
    # Not a surrogate: no text holds one.
    if not (0 <= value < 0xD800 or 0xE000 <= value < 0x110000):
        raise OpenError
    return chr(value)


def joined(glue: Value, items: Value) -> Value:
    """Return parts with a text or bytes between them.

    Raises:
        OpenError: It is none.
    """
    parts = list(items_of(items))
    size = sum(len(items_of(part)) + len(items_of(glue)) for part in parts)
    if size > MAX_SIZE:
        raise OpenError
    if isinstance(glue, str):
        return glue.join(text_of(part) for part in parts)
    if isinstance(glue, bytes) and all(isinstance(part, bytes) for part in parts):
        return glue.join(part for part in parts if isinstance(part, bytes))
    raise OpenError


def together(parts: Iterable[str]) -> str:
    """Return texts as one, none of which may be held before it is known to be small enough.

    Raises:
        OpenError: It would be larger than ``MAX_SIZE``.
    """
    kept: list[str] = []
    size = 0
    for part in parts:
        size += len(part)
        if size > MAX_SIZE:
            raise OpenError
        kept.append(part)
    return "".join(kept)


def replaced(whole: Value, old: Value, new: Value) -> Value:
    """Return a text or bytes with something in it replaced.

    Raises:
        OpenError: It is none.
    """
    if isinstance(whole, str) and isinstance(old, str) and isinstance(new, str):
        return _with(whole, old, new)
    if isinstance(whole, bytes) and isinstance(old, bytes) and isinstance(new, bytes):
        return _with(whole, old, new)
    raise OpenError


def _with(whole: AnyStr, old: AnyStr, new: AnyStr) -> AnyStr:
    if not old or len(whole) + whole.count(old) * len(new) > MAX_SIZE:
        raise OpenError
    return whole.replace(old, new)


_PROBLEMS: Final = (
    ValueError,  # with what it is the base of: binascii.Error, UnicodeError
    TypeError,  # too many arguments, or too few
    EOFError,
    OSError,
    zlib.error,
    lzma.LZMAError,
)
"""What the library's functions say of arguments that they cannot take."""


def checked(function: Callable[..., Value], *arguments: Value | Mapping[str, Value]) -> Value:
    """Return what a function of the library gives, or say that it is not known."""
    try:
        value = function(*arguments)
    except _PROBLEMS:
        raise OpenError from None
    return bounded(value)
