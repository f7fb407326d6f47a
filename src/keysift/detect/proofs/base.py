"""What a proof is: a function from a candidate to what can be decided about it offline."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeAlias

from msgspec import Struct, field

from keysift.model import Confidence, Severity


class Candidate(Struct, frozen=True):
    """A value to judge.

    Attributes:
        value: The secret.
        parts: The other named groups and parts of the match.
    """

    value: bytes
    parts: Mapping[str, bytes] = field(default_factory=dict)


class Proven(Struct, frozen=True):
    """The value is what its detector says.

    Attributes:
        kind: How that is known: ``checksum`` and ``key`` settle the matter, ``structure`` makes it
            likely.
        facts: What was learned; never the secret or a part of it.
        severity: Instead of the detector's: test keys and expired tokens are less.
        confidence: Instead of the detector's.
    """

    kind: str
    facts: Mapping[str, str] = field(default_factory=dict)
    severity: Severity | None = None
    confidence: Confidence | None = None


class Refuted(Struct, frozen=True):
    """The value cannot be what its detector says; it is not reported.

    Attributes:
        detail: Why, for a person; never the value.
    """

    detail: str


class Undecided(Struct, frozen=True):
    """Nothing proves or refutes the value.

    Attributes:
        facts: What was learned all the same.
        confidence: Instead of the detector's.
        least: At least this: the look of the value says more than its name.
    """

    facts: Mapping[str, str] = field(default_factory=dict)
    confidence: Confidence | None = None
    least: Confidence | None = None


Outcome: TypeAlias = Proven | Refuted | Undecided

Proof: TypeAlias = Callable[[Candidate], Outcome]
"""Bytes in, no input or output; raises nothing, whatever the bytes."""


def fact(value: object, limit: int = 100) -> str:
    """Return something read from a token as a fact: printable, and at most ``limit`` characters.

    Whoever wrote the scanned file decides what it holds, and reports are read on terminals.
    """
    return "".join(char if char.isprintable() else "·" for char in str(value)[:limit])
