"""Finding: one secret with all its occurrences."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct, field

from keysift.model.commit import Commit
from keysift.model.grade import Confidence, Severity
from keysift.model.match import Reason
from keysift.model.secret import Secret
from keysift.model.verdict import Outcome, Verdict


class Occurrence(Struct, frozen=True, kw_only=True):
    """One place where a secret stands.

    Attributes:
        target: What the user asked to scan.
        artifact: Package URL of a registry artifact, or the path of a local archive; None for
            loose files.
        path: Path inside the artifact, or of the loose file.
        part: Part of a structured file (``cell 3``), else None.
        line: From 1.
        column: From 1, in characters.
        start: Byte offset in the file or part.
        end: One past the last byte.
        encoding: Encodings undone to reach the secret, outermost first.
        uploaded: When the registry received the artifact (UTC).
        yanked: None when not yanked, else the reason the index gives.
        commit: The commit that brought the secret to this place; None outside of git, and for what
            no commit holds.
        in_head: Whether the commit that is checked out still holds the secret; None outside of git.
    """

    target: str
    artifact: str | None
    path: str
    line: int
    column: int
    start: int
    end: int
    part: str | None = None
    encoding: tuple[str, ...] = ()
    uploaded: datetime | None = None
    yanked: str | None = None
    commit: Commit | None = None
    in_head: bool | None = None

    @property
    def is_published(self) -> bool:
        """Whether a registry serves it: then its artifact is a package URL."""
        return self.artifact is not None and self.artifact.startswith("pkg:")


class Finding(Struct, kw_only=True):
    """A secret (detector + value) with all its occurrences.

    Attributes:
        detector: Detector id; with ``fingerprint`` the identity of the finding.
        provider: Who issues this type of secret.
        name: Name of the type.
        severity: The worst of its matches.
        confidence: The best of its matches.
        fingerprint: Keyed fingerprint, 32 hex digits.
        secret: The value, which shows itself as a mask.
        proof: Name of the proof it passed, if any.
        verdict: What the provider says.
        outcome: What else it told; None: nobody asked.
        facts: What proofs and patterns learned.
        score: That of its surest match.
        reasons: What speaks for and against that one, the weightiest first.
        parts: Other halves by name, for secrets that have several.
        occurrences: Every place it was seen, in order of target, upload, artifact, path, offset.
    """

    detector: str
    provider: str
    name: str
    severity: Severity
    confidence: Confidence
    fingerprint: str
    secret: Secret
    proof: str | None = None
    verdict: Verdict = Verdict.UNCHECKED
    outcome: Outcome | None = None
    facts: dict[str, str] = field(default_factory=dict)
    score: int | None = None
    reasons: tuple[Reason, ...] = ()
    parts: dict[str, Secret] = field(default_factory=dict)
    occurrences: list[Occurrence] = field(default_factory=list)
