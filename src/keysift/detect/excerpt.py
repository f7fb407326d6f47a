"""The lines around a match."""

from __future__ import annotations

from typing import Final

from keysift.model import Excerpt, Secret

LINES: Final = 3
"""Lines before a match, and after it."""

WIDTH: Final = 400
"""Bytes before a match, and after it: a line can be as long as its file."""

LONGEST: Final = 4096
"""Bytes of the match itself; a key takes three thousand."""

_CONTINUES: Final = 0b1100_0000, 0b1000_0000
"""Mask and value of a byte that is not the first of a character of UTF-8."""


def excerpt(text: bytes, start: int, end: int, line: int) -> Excerpt:
    """Return a match with the lines around it.

    Args:
        text: What the match stands in.
        start: Its first byte.
        end: One past its last byte.
        line: Number of the line of ``start``, from 1.
    """
    newline = b"\r" if b"\r" in text and b"\n" not in text else b"\n"
    begin = _whole(text, _back(text, start, newline), start)
    if end - start > LONGEST:
        end = stop = _whole(text, start + LONGEST, end)
    else:
        stop = _whole(text, _forward(text, end, newline), len(text))
    return Excerpt(
        line=line - text.count(newline, begin, start),
        text=Secret(text[begin:stop]),
        start=start - begin,
        end=end - begin,
    )


def _back(text: bytes, start: int, newline: bytes) -> int:
    low, place = max(0, start - WIDTH), start
    for _ in range(LINES + 1):
        place = text.rfind(newline, low, place)
        if place < 0:
            return low
    return place + 1


def _forward(text: bytes, end: int, newline: bytes) -> int:
    high, place = min(len(text), end + WIDTH), end - 1
    for _ in range(LINES + 1):
        place = text.find(newline, place + 1, high)
        if place < 0:
            return high
    return place


def _whole(text: bytes, place: int, last: int) -> int:
    """Return the first place from here on at which no character of UTF-8 is cut."""
    mask, value = _CONTINUES
    for step in range(place, min(place + 4, last)):
        if text[step] & mask != value:
            return step
    return min(place, last)
