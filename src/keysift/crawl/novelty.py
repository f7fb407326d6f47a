"""What a version of a file has that the versions before it had not: what is worth scanning of it.

A history holds most lines of a file a hundred times. A version is scanned where it differs from the
ones before it, with enough around that what a detector looks at is there. When that holds nothing,
the version holds nothing that those before it did not hold. When it holds anything at all, all of
the version is scanned, and what is reported comes from there.
"""

from __future__ import annotations

from typing import Final, TypeAlias

from keysift.crawl.worker import Sighting
from keysift.model import Secret

Identity: TypeAlias = tuple[str, Secret]

AROUND: Final = 320
"""Bytes before and behind a new line that are scanned with it: more than the distance between any
detector's keyword and its value. What is looked at further away decides about what was found: it
is something, so that the whole version is scanned."""

_SHARE: Final = 3
"""A text of which more than one line in so many is new is another file."""


class Novelty:
    """Compares each text with those before it; they come in the order of their history."""

    def __init__(self) -> None:
        self._last = b""
        self._known: set[bytes] = set()

    def base(self, text: bytes) -> None:
        """Take a text to compare the next one with, whatever was before."""
        self._last = text
        self._known = set(text.split(b"\n"))

    def news(self, text: bytes) -> bytes | None:
        """Return what is new in a text, with what is around it; None when it is another file."""
        last, self._last = self._last, text
        head = _shared_head(last, text)
        tail = _shared_tail(last, text, min(len(last), len(text)) - head)
        end = len(text) - tail
        # From the beginning of a line to the end of one.
        start = text.rfind(b"\n", 0, head) + 1
        stop = text.find(b"\n", end)
        stop = len(text) if stop < 0 else stop
        lines = text[start:stop].split(b"\n")
        fresh = set(lines) - self._known
        if (stop - start) * 2 > len(text) and len(fresh) * _SHARE > len(lines):
            self._known = set(text.split(b"\n"))
            return None
        self._known |= fresh
        if last == text:
            return b""
        return _regions(text, _spans(lines, fresh, start, stop))


class Marks:
    """Lines by which a text is known to hold a secret that one before it held."""

    def __init__(self) -> None:
        self._lines: dict[bytes, set[Identity]] = {}

    def add(self, text: bytes, sightings: list[Sighting]) -> None:
        """Remember the lines of a text that hold secrets."""
        for one in sightings:
            if one.part is None and not one.below:
                line = _line(text, one.match.start, one.match.end)
                self._lines.setdefault(line, set()).add((one.match.detector, one.match.secret))

    def held(self, text: bytes) -> set[Identity]:
        """Return the secrets whose lines a text has."""
        return {
            identity
            for line, identities in self._lines.items()
            if line in text
            for identity in identities
        }


def _spans(lines: list[bytes], fresh: set[bytes], start: int, stop: int) -> list[tuple[int, int]]:
    """Return where new lines stand; where lines were only taken out or moved, all that is there."""
    spans = []
    place = start
    for line in lines:
        after = place + len(line) + 1
        if line in fresh:
            spans.append((place, after))
        place = after
    return spans or [(start, min(stop, start + AROUND))]


def _regions(text: bytes, spans: list[tuple[int, int]]) -> bytes:
    """Return spans of a text with what is around them, one below the other."""
    pieces = []
    low, high = max(0, spans[0][0] - AROUND), spans[0][1] + AROUND
    for start, stop in spans:
        if start - AROUND > high:
            pieces.append(text[low:high])
            low = start - AROUND
        high = stop + AROUND
    pieces.append(text[low:high])
    return b"\n\n".join(pieces)


def _shared_head(one: bytes, other: bytes) -> int:
    """Return how many bytes two texts begin with in common."""
    low, high = 0, min(len(one), len(other))
    while low < high:
        middle = (low + high + 1) // 2
        if one[low:middle] == other[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


def _shared_tail(one: bytes, other: bytes, most: int) -> int:
    """Return how many bytes two texts end with in common, ``most`` at most."""
    low, high = 0, most
    while low < high:
        middle = (low + high + 1) // 2
        if one[len(one) - middle : len(one) - low] == other[len(other) - middle : len(other) - low]:
            low = middle
        else:
            high = middle - 1
    return low


def _line(text: bytes, start: int, end: int) -> bytes:
    """Return the longest line of a span; a secret may have several, and short ones say nothing."""
    first = text.rfind(b"\n", 0, start) + 1
    last = text.find(b"\n", end)
    whole = text[first : len(text) if last < 0 else last]
    return max(whole.split(b"\n"), key=len)
