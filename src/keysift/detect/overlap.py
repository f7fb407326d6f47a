"""Where several detectors claim the same bytes, the most specific one keeps them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from keysift.catalogue.schema import Category, Detector
from keysift.detect.encodings import CONCATENATION
from keysift.detect.fixed import fixed_characters
from keysift.detect.nearness import FAR, distance
from keysift.model import Match, Suppressed, SuppressReason

_STILL_CLAIMS: Final = frozenset(SuppressReason) - {
    SuppressReason.UNPAIRED,
    SuppressReason.OVERLAP,
    SuppressReason.SHAPE,
    SuppressReason.DIGEST,
}
"""A specific detector that recognised a placeholder speaks for its bytes: no vaguer one may report
them as something else. One that merely lacks its other half does not."""

_TELLING: Final = 12
"""Fixed characters that say whose a secret is; more of them say no more."""

_BITS: Final = 12
"""Bytes of a secret are compared in buckets of 4 KiB, so that many matches stay linear."""


def resolve(
    matches: Iterable[Match],
    suppressed: Iterable[Suppressed],
    detectors: Mapping[str, Detector],
    text: bytes = b"",
) -> tuple[list[Match], list[Suppressed]]:
    """Keep, of matches that share bytes, the most specific.

    Args:
        matches: What was found in one text.
        suppressed: What was judged not to be a secret; it can still claim its bytes.
        detectors: The catalogue by id.
        text: The text, for the names of providers that stand around.

    Returns:
        The matches that stay, by offset, and those that yield.
    """
    claims = [(one.match, False) for one in suppressed if one.reason in _STILL_CLAIMS] + [
        (match, True) for match in _whole(list(matches))
    ]
    claims.sort(key=lambda claim: _rank(claim[0], detectors[claim[0].detector], text), reverse=True)
    taken: dict[int, list[tuple[int, int, Match]]] = {}
    kept: list[Match] = []
    yielded: list[Suppressed] = []
    for match, stays in claims:
        winner = _winner(match, taken)
        if winner is None:
            for start, end in _spans(match):
                for bucket in range(start >> _BITS, (end >> _BITS) + 1):
                    taken.setdefault(bucket, []).append((start, end, match))
            if stays:
                kept.append(match)
        elif stays and not _repeats(match, winner):
            detail = f"{winner.detector} is more specific"
            yielded.append(Suppressed(match=match, reason=SuppressReason.OVERLAP, detail=detail))
    kept.sort(key=lambda match: (match.start, match.end, match.detector))
    return kept, yielded


def _whole(matches: list[Match]) -> list[Match]:
    """Leave out matches in a piece of a text that another one shows to go on in the next piece."""
    joined = {
        (match.detector, match.start, match.encoding[:-1]): match.end
        for match in matches
        if match.encoding[-1:] == (CONCATENATION,)
    }
    if not joined:
        return matches
    return [
        match
        for match in matches
        if joined.get((match.detector, match.start, match.encoding), 0) <= match.end
    ]


def _repeats(match: Match, winner: Match) -> bool:
    """Tell whether two ways of reading the same bytes gave the same secret."""
    return match.detector == winner.detector and match.secret == winner.secret


def _winner(match: Match, taken: dict[int, list[tuple[int, int, Match]]]) -> Match | None:
    for bucket in range(match.start >> _BITS, (match.end >> _BITS) + 1):
        for start, end, other in taken.get(bucket, ()):
            if start < match.end and match.start < end:
                return other
    return None


def _spans(match: Match) -> list[tuple[int, int]]:
    return [(match.start, match.end), *((part.start, part.end) for part in match.parts)]


def _rank(
    match: Match, detector: Detector, text: bytes
) -> tuple[bool, bool, int, bool, int, int, int, bool, int, int, str]:
    """Order matches by how specific they are; the last ones only make the order certain."""
    pattern = detector.value or detector.pattern
    is_whole = not (detector.keywords or detector.yields)
    fixed = min(_TELLING, fixed_characters(pattern, is_whole=is_whole))
    return (
        not detector.yields,
        detector.category is not Category.GENERIC,
        len(detector.parts) and len(match.parts),
        match.proof is not None,
        # What a pattern itself wants around a secret says as much as what it wants in it.
        fixed,
        # A service account says more than the key in it.
        match.end - match.start if fixed == _TELLING else 0,
        # Of two types with the same shape it is the one whose provider is named nearest.
        -distance(text, match.start, match.end, detector) if not detector.yields else -FAR,
        not detector.keywords,
        -len(match.encoding),
        match.end - match.start,
        match.detector,
    )
