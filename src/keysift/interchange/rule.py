"""A rule of another scanner, as its file says it, before it becomes a detector."""

from __future__ import annotations

from enum import Enum

from msgspec import Struct, field

from keysift.model import Confidence


class Dialect(Enum):
    """Which regular expressions a file has."""

    GO = "RE2"
    """Gitleaks and Betterleaks."""

    RUST = "Vectorscan and Rust"
    """Kingfisher and Nosey Parker, which compile each pattern with both."""


class Rule(Struct, kw_only=True):
    """One rule.

    Attributes:
        id: Its id, as written.
        name: What it finds.
        pattern: Its expression, as written.
        dialect: What that is written in.
        group: Number or name of the group that is the secret; None: the first, else all.
        keywords: Words of which one must be in the file.
        entropy: Least Shannon entropy, in bits a character.
        confidence: As the file says it.
        needs: Kinds of characters that the secret must have, as in ``Detector.needs``.
        examples: Text that it finds.
        negatives: Text that it does not.
        references: Links.
        left: What of it has no like here, a line each.
    """

    id: str
    name: str
    pattern: str
    dialect: Dialect
    group: int | str | None = None
    keywords: tuple[str, ...] = ()
    entropy: float = 0.0
    confidence: Confidence = Confidence.MEDIUM
    needs: tuple[str, ...] = ()
    examples: tuple[str, ...] = ()
    negatives: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    left: list[str] = field(default_factory=list)


class RuleFile(Struct):
    """What a file of rules holds.

    Attributes:
        rules: The rules that have an expression.
        left: What of the file, or of other rules, has no like here, a line each.
    """

    rules: list[Rule] = field(default_factory=list)
    left: list[str] = field(default_factory=list)
