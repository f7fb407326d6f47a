"""What a run hands to the writers: findings, coverage, and the texts about each detector.

The catalogue stays out of this layer: whoever ran the scan copies the texts of the detectors in.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from msgspec import Struct, field

from keysift.model import (
    Coverage,
    Finding,
    Reason,
    Remark,
    Severity,
    SkipReason,
    SuppressReason,
)


class DetectorText(Struct, frozen=True, kw_only=True):
    """What a report says about a type of secret.

    Attributes:
        name: What it is, as the provider calls it.
        provider: Who issues it.
        what: What an attacker can do with it, in a sentence or two.
        severity: If it works.
        revoke: Where to revoke it: a link; empty when unknown.
        rotate: How to replace it, in a sentence; empty when unknown.
        references: Links to the provider's documentation.
    """

    name: str
    provider: str
    what: str
    severity: Severity
    revoke: str = ""
    rotate: str = ""
    references: tuple[str, ...] = ()


class SuppressedFinding(Struct, frozen=True, kw_only=True):
    """A match that was judged not to be a secret, where it stands and why.

    Attributes:
        detector: Id of the detector that matched.
        mask: The masked value.
        reason: Why it is not reported.
        detail: The reason in numbers or words, never the value.
        score: As in ``Match``.
        reasons: As in ``Match``.
        artifact: As in ``Occurrence.artifact``.
        path: As in ``Occurrence.path``.
        line: From 1.
        column: From 1, in characters.
        part: As in ``Occurrence.part``.
    """

    detector: str
    mask: str
    reason: SuppressReason
    path: str
    line: int
    column: int
    detail: str = ""
    score: int | None = None
    reasons: tuple[Reason, ...] = ()
    artifact: str | None = None
    part: str | None = None


class ScanResult(Struct, kw_only=True):
    """Everything a report can tell about one run.

    Attributes:
        version: Version of keysift.
        ruleset: Digest of the detectors that were used.
        findings: In any order.
        coverage: What was looked at and what was not.
        suppressed: Suppressed matches, when the caller kept them; the counts are in ``coverage``.
        detectors: Texts by detector id. A finding whose detector is missing here is still
            reported, from its own fields.
        remarks: What should have ignored something, and did not.
    """

    version: str
    ruleset: str
    findings: list[Finding]
    coverage: Coverage
    suppressed: list[SuppressedFinding] = field(default_factory=list)
    detectors: Mapping[str, DetectorText] = field(default_factory=dict)
    remarks: list[Remark] = field(default_factory=list)

    @property
    def says_something(self) -> bool:
        """Whether anything was found or looked at, or left out for another reason than failure."""
        coverage = self.coverage
        return bool(
            self.findings
            or coverage.files
            or any(skip.reason is not SkipReason.TARGET_FAILED for skip in coverage.skips)
        )

    def text_of(self, finding: Finding) -> DetectorText:
        """Return the texts about the type of a finding, as far as they are known."""
        known = self.detectors.get(finding.detector)
        if known is not None:
            return known
        return DetectorText(
            name=finding.name, provider=finding.provider, what="", severity=finding.severity
        )


def worst_first(findings: Iterable[Finding]) -> list[Finding]:
    """Return the findings by severity, confidence, detector and first place; deterministic."""
    return sorted(findings, key=_urgency)


def _urgency(finding: Finding) -> tuple[int, int, str, str, str, str]:
    first = finding.occurrences[0] if finding.occurrences else None
    return (
        -finding.severity.rank,
        -finding.confidence.rank,
        finding.detector,
        (first.artifact or "") if first else "",
        first.path if first else "",
        finding.fingerprint,
    )
