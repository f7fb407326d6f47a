"""What each piece of evidence counts, and the confidence that a sum stands for.

Ten points make it about 2.7 times as likely that a value is a secret: for keys and passwords under
a general name, the score is ten times the logarithm of the odds. ``weights.json`` holds points and
words; ``benchmarks/plausibility/train.py`` computes the points.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum
from functools import cache
from pathlib import Path
from typing import Final

import msgspec
from msgspec import Struct

from keysift.model import Confidence, Reason

LEAST: Final[dict[Confidence, int]] = {
    Confidence.HIGH: 33,
    Confidence.MEDIUM: 14,
    Confidence.LOW: 3,
}
"""Least score of each confidence: odds of 27 to 1, 4 to 1 and 1.3 to 1. Below is no secret."""


class Kind(Enum):
    """What is judged. The value is the name of its points in ``weights.json``."""

    KEY = "key"
    """A key or token that only its name makes one."""

    PASSWORD = "password"  # noqa: S105 (the name of a kind)
    """A password that only its name makes one."""

    FORM = "form"
    """A value of a form that its provider gives."""


class Weight(Struct, frozen=True, forbid_unknown_fields=True):
    """The points of a piece of evidence.

    Attributes:
        says: What was noticed, for people.
        key: Points for keys and tokens.
        password: Points for passwords.
        form: Points for values that have the form of their type.
    """

    says: str
    key: int = 0
    password: int = 0
    form: int = 0

    def of(self, kind: Kind) -> int:
        """Return the points for one kind of value."""
        match kind:
            case Kind.KEY:
                return self.key
            case Kind.PASSWORD:
                return self.password
            case Kind.FORM:
                return self.form


@cache
def weights() -> dict[str, Weight]:
    """Return the weights by the names of their evidence."""
    encoded = (Path(__file__).parent / "weights.json").read_bytes()
    return msgspec.json.decode(encoded, type=dict[str, Weight])


def reason(name: str, kind: Kind) -> Reason:
    """Return the reason for something that was noticed."""
    weight = weights()[name]
    return Reason(name, weight.of(kind), weight.says)


def ordered(reasons: Iterable[Reason]) -> tuple[Reason, ...]:
    """Return reasons with the weightiest first."""
    return tuple(sorted(reasons, key=lambda one: (-abs(one.points), one.name)))


def total(reasons: Iterable[Reason]) -> int:
    """Return the score: the sum of the points."""
    return sum(one.points for one in reasons)


def grade(score: int) -> Confidence | None:
    """Return the confidence that a score stands for; None: not a secret."""
    return next((grade for grade, least in LEAST.items() if score >= least), None)
