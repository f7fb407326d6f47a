"""Beginnings that say whose a value would be: no unknown service issues keys like ``ghp_…``."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Final

from keysift.detect.evidence.words import known_share
from keysift.detect.pattern import Derived, secret_width

_LEAST: Final = 4
"""Characters of a beginning that no random text has by chance."""

_WORDS: Final = 0.6
"""Share of words from which on a beginning says nothing: ``secret_``, ``api_``, ``live_``."""


class Beginnings:
    """What the values of types with a form of their own begin with.

    Args:
        types: The pattern of each type, with the automaton's view of it. Beginnings that are short
            or words are left out.
    """

    def __init__(self, types: Iterable[tuple[str, Derived]]) -> None:
        self._patterns: dict[bytes, list[str]] = defaultdict(list)
        for pattern, derived in types:
            for text in derived.own_prefixes:
                if len(text) >= _LEAST and len(set(text)) > 1 and known_share(text) < _WORDS:
                    self._patterns[text].append(pattern)
        self._lengths = sorted({len(text) for text in self._patterns})

    def is_cut(self, value: bytes) -> bool:
        """Tell whether a value begins like a type of a fixed length that it has not.

        It was shortened or made up, and is none of that type; nor is it one of another.
        """
        patterns = [
            pattern
            for length in self._lengths
            for pattern in self._patterns.get(value[:length], ())
        ]
        widths = [secret_width(pattern) for pattern in patterns]
        return bool(widths) and all(least == most and len(value) != least for least, most in widths)
