"""From hits to candidates: the exact expression, tried only around the places that were hit."""

from __future__ import annotations

import re
import time
from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Final

from msgspec import Struct

from keysift.catalogue.introduction import AHEAD_OF_VALUE
from keysift.catalogue.schema import SECRET_GROUP, Detector, PartSpec
from keysift.detect.automaton import KeywordAnchor
from keysift.detect.keywords import ends_of_words, essential
from keysift.detect.pattern import Derived
from keysift.detect.plausibility import entropy
from keysift.detect.statistics import Statistics

_SLACK: Final = 64
"""Bytes after the longest match that an assertion at its end may look at."""


class Span(Struct, frozen=True):
    """A named piece of a candidate."""

    name: str
    value: bytes
    start: int
    end: int


class Candidate(Struct, frozen=True):
    """An exact match of a detector's expression, not yet judged.

    Attributes:
        number: The detector's place in the catalogue.
        own: What the pattern found: the group ``secret``, or all of it.
        groups: The other named groups.
        parts: What was found around it, by the order of the detector's parts.
        missing: Name of a required part that was not found.
        bound: Byte range that the whole match takes.
    """

    number: int
    own: Span
    groups: tuple[Span, ...]
    parts: tuple[Span, ...]
    missing: str
    bound: tuple[int, int]


class Exact:
    """A detector with its expressions, which are compiled when first needed.

    Attributes:
        detector: The detector.
        derived: The automaton's view of its pattern.
    """

    def __init__(self, detector: Detector, derived: Derived) -> None:
        self.detector = detector
        self.derived = derived

    @cached_property
    def regex(self) -> re.Pattern[bytes]:
        """The exact expression."""
        return re.compile(self.detector.pattern.encode("ascii"))

    @property
    def room(self) -> int:
        """Bytes of a window that are behind its last hit, unless the text ends before."""
        return self.derived.reach_on + _SLACK

    @cached_property
    def early(self) -> re.Pattern[bytes]:
        """The exact expression, which does not begin in the last ``room`` bytes of a window.

        What begins there holds no hit. To try it takes most of the time where it need not begin
        with a literal text, which is found faster than this.
        """
        pattern = self.detector.pattern.encode("ascii")
        if self.derived.prefixes or (pattern.startswith(b"(?") and pattern[2:3].isalpha()):
            return self.regex
        return re.compile(b"(?=(?s:.){%d})(?:%b)" % (self.room, pattern))

    @cached_property
    def distance(self) -> int:
        """How far after the end of an essential keyword the secret may stand, in bytes."""
        kept = essential(self.detector.keywords)
        longer = (
            len(keyword) - max(len(one) for one in kept if keyword.lower().startswith(one))
            for keyword in self.detector.keywords
        )
        return self.detector.distance + max(longer, default=0)

    @cached_property
    def _run(self) -> tuple[bytes, bytes]:
        run = self.derived.run
        table = bytes(byte in run.members for byte in range(256))
        return table, b"\1" * run.least

    def may_hold(self, text: bytes) -> bool:
        """Tell whether a short text has room for a secret; ten times faster than the expression."""
        table, run = self._run
        return run in text.translate(table)

    @cached_property
    def value(self) -> re.Pattern[bytes] | None:
        """Places where the value may begin, for a detector whose pattern is more than the value.

        What introduces a value is slow to look for, and values are rare.
        """
        value = self.detector.value
        return re.compile(AHEAD_OF_VALUE + b"(?=%b)" % value.encode("ascii")) if value else None

    def value_at(self, data: bytes, start: int, end: int) -> re.Match[bytes] | None:
        """Return the match of the value alone that is exactly a span; None when it is no value."""
        match = self._value_alone.match(data, start)
        return (
            match if match is not None and match.span(_own_group(match)) == (start, end) else None
        )

    @cached_property
    def _value_alone(self) -> re.Pattern[bytes]:
        return re.compile(rb"(?<![A-Za-z0-9_])(?:%b)" % self.detector.value.encode("ascii"))

    @cached_property
    def parts(self) -> tuple[tuple[PartSpec, re.Pattern[bytes]], ...]:
        """The parts with their expressions."""
        return tuple(
            (part, re.compile(part.pattern.encode("ascii"))) for part in self.detector.parts
        )

    def candidate(self, number: int, data: bytes, match: re.Match[bytes]) -> Candidate:
        """Make a candidate of a match, with the parts around it."""
        own = _span(match, _own_group(match), self.detector.role)
        groups = tuple(
            _span(match, name, name)
            for name in match.re.groupindex
            if name != SECRET_GROUP and match.start(name) >= 0
        )
        parts: list[Span] = []
        missing = ""
        for spec, regex in self.parts:
            found = _nearest(data, regex, spec, match, own)
            if found is not None:
                parts.append(found)
            elif spec.required:
                missing = missing or spec.name
        return Candidate(number, own, groups, tuple(parts), missing, match.span())


def _own_group(match: re.Match[bytes]) -> str | int:
    """Return the group of a match that is the value."""
    return SECRET_GROUP if SECRET_GROUP in match.re.groupindex else 0


def _span(match: re.Match[bytes], group: str | int, name: str) -> Span:
    return Span(name, bytes(match[group]), match.start(group), match.end(group))


def _nearest(
    data: bytes, regex: re.Pattern[bytes], spec: PartSpec, match: re.Match[bytes], own: Span
) -> Span | None:
    """Return the part nearest to a match; what follows is preferred to what stands before."""
    low, high = max(0, match.start() - spec.within), min(len(data), match.end() + spec.within)
    group: str | int = SECRET_GROUP if SECRET_GROUP in regex.groupindex else 0
    best: tuple[int, Span] | None = None
    for found in regex.finditer(data, low, high):
        span = _span(found, group, spec.name)
        if span.start < own.end and span.end > own.start:
            continue
        after = span.start >= own.end
        distance = span.start - own.end if after else 2 * (own.start - span.end)
        if spec.min_entropy and entropy(span.value) < spec.min_entropy:
            continue
        if best is None or distance < best[0]:
            best = (distance, span)
    return best[1] if best else None


class Candidates:
    """Collects the hits of one text by detector, then tries the exact expressions there."""

    def __init__(self, data: bytes, exact: list[Exact], statistics: Statistics | None) -> None:
        self._data = data
        self._exact = exact
        self._statistics = statistics
        self._ends: dict[int, array[int]] = {}
        self._words: dict[int, array[int]] = {}

    def add(self, detector: int, ends: Iterable[int]) -> None:
        """Note that the derived expression of a detector ended at some offsets."""
        self._ends.setdefault(detector, array("q")).extend(ends)

    def add_keyword(self, anchor: KeywordAnchor, ends: Iterable[int]) -> None:
        """Note where the anchor of a keyword ended that stands there as a word of its own."""
        alone = ends_of_words(self._data, anchor.keyword, ends)
        if alone:
            for detector in anchor.detectors:
                self._words.setdefault(detector, array("q")).extend(alone)

    @property
    def words(self) -> Mapping[int, Sequence[int]]:
        """Where the keywords of detectors ended, by their numbers."""
        return self._words

    def confirm(self) -> Iterator[Candidate]:
        """Yield the exact matches."""
        for number, ends in self._ends.items():
            yield from self._timed(number, self._around(self._exact[number], ends))
        for number, ends in self._words.items():
            yield from self._timed(number, self._after(self._exact[number], ends))

    def _timed(self, number: int, matches: Iterator[re.Match[bytes]]) -> Iterator[Candidate]:
        exact = self._exact[number]
        if self._statistics is None:
            for match in matches:
                yield exact.candidate(number, self._data, match)
            return
        began = time.perf_counter()
        found = list(matches)
        self._statistics.confirmed(exact.detector.id, time.perf_counter() - began)
        for match in found:
            yield exact.candidate(number, self._data, match)

    def _around(self, exact: Exact, ends: Iterable[int]) -> Iterator[re.Match[bytes]]:
        """Yield the matches that hold a hit; the window of each hit is bounded.

        Windows that touch are searched as one: a text can be made of nothing but hits.
        """
        data = self._data
        ordered = sorted(ends)
        for low, high in _joined(ordered, exact.derived.reach_back, exact.room):
            last = high - exact.room
            regex = exact.early if high <= len(data) else exact.regex
            for match in regex.finditer(data, low, high):
                hit = bisect_left(ordered, match.start() + 1)
                if hit < len(ordered) and ordered[hit] <= match.end():
                    yield match
                if match.end() >= last:
                    break

    def _after(self, exact: Exact, ends: Iterable[int]) -> Iterator[re.Match[bytes]]:
        """Yield the matches that begin within the detector's distance after a keyword."""
        data, distance = self._data, exact.distance
        ordered = sorted(set(ends))
        cursor = 0
        for low, high in _joined(ordered, 0, distance):
            limit = min(len(data), high + exact.derived.width + _SLACK)
            if not exact.may_hold(data[low:limit]):
                continue
            for match in self._introduced(exact, max(low, cursor), high, limit):
                start = match.start(_own_group(match))
                nearest = bisect_left(ordered, start + 1) - 1
                if nearest >= 0 and start - ordered[nearest] <= distance:
                    cursor = match.end()
                    yield match

    def _introduced(
        self, exact: Exact, low: int, high: int, limit: int
    ) -> Iterator[re.Match[bytes]]:
        """Yield the matches in a window whose value begins before ``high``.

        At ``limit`` the window is cut, where an assertion sees an end that is none: what is found
        there is not what stands there.
        """
        data = self._data
        if exact.value is None:
            for match in exact.regex.finditer(data, low, limit):
                if match.start(_own_group(match)) > high:
                    break
                yield match
            return
        width = exact.derived.width
        for value in exact.value.finditer(data, low, limit):
            if value.start() > high:
                break
            if value.start() < low:
                continue
            begin = max(low, value.start() - width)
            end = min(limit, value.end(SECRET_GROUP) + _SLACK)
            whole = exact.regex.search(data, begin, end)
            # What begins later may be cut; its own turn comes.
            if whole is not None and whole.start(_own_group(whole)) <= value.start():
                low = whole.end()
                yield whole


def _joined(ends: list[int], back: int, on: int) -> Iterator[tuple[int, int]]:
    """Merge the windows around hits, of which there is at least one, that touch."""
    low, high = max(0, ends[0] - back), ends[0] + on
    for end in ends:
        if end - back > high:
            yield low, high
            low = end - back
        high = end + on
    yield low, high
