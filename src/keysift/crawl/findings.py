"""From sightings to findings: one entry for each secret, with every place it was seen."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Final

from keysift.catalogue import Catalogue, Detector
from keysift.crawl.worker import Sighting
from keysift.model import (
    CANARY_FACT,
    Finding,
    FingerprintKey,
    Match,
    Occurrence,
    Secret,
    Severity,
    Verdict,
)

_LONG_AGO: Final = datetime.min.replace(tzinfo=UTC)


def gather(
    sightings: Iterable[Sighting], catalogue: Catalogue, key: FingerprintKey
) -> list[Finding]:
    """Return the findings, each with its occurrences in order.

    Args:
        sightings: Matches with their places.
        catalogue: Where the detectors' names come from.
        key: For the fingerprints.
    """
    findings: dict[tuple[str, Secret], Finding] = {}
    places: dict[tuple[str, Secret], dict[tuple[object, ...], Occurrence]] = {}
    for sighting in sorted(sightings, key=_place):
        detector = catalogue.by_id[sighting.match.detector]
        match = sighting.placed
        identity = (match.detector, match.secret)
        finding = findings.get(identity)
        if finding is None:
            finding = findings[identity] = _finding(match, detector, key)
        else:
            finding.severity = _higher(finding.severity, match.severity)
            if _surer(match, finding):
                finding.confidence, finding.facts = match.confidence, dict(match.facts)
                finding.score, finding.reasons = match.score, match.reasons
            if CANARY_FACT in match.facts:
                finding.verdict = Verdict.CANARY
        occurrence = _occurrence(sighting)
        place = (
            occurrence.target,
            occurrence.artifact,
            occurrence.path,
            occurrence.part,
            occurrence.start,
        )
        places.setdefault(identity, {})[place] = occurrence
    for identity, finding in findings.items():
        finding.occurrences = sorted(places[identity].values(), key=_order)
    return list(findings.values())


def _higher(one: Severity, other: Severity) -> Severity:
    return max(one, other, key=lambda grade: grade.rank)


def _surer(match: Match, finding: Finding) -> bool:
    one = match.confidence.rank, match.score or 0
    return one > (finding.confidence.rank, finding.score or 0)


def _finding(match: Match, detector: Detector, key: FingerprintKey) -> Finding:
    return Finding(
        detector=detector.id,
        provider=detector.provider,
        name=detector.name,
        severity=match.severity,
        confidence=match.confidence,
        fingerprint=match.secret.fingerprint(key, detector.id),
        secret=match.secret,
        proof=match.proof,
        verdict=Verdict.CANARY if CANARY_FACT in match.facts else Verdict.UNCHECKED,
        facts=dict(match.facts),
        score=match.score,
        reasons=match.reasons,
        parts={part.name: part.value for part in match.parts if part.name not in match.facts},
    )


def _occurrence(sighting: Sighting) -> Occurrence:
    artifact, match = sighting.artifact, sighting.match
    return Occurrence(
        target=artifact.target,
        artifact=artifact.purl or (artifact.name if artifact.is_container else None),
        path=sighting.path,
        part=sighting.part,
        line=match.line,
        column=match.column,
        start=match.start,
        end=match.end,
        encoding=match.encoding,
        uploaded=artifact.uploaded,
        yanked=artifact.yanked,
    )


def _place(sighting: Sighting) -> tuple[str, str, str, str, int]:
    artifact = sighting.artifact
    return (
        artifact.target,
        artifact.purl or artifact.name,
        sighting.path,
        sighting.part or "",
        sighting.match.start,
    )


def _order(occurrence: Occurrence) -> tuple[str, datetime, str, str, str, int]:
    # Releases in the order of their upload: text would put 1.10 before 1.9.
    return (
        occurrence.target,
        occurrence.uploaded or _LONG_AGO,
        occurrence.artifact or "",
        occurrence.path,
        occurrence.part or "",
        occurrence.start,
    )
