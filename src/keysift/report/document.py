r"""The types of the JSON document ``keysift.scan/1``; ``keysift.report.describe`` fills them.

``docs/schemas/scan-1.schema.json`` is generated from these classes (``keysift.report.schema``).
Fields may be added to this version of the format; none is renamed, removed or given another
meaning. A field whose type includes ``UnsetType`` is left out when it has nothing to say.

Lone surrogates, which stand for file names that are not Unicode, are written as ``\uNNNN``.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final, Literal

from msgspec import UNSET, Struct, UnsetType

from keysift.model import Confidence, Severity, SkipReason, SuppressReason, Verdict
from keysift.report.outcome_document import OutcomeDocument

SCHEMA: Final = "keysift.scan/1"
"""Name of the format; a change that breaks readers gets another number."""


class CommitDocument(Struct, kw_only=True):
    """A commit of git.

    Attributes:
        id: Its whole object id.
        author: Name of its author.
        email: Address of its author.
        date: When it was authored (UTC).
    """

    id: str
    author: str
    email: str
    date: datetime


class OccurrenceDocument(Struct, kw_only=True):
    """One place where a secret stands.

    Attributes:
        target: What the user asked to scan.
        artifact: Package URL of a registry artifact, or the path of a local archive; null for a
            loose file.
        path: Path inside the artifact, or of the loose file.
        line: From 1.
        column: From 1, in characters.
        start: Byte offset in the file or part.
        end: One past the last byte.
        encoding: Encodings undone to reach the secret, outermost first.
        part: Part of a structured file (``cell 3``).
        uploaded: When the registry received the artifact (UTC).
        yanked: The reason the index gives, which may be empty; absent when not yanked.
        commit: The commit that brought the secret to this place, in a scan of git.
        in_head: Whether the commit that is checked out still holds the secret, in a scan of git.
    """

    target: str
    artifact: str | None
    path: str
    line: int
    column: int
    start: int
    end: int
    encoding: tuple[str, ...]
    part: str | UnsetType = UNSET
    uploaded: datetime | UnsetType = UNSET
    yanked: str | UnsetType = UNSET
    commit: CommitDocument | UnsetType = UNSET
    in_head: bool | UnsetType = UNSET


class PartDocument(Struct, kw_only=True):
    """Another half of a secret that has several.

    Attributes:
        secret: The mask.
        value: The value, when revealed and UTF-8.
        value_base64: The value in base64, when revealed and not UTF-8.
    """

    secret: str
    value: str | UnsetType = UNSET
    value_base64: str | UnsetType = UNSET


class ReasonDocument(Struct, kw_only=True):
    """Something that speaks for or against a value being a secret.

    Attributes:
        name: What was noticed.
        points: What it adds to the score.
        text: The same for people.
    """

    name: str
    points: int
    text: str


class FindingDocument(Struct, kw_only=True):
    """A secret with all its occurrences.

    Attributes:
        detector: Detector id; with ``fingerprint`` the identity of the finding.
        provider: Who issues this type of secret.
        name: Name of the type.
        severity: How much harm it could do.
        confidence: How sure it is a secret of this type.
        fingerprint: Keyed fingerprint, 32 hex digits; comparable only under the same key.
        secret: The mask.
        proof: Name of the offline proof it passed, or null.
        verdict: What the provider says.
        outcome: What else it told; missing when nobody asked.
        what: What an attacker can do with it.
        revoke: Where to revoke it; may be empty.
        rotate: How to replace it; may be empty.
        references: Documentation of the provider.
        facts: What proofs and patterns learned.
        score: How plausible it is, at its surest place: the sum of the points of its reasons.
            Ten points make it about 2.7 times as likely.
        reasons: What speaks for and against it there, the weightiest first.
        parts: Other halves by name.
        occurrences: Every place it was seen.
        value: The value, when revealed and UTF-8.
        value_base64: The value in base64, when revealed and not UTF-8.
    """

    detector: str
    provider: str
    name: str
    severity: Severity
    confidence: Confidence
    fingerprint: str
    secret: str
    proof: str | None
    verdict: Verdict
    what: str
    revoke: str
    rotate: str
    references: tuple[str, ...]
    facts: dict[str, str]
    score: int | None
    reasons: list[ReasonDocument]
    parts: dict[str, PartDocument]
    occurrences: list[OccurrenceDocument]
    outcome: OutcomeDocument | UnsetType = UNSET
    value: str | UnsetType = UNSET
    value_base64: str | UnsetType = UNSET


class SuppressedDocument(Struct, kw_only=True):
    """A match that was judged not to be a secret.

    Attributes:
        detector: Detector id.
        secret: The mask.
        reason: Why it is not reported.
        detail: The reason in numbers or words.
        score: As in a finding; null when it was turned down before anything was weighed.
        reasons: As in a finding.
        artifact: As in an occurrence.
        path: As in an occurrence.
        line: From 1.
        column: From 1, in characters.
        part: As in an occurrence.
    """

    detector: str
    secret: str
    reason: SuppressReason
    detail: str
    score: int | None
    reasons: list[ReasonDocument]
    artifact: str | None
    path: str
    line: int
    column: int
    part: str | UnsetType = UNSET


class SkipDocument(Struct, kw_only=True):
    """Something that was not looked at.

    Attributes:
        artifact: Name of the artifact; empty for a loose file.
        path: The member or file; empty for the artifact itself.
        reason: Why.
        detail: What exactly, in words.
        gap: True when content may have been missed, so the run is not complete.
        size_bytes: How much was not looked at, when known.
    """

    artifact: str
    path: str
    reason: SkipReason
    detail: str
    gap: bool
    size_bytes: int | UnsetType = UNSET


class CoverageDocument(Struct, kw_only=True):
    """What the run looked at, and what it did not.

    Attributes:
        artifacts: Artifacts or loose files opened.
        files: Members and files seen, whether scanned or not.
        bytes: Bytes of content that were looked at.
        scanned: Files whose content went through the detectors.
        duplicates: Files whose content had been scanned already.
        hidden: Findings left out because of their confidence or severity.
        suppressed: Number of suppressed matches by reason.
        skipped: Number of skips by reason.
        skips: Every skip.
        complete: False when something was skipped that may have held a secret.
    """

    artifacts: int
    files: int
    bytes: int
    scanned: int
    duplicates: int
    hidden: int
    suppressed: dict[str, int]
    skipped: dict[str, int]
    skips: list[SkipDocument]
    complete: bool


class ScanDocument(Struct, kw_only=True):
    """The whole document.

    Attributes:
        schema: Name and version of this format.
        version: Version of keysift.
        ruleset: Digest of the detectors that were used.
        findings: The worst first.
        suppressed: Suppressed matches, when they were asked for.
        coverage: What was looked at.
    """

    schema: Literal["keysift.scan/1"]
    version: str
    ruleset: str
    findings: list[FindingDocument]
    suppressed: list[SuppressedDocument]
    coverage: CoverageDocument
