"""Beginnings that say whose a value would be: no unknown service issues keys like ``ghp_…``."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Final

from keysift.detect.evidence.words import known_share
from keysift.detect.pattern import Derived

_LEAST: Final = 4
"""Characters of a beginning that no random text has by chance."""

_WORDS: Final = 0.6
"""Share of words from which on a beginning says nothing: ``secret_``, ``api_``, ``live_``."""


class Beginnings:
    """What the values of types with a form of their own begin with.

    Args:
        types: The automaton's view of the pattern of each type. Beginnings that are short or words
            are left out.
    """

    def __init__(self, types: Iterable[Derived]) -> None:
        self._widths: dict[bytes, list[tuple[int, int]]] = defaultdict(list)
        for derived in types:
            for text in derived.own_prefixes:
                if len(text) >= _LEAST and len(set(text)) > 1 and known_share(text) < _WORDS:
                    self._widths[text].append(derived.secret_width)
        self._lengths = sorted({len(text) for text in self._widths})

    def is_cut(self, value: bytes) -> bool:
        """Tell whether a value begins like a type of a fixed length that it has not.

        It was shortened or made up, and is none of that type; nor is it one of another.
        """
        widths = [
            width for length in self._lengths for width in self._widths.get(value[:length], ())
        ]
        return bool(widths) and all(least == most and len(value) != least for least, most in widths)
