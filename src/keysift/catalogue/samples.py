"""Examples from templates: no token-shaped text is committed, and checksums come out right.

A template is text with macros in braces, ``{name}`` or ``{name:arguments}``; ``{{`` and ``}}``
stand for braces. The same template and seed give the same text (encrypted keys apart, whose salt
cannot be chosen). Macros that build whole structures are in ``keysift.catalogue.structures``.
"""

from __future__ import annotations

import base64
import random
import re
import string
from collections.abc import Callable
from typing import Final

from keysift.catalogue import checksums, structures
from keysift.errors import CatalogueError

ALPHABETS: Final = {
    "base62": string.digits + string.ascii_uppercase + string.ascii_lowercase,
    "base64": string.ascii_letters + string.digits + "+/",
    "base64url": string.ascii_letters + string.digits + "-_",
    "hex": "0123456789abcdef",
    "HEX": "0123456789ABCDEF",
    "digits": string.digits,
    "lower": string.ascii_lowercase,
    "upper": string.ascii_uppercase,
    "alnum_lower": string.ascii_lowercase + string.digits,
    "base36": string.ascii_lowercase + string.digits,
    "alnum_upper": string.ascii_uppercase + string.digits,
    "base32": string.ascii_uppercase + "234567",
    "base58": "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz",
}
"""Classes of characters by the name of their macro."""

_ENOUGH: Final = 8
_TRIES: Final = 200
_LONGEST: Final = 100_000


class _Expansion:
    """The state of one expansion: the source of randomness, and the last random text."""

    def __init__(self, seed: str) -> None:
        self.random = random.Random(seed)  # noqa: S311 (examples must be repeatable, not secret)
        self.last = ""


def expand(template: str, seed: int | str) -> str:
    """Return the text of a template.

    Args:
        template: Text with macros.
        seed: Decides every random choice.

    Raises:
        CatalogueError: A macro is unknown, or a brace is not closed.
    """
    return _expand(template, _Expansion(f"{seed}/{template}"))


def _expand(template: str, state: _Expansion) -> str:
    text = ""
    place = 0
    while place < len(template):
        pair, char = template[place : place + 2], template[place]
        if pair in {"{{", "}}"}:
            text += char
            place += 2
        elif char == "{":
            end = _closing(template, place)
            text += _macro(template[place + 1 : end], state)
            place = end + 1
        else:
            text += char
            place += 1
    return text


def _closing(template: str, start: int) -> int:
    depth = 0
    for place in range(start, len(template)):
        depth += {"{": 1, "}": -1}.get(template[place], 0)
        if depth == 0:
            return place
    raise CatalogueError((f"a brace is not closed in {template[start:]!r}",))


def _macro(text: str, state: _Expansion) -> str:
    name, _, arguments = text.partition(":")
    if name in ALPHABETS:
        state.last = _random(ALPHABETS[name], arguments, text, state)
        return state.last
    if name in _MACROS:
        return _MACROS[name](arguments, state)
    if name in structures.MACROS:
        try:
            return structures.MACROS[name](arguments, state.random)
        except (KeyError, ValueError) as error:
            message = f"{arguments!r} is nothing that macro {name!r} can make"
            raise CatalogueError((message,)) from error
    raise CatalogueError((f"no macro is called {name!r}; write {{{{ for a brace",))


def _random(alphabet: str, length: str, macro: str, state: _Expansion) -> str:
    """Return random characters that look like no placeholder."""
    if not re.fullmatch(r"\d+(-\d+)?", length):
        raise CatalogueError((f"{macro!r} needs a length, such as 32 or 20-40",))
    low, _, high = length.partition("-")
    if max(int(low), int(high or low)) > _LONGEST or int(high or low) < int(low):
        raise CatalogueError((f"{macro!r} is longer than {_LONGEST}, or its range is reversed",))
    size = state.random.randint(int(low), int(high or low))
    text = ""
    for _ in range(_TRIES):
        text = "".join(state.random.choices(alphabet, k=size))
        if size < _ENOUGH or _is_varied(text, alphabet):
            break
    return text


def _is_varied(text: str, alphabet: str) -> bool:
    kinds = (str.isdigit, str.islower, str.isupper)
    present = all(any(map(kind, text)) for kind in kinds if any(map(kind, alphabet)))
    return present and not re.search(r"(.)\1{3}|(?i:xxx|test|fake|todo)", text)


def _chars(arguments: str, state: _Expansion) -> str:
    alphabet, _, length = arguments.rpartition(":")
    state.last = _random(alphabet, length, f"chars:{arguments}", state)
    return state.last


def _pick(arguments: str, state: _Expansion) -> str:
    return state.random.choice(arguments.split("|"))


def _base64(arguments: str, state: _Expansion) -> str:
    return base64.b64encode(_expand(arguments, state).encode("latin-1")).decode()


def _base64url(arguments: str, state: _Expansion) -> str:
    encoded = base64.urlsafe_b64encode(_expand(arguments, state).encode("latin-1"))
    return encoded.decode().rstrip("=")


def _crc32_base62(_: str, state: _Expansion) -> str:
    """Return six characters of CRC-32 over the last random text, as GitHub and npm write it."""
    return checksums.crc32_base62(state.last.encode()).decode()


def _crc32_hex(_: str, state: _Expansion) -> str:
    return checksums.crc32_hex(state.last.encode()).decode()


_MACROS: Final[dict[str, Callable[[str, _Expansion], str]]] = {
    "chars": _chars,
    "pick": _pick,
    "b64": _base64,
    "b64url": _base64url,
    "crc32_base62": _crc32_base62,
    "crc32_hex": _crc32_hex,
}
