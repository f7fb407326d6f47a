"""What the store knows, handed to the writers: a page of findings and how many there are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final, NoReturn

from msgspec import Struct, field

from keysift.model import Coverage, Finding, Occurrence, Secret, Severity, Skip, SkipReason
from keysift.report.result import DetectorText, ScanResult
from keysift.sources.project_page import package_url
from keysift.store.queries.places import Looked
from keysift.store.queries.values import Place, StoredFinding

WHOLE: Final = ""
"""Name of the value of a secret itself, among its halves."""


class Listing(Struct, kw_only=True):
    """A page of findings.

    Attributes:
        version: Version of keysift.
        ruleset: Digest of the detectors that the texts are of.
        findings: Those of the page, sorted.
        total: How many fulfil the filters, on all pages.
        by_severity: How many of these have which severity, without the canaries.
        canaries: How many of these are canaries.
        offset: How many stand before the page.
        looked: How much of the indexes was looked at.
        detectors: Texts by detector id; may lack some.
        values: Values by number and name (empty for the secret itself), when they are revealed.
        advice: Advice of providers for narrower secrets, by detector id; may lack some.
    """

    version: str
    ruleset: str
    findings: Iterable[StoredFinding]
    total: int
    by_severity: Mapping[Severity, int]
    canaries: int = 0
    offset: int
    looked: Looked
    detectors: Mapping[str, DetectorText]
    values: Mapping[int, Mapping[str, Secret]] = field(default_factory=dict)
    advice: Mapping[str, str] = field(default_factory=dict)

    def text_of(self, finding: StoredFinding) -> DetectorText:
        """Return the texts about the type of a finding; a detector that is gone has its id."""
        return text_of(self.detectors, finding)


def text_of(detectors: Mapping[str, DetectorText], finding: StoredFinding) -> DetectorText:
    """Return the texts about the type of a finding; a detector that is gone has its id."""
    known = detectors.get(finding.detector)
    if known is not None:
        return known
    return DetectorText(name=finding.detector, provider="", what="", severity=finding.severity)


class Masked(Secret):
    """A secret whose value is not at hand: its mask is all there is."""

    __slots__ = ("_mask",)

    def __init__(self, mask: str) -> None:
        super().__init__(b"")
        self._mask = mask

    @property
    def mask(self) -> str:
        """What may be shown of it."""
        return self._mask

    def reveal(self) -> bytes:
        """Refuse.

        Raises:
            ValueError: Always.
        """
        raise ValueError("the value of a masked secret is not at hand")

    def __eq__(self, other: object) -> bool:
        return self is other

    def __hash__(self) -> int:
        return id(self)

    def __reduce__(self) -> NoReturn:
        # Another process would get a secret whose value is empty.
        raise TypeError("a masked secret stays where it is")


def as_finding(finding: StoredFinding, places: Iterable[Place], text: DetectorText) -> Finding:
    """Return a finding as a scan would report it, without its value.

    Args:
        finding: The finding.
        places: Its occurrences.
        text: About its detector.
    """
    return Finding(
        detector=finding.detector,
        provider=text.provider,
        name=text.name,
        severity=finding.severity,
        confidence=finding.confidence,
        fingerprint=finding.fingerprint,
        secret=Masked(finding.mask),
        proof=finding.proof,
        verdict=finding.verdict,
        outcome=finding.outcome,
        facts=dict(finding.facts),
        score=finding.score,
        reasons=finding.reasons,
        parts={name: Masked(mask) for name, mask in finding.parts.items()},
        occurrences=[as_occurrence(place) for place in places],
    )


def as_occurrence(place: Place) -> Occurrence:
    """Return a place as a scan would report it."""
    return Occurrence(
        target=f"pypi:{place.project}",
        artifact=package_url(place.project, place.version, place.artifact),
        path=place.path,
        part=place.part,
        line=place.line,
        column=place.column,
        start=place.start,
        end=place.end,
        encoding=place.encoding,
        uploaded=place.uploaded_at,
        yanked=place.yanked,
    )


def as_result(
    listing: Listing, findings: Iterable[StoredFinding], places: Iterable[Place]
) -> ScanResult:
    """Return a listing as the result of a scan, for formats that know nothing else.

    Args:
        listing: The listing.
        findings: Its findings.
        places: All their occurrences.
    """
    standing: dict[int, list[Place]] = {}
    for place in places:
        standing.setdefault(place.secret_id, []).append(place)
    looked = listing.looked
    missed = {
        SkipReason.DOWNLOAD_FAILED: (looked.failed, "files whose scan failed"),
        SkipReason.INTERRUPTED: (looked.pending, "files that were not scanned yet"),
        SkipReason.UNREADABLE: (looked.incomplete, "files of which parts could not be looked at"),
    }
    skips = [
        Skip(path="", reason=reason, detail=f"{number:,} {what}")
        for reason, (number, what) in missed.items()
        if number
    ]
    return ScanResult(
        version=listing.version,
        ruleset=listing.ruleset,
        findings=[
            as_finding(finding, standing.get(finding.id, ()), listing.text_of(finding))
            for finding in findings
        ],
        coverage=Coverage(artifacts=looked.scanned, skips=skips),
        detectors=listing.detectors,
    )
