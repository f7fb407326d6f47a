"""Scans texts for what is new in them: the versions of a file, and messages, many at a time.

A call of the automaton costs as much as a page of text, and most of what is new holds nothing. So
the news of many texts are looked at as one text; a text whose news hold anything that the version
before it did not hold is then scanned by itself, in the places that this may have to do with.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Sequence
from itertools import accumulate
from typing import Final, TypeAlias

from msgspec import Struct, field, structs

from keysift.crawl.carrying import Blocks, Carried, blocks_of, carried, in_order
from keysift.crawl.novelty import News, news_of
from keysift.crawl.seen import Echoes, Found, Seen
from keysift.detect.scanner import Scanner, Suspect
from keysift.model import Artifact
from keysift.sources.git.edits import Edit, around_spans

Windows: TypeAlias = Sequence[tuple[int, int]]

_JOINED_BYTES: Final = 256 * 1024
_HELD_BYTES: Final = 8 * 1024 * 1024

_AROUND: Final = 800
"""Bytes around what is new in which a text is scanned, at least: what competes with a match there
begins near it."""

_WIDEST: Final = 8 * 1024
"""The same, at most: then all of it is scanned."""

_BETWEEN: Final = b"\n\n\n"


class Version(Struct, eq=False):
    """A text, which others may be versions of.

    Attributes:
        blocks: What it holds; None while nobody knows, and when that cannot be carried along.
    """

    blocks: Blocks | None = None


class _Waiting(Struct, frozen=True, eq=False):
    """A text that is to be looked at.

    Attributes:
        version: What is to be known of it.
        artifact: What it is.
        text: All of it.
        news: What is new in it.
        base: What it is a version of.
        edit: How it differs from that.
        is_told: Whether what it holds is to be reported.
    """

    version: Version
    artifact: Artifact
    text: bytes
    news: News
    base: Version | None
    edit: Edit | None
    is_told: bool


class Versions:
    """Scans texts, each after the one that it is a version of.

    Args:
        scanner: Finds secrets in bytes.
        scan: Scans a text, in some places or from beginning to end.
    """

    def __init__(
        self, scanner: Scanner, scan: Callable[[Artifact, bytes, Windows | None], Seen]
    ) -> None:
        self._scanner = scanner
        self._scan = scan
        self._waiting: list[_Waiting] = []
        self._joined = 0
        self._held = 0
        self._seen = Seen()

    def add(
        self,
        artifact: Artifact,
        text: bytes,
        base: Version | None = None,
        edit: Edit | None = None,
        *,
        is_told: bool = True,
    ) -> Version:
        """Take a text.

        Args:
            artifact: What it is.
            text: All of it, without null bytes.
            base: What it is a version of.
            edit: How it differs from that; None when it is another file.
            is_told: Whether what it holds is to be reported; else it is only a base of others.
        """
        news = News(text, [(0, len(text))]) if edit is None else news_of(edit, text)
        version = Version()
        self._waiting.append(_Waiting(version, artifact, text, news, base, edit, is_told))
        self._joined += len(news.text)
        self._held += len(text)
        if self._joined >= _JOINED_BYTES or self._held >= _HELD_BYTES:
            self._flush()
        return version

    def take(self) -> Seen:
        """Return what came of all texts, those that were returned before left out."""
        self._flush()
        seen, self._seen = self._seen, Seen()
        return seen

    def _flush(self) -> None:
        waiting, self._waiting = self._waiting, []
        self._joined = self._held = 0
        hints = hints_in(self._scanner, [one.news.text for one in waiting])
        for place, one in enumerate(waiting):
            self._look(one, hints.get(place, _NOTHING))

    def _look(self, one: _Waiting, hints: Hints) -> None:
        """Find out what a text holds."""
        if one.base is None or one.edit is None:
            before = _NEW
        elif one.base.blocks is None:
            self._scan_text(one, _NEW, None)
            return
        else:
            before = carried(one.base.blocks, one.text, one.edit)
        if before.is_all and not (hints is not _NOTHING and self._is_news(one, hints, before)):
            one.version.blocks = before.kept
            if one.is_told:
                self._tell(one, before.kept)
            return
        around = max(_AROUND, before.lost)
        if hints.is_cut or around > _WIDEST or self._scanner.wants_unused:
            self._scan_text(one, _NEW, None)
            return
        # Of another file, what was seen in it is all there is.
        new = hints.spans() if one.edit is None else one.edit.spans
        spans = sorted((*new, *before.doubtful))
        windows = around_spans(spans, len(one.text), around)
        self._scan_text(one, before, _with_blocks(windows, before.kept, len(one.text)))

    def _is_news(self, one: _Waiting, hints: Hints, before: Carried) -> bool:
        """Tell whether there is anything to look at that is not known."""
        if hints.is_cut:
            return True
        for suspect in hints.suspects:
            place = one.news.source(suspect.place)
            if not before.knows(suspect.detector, suspect.secret, place):
                return True
        if not hints.made:
            return False
        ends = [one.news.source(end) for end in hints.made]
        made = self._scanner.suspect_made(one.text, ends)
        return made.is_cut or not all(
            before.knows(suspect.detector, suspect.secret, suspect.place)
            for suspect in made.suspects
        )

    def _scan_text(self, one: _Waiting, before: Carried, windows: Windows | None) -> None:
        """Scan a text, for what is not carried along."""
        found = self._scan(one.artifact, one.text, windows)
        if windows is not None:
            found.sightings = [each for each in found.sightings if not _is_kept(before, each)]
            found.suppressed = [each for each in found.suppressed if not _is_kept(before, each)]
        blocks = blocks_of(one.text, found, self._scanner.catalogue.by_id)
        if blocks is not None:
            one.version.blocks = in_order([*before.kept, *blocks])
        if one.is_told:
            self._seen.add(found)
            self._echo(one, before.kept)

    def _tell(self, one: _Waiting, kept: Blocks) -> None:
        """Report a text that was not scanned."""
        coverage = self._seen.coverage
        coverage.artifacts += 1
        coverage.files += 1
        coverage.scanned += 1
        coverage.bytes += len(one.text)
        self._echo(one, kept)

    def _echo(self, one: _Waiting, kept: Blocks) -> None:
        if kept:
            echoes = Echoes(one.artifact, tuple([block.echo for block in kept]))
            self._seen.echoes[one.artifact.name] = echoes


def _with_blocks(windows: Windows, blocks: Blocks, size_bytes: int) -> Windows:
    """Return windows that hold all of each block that they touch: half of it may look otherwise."""
    spans = list(windows)
    for block in blocks:
        place = bisect_right(windows, (block.end, 0)) - 1
        if place >= 0 and windows[place][1] > block.start:
            spans.append((block.start, block.end))
    return around_spans(sorted(spans), size_bytes, 0)


def _is_kept(before: Carried, found: Found) -> bool:
    match = found.match
    return before.knows(match.detector, match.secret, match.start)


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
        hints = hints_in(self._scanner, [text for _, text in waiting])
        seen = Seen()
        for place, (artifact, text) in enumerate(waiting):
            if place in hints:
                seen.add(self._whole(artifact, text))
            else:
                seen.coverage.bytes += len(text)
        return seen


class Hints(Struct):
    """What there is to look at in a text.

    Attributes:
        suspects: What might be reported.
        made: Where text is put together from constants.
        is_cut: Whether there may be more.
    """

    suspects: list[Suspect] = field(default_factory=list)
    made: list[int] = field(default_factory=list)
    is_cut: bool = False

    def spans(self) -> list[tuple[int, int]]:
        """Return begin and end of all of them, in order."""
        suspected = [(suspect.start, suspect.end) for suspect in self.suspects]
        return sorted([*suspected, *((end, end) for end in self.made)])


_NOTHING: Final = Hints()
_NEW: Final = Carried()


def hints_in(scanner: Scanner, texts: Sequence[bytes]) -> dict[int, Hints]:
    """Return what there is to look at in texts, by their places; nothing in those left out.

    Args:
        scanner: Finds secrets in bytes.
        texts: Without null bytes.
    """
    found = scanner.suspect(_BETWEEN.join(texts))
    if found.is_cut:
        return {place: Hints(is_cut=True) for place in range(len(texts))}
    hints: dict[int, Hints] = {}
    starts = list(accumulate((len(text) + len(_BETWEEN) for text in texts), initial=0))
    for suspect in found.suspects:
        first = bisect_right(starts, suspect.start) - 1
        last = bisect_right(starts, suspect.end) - 1
        for place in range(max(0, first), min(last, len(texts) - 1) + 1):
            hints.setdefault(place, Hints()).suspects.append(_shifted(suspect, -starts[place]))
    for end in found.made:
        place = min(bisect_right(starts, end) - 1, len(texts) - 1)
        hints.setdefault(place, Hints()).made.append(end - starts[place])
    return hints


def _shifted(suspect: Suspect, by: int) -> Suspect:
    place, start, end = (max(0, one + by) for one in (suspect.place, suspect.start, suspect.end))
    return structs.replace(suspect, place=place, start=start, end=end)
