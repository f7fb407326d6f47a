"""Whose is it? A value that only its own name makes a secret, and a provider that is named near it.

Detectors of keys without a shape look behind the name of their provider, for what it introduces.
Generic detectors know more ways to introduce a secret, and the provider is often named behind it:
in the address that a header is sent to, in a comment, in the line below. Where a generic detector
finds a value that has the shape of a provider's named nearby, it is a candidate of that provider.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from keysift.catalogue.schema import Category, Detector
from keysift.detect.fixed import fixed_characters
from keysift.detect.nearness import BEFORE, BELOW, distance, reaches

if TYPE_CHECKING:
    from keysift.detect.candidates import Candidate, Exact


class Attribution:
    """Finds the providers of generic candidates in one text.

    Args:
        data: The text.
        exact: The detectors, in the order of the catalogue.
        words: Where keywords ended, by the number of the detector, in order.
    """

    def __init__(
        self, data: bytes, exact: Sequence[Exact], words: Mapping[int, Sequence[int]]
    ) -> None:
        self._data = data
        self._exact = exact
        self._words = words
        self._seen: set[tuple[int, int]] = set()

    def of(self, candidate: Candidate) -> Candidate | None:
        """Return a generic candidate as one of the provider that is named nearest to it.

        None for candidates that are not generic, and where no provider that is named near the
        value has values of its shape. A value is attributed once.
        """
        own = candidate.own
        span = (own.start, own.end)
        if not _is_generic(self._exact[candidate.number].detector) or span in self._seen:
            return None
        self._seen.add(span)
        matches = {
            number: match
            for number in set(self._named(*span))
            if (match := self._exact[number].value_at(self._data, *span)) is not None
        }
        if not matches:
            return None
        number = min(matches, key=lambda one: (*self._rank(one, *span), one))
        return self._exact[number].candidate(number, self._data, matches[number])

    def _rank(self, number: int, start: int, end: int) -> tuple[int, int]:
        """Order detectors by how near they are named, then by how much of the value they fix."""
        detector = self._exact[number].detector
        return distance(self._data, start, end, detector), -fixed_characters(detector.value)

    def _named(self, start: int, end: int) -> Iterator[int]:
        """Yield the numbers of detectors one of whose keywords stands near a span."""
        low = bisect_left(self._ends, (start - BEFORE, 0))
        for place, number in self._ends[low:]:
            if place > end + BELOW:
                return
            if place <= start or (place > end and reaches(self._data, end, place - 1, place)):
                yield number

    @cached_property
    def _ends(self) -> list[tuple[int, int]]:
        """Ends of keywords with the detectors that want them, in order."""
        return sorted(
            {
                (end, number)
                for number, ends in self._words.items()
                if self._exact[number].detector.value
                for end in ends
            }
        )


def _is_generic(detector: Detector) -> bool:
    return detector.yields and detector.category is Category.GENERIC
