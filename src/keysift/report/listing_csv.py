"""CSV of what a store knows: a header, then one row a finding (as ``keysift.report.csv``)."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Final

from keysift.report.csv import cell
from keysift.report.listing import WHOLE, Listing

if TYPE_CHECKING:
    from typing import TextIO

    from keysift.store.queries.values import Seen, StoredFinding

_COLUMNS: Final = (
    "id",
    "severity",
    "confidence",
    "detector",
    "provider",
    "name",
    "secret",
    "fingerprint",
    "proof",
    "verdict",
    "triage",
    "still_present",
    "introduced_project",
    "introduced_version",
    "last_seen_project",
    "last_seen_version",
    "removed_in_project",
    "removed_in_version",
    "first_uploaded",
    "last_uploaded",
    "projects",
    "releases",
    "artifacts",
    "places",
    "kinds",
    "yanked_only",
    "deleted_only",
    "outdated",
    "ruleset",
    "checked",
    "reason",
    "privilege",
    "warnings",
)


def write_listing_csv(listing: Listing, stream: TextIO) -> None:
    """Write one row a finding; a column ``value`` when the listing has values.

    The stream must not translate line ends (``newline=""``).
    """
    stream.writelines(listing_csv(listing))


def listing_csv(listing: Listing) -> Iterator[str]:
    """Yield the same line by line, as the findings come from the store."""
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer)
    writer.writerow((*_COLUMNS, *(("value",) if listing.values else ())))
    yield _taken(buffer)
    for finding in listing.findings:
        row = _row(finding, listing)
        if listing.values:
            value = listing.values.get(finding.id, {}).get(WHOLE)
            row.append("" if value is None else cell(value.reveal_text()))
        writer.writerow(row)
        yield _taken(buffer)


def _taken(buffer: io.StringIO) -> str:
    text = buffer.getvalue()
    buffer.seek(0)
    buffer.truncate()
    return text


def _row(finding: StoredFinding, listing: Listing) -> list[str | int]:
    text = listing.text_of(finding)
    return [
        finding.id,
        finding.severity.value,
        finding.confidence.value,
        cell(finding.detector),
        cell(text.provider),
        cell(text.name),
        cell(finding.mask),
        finding.fingerprint,
        cell(finding.proof or ""),
        finding.verdict.value,
        finding.triage.value,
        _truth(finding.still_present),
        *_seen(finding.introduced),
        *_seen(finding.last_seen),
        *_seen(finding.removed_in),
        _time(finding.first_uploaded_at),
        _time(finding.last_uploaded_at),
        finding.projects,
        finding.releases,
        finding.artifacts,
        finding.places,
        " ".join(finding.kinds),
        _truth(finding.is_yanked_only),
        _truth(finding.is_deleted_only),
        _truth(finding.is_outdated),
        finding.confirmed_by.digest,
        _time(finding.checked_at),
        *_told(finding),
    ]


def _told(finding: StoredFinding) -> tuple[str, str, str]:
    """Return why the verdict is unknown, how much the secret may do, why that is too much."""
    outcome = finding.outcome
    if outcome is None:
        return "", "", ""
    return (
        outcome.doubt.value if outcome.doubt else "",
        outcome.privilege.value if outcome.privilege else "",
        " ".join(one.value for one in outcome.warnings),
    )


def _seen(seen: Seen | None) -> tuple[str, str]:
    return ("", "") if seen is None else (cell(seen.project), cell(seen.version))


def _time(time: datetime | None) -> str:
    return "" if time is None else time.isoformat()


def _truth(value: bool | None) -> str:  # noqa: FBT001 (what is written, not an option)
    return {True: "yes", False: "no", None: "unknown"}[value]
