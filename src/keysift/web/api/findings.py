"""Findings: lists of them, how many there are of each kind, decisions about many."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import Enum
from typing import Annotated, Final, TypeVar

import sqlalchemy as sa
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, RawBody
from msgspec import UNSET, Meta, Struct
from sqlalchemy import Connection

from keysift.model import Confidence, Privilege, Role, Severity, TriageStatus, Verdict
from keysift.report.listing_document import StoredDocument
from keysift.store import tables as t
from keysift.store.queries.find import SortBy, all_of, count, find
from keysift.store.queries.wanted import Wanted
from keysift.store.triage import decide, decide_all, trail
from keysift.web.api.described import DecisionDocument, documents
from keysift.web.api.finding import decisions, found_in
from keysift.web.api.given import body_of, query_of, words_of
from keysift.web.api.operations import changes, reads
from keysift.web.api.paging import Cursor, Limit, Page, cursors
from keysift.web.dashboard import Asked, Dashboard, asking
from keysift.web.findings.shown import facets_of
from keysift.web.problems import ProblemError, Word
from keysift.web.refusals import UnknownError

_Kind = TypeVar("_Kind", bound=Enum)

_BATCH: Final = 500
_NAMED: Final = 10

Text = Annotated[str, Meta(max_length=500)]
Id = Annotated[int, Meta(ge=0, lt=10**18)]
Note = Annotated[str, Meta(max_length=10_000)]


class Kind(Enum):
    """What an artifact is, by its name."""

    SDIST = "sdist"
    WHEEL = "wheel"
    EGG = "egg"
    OTHER = "other"


class Presence(Enum):
    """Whether the newest release of a project has a secret."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


class Powers(Enum):
    """How much a secret may do."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    ADMIN = "admin"
    UNKNOWN = "unknown"


_PRESENCE: Final[dict[Presence, bool | None]] = {
    Presence.YES: True,
    Presence.NO: False,
    Presence.UNKNOWN: None,
}


class Filter(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which findings; what is left out does not filter.

    Attributes:
        search: Words, each of which must be in the detector's id, the mask, the name of a project
            or a path.
        project: Pattern of project names, with `*` and `?`.
        project_id: Number of a project.
        path: Pattern of paths inside artifacts.
        kind: In an artifact of this kind.
        detector: Pattern of detector ids.
        provider: Of this provider, as detectors name it.
        severity: Of one of these severities.
        min_severity: From this severity on.
        confidence: Of one of these confidences.
        min_confidence: From this confidence on.
        verdict: With one of these as the verdict that stands.
        triage: With one of these as the last decision.
        present: Whether the newest release has it.
        privilege: How much it may do, as far as its provider told.
        year: First uploaded in this year (UTC).
        canary: Only canaries, or none of them.
        outdated: What the ruleset that looked last finds no more is wanted, too.
    """

    search: Text = ""
    project: Text | None = None
    project_id: Id | None = None
    path: Text | None = None
    kind: Kind | None = None
    detector: Text | None = None
    provider: Text | None = None
    severity: tuple[Severity, ...] = ()
    min_severity: Severity = Severity.INFO
    confidence: tuple[Confidence, ...] = ()
    min_confidence: Confidence = Confidence.LOW
    verdict: tuple[Verdict, ...] = ()
    triage: tuple[TriageStatus, ...] = ()
    present: tuple[Presence, ...] = ()
    privilege: tuple[Powers, ...] = ()
    year: Annotated[int, Meta(ge=1, le=9998)] | None = None
    canary: bool | None = None
    outdated: bool = False


class FindingsQuery(Filter, frozen=True, kw_only=True):
    """Which findings, and which part of their list.

    Attributes:
        sort: By what they are sorted. Equal ones follow with the worst first.
        descending: The largest first; without it, the order that people look for.
        cursor: Which page: `next` or `previous` of another one; without it, the first.
        limit: How many items the page has at most.
        count: Whether to count them all.
    """

    sort: SortBy = SortBy.SEVERITY
    descending: bool | None = None
    cursor: Cursor | None = None
    limit: Limit = 50
    count: bool = False


class ProjectCount(Struct, kw_only=True):
    """Findings of a project.

    Attributes:
        id: Number of the project.
        name: Its normalised name.
        findings: How many.
    """

    id: int
    name: str
    findings: int


class FacetsDocument(Struct, kw_only=True):
    """How many findings there are of each kind; what no finding has is left out.

    Attributes:
        severity: By severity.
        confidence: By confidence.
        verdict: By the verdict that stands.
        triage: By decision.
        present: By whether the newest release has it.
        detector: By detector, the most frequent ones.
        project: By project, the most frequent ones first.
    """

    severity: dict[str, int]
    confidence: dict[str, int]
    verdict: dict[str, int]
    triage: dict[str, int]
    present: dict[str, int]
    detector: dict[str, int]
    project: list[ProjectCount]


class NewDecision(Struct, frozen=True, forbid_unknown_fields=True):
    """A decision about a finding.

    Attributes:
        status: What is to be done.
        note: Why.
    """

    status: TriageStatus
    note: Note = ""


class NewDecisions(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A decision about many findings: either `ids`, or `filter` with `expected`.

    Attributes:
        status: What is to be done.
        note: Why.
        ids: Numbers of the findings.
        filter: Which findings.
        expected: How many findings you expect the filter to match. When it matches another number
            by now, nothing is decided.
    """

    status: TriageStatus
    note: Note = ""
    ids: Annotated[list[Id], Meta(min_length=1, max_length=10_000)] | None = None
    filter: Filter | None = None
    expected: Id | None = None


class Decided(Struct, kw_only=True):
    """What came of it.

    Attributes:
        decided: About how many findings.
    """

    decided: int


@reads("/findings", query=FindingsQuery)
def findings(request: Asked, dashboard: NamedDependency[Dashboard]) -> Page[StoredDocument]:
    """Findings, page by page.

    Values are masked. What a crawl writes shows after its findings were added up.
    """
    asked = query_of(request, FindingsQuery)
    wanted = wanted_of(asked, dashboard)
    with dashboard.store.reading() as connection:
        with cursors():
            page = find(
                connection,
                wanted,
                asked.sort,
                descending=asked.descending,
                cursor=asked.cursor,
                limit=asked.limit,
            )
        items = documents(connection, dashboard, [one.id for one in page.rows])
        total = count(connection, wanted) if asked.count else UNSET
    return Page(items=items, next=page.next, previous=page.previous, total=total)


@reads("/findings/facets", query=Filter)
def finding_facets(request: Asked, dashboard: NamedDependency[Dashboard]) -> FacetsDocument:
    """How many findings each filter would leave.

    Each kind is counted with all other filters.
    """
    wanted = wanted_of(query_of(request, Filter), dashboard)
    found = facets_of(dashboard.store, dashboard.counted, wanted)
    presence = {one: found.presence.get(answer, 0) for one, answer in _PRESENCE.items()}
    return FacetsDocument(
        severity=_words(reversed(Severity), found.severities),
        confidence=_words(reversed(Confidence), found.confidences),
        verdict=_words(Verdict, found.verdicts),
        triage=_words(TriageStatus, found.triage),
        present={one.value: number for one, number in presence.items() if number},
        detector=dict(found.detectors),
        project=[
            ProjectCount(id=key[0], name=key[1], findings=number)
            for key, number in found.projects.items()
        ],
    )


@changes("/findings/{number:str}/triage", role=Role.TRIAGE, body=NewDecision)
def triage(
    request: Asked,
    dashboard: NamedDependency[Dashboard],
    number: FromPath[str],
    body: RawBody,
) -> list[DecisionDocument]:
    """Decide about a finding.

    The decision is added to its audit trail, which is the answer; the last line counts.
    """
    wanted = body_of(request, body, NewDecision)
    author = asking(request).name
    with dashboard.store.reading() as connection:
        found = found_in(connection, number)
    with dashboard.store.writing(durable=True) as connection:
        decide(connection, found.id, wanted.status, note=words_of(wanted.note), author=author)
        return decisions(trail(connection, found.id))


@changes(
    "/triage", role=Role.TRIAGE, body=NewDecisions, refuses=(Word.NOT_FOUND, Word.NUMBER_DIFFERS)
)
def triage_many(request: Asked, dashboard: NamedDependency[Dashboard], body: RawBody) -> Decided:
    """Decide about many findings at once: about all of them, or none.

    Name them by `ids`; or by `filter`, with the number of findings that you expect it to match.
    """
    wanted = body_of(request, body, NewDecisions)
    author, note = asking(request).name, words_of(wanted.note)
    if (wanted.ids is None) == (wanted.filter is None):
        raise ProblemError(Word.BAD_BODY, "Give either ids or filter.", parameter="ids")
    if (wanted.filter is None) != (wanted.expected is None):
        detail = "expected: it belongs to filter, and filter needs it."
        raise ProblemError(Word.BAD_BODY, detail, parameter="expected")
    with dashboard.store.writing(durable=True) as connection:
        if wanted.filter is None:
            chosen = _named(connection, wanted.ids or [])
        else:
            chosen = all_of(connection, wanted_of(wanted.filter, dashboard))
            if len(chosen) != wanted.expected:
                raise ProblemError(
                    Word.NUMBER_DIFFERS,
                    f"The filter matches {len(chosen)} findings now, not {wanted.expected}.",
                    parameter="expected",
                    matched=len(chosen),
                )
        decide_all(connection, chosen, wanted.status, note=note, author=author)
    return Decided(decided=len(chosen))


def wanted_of(asked: Filter, dashboard: Dashboard) -> Wanted:
    """Return what a filter asks for."""
    detectors = None
    if asked.provider is not None:
        catalogue = dashboard.settings.catalogue
        provider = asked.provider.casefold()
        detectors = frozenset(
            one.id for one in catalogue.detectors if one.provider.casefold() == provider
        )
    return Wanted(
        search=asked.search,
        project=asked.project,
        project_id=asked.project_id,
        path=asked.path,
        kind=None if asked.kind is None else asked.kind.value,
        detector=asked.detector,
        detectors=detectors,
        severities=asked.severity,
        severity=asked.min_severity,
        confidences=asked.confidence,
        confidence=asked.min_confidence,
        verdicts=asked.verdict,
        triage=asked.triage,
        presence=tuple(_PRESENCE[one] for one in asked.present),
        privileges=tuple(
            None if one is Powers.UNKNOWN else Privilege(one.value) for one in asked.privilege
        ),
        year=asked.year,
        is_canary=asked.canary,
        outdated=asked.outdated,
    )


def _named(connection: Connection, ids: list[int]) -> list[int]:
    """Return the numbers of findings, each once.

    Raises:
        UnknownError: One of them is none.
    """
    wanted = list(dict.fromkeys(ids))
    known: set[int] = set()
    for start in range(0, len(wanted), _BATCH):
        batch = wanted[start : start + _BATCH]
        known.update(connection.scalars(sa.select(t.secrets.c.id).where(t.secrets.c.id.in_(batch))))
    missing = [number for number in wanted if number not in known]
    if missing:
        shown = ", ".join(map(str, missing[:_NAMED]))
        more = ", …" if len(missing) > _NAMED else ""
        raise UnknownError(f"There are no findings {shown}{more}; nothing was decided.")
    return wanted


def _words(kinds: Iterable[_Kind], counted: Mapping[_Kind, int]) -> dict[str, int]:
    return {one.value: counted[one] for one in kinds if one in counted}


HANDLERS: Final[list[HTTPRouteHandler]] = [findings, finding_facets, triage, triage_many]
