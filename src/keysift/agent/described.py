"""How findings become what an agent is told."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from msgspec import UnsetType

from keysift.agent.values import Found, Gap, Place, Remembered
from keysift.model import Coverage, Finding, Verdict
from keysift.report.describe import finding_document
from keysift.report.document import FindingDocument, OccurrenceDocument
from keysift.report.escape import well_formed
from keysift.report.result import ScanResult, worst_first

_PLACES: Final = 20
_GAPS: Final = 20


def described(result: ScanResult) -> Iterator[tuple[Finding, FindingDocument]]:
    """Yield each finding with its masked document, the worst first."""
    for finding in worst_first(result.findings):
        yield finding, finding_document(finding, result.text_of(finding), reveal=False)


def found_of(one: Remembered) -> Found:
    """Return what is told of a finding."""
    document = one.document
    places = document.occurrences
    return Found(
        fingerprint=document.fingerprint,
        detector=document.detector,
        name=document.name,
        provider=document.provider,
        severity=document.severity,
        confidence=document.confidence,
        secret=document.secret,
        proof=document.proof,
        is_canary=document.verdict is Verdict.CANARY,
        places=list(map(_place, places[:_PLACES])),
        more_places=max(0, len(places) - _PLACES),
        known=one.known,
    )


def gaps_of(coverage: Coverage) -> tuple[list[Gap], int]:
    """Return the first gaps, and how many others there are."""
    gaps = [
        Gap(
            path=well_formed("!/".join(filter(None, (skip.artifact, skip.path)))),
            reason=skip.reason,
            detail=well_formed(skip.detail),
        )
        for skip in coverage.skips
        if skip.reason.is_gap
    ]
    return gaps[:_GAPS], max(0, len(gaps) - _GAPS)


def _place(place: OccurrenceDocument) -> Place:
    return Place(
        artifact=place.artifact,
        path=place.path,
        line=place.line,
        column=place.column,
        encoding=place.encoding,
        part="" if isinstance(place.part, UnsetType) else place.part,
    )
