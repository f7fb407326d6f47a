"""The types of the JSON document ``keysift.findings/1``: what a store knows.

``docs/schemas/findings-1.schema.json`` is generated from these classes. Fields may be added to
this version of the format; none is renamed, removed or given another meaning.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final, Literal

from msgspec import UNSET, Struct, UnsetType

from keysift.model import Confidence, Severity, TriageStatus, Verdict
from keysift.report.document import PartDocument, ReasonDocument
from keysift.report.outcome_document import OutcomeDocument

LISTING_SCHEMA: Final = "keysift.findings/1"
"""Name of the format; a change that breaks readers gets another number."""


class SeenDocument(Struct, kw_only=True):
    """A release, as a point in the life of a secret.

    Attributes:
        project: Normalised name.
        version: As its files have it; may be empty.
        uploaded: Upload of its first file that has the secret (UTC), or of its first file if none
            has; null when the index does not say.
    """

    project: str
    version: str
    uploaded: datetime | None


class LifeDocument(Struct, kw_only=True):
    """A secret in one project.

    Attributes:
        index: Address of the index.
        project: Normalised name.
        introduced: First release that has it, in the order of PEP 440.
        last_seen: Last release that has it.
        removed_in: First later release that was looked at and does not have it; null: none.
        still_present: Whether the newest release has it, in a file that is neither yanked nor
            deleted; null when that release was not looked at.
        first_uploaded: Earliest upload of a file that has it (UTC).
        last_uploaded: Latest upload of a file that has it (UTC).
        releases: Releases that have it.
        artifacts: Files that have it.
        yanked: Those of them that are yanked and not deleted.
        deleted: Those of them that the index has no more.
        places: Occurrences.
        kinds: Kinds of the files that have it: sdist, wheel, egg, other.
    """

    index: str
    project: str
    introduced: SeenDocument
    last_seen: SeenDocument
    removed_in: SeenDocument | None
    still_present: bool | None
    first_uploaded: datetime | None
    last_uploaded: datetime | None
    releases: int
    artifacts: int
    yanked: int
    deleted: int
    places: int
    kinds: tuple[str, ...]


class RulesetDocument(Struct, kw_only=True):
    """What was looked for.

    Attributes:
        digest: Of the detectors.
        version: Version of keysift that first used it.
    """

    digest: str
    version: str


class StoredDocument(Struct, kw_only=True):
    """A secret that the store knows.

    Attributes:
        id: Its number in this store.
        detector: Detector id; with ``fingerprint`` the identity of the finding.
        provider: Who issues this type of secret; empty when the detector is gone.
        name: Name of the type.
        severity: The worst of its matches.
        confidence: The best over its occurrences.
        fingerprint: Keyed fingerprint, 32 hex digits; comparable only under the same key.
        secret: The mask.
        proof: Name of the offline proof it passed, or null.
        facts: What proofs and patterns learned.
        score: How plausible it is, its path aside: the sum of the points of its reasons; null when
            those were not kept.
        reasons: What speaks for and against it, the weightiest first.
        parts: Other halves by name.
        verdict: The latest answer of the provider.
        outcome: What else it told: the reason, privilege, warnings; missing when nobody asked.
        checked: When that was (UTC), or null.
        triage: The latest decision.
        introduced: First release of the project that was the first to have it.
        last_seen: Last release of the project that was the last to have it.
        removed_in: What removed it from there; null as long as any project has not removed it.
        still_present: Whether the newest release of any project has it; null when nobody knows.
        first_uploaded: Earliest upload that has it (UTC).
        last_uploaded: Latest upload that has it (UTC).
        projects: Number of projects that have it.
        releases: Number of releases that have it.
        artifacts: Number of files that have it.
        places: Number of its occurrences.
        kinds: Kinds of the files that have it; only ``sdist``: wheels are free of it.
        yanked_only: All that the index still has of it is yanked.
        deleted_only: The index has no file with it any more.
        outdated: The ruleset that looked last finds it no more.
        found_by: Ruleset that first found it.
        confirmed_by: Ruleset that found it last.
        lives: One for each project.
        value: The value, when revealed, kept and UTF-8.
        value_base64: The value in base64, when revealed, kept and not UTF-8.
    """

    id: int
    detector: str
    provider: str
    name: str
    severity: Severity
    confidence: Confidence
    fingerprint: str
    secret: str
    proof: str | None
    facts: dict[str, str]
    score: int | None
    reasons: list[ReasonDocument]
    parts: dict[str, PartDocument]
    verdict: Verdict
    checked: datetime | None
    triage: TriageStatus
    introduced: SeenDocument
    last_seen: SeenDocument
    removed_in: SeenDocument | None
    still_present: bool | None
    first_uploaded: datetime | None
    last_uploaded: datetime | None
    projects: int
    releases: int
    artifacts: int
    places: int
    kinds: tuple[str, ...]
    yanked_only: bool
    deleted_only: bool
    outdated: bool
    found_by: RulesetDocument
    confirmed_by: RulesetDocument
    lives: list[LifeDocument]
    outcome: OutcomeDocument | UnsetType = UNSET
    value: str | UnsetType = UNSET
    value_base64: str | UnsetType = UNSET


class LookedDocument(Struct, kw_only=True):
    """How much of what the indexes list was looked at.

    Attributes:
        scanned: Files that were scanned.
        incomplete: Those of them in which something could not be looked at.
        failed: Files whose scan failed.
        pending: Files that were not scanned yet.
        complete: False when anything was passed over, which may hold secrets.
    """

    scanned: int
    incomplete: int
    failed: int
    pending: int
    complete: bool


class ListingDocument(Struct, kw_only=True):
    """The whole document.

    Attributes:
        schema: Name and version of this format.
        version: Version of keysift.
        total: How many findings fulfil the filters, on all pages.
        offset: How many of them stand before this page.
        by_severity: How many of the total have which severity, without the canaries.
        canaries: How many of the total are known to raise an alarm when they are used.
        findings: Those of this page.
        looked: How much was looked at.
    """

    schema: Literal["keysift.findings/1"]
    version: str
    total: int
    offset: int
    by_severity: dict[str, int]
    canaries: int
    findings: list[StoredDocument]
    looked: LookedDocument


class StoredLine(StoredDocument, kw_only=True, tag_field="type", tag="finding"):
    """A line of JSON Lines that is a finding."""


class SummaryLine(Struct, kw_only=True, tag_field="type", tag="summary"):
    """The last line of JSON Lines; a file without it is cut off.

    Attributes:
        schema: Name and version of the format.
        version: Version of keysift.
        total: As in the document.
        offset: As in the document.
        by_severity: As in the document.
        canaries: As in the document.
        looked: As in the document.
    """

    schema: str
    version: str
    total: int
    offset: int
    by_severity: dict[str, int]
    canaries: int
    looked: LookedDocument
