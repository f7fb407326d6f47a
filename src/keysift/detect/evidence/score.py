"""The score of a value that only its name makes a secret."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Final
from urllib.parse import unquote_to_bytes

from keysift.catalogue.schema import Detector
from keysift.detect.evidence.name import NAME
from keysift.detect.evidence.place import PLACE
from keysift.detect.evidence.value import VALUE
from keysift.detect.evidence.view import View
from keysift.detect.evidence.weights import LEAST, Kind, reason, weights
from keysift.detect.weighing import kind
from keysift.model import Confidence, Match, Reason

FEATURES: Final = VALUE | NAME | PLACE
"""Every test by the name of what it notices."""

BASE: Final = "base"
"""Name of the reason that every value of a kind begins with."""


def evidence(view: View, kind: Kind) -> list[Reason]:
    """Return what a value, its name and the text around it say, in no order.

    What is left is not asked when it could not lift the score to the lowest confidence any more:
    most candidates are no secrets, and the value alone says so.
    """
    reasons = [reason(BASE, kind)]
    score = reasons[0].points
    for name, points, hope in _questions(kind):
        if FEATURES[name](view):
            reasons.append(reason(name, kind))
            score += points
        if score + hope < LEAST[Confidence.LOW]:
            break
    return reasons


@cache
def _questions(kind: Kind) -> tuple[tuple[str, int, int], ...]:
    """Return the features that count for a kind, their points, and all that may come after each."""
    asked = [(name, points) for name in FEATURES if (points := weights()[name].of(kind))]
    gains = [max(0, points) for _, points in asked]
    return tuple(
        (name, points, sum(gains[place + 1 :])) for place, (name, points) in enumerate(asked)
    )


def judged(
    data: bytes, value: bytes, span: tuple[int, int], parts: Mapping[str, bytes], kind: Kind
) -> list[Reason]:
    """Return the evidence about a value in a text.

    Args:
        data: The text.
        value: The value; percent-encoded when its parts hold a scheme (RFC 3986).
        span: Where it begins, and one past its last byte.
        parts: What else was found, by name: ``label``, ``user``, ``scheme``.
        kind: What is judged.
    """
    is_encoded = "scheme" in parts and b"%" in value
    view = View(
        unquote_to_bytes(value) if is_encoded else value,
        data,
        span,
        label=parts.get("label", b""),
        user=parts.get("user", b""),
    )
    return evidence(view, kind)


def is_hopeless(match: Match, detector: Detector) -> bool:
    """Tell whether a value was turned down for itself and its name: nothing around could help.

    Args:
        match: What was turned down for its score.
        detector: The detector that found it.
    """
    label = next((part.value.reveal() for part in match.parts if part.name == "label"), b"")
    scaled = kind(detector, label)
    noticed = {one.name for one in match.reasons}
    score = reason(BASE, scaled).points
    # As in `evidence`: it stops at the same question.
    for name, points, hope in _questions(scaled):
        if name in PLACE:
            return False
        if name in noticed:
            score += points
        if score + hope < LEAST[Confidence.LOW]:
            return True
    return False
