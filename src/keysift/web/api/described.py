"""Findings as documents, for one of them or for a page: the shape of ``keysift.findings/1``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from msgspec import Struct
from sqlalchemy import Connection

from keysift._version import __version__
from keysift.model import Secret, TriageStatus, Verdict
from keysift.report.listing import Listing
from keysift.report.listing_document import StoredDocument
from keysift.report.listing_json import stored_document
from keysift.report.outcome_document import OutcomeDocument
from keysift.report.result import DetectorText
from keysift.report.texts import texts
from keysift.store.queries.describe import describe
from keysift.store.queries.places import Looked
from keysift.store.queries.values import StoredFinding
from keysift.web.dashboard import Dashboard


class RemedyDocument(Struct, kw_only=True):
    """What can be done about secrets of a type.

    Attributes:
        what: What an attacker can do with one.
        revoke: Where to revoke it; may be empty.
        rotate: How to replace it; may be empty.
        references: Documentation of the provider.
    """

    what: str
    revoke: str
    rotate: str
    references: tuple[str, ...]


class AnswerDocument(Struct, kw_only=True):
    """What a provider said.

    Attributes:
        verdict: The answer.
        checked: When it was given (UTC).
        outcome: What else it told.
    """

    verdict: Verdict
    checked: datetime
    outcome: OutcomeDocument


class EventDocument(Struct, kw_only=True):
    """What the index changed about a file that has the secret.

    Attributes:
        project: Normalised name.
        version: The release.
        artifact: File name.
        kind: yanked, unyanked, deleted, restored or replaced.
        detail: The reason of a yank, or the digest that was replaced; else null.
        seen: When we saw it (UTC).
    """

    project: str
    version: str
    artifact: str
    kind: str
    detail: str | None
    seen: datetime


class DecisionDocument(Struct, kw_only=True):
    """What somebody decided.

    Attributes:
        status: What is to be done.
        note: Why; may be empty.
        author: Who decided.
        decided: When (UTC).
    """

    status: TriageStatus
    note: str
    author: str
    decided: datetime


class WholeFinding(Struct, kw_only=True):
    """A finding with what happened to it.

    Attributes:
        finding: The finding, as lists have it.
        remedy: What can be done about it.
        answers: What its provider said, the first answer first.
        events: What the index changed about its files, the first change first.
        decisions: What people decided, the first decision first; the last one counts.
    """

    finding: StoredDocument
    remedy: RemedyDocument
    answers: list[AnswerDocument]
    events: list[EventDocument]
    decisions: list[DecisionDocument]


def documents(
    connection: Connection, dashboard: Dashboard, secrets: Sequence[int]
) -> list[StoredDocument]:
    """Return findings as documents, masked; those that stand nowhere any more are left out."""
    found = list(describe(connection, secrets))
    listing = listing_of(dashboard, found)
    return [stored_document(one, listing) for one in found]


def listing_of(
    dashboard: Dashboard,
    found: Sequence[StoredFinding],
    values: Mapping[int, Mapping[str, Secret]] | None = None,
) -> Listing:
    """Return what writers of findings need.

    Args:
        dashboard: Knows the detectors.
        found: The findings.
        values: Those that are revealed.
    """
    used = {one.detector for one in found}
    return Listing(
        version=__version__,
        ruleset=dashboard.settings.catalogue.digest,
        findings=found,
        total=len(found),
        by_severity={},
        offset=0,
        looked=Looked(),
        detectors=texts(dashboard.settings.catalogue, used),
        values=values or {},
    )


def remedy(text: DetectorText) -> RemedyDocument:
    """Return what can be done about secrets of a type."""
    return RemedyDocument(
        what=text.what, revoke=text.revoke, rotate=text.rotate, references=text.references
    )
