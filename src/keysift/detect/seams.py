"""Cuts inside of what secrets begin with, which no anchor can see.

A string can be cut anywhere (``"gh" + "p_…"``), and lines of base64 break where they are full. What
stands around such a seam is looked at as if it had never been cut.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Final

from keysift.detect.encodings import BASE64_RUN, GLUE, LINE_BREAK, literal

_WORD: Final = r"[A-Za-z0-9+/=._-]"
_NEXT_LINE: Final = r"[ \t]{0,60}(?:[+.&] ?)?[rRbBuUfF]{0,2}[\x22\x27]" + _WORD

ANCHORS: Final = tuple(
    _WORD + literal(quote + between) + after
    for quote in (b'"', b"'")
    for between, after in (
        *((b" " + bytes([char]), "") for char in b"\"'+.&\\#brfuBRFU"),
        *((b"+" + bytes([char]), "") for char in b"\"' \\\r\n"),
        *((b"\n" + bytes([char]), _NEXT_LINE) for char in b" \t"),
        *((b"\r\n" + bytes([char]), _NEXT_LINE) for char in b" \t"),
        (b'."', ""),
        (b".'", ""),
        (b"  #", ""),
        (b"  /", ""),
    )
)
"""Expressions of what stands between two string literals, or of its beginning.

Each holds a literal of three characters: the automaton looks for anything else at every byte.
"""

_JOINT: Final = re.compile(rb"[\"']" + GLUE + rb"[\"'](?=[A-Za-z0-9+/=._-])")
_WIDEST: Final = 80
"""Bytes between the first quote of a joint and the end of its anchor."""

_AROUND: Final = 24
"""Bytes on each side of a line break: more than the longest encoded anchor."""

_ENTRY: Final = 2 * _AROUND + 1

LINE: Final = "[A-Za-z0-9+/]{56}"
"""What a text must hold for ``breaks`` to find anything."""

_FULL_LINE: Final = re.compile(f"\n{LINE}".encode())
_BREAK: Final = re.compile(LINE_BREAK)
_BEFORE_BREAK: Final = 8
"""Bytes before the end of a line at which its break may begin: a quote, a sign, blanks."""

_LOOK: Final = 1024
_REACH_BACK: Final = 160
"""Bytes before the first full line in which the line before it, a shorter one, may begin."""


def joints(data: bytes, ends: Iterable[int]) -> Iterator[int]:
    """Yield where string literals meet inside a word: the offset after the first one's quote.

    Args:
        data: The text.
        ends: Where ``ANCHORS`` ended.
    """
    for end in ends:
        quote = end - 1
        # Where the anchor ends behind the joint, its second quote is the first one on the way back.
        for _ in range(2):
            quote = max(data.rfind(mark, max(0, end - _WIDEST), quote) for mark in (b'"', b"'"))
            if quote < 0:
                break
            if _JOINT.match(data, quote):
                # Text that is cut for its length alone is cut behind an escape.
                if data[quote - 2 : quote - 1] != b"\\":
                    yield quote + 1
                break


def breaks(
    data: bytes, hits: Callable[[bytes], Iterable[tuple[int, int]]]
) -> list[tuple[int, int]]:
    """Return the hits of an automaton that lie across line breaks in base64.

    Args:
        data: The text.
        hits: The automaton.

    Returns:
        For each, the index of an anchor, and the offset in ``data`` where it ended.
    """
    first = None if b"\0" in data[:_LOOK] else _FULL_LINE.search(data)
    if first is None:
        return []
    places = [
        place
        for start, end in _blocks(data, first.start())
        for place in _line_ends(data, start, end)
    ]
    around = b"\n".join(
        data[max(0, start - _AROUND) : start].rjust(_AROUND)
        + data[end : end + _AROUND].ljust(_AROUND)
        for start, end in places
    )
    found = []
    for anchor, place in hits(around):
        entry, offset = divmod(place, _ENTRY)
        if _AROUND < offset < 2 * _AROUND:
            found.append((anchor, places[entry][1] + offset - _AROUND))
    return found


def _line_ends(data: bytes, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield the spans of the breaks in a block; a line in it may have any length."""
    newline = data.find(b"\n", start, end)
    while newline >= 0:
        match = _BREAK.search(data, max(start, newline - _BEFORE_BREAK), end)
        if match is not None:
            yield match.span()
        newline = data.find(b"\n", newline + 1, end)


def _blocks(data: bytes, start: int) -> Iterator[tuple[int, int]]:
    """Yield the spans of base64 in full lines, with the shorter lines before and after."""
    end = start
    for match in _FULL_LINE.finditer(data, start):
        if match.start() >= end:
            run = BASE64_RUN.match(data, match.end() - 1)
            end = match.end() if run is None else run.end()
            yield max(0, match.start() - _REACH_BACK), end
