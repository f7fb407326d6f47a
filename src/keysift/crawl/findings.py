"""From sightings to findings: one entry for each secret, with every place it was seen."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Final

from keysift.catalogue import Catalogue, Detector
from keysift.crawl.seen import Seen, Sighting, SuppressedSighting
from keysift.model import (
    CANARY_FACT,
    Artifact,
    Finding,
    FingerprintKey,
    Match,
    Occurrence,
    Secret,
    Severity,
    SuppressReason,
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
            finding = findings[identity] = finding_of(match, detector, key)
        else:
            finding.severity = _higher(finding.severity, match.severity)
            if _surer(match, finding):
                finding.confidence, finding.facts = match.confidence, dict(match.facts)
                finding.score, finding.reasons = match.score, match.reasons
            if CANARY_FACT in match.facts:
                finding.verdict = Verdict.CANARY
        occurrence = _occurrence(sighting.artifact, sighting.path, sighting.part, sighting.match)
        place = (
            occurrence.target,
            occurrence.artifact,
            occurrence.path,
            occurrence.part,
            occurrence.start,
            occurrence.commit,
        )
        places.setdefault(identity, {})[place] = occurrence
    for identity, finding in findings.items():
        finding.occurrences = sorted(places[identity].values(), key=_order)
    return list(findings.values())


def _higher(one: Severity, other: Severity) -> Severity:
    return max(one, other, key=lambda grade: grade.rank)


def adopt(findings: Iterable[Finding], seen: Seen) -> None:
    """Add to findings the places where the same secret would not have been believed.

    A value that is a secret in one file is no made-up one in a test. What is added is not counted
    as suppressed any more.

    Args:
        findings: Those of ``seen``; their occurrences stay in order.
        seen: What was seen; places that are added leave its suppressed matches.
    """
    by_identity = {(one.detector, one.secret): one for one in findings}
    left: list[SuppressedSighting] = []
    for one in seen.suppressed:
        match, reason = one.suppressed.match, one.suppressed.reason
        finding = by_identity.get((match.detector, match.secret))
        if finding is None or reason is not SuppressReason.SCORE:
            left.append(one)
            continue
        finding.occurrences.append(_occurrence(one.artifact, one.path, one.part, match))
        finding.occurrences.sort(key=_order)
        seen.coverage.suppressed[reason.value] -= 1
    seen.suppressed = left
    if not seen.coverage.suppressed.get(SuppressReason.SCORE.value, 1):
        del seen.coverage.suppressed[SuppressReason.SCORE.value]


def _surer(match: Match, finding: Finding) -> bool:
    one = match.confidence.rank, match.score or 0
    return one > (finding.confidence.rank, finding.score or 0)


def finding_of(match: Match, detector: Detector, key: FingerprintKey) -> Finding:
    """Return the finding of one match, without a place."""
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


def _occurrence(artifact: Artifact, path: str, part: str | None, match: Match) -> Occurrence:
    return Occurrence(
        target=artifact.target,
        artifact=artifact.purl or (artifact.name if artifact.is_container else None),
        path=path,
        part=part,
        line=match.line,
        column=match.column,
        start=match.start,
        end=match.end,
        encoding=match.encoding,
        uploaded=artifact.uploaded,
        yanked=artifact.yanked,
        commit=artifact.commit,
        in_head=artifact.in_head,
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
        occurrence.uploaded or (occurrence.commit.date if occurrence.commit else _LONG_AGO),
        occurrence.artifact or "",
        occurrence.path,
        occurrence.part or "",
        occurrence.start,
    )
