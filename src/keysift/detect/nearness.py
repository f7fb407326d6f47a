"""How near to a secret a provider is named: on its line, above it, or in an address below it.

Keys without a shape are told apart by the names around them: the nearest one says whose a key is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Final

from keysift.catalogue.schema import Detector
from keysift.detect.keywords import keyword_expression

BEFORE: Final = 120
"""Bytes before a secret in which its provider may be named, on its line or in the lines above."""

SAME_LINE: Final = 120
"""Bytes behind a secret in which its line may name the provider."""

BELOW: Final = 300
"""Bytes behind a secret in which an address may name the provider."""

FAR: Final = 10_000
"""The distance of what is not named at all."""

_BEHIND: Final = 40
"""A name behind a secret counts as if it stood so much further away."""

_WORD: Final = re.compile(r"[A-Za-z][A-Za-z0-9]{3,}")
_ADDRESS: Final = re.compile(rb"://[A-Za-z0-9._-]*\Z")


def distance(data: bytes, start: int, end: int, detector: Detector) -> int:
    """Return how far from a secret the provider of a detector is named, ``FAR`` for not near it.

    Args:
        data: The text.
        start: First byte of the secret.
        end: One past its last byte.
        detector: Its keywords count; without any, the words of its provider's name.
    """
    names = _names(detector)
    if names is None:
        return FAR
    low = max(0, start - BEFORE)
    found = [start - low - name.end() for name in names.finditer(data[low:start])]
    found += [
        name.start() + _BEHIND
        for name in names.finditer(data[end : end + BELOW])
        if reaches(data, end, end + name.start(), end + name.end())
    ]
    return min(found, default=FAR)


def reaches(data: bytes, end: int, first: int, last: int) -> bool:
    """Tell whether a name behind a secret can be said of it: on the same line, or in an address.

    Args:
        data: The text.
        end: One past the last byte of the secret.
        first: First byte of the name, or any byte in it.
        last: One past its last byte.
    """
    if last - end <= SAME_LINE and data.find(b"\n", end, last) < 0:
        return True
    return last - end <= BELOW and _ADDRESS.search(data[end:first]) is not None


@cache
def _expression(words: tuple[str, ...]) -> re.Pattern[bytes] | None:
    parts = "|".join(_parts(words))
    return re.compile(parts.encode()) if parts else None


def _parts(words: tuple[str, ...]) -> Iterator[str]:
    return (keyword_expression(word) for word in sorted(words, key=len, reverse=True))


def _names(detector: Detector) -> re.Pattern[bytes] | None:
    if detector.keywords:
        return _expression(detector.keywords)
    words = tuple(word.lower() for word in _WORD.findall(detector.provider))
    return _expression(words) if words else None
