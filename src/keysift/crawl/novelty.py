"""What a version of a file has that another had not: what is worth scanning of it.

A history holds most lines of a file a hundred times. A version is looked at where it differs from
one that is known, with enough around that what a detector looks at is there. What it shares with
that one, it holds as well (``keysift.crawl.carrying``).
"""

from __future__ import annotations

from typing import Final

from msgspec import Struct

from keysift.sources.git.edits import Edit, around_spans

AROUND: Final = 320
"""Bytes before and behind what is new that are looked at with it: more than the distance between
any detector's keyword and its value. What is further away decides about what was found: all of the
version is what that is judged by."""

_SHARE: Final = 3
"""A text of which more than one line in so many is new is another file."""

_BETWEEN: Final = b"\n\n"


class News(Struct, frozen=True, gc=False):
    """Pieces of a text.

    Attributes:
        text: The pieces, one below the other.
        pieces: Begin and end of each in the text that they are of.
    """

    text: bytes
    pieces: list[tuple[int, int]]

    def source(self, place: int) -> int:
        """Return where in the text an offset in the pieces is, or the end of the piece before."""
        for low, high in self.pieces:
            if place <= high - low:
                return low + place
            place -= high - low + len(_BETWEEN)
        return self.pieces[-1][1]


def news_of(edit: Edit, text: bytes) -> News:
    """Return what an edit made new in a text, with what is around it."""
    pieces = around_spans(edit.spans, len(text), AROUND)
    return News(_BETWEEN.join([text[low:high] for low, high in pieces]), pieces)


def compare(last: bytes, text: bytes) -> Edit | None:
    """Return how a text differs from the one before it; None when it is another file."""
    if last == text:
        return Edit((), len(text), 0, 0, ())
    head = _shared_head(last, text)
    tail = _shared_tail(last, text, min(len(last), len(text)) - head)
    # From the beginning of a line to the end of one.
    start, stop = _lines_around(text, head, len(text) - tail)
    lines = text[start:stop].split(b"\n")
    known = set(last[slice(*_lines_around(last, head, len(last) - tail))].split(b"\n"))
    fresh = {line for line in lines if line not in known}
    if (stop - start) * 2 > len(text) and len(fresh) * _SHARE > len(lines):
        return None
    exchange = (head, len(text) - tail, last[head : len(last) - tail])
    spans = tuple(_spans(lines, fresh, start, stop))
    return Edit(spans, head, tail, len(text) - len(last), (exchange,))


def _lines_around(text: bytes, start: int, stop: int) -> tuple[int, int]:
    """Return the span of the lines that a span touches."""
    stop = text.find(b"\n", stop)
    return text.rfind(b"\n", 0, start) + 1, len(text) if stop < 0 else stop


def _spans(lines: list[bytes], fresh: set[bytes], start: int, stop: int) -> list[tuple[int, int]]:
    """Return where new lines stand; where lines were only taken out or moved, all that is there."""
    spans = []
    place = start
    for line in lines:
        after = place + len(line) + 1
        if line in fresh:
            spans.append((place, after))
        place = after
    return spans or [(start, stop)]


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
