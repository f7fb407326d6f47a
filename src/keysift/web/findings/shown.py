"""The list of findings as its template shows it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from msgspec import Struct
from sqlalchemy import Connection

from keysift.catalogue import Catalogue
from keysift.model import Confidence, Privilege, Severity, TriageStatus, Verdict
from keysift.report.summary import count as in_words
from keysift.store.database import Store
from keysift.store.queries.facets import Facets, facets
from keysift.store.queries.find import Listed, SortBy, find
from keysift.store.queries.wanted import Wanted
from keysift.store.views import View, views
from keysift.web.counted import Counted
from keysift.web.findings.asked import CANARIES, KINDS, PRESENCE, SIZES, UNKNOWN, Question
from keysift.web.shown import Column, Pager

_COLUMNS: Final = (
    ("Severity", SortBy.SEVERITY, ""),
    ("Secret", None, ""),
    ("Type", SortBy.DETECTOR, ""),
    ("Project", SortBy.PROJECT, ""),
    ("Present", SortBy.PRESENT, ""),
    ("Verdict", SortBy.VERDICT, ""),
    ("Confidence", SortBy.CONFIDENCE, ""),
    ("Triage", SortBy.TRIAGE, ""),
    ("First", SortBy.INTRODUCED, ""),
    ("Last", SortBy.LAST_SEEN, ""),
    ("Releases", SortBy.RELEASES, "number"),
    ("Places", SortBy.PLACES, "number"),
)

_SORTS: Final = {
    SortBy.SEVERITY: "severity",
    SortBy.CONFIDENCE: "confidence",
    SortBy.DETECTOR: "type",
    SortBy.PROJECT: "project",
    SortBy.INTRODUCED: "first upload",
    SortBy.LAST_SEEN: "last upload",
    SortBy.PROJECTS: "number of projects",
    SortBy.RELEASES: "number of releases",
    SortBy.ARTIFACTS: "number of files",
    SortBy.PLACES: "number of places",
    SortBy.PRESENT: "still present",
    SortBy.VERDICT: "verdict",
    SortBy.CHECKED: "last check",
    SortBy.PRIVILEGE: "privilege",
    SortBy.TRIAGE: "triage",
    SortBy.ID: "number",
}

_PRESENT: Final = {True: "yes", False: "no", None: "unknown"}


class Choice(Struct, frozen=True):
    """A box of a form that can be ticked.

    Attributes:
        value: What it sends.
        label: What it is called.
        number: How many findings it would show; None: that is not counted.
        is_chosen: Whether it is ticked.
        link: Address of the list with it, or without it when it is ticked.
    """

    value: str
    label: str
    number: int | None
    is_chosen: bool
    link: str


class Group(Struct, frozen=True):
    """Boxes of a field.

    Attributes:
        name: Of the field.
        label: What they are about.
        choices: The boxes.
    """

    name: str
    label: str
    choices: Sequence[Choice]


class FindingRow(Struct, frozen=True):
    """A row.

    Attributes:
        finding: The finding.
        name: What it is, as its provider calls it.
        provider: Who issues it; may be empty.
    """

    finding: Listed
    name: str
    provider: str

    @property
    def present(self) -> str:
        """Whether the newest release of a project has it: yes, no or unknown."""
        return _PRESENT[self.finding.still_present]


class FindingsPage(Struct, frozen=True, kw_only=True):
    """A page of the list.

    Attributes:
        question: What was asked.
        columns: Of the table, without the boxes.
        rows: The findings.
        total: How many were asked for, on all pages.
        pager: To other pages.
        severities: How many of each severity, as links.
        groups: Boxes of the form.
        providers: Names of all providers.
        types: Ids of the most frequent detectors.
        projects: Names of the projects that have most.
        views: Saved lists.
    """

    question: Question
    columns: Sequence[Column]
    rows: Sequence[FindingRow]
    total: int
    pager: Pager
    severities: Sequence[Choice]
    groups: Sequence[Group]
    providers: Sequence[str]
    types: Sequence[str]
    projects: Sequence[str]
    views: Sequence[View]

    @property
    def sorts(self) -> Sequence[tuple[str, str]]:
        """What it can be sorted by: values and names."""
        return [(one.value, name) for one, name in _SORTS.items()]

    @property
    def sizes(self) -> Sequence[tuple[str, str]]:
        """How long a page can be: values and names."""
        return [(str(size), f"{size} a page") for size in SIZES]

    @property
    def kinds(self) -> Sequence[tuple[str, str]]:
        """Kinds of files: values and names."""
        return [("", "any"), *((kind, kind) for kind in KINDS)]

    @property
    def canaries(self) -> Sequence[tuple[str, str]]:
        """What of canaries is wanted: values and names."""
        labels = ("with the others", "canaries only", "without canaries")
        return list(zip(CANARIES, labels, strict=True))


def facets_of(store: Store, counted: Counted, wanted: Wanted) -> Facets:
    """Return how many findings each choice would show; counted anew when the store has changed.

    Args:
        store: The store.
        counted: Keeps it from one page to the next.
        wanted: What is asked now.
    """

    def count() -> Facets:
        with store.reading() as connection:
            return facets(connection, wanted)

    return counted.get(wanted, count)


def findings_page(
    connection: Connection, catalogue: Catalogue, question: Question, numbers: Facets
) -> FindingsPage:
    """Return a page of the list.

    Args:
        connection: From ``Store.reading``.
        catalogue: Names the types.
        numbers: Of ``facets_of``.
        question: What is asked.

    Raises:
        UsageError: The cursor is of another list.
    """
    found = find(
        connection,
        question.wanted,
        question.sort,
        descending=question.is_descending,
        cursor=question.cursor,
        limit=question.size,
    )
    severities = _severities(question, numbers)
    return FindingsPage(
        question=question,
        columns=[_column(question, *one) for one in _COLUMNS],
        rows=list(_rows(found.rows, catalogue)),
        total=numbers.total,
        pager=Pager(
            f"{len(found.rows):,} of {in_words(numbers.total, 'finding')} on this page",
            before=question.page(found.previous) if found.previous else "",
            after=question.page(found.next) if found.next else "",
        ),
        severities=severities,
        groups=_groups(question, numbers, severities),
        providers=sorted({one.provider for one in catalogue.detectors}, key=str.casefold),
        types=list(numbers.detectors),
        projects=list(dict.fromkeys(name for _, name in numbers.projects)),
        views=views(connection),
    )


def _column(question: Question, name: str, sort: SortBy | None, kind: Any) -> Column:  # noqa: ANN401 (a literal)
    if sort is None:
        return Column(name, kind)
    direction: Any = ""
    if sort is question.sort:
        direction = "descending" if question.is_descending else "ascending"
    return Column(name, kind, question.sorted_by(sort), direction)


def _rows(found: Iterable[Listed], catalogue: Catalogue) -> Iterable[FindingRow]:
    for one in found:
        detector = catalogue.by_id.get(one.detector)
        if detector is None:
            # A detector that is gone, or was the user's own.
            yield FindingRow(one, one.detector, "")
        else:
            yield FindingRow(one, detector.name, detector.provider)


def _severities(question: Question, numbers: Facets) -> list[Choice]:
    named = {one.value: numbers.severities.get(one, 0) for one in reversed(Severity)}
    return _choices(question, "severity", named)


def _groups(question: Question, numbers: Facets, severities: Sequence[Choice]) -> list[Group]:
    confidences = {one.value: numbers.confidences.get(one, 0) for one in reversed(Confidence)}
    verdicts = {one.value: numbers.verdicts.get(one, 0) for one in Verdict}
    triage = {one.value: numbers.triage.get(one, 0) for one in TriageStatus}
    presence = {word: numbers.presence.get(value, 0) for word, value in PRESENCE.items()}
    privileges = {one.value: None for one in reversed(Privilege)} | {UNKNOWN: None}
    return [
        Group("severity", "Severity", severities),
        Group("triage", "Triage", _choices(question, "triage", triage)),
        Group("verdict", "Verdict", _choices(question, "verdict", verdicts)),
        Group("present", "Still present", _choices(question, "present", presence)),
        Group("confidence", "Confidence", _choices(question, "confidence", confidences)),
        Group("privilege", "Privilege", _choices(question, "privilege", privileges)),
    ]


def _choices(question: Question, name: str, numbers: Mapping[str, int | None]) -> list[Choice]:
    return [
        Choice(
            value,
            value.replace("_", " ").replace("-", " "),
            number,
            question.has(name, value),
            question.toggled(name, value),
        )
        for value, number in numbers.items()
    ]
