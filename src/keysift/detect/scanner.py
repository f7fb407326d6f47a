"""Bytes in, matches out.

``Scanner.examine`` runs the automaton once, looks exactly where it hit, judges each value (proofs,
plausibility), resolves overlaps, and decodes the runs around encoded anchors to scan those again.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence
from functools import partial
from typing import Final, TypeAlias

from msgspec import Struct, field, structs

from keysift.catalogue.cache import Cache
from keysift.catalogue.loader import Catalogue
from keysift.catalogue.schema import SECRET_GROUP
from keysift.detect import compressed, seams
from keysift.detect.attribution import Attribution
from keysift.detect.automaton import (
    PLACE,
    PLACE_BITS,
    Automaton,
    CompressedAnchor,
    EncodedAnchor,
    FoldAnchor,
    Hits,
    KeywordAnchor,
    LineAnchor,
    PatternAnchor,
    SeamAnchor,
    unpacked,
)
from keysift.detect.bare import Bare
from keysift.detect.candidates import Candidate, Candidates, Exact
from keysift.detect.comments import Comments
from keysift.detect.encodings import CONCATENATION, ENCODINGS, JOINED, Region
from keysift.detect.excerpt import excerpt
from keysift.detect.fold_anchors import FOLDED
from keysift.detect.judge import Judge
from keysift.detect.location import Locator
from keysift.detect.overlap import resolve
from keysift.detect.setting import Surroundings
from keysift.detect.statistics import Statistics
from keysift.detect.wide import WideText, widen
from keysift.model import Match, Position, Remark, Secret, Suppressed

MAX_DEPTH: Final = 4
"""Encodings inside encodings that are undone."""

MAX_DECODED: Final = 64 * 1024 * 1024
"""Decoded bytes that are scanned for one blob."""

MAX_INFLATED: Final = 16 * 1024 * 1024
"""Bytes that one compressed stream may become."""

_START: Final = Position()
_JOINED: Final = EncodedAnchor(JOINED, 0)

_Encoded: TypeAlias = "dict[EncodedAnchor, array[int]]"
"""Where each anchor of encoded text ended."""


class Examination(Struct):
    """Everything a scan of one blob found out.

    Attributes:
        matches: What is reported, in order of their offsets.
        suppressed: What is not, with reasons.
        cut: Why decoding stopped early, for a skip; empty when it did not.
        remarks: What is the matter with comments that should ignore secrets.
    """

    matches: list[Match] = field(default_factory=list)
    suppressed: list[Suppressed] = field(default_factory=list)
    cut: str = ""
    remarks: list[Remark] = field(default_factory=list)


class Suspect(Struct, frozen=True, gc=False):
    """What a detector's expression matches, and nobody has judged.

    Attributes:
        detector: Id of the detector.
        secret: The value, decoded.
        place: First byte of the value.
        start: First byte of all that was matched.
        end: One past the last byte of that.
    """

    detector: str
    secret: Secret
    place: int
    start: int
    end: int


class Suspicion(Struct):
    """What there is to look at in a text.

    Attributes:
        suspects: What might be reported, or listed as not to be.
        made: Where text is put together from constants, which may stand anywhere.
        is_cut: Whether decoding stopped early: there may be more.
    """

    suspects: list[Suspect] = field(default_factory=list)
    made: tuple[int, ...] = ()
    is_cut: bool = False


class Scanner:
    """Finds the secrets of a catalogue in bytes. Pure: no I/O but the cache of its automaton.

    It can be pickled; the copy loads its automaton from the cache. One scanner serves one thread
    at a time.

    Args:
        catalogue: What to look for.
        cache: Where the compiled automaton is kept; without it, compiling takes seconds.
        statistics: When given, counters and times are added to it.
        excerpts: Whether matches come with the lines around them.
        comments: Which comments in what is scanned ignore its secrets; None: nobody's.

    Attributes:
        catalogue: What it looks for.
        cache: Where its automaton is kept.
        statistics: What scanning cost so far, when measured.
        wants_unused: Whether comments that ignore nothing are remarks: then texts without any match
            are of interest as well.

    Raises:
        CatalogueError: A pattern cannot be compiled.
    """

    def __init__(
        self,
        catalogue: Catalogue,
        cache: Cache | None = None,
        statistics: Statistics | None = None,
        *,
        excerpts: bool = False,
        comments: Comments | None = None,
    ) -> None:
        self.catalogue = catalogue
        self.statistics = statistics
        self.cache = cache
        self._automaton = Automaton(catalogue, cache)
        self._exact = [
            Exact(detector, derived)
            for detector, derived in zip(catalogue.detectors, self._automaton.derived, strict=True)
        ]
        self._judge = Judge(self._exact, catalogue.canaries)
        self._bare = Bare()
        self._excerpts = excerpts
        self._comments = comments
        self.wants_unused = comments is not None and comments.report_unused

    def __reduce__(self) -> tuple[partial[Scanner], tuple[Catalogue, Cache | None]]:
        made = partial(Scanner, excerpts=self._excerpts, comments=self._comments)
        return (made, (self.catalogue, self.cache))

    def scan(self, content: bytes) -> list[Match]:
        """Return the secrets in ``content``, in order of their offsets.

        Any byte string is valid input.
        """
        return self.examine(content).matches

    def examine(
        self,
        content: bytes,
        base: Position = _START,
        windows: Sequence[tuple[int, int]] | None = None,
    ) -> Examination:
        """Scan ``content`` and keep what was suppressed as well.

        Args:
            content: Any bytes.
            base: Where ``content`` begins in the text it is a segment of.
            windows: Begin and end of the only places where anything is to be found, in order and
                apart; all of a text without zeros is still what it is judged by.
        """
        if self._bare.holds_nothing(content) and not self.wants_unused:
            return Examination()
        wide = widen(content)
        text = content if wide is None else wide.text
        work = _Work()
        self._search(text, (), work, 0, windows)
        if not work.kept and not work.suppressed and not self.wants_unused:
            return Examination(cut=work.cut)
        matches, overlapped = resolve(work.kept, work.suppressed, self.catalogue.by_id, text)
        locator = Locator(text, base)
        remarks: list[Remark] = []
        if self._comments is not None and (matches or self.wants_unused):
            applied = self._comments.apply(text, matches, self.catalogue.by_id)
            matches = applied.kept
            overlapped = [*overlapped, *applied.ignored]
            remarks = [
                structs.replace(remark, line=locator.position(offset).line)
                for offset, remark in applied.remarks
            ]
        return Examination(
            matches=[
                _place(self._with_lines(match, text, locator), locator, wide, base)
                for match in matches
            ],
            suppressed=[
                structs.replace(one, match=_place(one.match, locator, wide, base))
                for one in sorted((*work.suppressed, *overlapped), key=lambda one: one.match.start)
            ],
            cut=work.cut,
            remarks=remarks,
        )

    def suspect(self, content: bytes) -> Suspicion:
        """Return what ``examine`` would have to judge; costs a fraction of that.

        Where text is put together from constants is told, not what it says: ``suspect_made`` does.

        Args:
            content: Any bytes without zeros.
        """
        work = _Work(suspects=[])
        self._search(content, (), work, 0)
        return Suspicion(work.suspects or [], tuple(work.made), is_cut=work.cut != "")

    def suspect_made(self, content: bytes, ends: list[int]) -> Suspicion:
        """Return what ``examine`` would have to judge of what is put together from constants.

        Args:
            content: Any bytes without zeros.
            ends: Where in it.
        """
        work = _Work(suspects=[])
        self._fold(content, ends, (), work, 0)
        return Suspicion(work.suspects or [], is_cut=work.cut != "")

    def _with_lines(self, match: Match, text: bytes, locator: Locator) -> Match:
        if not self._excerpts:
            return match
        line = locator.position(match.start).line
        return structs.replace(match, excerpt=excerpt(text, match.start, match.end, line))

    def _search(
        self,
        data: bytes,
        chain: tuple[str, ...],
        work: _Work,
        depth: int,
        windows: Sequence[tuple[int, int]] | None = None,
    ) -> None:
        """Add to ``work`` what stands in ``data``, which is reached through ``chain``."""
        hits = self._automaton.hits(data, windows)
        if not hits:
            return
        candidates = Candidates(data, self._exact, self.statistics)
        found = self._sort(data, hits, candidates)
        if not chain:
            work.made = found.made
        if self.statistics is not None:
            self.statistics.hits += len(hits)
        attribution = Attribution(data, self._exact, candidates.words)
        confirmed = (
            candidate
            for found_one in candidates.confirm()
            for candidate in (found_one, attribution.of(found_one))
            if candidate is not None
        )
        if work.suspects is None:
            self._judge_all(data, confirmed, chain, work)
        else:
            work.suspects.extend(map(self._suspect, confirmed))
        if depth < MAX_DEPTH:
            self._decode(data, found.encoded, chain, work, depth)
            self._inflate(data, found.packed, chain, work, depth)
            if work.suspects is None or chain:
                self._fold(data, found.made, chain, work, depth)
        elif found.encoded or found.packed or found.made:
            work.cut = f"encodings nested deeper than {MAX_DEPTH}"

    def _judge_all(
        self, data: bytes, candidates: Iterable[Candidate], chain: tuple[str, ...], work: _Work
    ) -> None:
        around = Surroundings(data)
        for candidate in candidates:
            outcome = self._judge.judge(around, candidate, chain)
            if isinstance(outcome, Match):
                work.kept.append(outcome)
            else:
                work.suppressed.append(outcome)

    def _suspect(self, candidate: Candidate) -> Suspect:
        spans = (candidate.own, *candidate.groups, *candidate.parts)
        secret = next((one for one in spans if one.name == SECRET_GROUP), candidate.own)
        start, end = candidate.bound
        detector = self.catalogue.detectors[candidate.number].id
        return Suspect(detector, Secret(secret.value), secret.start, start, end)

    def _sort(  # noqa: C901 (a line for each kind)
        self, data: bytes, hits: Hits, candidates: Candidates
    ) -> _Found:
        """Hand the hits of detectors to ``candidates``; return those of encoded text."""
        ends_of: dict[int, list[int]] = {}
        # This runs for each hit; what follows, for each anchor that has any.
        for hit in hits:
            ends_of.setdefault(hit >> PLACE_BITS, []).append(hit & PLACE)
        found = _Found()
        encoded, packed = found.encoded, found.packed
        joints: list[int] = []
        has_lines = False
        for number, ends in ends_of.items():
            anchor = self._automaton.anchors[number]
            match anchor:
                case KeywordAnchor():
                    candidates.add_keyword(anchor, ends)
                case PatternAnchor():
                    candidates.add(anchor.detector, ends)
                case SeamAnchor():
                    joints = ends
                case EncodedAnchor():
                    encoded.setdefault(anchor, array("q")).extend(ends)
                case FoldAnchor():
                    found.made.extend(ends)
                case CompressedAnchor():
                    packed.extend((anchor, end) for end in ends)
                case LineAnchor():
                    has_lines = True
        for end in seams.joints(data, joints):
            encoded.setdefault(_JOINED, array("q")).append(end + 1)
        if has_lines:
            self._across_breaks(data, encoded)
        return found

    def _across_breaks(self, data: bytes, encoded: _Encoded) -> None:
        """Add the anchors of base64 that are cut by the end of a line."""
        for number, end in seams.breaks(
            data, lambda text: map(unpacked, self._automaton.hits(text))
        ):
            anchor = self._automaton.anchors[number]
            if isinstance(anchor, EncodedAnchor) and ENCODINGS[anchor.encoding].name == "base64":
                encoded.setdefault(anchor, array("q")).append(end)

    def _decode(
        self, data: bytes, encoded: _Encoded, chain: tuple[str, ...], work: _Work, depth: int
    ) -> None:
        for anchor, ends in encoded.items():
            encoding = ENCODINGS[anchor.encoding]
            if chain[-1:] == (encoding.name,) and encoding.name in _ONCE:
                continue
            covered = 0
            for end in sorted(ends):
                if end <= covered:
                    continue
                if work.decoded > MAX_DECODED:
                    return
                region = encoding.region(data, end, anchor.phase)
                if region is not None:
                    covered = region.end
                    self._descend(region, (*chain, encoding.name), work, depth)

    def _inflate(
        self,
        data: bytes,
        packed: list[tuple[CompressedAnchor, int]],
        chain: tuple[str, ...],
        work: _Work,
        depth: int,
    ) -> None:
        for anchor, end in packed:
            if work.decoded > MAX_DECODED:
                return
            result = compressed.inflate(data, end, anchor.kind, MAX_INFLATED)
            if result is None:
                continue
            region, longer = result
            if longer:
                work.cut = f"a compressed stream longer than {MAX_INFLATED} bytes"
            self._descend(region, (*chain, "base64", anchor.kind), work, depth)

    def _fold(
        self, data: bytes, made: list[int], chain: tuple[str, ...], work: _Work, depth: int
    ) -> None:
        if not made:
            return
        # Imported when first needed: it parses Python, and start-up counts.
        from keysift.detect.folding import fold  # noqa: PLC0415

        folded = fold(data, made)
        work.cut = work.cut or folded.cut
        if folded.region is not None:
            self._descend(folded.region, (*chain, FOLDED), work, depth)

    def _descend(self, region: Region, chain: tuple[str, ...], work: _Work, depth: int) -> None:
        """Scan decoded text, and bring what it holds back to the offsets of its source."""
        work.decoded += len(region.decoded)
        if work.decoded > MAX_DECODED:
            work.cut = f"more than {MAX_DECODED} decoded bytes"
            return
        inner = _Work(decoded=work.decoded, suspects=None if work.suspects is None else [])
        self._search(region.decoded, chain, inner, depth + 1)
        work.decoded = inner.decoded
        work.cut = work.cut or inner.cut
        if work.suspects is not None and inner.suspects:
            work.suspects.extend(_suspect_outward(one, region) for one in inner.suspects)
        work.kept.extend(_outward(match, region) for match in inner.kept)
        work.suppressed.extend(
            structs.replace(one, match=_outward(one.match, region)) for one in inner.suppressed
        )


_ONCE: Final = frozenset({"reversed", CONCATENATION})
"""Encodings that are not undone twice in a row: reversed twice is the text itself."""


class _Found(Struct):
    """Hits that are not those of detectors.

    Attributes:
        encoded: Encoded text.
        packed: Compressed streams.
        made: Where text is put together from constants.
    """

    encoded: _Encoded = field(default_factory=dict)
    packed: list[tuple[CompressedAnchor, int]] = field(default_factory=list)
    made: list[int] = field(default_factory=list)


class _Work(Struct):
    """What a search has gathered so far.

    Attributes:
        kept: What is reported.
        suppressed: What is not.
        suspects: In their place what nobody has judged, when that is all that is wanted.
        made: Where text is put together.
        decoded: Bytes that were decoded.
        cut: Why it stopped early.
    """

    kept: list[Match] = field(default_factory=list)
    suppressed: list[Suppressed] = field(default_factory=list)
    suspects: list[Suspect] | None = None
    made: list[int] = field(default_factory=list)
    decoded: int = 0
    cut: str = ""


def _suspect_outward(suspect: Suspect, region: Region) -> Suspect:
    start, end = region.span(suspect.start, suspect.end)
    place, _ = region.span(suspect.place, suspect.place + 1)
    return structs.replace(suspect, place=place, start=start, end=end)


def _outward(match: Match, region: Region) -> Match:
    start, end = region.span(match.start, match.end)
    parts = tuple(
        structs.replace(part, start=low, end=high)
        for part in match.parts
        for low, high in [region.span(part.start, part.end)]
    )
    return structs.replace(match, start=start, end=end, parts=parts)


def _place(match: Match, locator: Locator, wide: WideText | None, base: Position) -> Match:
    """Give a match its line and column, and its offsets in the blob as it is."""
    where = locator.position(match.start)
    if wide is None:
        shift = base.offset
        start, end = match.start + shift, match.end + shift
    else:
        start, end = (base.offset + wide.source(place) for place in (match.start, match.end))
    encoding = match.encoding if wide is None else (wide.encoding, *match.encoding)
    return structs.replace(
        match, start=start, end=end, line=where.line, column=where.column, encoding=encoding
    )
