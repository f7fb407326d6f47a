"""Scans texts for what is new in them: the versions of a file, and messages, many at a time.

A call of the automaton costs as much as a page of text, and most of what is new holds nothing. So
the news of many texts are looked at as one text; a text whose news hold anything is then scanned by
itself, and what is reported comes from there alone.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Sequence
from itertools import accumulate
from typing import Final

from msgspec import Struct

from keysift.crawl.novelty import Marks, Novelty
from keysift.crawl.worker import Seen
from keysift.detect.scanner import Scanner
from keysift.model import Artifact

_JOINED_BYTES: Final = 48 * 1024
_HELD_BYTES: Final = 8 * 1024 * 1024

_BETWEEN: Final = b"\n\n\n"


class _Waiting(Struct, frozen=True):
    """A text that is to be scanned.

    Attributes:
        artifact: What it is.
        text: All of it.
        news: What is new in it; None when all is.
    """

    artifact: Artifact
    text: bytes
    news: bytes | None


class Versions:
    """Scans versions of files, the oldest first, those of one file together.

    Args:
        scanner: Finds secrets in bytes.
        whole: Scans a text from beginning to end.
    """

    def __init__(self, scanner: Scanner, whole: Callable[[Artifact, bytes], Seen]) -> None:
        self._scanner = scanner
        self._whole = whole
        self._novelty = Novelty()
        self._marks = Marks()
        self._waiting: list[_Waiting] = []
        self._joined = 0
        self._held = 0

    def base(self, text: bytes) -> None:
        """Take a version that is not to be scanned: the next one is compared with it."""
        self._novelty.base(text)

    def add(self, artifact: Artifact, text: bytes, *, is_first: bool = False) -> Seen:
        """Take the next version; returns what came of some of those before it, maybe of none.

        Args:
            artifact: What it is.
            text: All of it.
            is_first: Whether it is no version of what was before, but of another file.
        """
        if is_first:
            self._novelty.base(text)
        news = None if is_first else self._novelty.news(text)
        self._waiting.append(_Waiting(artifact, text, news))
        self._joined += len(news or b"")
        self._held += len(text)
        full = self._joined >= _JOINED_BYTES or self._held >= _HELD_BYTES
        return self.flush() if full else Seen()

    def flush(self) -> Seen:
        """Return what came of all that were taken and not returned yet."""
        waiting, self._waiting = self._waiting, []
        self._joined = self._held = 0
        telling = tell(self._scanner, [one.news or b"" for one in waiting])
        seen = Seen()
        for place, one in enumerate(waiting):
            if one.news is None:
                self._marks = Marks()
            if one.news is None or place in telling:
                found = self._whole(one.artifact, one.text)
                self._marks.add(one.text, found.sightings)
                seen.add(found)
                continue
            coverage = seen.coverage
            coverage.artifacts += 1
            coverage.files += 1
            coverage.scanned += 1
            coverage.bytes += len(one.text)
            held = self._marks.held(one.text)
            if held:
                seen.echoes[one.artifact.name] = held
        return seen


class Messages:
    """Scans short texts.

    Args:
        scanner: Finds secrets in bytes.
        whole: Scans a text by itself.
    """

    def __init__(self, scanner: Scanner, whole: Callable[[Artifact, bytes], Seen]) -> None:
        self._scanner = scanner
        self._whole = whole
        self._waiting: list[tuple[Artifact, bytes]] = []
        self._joined = 0

    def add(self, artifact: Artifact, text: bytes) -> Seen:
        """Take the next text; returns what came of some of those before it, maybe of none."""
        self._waiting.append((artifact, text))
        self._joined += len(text)
        return self.flush() if self._joined >= _JOINED_BYTES else Seen()

    def flush(self) -> Seen:
        """Return what came of all that were taken and not returned yet."""
        waiting, self._waiting = self._waiting, []
        self._joined = 0
        telling = tell(self._scanner, [text for _, text in waiting])
        seen = Seen()
        for place, (artifact, text) in enumerate(waiting):
            if place in telling:
                seen.add(self._whole(artifact, text))
            else:
                seen.coverage.bytes += len(text)
        return seen


def tell(scanner: Scanner, texts: Sequence[bytes]) -> set[int]:
    """Return the places of those texts in which anything is found, reported or not.

    Args:
        scanner: Finds secrets in bytes.
        texts: Without null bytes.
    """
    found = scanner.examine(_BETWEEN.join(texts))
    if found.cut:
        return set(range(len(texts)))
    starts = list(accumulate((len(text) + len(_BETWEEN) for text in texts), initial=0))
    matches = (*found.matches, *(one.match for one in found.suppressed))
    spans = [*((one.start, one.end) for one in matches), *((end, end) for end in found.made)]
    telling: set[int] = set()
    for start, end in spans:
        first, last = bisect_right(starts, start) - 1, bisect_right(starts, end) - 1
        telling.update(range(max(0, first), min(last, len(texts) - 1) + 1))
    return telling
