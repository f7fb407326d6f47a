"""One row an occurrence, for spreadsheets and for analysis: fingerprints, never a value."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import TYPE_CHECKING

import msgspec
from msgspec import Struct

from keysift.report.csv import cell
from keysift.report.escape import well_formed
from keysift.report.listing import text_of
from keysift.report.result import DetectorText
from keysift.sources.project_page import package_url

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import TextIO

    from keysift.store.queries.values import Place, StoredFinding


class PlaceRow(Struct, frozen=True, kw_only=True):
    """An occurrence with what is known of its secret.

    Attributes:
        id: Number of the secret in the store.
        detector: Id of the detector.
        provider: Who issues this type of secret.
        fingerprint: Keyed fingerprint of the value.
        secret: Mask of the value.
        severity: Of the match.
        confidence: Of the match at this path.
        proof: Name of the offline proof it passed, or null.
        verdict: The latest answer of the provider.
        triage: The latest decision.
        outdated: The ruleset that looked last finds the secret no more.
        still_present: Whether the newest release of any project has the secret; null: unknown.
        index: Address of the index.
        project: Normalised name.
        version: The release.
        artifact: File name.
        kind: sdist, wheel, egg or other.
        purl: Package URL of the file.
        sha256: Digest of the file, or null.
        uploaded: When the index received it (UTC), or null.
        yanked: Reason of the yank, which may be empty; null: not yanked.
        deleted: When we saw that the index has it no more (UTC), or null.
        path: Path inside the file.
        part: Part of a structured file, or null.
        line: From 1.
        column: From 1, in characters.
        start: Byte offset in the file or part.
        end: One past the last byte.
        encoding: Encodings undone, outermost first, separated by blanks.
    """

    id: int
    detector: str
    provider: str
    fingerprint: str
    secret: str
    severity: str
    confidence: str
    proof: str | None
    verdict: str
    triage: str
    outdated: bool
    still_present: bool | None
    index: str
    project: str
    version: str
    artifact: str
    kind: str
    purl: str
    sha256: str | None
    uploaded: datetime | None
    yanked: str | None
    deleted: datetime | None
    path: str
    part: str | None
    line: int
    column: int
    start: int
    end: int
    encoding: str


def place_rows(
    findings: Iterable[StoredFinding],
    places: Iterable[Place],
    detectors: Mapping[str, DetectorText],
) -> Iterator[PlaceRow]:
    """Yield a row for each place.

    Args:
        findings: The findings, in the order of their places.
        places: All places of each finding, one finding after the other.
        detectors: Texts by detector id.
    """
    remaining = iter(findings)
    finding = None
    for place in places:
        while finding is None or finding.id != place.secret_id:
            finding = next(remaining)
        yield _row(finding, place, text_of(detectors, finding).provider)


def write_rows_csv(rows: Iterable[PlaceRow], stream: TextIO) -> None:
    """Write rows as CSV (as ``keysift.report.csv``): ``true`` and ``false``, empty for null."""
    writer = csv.writer(stream)
    writer.writerow(PlaceRow.__struct_fields__)
    for row in rows:
        writer.writerow([cell(_text(value)) for value in msgspec.structs.astuple(row)])


def write_rows_jsonl(rows: Iterable[PlaceRow], stream: TextIO) -> None:
    """Write rows as JSON Lines."""
    encoder = msgspec.json.Encoder()
    stream.writelines(encoder.encode(row).decode() + "\n" for row in rows)


def _text(value: object) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case datetime():
            return value.isoformat()
        case _:
            return str(value)


def _row(finding: StoredFinding, place: Place, provider: str) -> PlaceRow:
    return PlaceRow(
        id=finding.id,
        detector=finding.detector,
        provider=provider,
        fingerprint=finding.fingerprint,
        secret=finding.mask,
        severity=place.severity.value,
        confidence=place.confidence.value,
        proof=place.proof,
        verdict=finding.verdict.value,
        triage=finding.triage.value,
        outdated=finding.is_outdated,
        still_present=finding.still_present,
        index=place.index,
        project=place.project,
        version=well_formed(place.version),
        artifact=well_formed(place.artifact),
        kind=place.kind,
        purl=package_url(place.project, place.version, place.artifact),
        sha256=place.sha256,
        uploaded=place.uploaded_at,
        yanked=None if place.yanked is None else well_formed(place.yanked),
        deleted=place.deleted_at,
        path=well_formed(place.path),
        part=None if place.part is None else well_formed(place.part),
        line=place.line,
        column=place.column,
        start=place.start,
        end=place.end,
        encoding=" ".join(place.encoding),
    )
