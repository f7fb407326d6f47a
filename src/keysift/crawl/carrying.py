"""What versions of a file carry along: what was found in one stands in the next ones as well.

What decides about a match stands near it, with few exceptions. Where a version has the same bytes
there, it holds the same; where any of them changed, it is looked at again.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from typing import Final, TypeAlias

from msgspec import Struct, structs

from keysift.catalogue.schema import Detector
from keysift.crawl.seen import Echo, Found, Held, Seen, Sighting
from keysift.detect.setting import LANDMARK_BYTES, Setting, Surroundings, landmarks
from keysift.model import Secret, SuppressReason
from keysift.sources.git.edits import Edit

AROUND: Final = 400
"""Bytes before and behind a match that are the same where it is carried along: what its score and
its setting are read from (``keysift.detect.evidence.view``)."""

_OF_ITSELF: Final = frozenset(
    {
        SuppressReason.EXAMPLE,
        SuppressReason.ENTROPY,
        SuppressReason.OVERLAP,
        SuppressReason.PLACEHOLDER,
        SuppressReason.PROOF,
        SuppressReason.REPETITION,
        SuppressReason.SEQUENCE,
        SuppressReason.SHAPE,
        SuppressReason.TEMPLATE,
    }
)
"""Reasons that a value gives, whatever stands around it."""

_Span: TypeAlias = tuple[int, int]


class Block(Struct, frozen=True):
    """Lines that hold matches, with what is around them.

    Attributes:
        text: The lines.
        echo: Where they stand, and what they hold.
        settings: Offsets from the beginning of the lines to matches, and what far away decides
            about the setting there; for those that are judged by it.
        identities: Detectors and values of what they hold.
    """

    text: bytes
    echo: Echo
    settings: tuple[tuple[int, Setting | None], ...]
    identities: frozenset[tuple[str, Secret]]

    @property
    def start(self) -> int:
        """Offset of the first byte."""
        return self.echo.start

    @property
    def end(self) -> int:
        """One past the last byte."""
        return self.echo.start + len(self.text)

    def moved(self, text: bytes, place: int) -> Block:
        """Return it where it stands in another text."""
        line = text.count(b"\n", 0, place) + 1
        return structs.replace(self, echo=Echo(place, line, self.echo.held))

    def is_set_as_before(self, around: Surroundings) -> bool:
        """Tell whether its matches have the setting that they had."""
        return all(
            around.far_setting(self.start + offset) is setting for offset, setting in self.settings
        )


Blocks: TypeAlias = tuple[Block, ...]
"""In the order of where they stand."""


class Carried(Struct, frozen=True):
    """What a text has of what the one before it held.

    Attributes:
        kept: What it holds as well.
        lost: Bytes of the longest block that it does not have; 0 when it has all.
        doubtful: Begin and end of blocks that it has, but in another setting.
    """

    kept: Blocks = ()
    lost: int = 0
    doubtful: tuple[_Span, ...] = ()

    @property
    def is_all(self) -> bool:
        """Whether nothing was lost."""
        return not (self.lost or self.doubtful)

    def knows(self, detector: str, secret: Secret, place: int) -> bool:
        """Tell whether what stands at a place of the text is carried along."""
        index = bisect_right(self.kept, place, key=_start) - 1
        if index < 0 or place >= self.kept[index].end:
            return False
        return (detector, secret) in self.kept[index].identities


def carried(blocks: Blocks, text: bytes, edit: Edit) -> Carried:
    """Return what a text holds that another one was made of.

    Args:
        blocks: Those of the other.
        text: The text.
        edit: What was made of the other.
    """
    if not blocks:
        return _NOTHING
    kept: list[Block] = []
    lost = floor = 0
    last = b""
    tail = len(text) - edit.growth - edit.tail
    for block in blocks:
        if block.end <= edit.head:
            kept.append(block)
            continue
        if block.start >= tail:
            kept.append(block.moved(text, block.start + edit.growth))
            continue
        # The same block twice: the second stands behind the first.
        low = floor if block.text == last else max(0, edit.head - len(block.text) + 1)
        place = text.find(block.text, low, len(text) - edit.tail + len(block.text) - 1)
        if place < 0:
            lost = max(lost, len(block.text))
            continue
        floor, last = place + 1, block.text
        kept.append(block.moved(text, place))
    if not (kept and _turns(edit, text)):
        return Carried(in_order(kept), lost)
    around = Surroundings(text)
    same: list[Block] = []
    doubtful: list[_Span] = []
    for block in kept:
        if block.is_set_as_before(around):
            same.append(block)
        else:
            doubtful.append((block.start, block.end))
    return Carried(in_order(same), lost, tuple(doubtful))


_NOTHING: Final = Carried()


def in_order(blocks: Iterable[Block]) -> Blocks:
    """Return blocks in the order of where they stand."""
    return tuple(sorted(blocks, key=_start))


def _turns(edit: Edit, text: bytes) -> bool:
    """Tell whether an edit may decide about settings far away from it."""
    removed: list[bytes] = []
    put_in: list[bytes] = []
    for start, end, old in edit.exchanges:
        if old is None:
            return True
        before = text[max(0, start - LANDMARK_BYTES) : start]
        after = text[end : end + LANDMARK_BYTES]
        removed += (before, old, after, b" ")
        put_in += (before, text[start:end], after, b" ")
    return landmarks(b"".join(removed)) != landmarks(b"".join(put_in))


def blocks_of(text: bytes, seen: Seen, detectors: Mapping[str, Detector]) -> list[Block] | None:
    """Return what to look for in the next version of a text; None when it has to be scanned.

    Args:
        text: The text.
        seen: What was found in it.
        detectors: The catalogue by id.
    """
    found: list[Found] = [*seen.sightings, *seen.suppressed]
    if any(one.part is not None for one in found) or any(one.below for one in seen.sightings):
        return None
    around = Surroundings(text)
    matches = sorted((_Placed.of(one, detectors) for one in found), key=lambda placed: placed.span)
    blocks: list[Block] = []
    group: list[_Placed] = []
    high = 0
    for one in matches:
        if group and one.span[0] > high:
            blocks.append(_block(around, group))
            group = []
        high = max(high, one.span[1]) if group else one.span[1]
        group.append(one)
    if group:
        blocks.append(_block(around, group))
    return blocks


class _Placed(Struct, frozen=True):
    """A sighting with what decides about it.

    Attributes:
        found: The sighting.
        span: Begin and end of the match and its other halves, with what it is judged by.
        is_set: Whether its setting matters.
    """

    found: Found
    span: _Span
    is_set: bool

    @classmethod
    def of(cls, found: Found, detectors: Mapping[str, Detector]) -> _Placed:
        match = found.match
        low = min((match.start, *(part.start for part in match.parts)))
        high = max((match.end, *(part.end for part in match.parts)))
        if match.excerpt is not None:
            begin = match.start - match.excerpt.start
            low, high = min(low, begin), max(high, begin + len(match.excerpt.text))
        if _is_of_itself(found, detectors):
            return cls(found, (low, high), is_set=False)
        return cls(found, (max(0, low - AROUND), high + AROUND), is_set=True)


def _is_of_itself(found: Found, detectors: Mapping[str, Detector]) -> bool:
    """Tell whether a match would be judged the same wherever its lines stood."""
    if isinstance(found, Sighting):
        return False
    reason, match = found.suppressed.reason, found.match
    if reason is SuppressReason.SCORE:
        # Imported when first needed: start-up counts.
        from keysift.detect.evidence.score import is_hopeless  # noqa: PLC0415

        return is_hopeless(match, detectors[match.detector])
    return reason in _OF_ITSELF


def _block(around: Surroundings, group: Sequence[_Placed]) -> Block:
    text = around.data
    # Whole lines, so that columns stay what they are, and nothing is written on.
    low = text.rfind(b"\n", 0, group[0].span[0]) + 1
    end = text.find(b"\n", max(one.span[1] for one in group))
    line = text.count(b"\n", 0, low) + 1
    held: list[Held] = []
    settings: list[tuple[int, Setting | None]] = []
    for one in group:
        match = one.found.match
        held.append(Held(one.found, match.start - low, match.line - line))
        if one.is_set:
            settings.append((match.start - low, around.far_setting(match.start)))
    matches = (one.found.match for one in group)
    return Block(
        text=text[low : len(text) if end < 0 else end],
        echo=Echo(low, line, tuple(held)),
        settings=tuple(settings),
        identities=frozenset((match.detector, match.secret) for match in matches),
    )


def _start(block: Block) -> int:
    return block.start
