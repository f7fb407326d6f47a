"""How a result becomes the document ``keysift.scan/1``, whose types are in ``document``."""

from __future__ import annotations

from base64 import b64encode
from typing import TYPE_CHECKING

from msgspec import UNSET, UnsetType

from keysift.report.document import (
    SCHEMA,
    CommitDocument,
    CoverageDocument,
    FindingDocument,
    OccurrenceDocument,
    PartDocument,
    ReasonDocument,
    ScanDocument,
    SkipDocument,
    SuppressedDocument,
)
from keysift.report.escape import well_formed
from keysift.report.outcome_document import outcome_document
from keysift.report.result import worst_first

if TYPE_CHECKING:
    from collections.abc import Iterable

    from keysift.model import Commit, Coverage, Finding, Occurrence, Reason, Secret, Skip
from keysift.report.result import DetectorText, ScanResult, SuppressedFinding


def scan_document(result: ScanResult, *, reveal: bool = False) -> ScanDocument:
    """Return the document of a result; values only when ``reveal``."""
    return ScanDocument(
        schema=SCHEMA,
        version=result.version,
        ruleset=result.ruleset,
        findings=[
            finding_document(finding, result.text_of(finding), reveal=reveal)
            for finding in worst_first(result.findings)
        ],
        suppressed=[suppressed_document(item) for item in result.suppressed],
        coverage=coverage_document(result.coverage),
    )


def finding_document(finding: Finding, text: DetectorText, *, reveal: bool) -> FindingDocument:
    """Return the document of one finding; values only when ``reveal``."""
    value, value_base64 = revealed(finding.secret) if reveal else (UNSET, UNSET)
    return FindingDocument(
        detector=finding.detector,
        provider=finding.provider,
        name=finding.name,
        severity=finding.severity,
        confidence=finding.confidence,
        fingerprint=finding.fingerprint,
        secret=finding.secret.mask,
        proof=finding.proof,
        verdict=finding.verdict,
        what=text.what,
        revoke=text.revoke,
        rotate=text.rotate,
        references=text.references,
        facts={well_formed(name): well_formed(fact) for name, fact in finding.facts.items()},
        score=finding.score,
        reasons=reason_documents(finding.reasons),
        parts={
            well_formed(name): _part_document(part, reveal=reveal)
            for name, part in finding.parts.items()
        },
        occurrences=[occurrence_document(occurrence) for occurrence in finding.occurrences],
        outcome=UNSET if finding.outcome is None else outcome_document(finding.outcome),
        value=value,
        value_base64=value_base64,
    )


def suppressed_document(item: SuppressedFinding) -> SuppressedDocument:
    """Return the document of one suppressed match."""
    return SuppressedDocument(
        detector=item.detector,
        secret=well_formed(item.mask),
        reason=item.reason,
        detail=well_formed(item.detail),
        score=item.score,
        reasons=reason_documents(item.reasons),
        artifact=None if item.artifact is None else well_formed(item.artifact),
        path=well_formed(item.path),
        line=item.line,
        column=item.column,
        part=_optional(item.part),
    )


def reason_documents(reasons: Iterable[Reason]) -> list[ReasonDocument]:
    """Return the documents of reasons."""
    return [
        ReasonDocument(name=one.name, points=one.points, text=well_formed(one.text))
        for one in reasons
    ]


def coverage_document(coverage: Coverage) -> CoverageDocument:
    """Return the document of the coverage, with every skip."""
    return CoverageDocument(
        artifacts=coverage.artifacts,
        files=coverage.files,
        bytes=coverage.bytes,
        scanned=coverage.scanned,
        duplicates=coverage.duplicates,
        hidden=coverage.hidden,
        suppressed=dict(sorted(coverage.suppressed.items())),
        skipped=coverage.skipped,
        skips=[skip_document(skip) for skip in coverage.skips],
        complete=coverage.complete,
    )


def occurrence_document(occurrence: Occurrence) -> OccurrenceDocument:
    """Return the document of an occurrence."""
    return OccurrenceDocument(
        target=well_formed(occurrence.target),
        artifact=None if occurrence.artifact is None else well_formed(occurrence.artifact),
        path=well_formed(occurrence.path),
        line=occurrence.line,
        column=occurrence.column,
        start=occurrence.start,
        end=occurrence.end,
        encoding=occurrence.encoding,
        part=_optional(occurrence.part),
        uploaded=UNSET if occurrence.uploaded is None else occurrence.uploaded,
        yanked=_optional(occurrence.yanked),
        commit=UNSET if occurrence.commit is None else _commit_document(occurrence.commit),
        in_head=UNSET if occurrence.in_head is None else occurrence.in_head,
    )


def _commit_document(commit: Commit) -> CommitDocument:
    return CommitDocument(
        id=commit.id,
        author=well_formed(commit.author),
        email=well_formed(commit.email),
        date=commit.date,
    )


def _part_document(part: Secret, *, reveal: bool) -> PartDocument:
    value, value_base64 = revealed(part) if reveal else (UNSET, UNSET)
    return PartDocument(secret=part.mask, value=value, value_base64=value_base64)


def skip_document(skip: Skip) -> SkipDocument:
    """Return the document of something that was not looked at."""
    return SkipDocument(
        artifact=well_formed(skip.artifact),
        path=well_formed(skip.path),
        reason=skip.reason,
        detail=well_formed(skip.detail),
        gap=skip.reason.is_gap,
        size_bytes=UNSET if skip.size_bytes is None else skip.size_bytes,
    )


def _optional(text: str | None) -> str | UnsetType:
    return UNSET if text is None else well_formed(text)


def revealed(secret: Secret) -> tuple[str | UnsetType, str | UnsetType]:
    """Return a value as the fields ``value`` (when it is UTF-8) and ``value_base64`` (when not)."""
    raw = secret.reveal()
    try:
        return raw.decode(), UNSET
    except UnicodeDecodeError:
        return UNSET, b64encode(raw).decode()
