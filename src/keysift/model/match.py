"""Match: a detector and a span in one blob; and the matches that were judged not to be secrets."""

from __future__ import annotations

from enum import Enum

from msgspec import Struct

from keysift.model.grade import Confidence, Severity
from keysift.model.secret import Secret


class Part(Struct, frozen=True):
    """Another half of a secret that has several: an account id, a user name, a host."""

    name: str
    value: Secret
    start: int
    end: int


class Excerpt(Struct, frozen=True, kw_only=True):
    """A match with the lines around it. Other secrets may stand there, so that all of it is one.

    Attributes:
        line: Number of the first line, from 1.
        text: The lines, as they are in the file.
        start: First byte of the match in them.
        end: One past the last byte.
    """

    line: int
    text: Secret
    start: int
    end: int

    @property
    def texts(self) -> tuple[str, str, str]:
        r"""What stands before the match, the match, and what stands after it, for people.

        Bytes that are not UTF-8 become ``\xNN``.
        """
        whole = self.text.reveal()
        before, found, after = whole[: self.start], whole[self.start : self.end], whole[self.end :]
        return (
            Secret(before).reveal_text(),
            Secret(found).reveal_text(),
            Secret(after).reveal_text(),
        )


class Reason(Struct, frozen=True):
    """Something that speaks for or against a value being a secret.

    Attributes:
        name: Name of what was noticed; permanent.
        points: What it adds to the score: ten make it about 2.7 times as likely, or less so.
        text: The same for people; never the value or a part of it.
    """

    name: str
    points: int
    text: str


class Match(Struct, frozen=True, kw_only=True):
    """What a scan of one blob found.

    Attributes:
        detector: Id of the detector.
        secret: The value, decoded.
        start: First byte of the secret in the blob; of its encoded form when ``encoding`` is set.
        end: One past the last byte.
        line: Line of ``start``, from 1.
        column: Column of ``start`` in characters, from 1.
        severity: The detector's, unless a proof moved it (test keys, expired tokens).
        confidence: The detector's, unless a proof moved it.
        encoding: Encodings undone to reach the secret, outermost first.
        proof: Name of the proof that the value passed, if any.
        parts: The other halves, for secrets that have several.
        facts: What the proof or the pattern learned: account, host, scope, expiry.
        score: How plausible it is: the sum of the points of its reasons, which decides confidence;
            None when it was turned down before anything was weighed.
        reasons: What speaks for and against it, the weightiest first.
        excerpt: The lines around it, when the scanner was told to keep them.
    """

    detector: str
    secret: Secret
    start: int
    end: int
    line: int = 1
    column: int = 1
    severity: Severity
    confidence: Confidence
    encoding: tuple[str, ...] = ()
    proof: str | None = None
    parts: tuple[Part, ...] = ()
    facts: dict[str, str] = {}
    score: int | None = None
    reasons: tuple[Reason, ...] = ()
    excerpt: Excerpt | None = None


class SuppressReason(Enum):
    """Why a match is not reported. The value is the word in every report."""

    PLACEHOLDER = "placeholder"
    EXAMPLE = "known_example"
    REPETITION = "repetition"
    SEQUENCE = "sequence"
    TEMPLATE = "template_variable"
    LOOKUP = "environment_lookup"
    ENTROPY = "low_entropy"
    SHAPE = "implausible_shape"
    DIGEST = "digest_context"
    PROOF = "proof_failed"
    SCORE = "low_score"
    UNPAIRED = "unpaired"
    OVERLAP = "overlap"
    KNOWN = "known"


class Suppressed(Struct, frozen=True, kw_only=True):
    """A match that is not reported, and why: every suppression can be explained."""

    match: Match
    reason: SuppressReason
    detail: str = ""
