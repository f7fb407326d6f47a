"""What a proof is: a function from a candidate to what can be decided about it offline.

Each proof is registered with what it decides, what it can learn and where its format is specified;
``docs/proofs.md`` is made from that.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Mapping
from typing import Final, TypeAlias

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


class Description(Struct, frozen=True):
    """What a proof says about itself.

    Attributes:
        name: Permanent, kebab-case: detector files use it.
        decides: What it proves, refutes or leaves open, in a sentence or two.
        sources: Where the format is specified: documentation, or the provider's own code. What
            nobody specifies says so.
        learns: Names of the facts it can give (``keysift.model.facts``).
        judge: The proof.
    """

    name: str
    decides: str
    sources: tuple[str, ...]
    learns: tuple[str, ...]
    judge: Proof


REGISTRY: Final[dict[str, Description]] = {}
"""The proofs of all modules imported so far, by name."""


def proof(
    name: str, *, decides: str, sources: tuple[str, ...], learns: tuple[str, ...] = ()
) -> Callable[[Proof], Proof]:
    """Register the function below it as a proof; the fields are those of ``Description``.

    Raises:
        ValueError: Another proof has the name.
    """

    def register(judge: Proof) -> Proof:
        if name in REGISTRY:
            raise ValueError(name)
        REGISTRY[name] = Description(name, decides, sources, learns, judge)
        return judge

    return register


def from_base64(text: bytes) -> bytes | None:
    """Return what standard base64 stands for, its padding left out or not; None when it is none."""
    try:
        return base64.b64decode(text + b"=" * (-len(text) % 4), validate=True)
    except (binascii.Error, ValueError):
        return None
