"""One finding: all that is known of it, where it stands, its value."""

from __future__ import annotations

from typing import Final

from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath
from msgspec import UNSET, Struct, UnsetType
from sqlalchemy import Connection

from keysift.model import Role
from keysift.report.describe import occurrence_document
from keysift.report.document import OccurrenceDocument, PartDocument
from keysift.report.escape import well_formed
from keysift.report.listing import as_occurrence
from keysift.report.listing_json import stored_document
from keysift.report.outcome_document import outcome_document
from keysift.store.disclosures import disclose
from keysift.store.excerpts import StoredExcerpt
from keysift.store.queries import history
from keysift.store.queries.describe import describe
from keysift.store.queries.places import places_page
from keysift.store.queries.values import StoredFinding
from keysift.store.triage import Decision, trail
from keysift.web.api.described import (
    AnswerDocument,
    DecisionDocument,
    EventDocument,
    WholeFinding,
    listing_of,
    remedy,
)
from keysift.web.api.given import absent, number_of, query_of
from keysift.web.api.operations import changes, reads
from keysift.web.api.paging import Page, PageQuery, cursors, shown
from keysift.web.dashboard import Asked, Dashboard, viewer
from keysift.web.problems import ProblemError, Word

WHAT: Final = "finding"


class ExcerptDocument(Struct, kw_only=True):
    r"""A secret with the lines around it, where it was first seen.

    Attributes:
        path: Of the file in its release, with `!/` between archives.
        line: Number of the first line, from 1.
        before: What stands before the secret; bytes that are no text are written as `\xNN`.
        found: The secret as it is written there, encoded if it is.
        after: What stands after it.
    """

    path: str
    line: int
    before: str
    found: str
    after: str


class Revealed(Struct, kw_only=True):
    """The value of a secret.

    Attributes:
        id: Number of the finding.
        detector: Its detector.
        fingerprint: Its fingerprint.
        value: The value, when it is UTF-8.
        value_base64: The value in base64, when it is not.
        parts: Its other halves by name: their masks and values.
        excerpt: The lines around it, where it was first seen; null when they are not kept.
    """

    id: int
    detector: str
    fingerprint: str
    parts: dict[str, PartDocument]
    value: str | UnsetType = UNSET
    value_base64: str | UnsetType = UNSET
    excerpt: ExcerptDocument | None = None


@reads("/findings/{number:str}")
def finding(dashboard: NamedDependency[Dashboard], number: FromPath[str]) -> WholeFinding:
    """Everything about one finding.

    The finding as lists have it, what to do about it, and what happened: answers of its provider,
    what the index changed about its files, decisions of people.
    """
    with dashboard.store.reading() as connection:
        found = found_in(connection, number)
        listing = listing_of(dashboard, [found])
        return WholeFinding(
            finding=stored_document(found, listing),
            remedy=remedy(listing.text_of(found)),
            answers=[
                AnswerDocument(
                    verdict=one.outcome.verdict,
                    checked=one.checked_at,
                    outcome=outcome_document(one.outcome),
                )
                for one in history.answers(connection, found.id)
            ],
            events=[_event(one) for one in history.events(connection, found.id)],
            decisions=decisions(trail(connection, found.id)),
        )


@reads("/findings/{number:str}/occurrences", query=PageQuery)
def occurrences(
    request: Asked, dashboard: NamedDependency[Dashboard], number: FromPath[str]
) -> Page[OccurrenceDocument]:
    """Where a finding stands, page by page.

    In the order in which the artifacts were first seen.
    """
    asked = query_of(request, PageQuery)
    with dashboard.store.reading() as connection:
        found = found_in(connection, number)
        with cursors():
            page = places_page(connection, found.id, asked.cursor, asked.limit)
    return shown(page, lambda place: occurrence_document(as_occurrence(place)))


@changes(
    "/findings/{number:str}/reveal",
    role=Role.REVEAL,
    refuses=(Word.VALUE_NOT_KEPT, Word.NO_KEY),
)
def reveal(
    request: Asked, dashboard: NamedDependency[Dashboard], number: FromPath[str]
) -> Revealed:
    """Show the value of a secret.

    Who asked for it is written down, for good, before the value is shown. Keep the answer out of
    caches and logs.
    """
    sealer = dashboard.settings.sealer
    if sealer is None:
        raise ProblemError(
            Word.NO_KEY,
            "The dashboard was started without the key that sealed the values: set "
            "KEYSIFT_SEALING_KEY.",
        )
    with dashboard.store.reading() as connection:
        found = found_in(connection, number)
        is_kept = found.id in history.sealed_values(connection, [found.id])
    if not is_kept:
        raise ProblemError(
            Word.VALUE_NOT_KEPT, f"The value of finding {found.id} is not kept in the store."
        )
    disclosed = disclose(dashboard.store, sealer, found.id, viewer(request, dashboard, "api"))
    opened = stored_document(found, listing_of(dashboard, [found], {found.id: disclosed.values}))
    return Revealed(
        id=opened.id,
        detector=opened.detector,
        fingerprint=opened.fingerprint,
        parts=opened.parts,
        value=opened.value,
        value_base64=opened.value_base64,
        excerpt=_excerpt(disclosed.excerpt),
    )


def _excerpt(excerpt: StoredExcerpt | None) -> ExcerptDocument | None:
    if excerpt is None:
        return None
    return ExcerptDocument(
        path=excerpt.path,
        line=excerpt.line,
        before=excerpt.before,
        found=excerpt.found,
        after=excerpt.after,
    )


def found_in(connection: Connection, number: str) -> StoredFinding:
    """Return the finding that an address names.

    Raises:
        UnknownError: There is none.
    """
    found = next(describe(connection, [number_of(number, WHAT)]), None)
    if found is None:
        raise absent(WHAT)
    return found


def decisions(made: list[Decision]) -> list[DecisionDocument]:
    """Return decisions as documents."""
    return [
        DecisionDocument(
            status=one.status,
            note=well_formed(one.note),
            author=well_formed(one.author),
            decided=one.decided_at,
        )
        for one in made
    ]


def _event(event: history.Event) -> EventDocument:
    return EventDocument(
        project=event.project,
        version=well_formed(event.version),
        artifact=well_formed(event.artifact),
        kind=event.kind,
        detail=None if event.detail is None else well_formed(event.detail),
        seen=event.seen_at,
    )


HANDLERS: Final[list[HTTPRouteHandler]] = [finding, occurrences, reveal]
