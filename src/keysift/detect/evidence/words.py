"""Words that software is written in: how much of a value they make up.

``words.txt`` holds the words of four letters and more that several projects use in prose and names;
``benchmarks/plausibility/words.py`` makes it.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Final

_LETTERS: Final = rb"[A-Z]?[a-z]+|[A-Z]+"
_SHORTEST: Final = 4
_LONGEST: Final = 16
_WHOLE: Final = 3
"""A word of three letters counts when it stands alone: a random text has too many inside."""

_LEET: Final = bytes.maketrans(b"013457@$!", b"oieastasi")


@cache
def words() -> frozenset[bytes]:
    """Return the words, in small letters."""
    return frozenset((Path(__file__).parent / "words.txt").read_bytes().split())


def plain(value: bytes) -> bytes:
    """Return ``value`` in small letters, digits and signs read as letters that look alike."""
    return value.lower().translate(_LEET)


def known_share(value: bytes) -> float:
    """Return the share of ``value``, 0 to 1, that words of the dictionary make up.

    Runs of letters are cut at changes of case; a run may be several words without a gap.
    """
    if not value:
        return 0.0
    return sum(_covered(run.lower()) for run in re.findall(_LETTERS, value)) / len(value)


def _covered(run: bytes) -> int:
    """Return how many letters of a run are words: the best way to cut it."""
    known = words()
    if len(run) == _WHOLE:
        return _WHOLE if run in known else 0
    best = [0] * (len(run) + 1)
    for end in range(1, len(run) + 1):
        best[end] = best[end - 1]
        for start in range(max(0, end - _LONGEST), end - _SHORTEST + 1):
            if best[start] + end - start > best[end] and run[start:end] in known:
                best[end] = best[start] + end - start
    return best[len(run)]
