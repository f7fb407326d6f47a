"""JSON of what a store knows (``keysift.findings/1``), whole or one finding a line."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec import UNSET, UnsetType

from keysift.report.describe import reason_documents, revealed
from keysift.report.document import PartDocument
from keysift.report.escape import well_formed
from keysift.report.listing import WHOLE, Listing
from keysift.report.listing_document import (
    LISTING_SCHEMA,
    LifeDocument,
    ListingDocument,
    LookedDocument,
    RulesetDocument,
    SeenDocument,
    StoredDocument,
    StoredLine,
    SummaryLine,
)
from keysift.report.outcome_document import OutcomeDocument, advised, outcome_document

if TYPE_CHECKING:
    from typing import TextIO

    from keysift.store.queries.places import Looked
    from keysift.store.queries.values import Life, Ruleset, Seen, StoredFinding


def write_listing_json(listing: Listing, stream: TextIO) -> None:
    """Write a listing as one indented JSON document; values when the listing has them."""
    stream.write(listing_json(listing))


def listing_json(listing: Listing) -> str:
    """Return the same as a text."""
    document = ListingDocument(
        schema=LISTING_SCHEMA,
        findings=[stored_document(finding, listing) for finding in listing.findings],
        **_summary(listing),
    )
    encoded = msgspec.json.encode(document)
    return msgspec.json.format(encoded, indent=2).decode() + "\n"


def write_listing_jsonl(listing: Listing, stream: TextIO) -> None:
    """Write one finding a line as it comes from the store, a summary last.

    ``type`` is ``finding`` or ``summary``.
    """
    stream.writelines(listing_jsonl(listing))


def listing_jsonl(listing: Listing) -> Iterator[str]:
    """Yield the same line by line."""
    encoder = msgspec.json.Encoder()
    for finding in listing.findings:
        fields = msgspec.structs.asdict(stored_document(finding, listing))
        yield encoder.encode(StoredLine(**fields)).decode() + "\n"
    last = SummaryLine(schema=LISTING_SCHEMA, **_summary(listing))
    yield encoder.encode(last).decode() + "\n"


def _summary(listing: Listing) -> dict[str, Any]:
    looked = listing.looked
    return {
        "version": listing.version,
        "total": listing.total,
        "offset": listing.offset,
        "by_severity": {
            grade.value: number for grade, number in listing.by_severity.items() if number
        },
        "canaries": listing.canaries,
        "looked": looked_document(looked),
    }


def looked_document(looked: Looked) -> LookedDocument:
    """Return the document of how much was looked at."""
    return LookedDocument(
        scanned=looked.scanned,
        incomplete=looked.incomplete,
        failed=looked.failed,
        pending=looked.pending,
        complete=looked.is_complete,
    )


def stored_document(finding: StoredFinding, listing: Listing) -> StoredDocument:
    """Return the document of one finding; values when the listing has them."""
    text = listing.text_of(finding)
    value, value_base64 = _value(finding, listing, WHOLE)
    return StoredDocument(
        id=finding.id,
        detector=finding.detector,
        provider=text.provider,
        name=text.name,
        severity=finding.severity,
        confidence=finding.confidence,
        fingerprint=finding.fingerprint,
        secret=finding.mask,
        proof=finding.proof,
        facts={well_formed(name): well_formed(fact) for name, fact in finding.facts.items()},
        score=finding.score,
        reasons=reason_documents(finding.reasons),
        parts={well_formed(name): _part(finding, listing, name) for name in finding.parts},
        verdict=finding.verdict,
        checked=finding.checked_at,
        triage=finding.triage,
        introduced=_seen(finding.introduced),
        last_seen=_seen(finding.last_seen),
        removed_in=_optional(finding.removed_in),
        still_present=finding.still_present,
        first_uploaded=finding.first_uploaded_at,
        last_uploaded=finding.last_uploaded_at,
        projects=finding.projects,
        releases=finding.releases,
        artifacts=finding.artifacts,
        places=finding.places,
        kinds=finding.kinds,
        yanked_only=finding.is_yanked_only,
        deleted_only=finding.is_deleted_only,
        outdated=finding.is_outdated,
        found_by=_ruleset(finding.found_by),
        confirmed_by=_ruleset(finding.confirmed_by),
        lives=[_life(life) for life in finding.lives],
        outcome=_outcome(finding, listing),
        value=value,
        value_base64=value_base64,
    )


def _outcome(finding: StoredFinding, listing: Listing) -> OutcomeDocument | UnsetType:
    if finding.outcome is None:
        return UNSET
    return outcome_document(advised(finding.outcome, listing.advice.get(finding.detector, "")))


def _life(life: Life) -> LifeDocument:
    return LifeDocument(
        index=life.index,
        project=life.introduced.project,
        introduced=_seen(life.introduced),
        last_seen=_seen(life.last_seen),
        removed_in=_optional(life.removed_in),
        still_present=life.still_present,
        first_uploaded=life.first_uploaded_at,
        last_uploaded=life.last_uploaded_at,
        releases=life.releases,
        artifacts=life.artifacts,
        yanked=life.yanked,
        deleted=life.deleted,
        places=life.places,
        kinds=life.kinds,
    )


def _part(finding: StoredFinding, listing: Listing, name: str) -> PartDocument:
    value, value_base64 = _value(finding, listing, name)
    mask = well_formed(finding.parts[name])
    return PartDocument(secret=mask, value=value, value_base64=value_base64)


def _value(
    finding: StoredFinding, listing: Listing, name: str
) -> tuple[str | UnsetType, str | UnsetType]:
    secret = listing.values.get(finding.id, {}).get(name)
    return (UNSET, UNSET) if secret is None else revealed(secret)


def _seen(seen: Seen) -> SeenDocument:
    return SeenDocument(
        project=seen.project, version=well_formed(seen.version), uploaded=seen.uploaded_at
    )


def _optional(seen: Seen | None) -> SeenDocument | None:
    return None if seen is None else _seen(seen)


def _ruleset(ruleset: Ruleset) -> RulesetDocument:
    return RulesetDocument(digest=ruleset.digest, version=ruleset.version)
