"""How many findings each filter of a list would leave."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, Final

import sqlalchemy as sa
from msgspec import Struct
from msgspec.structs import replace
from sqlalchemy import ColumnElement, Connection, Row

from keysift.model import Confidence, Severity, TriageStatus, Verdict
from keysift.store import tables as t
from keysift.store.queries.conditions import conditions, conditions_of_lives
from keysift.store.queries.find import all_of, count
from keysift.store.queries.standing import TRIAGE, VERDICTS
from keysift.store.queries.wanted import Wanted
from keysift.store.queries.whereabouts import is_one_of

MOST: Final = 20
"""Detectors and projects that are counted one by one."""

_PRESENCE: Final = (True, False, None)


class Facets(Struct, frozen=True, kw_only=True):
    """How many findings there are of each kind.

    Each is counted as if nothing had been asked of it, with everything else that was: the numbers
    say what another choice would show. What no finding has is left out.

    Attributes:
        total: Those that are asked for.
        severities: By severity.
        confidences: By confidence.
        verdicts: By the verdict that stands.
        triage: By decision.
        presence: By ``still_present``: True, False, None for not known; as in ``Wanted.presence``.
        detectors: By detector, the most frequent first, ``MOST`` at most.
        projects: By number and name of the project, likewise.
    """

    total: int
    severities: Mapping[Severity, int]
    confidences: Mapping[Confidence, int]
    verdicts: Mapping[Verdict, int]
    triage: Mapping[TriageStatus, int]
    presence: Mapping[bool | None, int]
    detectors: Mapping[str, int]
    projects: Mapping[tuple[int, str], int]


class _Cell(Struct, frozen=True):
    """Findings that are the same in everything that is counted together."""

    number: int
    severity: Severity
    confidence: Confidence
    verdict: Verdict
    triage: TriageStatus
    still_present: bool | None

    def is_wanted(self, wanted: Wanted, but: str) -> bool:
        """Tell whether they are what is asked, but for one attribute."""
        asked = {
            "severity": self.severity.rank >= wanted.severity.rank
            and self.severity in (wanted.severities or (self.severity,)),
            "confidence": self.confidence.rank >= wanted.confidence.rank
            and self.confidence in (wanted.confidences or (self.confidence,)),
            "verdict": self.verdict in (wanted.verdicts or (self.verdict,)),
            "triage": self.triage in (wanted.triage or (self.triage,)),
            "still_present": self.still_present in (wanted.presence or (self.still_present,)),
        }
        return all(answer for name, answer in asked.items() if name != but)


def facets(connection: Connection, wanted: Wanted) -> Facets:
    """Return how many findings each choice would show.

    Args:
        connection: From ``Store.reading``.
        wanted: What is asked now.
    """
    slow = _looked_up(connection, wanted)
    cells = _cells(connection, wanted, slow)
    rest = replace(wanted, presence=()) if wanted.names_projects else wanted

    def by(name: str) -> dict[Any, int]:
        counted: Counter[Any] = Counter()
        for cell in cells:
            if cell.is_wanted(rest, name):
                counted[getattr(cell, name)] += cell.number
        return dict(counted)

    return Facets(
        total=sum(cell.number for cell in cells if cell.is_wanted(rest, "")),
        severities=by("severity"),
        confidences=by("confidence"),
        verdicts=by("verdict"),
        triage=by("triage"),
        presence=_presence(connection, wanted) if wanted.names_projects else by("still_present"),
        detectors=_detectors(connection, wanted, slow),
        projects=_projects(connection, wanted, slow),
    )


def _looked_up(connection: Connection, wanted: Wanted) -> list[ColumnElement[bool]]:
    """Look up once what is slow to look up, texts and paths; returns the condition that says so."""
    if wanted.path is None and not wanted.search:
        return []
    asked = Wanted(search=wanted.search, outdated=True)
    if wanted.path is not None:
        # All of it is asked of one and the same place.
        names = ("path", "kind", "still_present", "project", "project_id")
        asked = replace(asked, **{name: getattr(wanted, name) for name in names})
    return [is_one_of(connection, t.summaries.c.secret_id, all_of(connection, asked))]


def _cells(
    connection: Connection, wanted: Wanted, slow: Sequence[ColumnElement[bool]]
) -> list[_Cell]:
    """Return all combinations there are, in one pass, whatever is asked of what is combined."""
    free = replace(
        wanted,
        severity=Severity.INFO,
        severities=(),
        confidence=Confidence.LOW,
        confidences=(),
        verdicts=(),
        triage=(),
        # In a project it is not the finding's own.
        presence=wanted.presence if wanted.names_projects else (),
        search="",
        path=None,
    )
    c = t.summaries.c
    columns = (c.severity, c.confidence, c.verdict, c.triage, c.still_present)
    query = (
        sa.select(sa.func.count().label("number"), *columns)
        .where(*conditions(connection, free), *slow)
        .group_by(*columns)
    )
    return [_cell(row) for row in connection.execute(query)]


def _cell(row: Row[Any]) -> _Cell:
    return _Cell(
        row.number,
        list(Severity)[row.severity],
        list(Confidence)[row.confidence],
        VERDICTS[row.verdict],
        TRIAGE[row.triage],
        None if row.still_present is None else bool(row.still_present),
    )


def _presence(connection: Connection, wanted: Wanted) -> dict[bool | None, int]:
    counted = {one: count(connection, replace(wanted, presence=(one,))) for one in _PRESENCE}
    return {one: number for one, number in counted.items() if number}


def _detectors(
    connection: Connection, wanted: Wanted, slow: Sequence[ColumnElement[bool]]
) -> dict[str, int]:
    c = t.summaries.c
    wanted = replace(wanted, detector=None, detectors=None, search="", path=None)
    number = sa.func.count()
    # With nothing after it: SQLite would go through the index of detectors, and look up each row,
    # where that of what is counted has all that is needed.
    detector = (c.detector + "").label("name")
    query = (
        sa.select(detector, number)
        .where(*conditions(connection, wanted), *slow)
        .group_by(detector)
        .order_by(number.desc(), detector)
        .limit(MOST)
    )
    return {row[0]: row[1] for row in connection.execute(query)}


def _projects(
    connection: Connection, wanted: Wanted, slow: Sequence[ColumnElement[bool]]
) -> dict[tuple[int, str], int]:
    if wanted.names_projects:
        # What was looked up may be of these alone.
        wanted, slow = replace(wanted, project=None, project_id=None), []
    elif slow:
        wanted = replace(wanted, search="")
    if not slow and wanted == Wanted():
        c = t.tallies.c
        all_findings = (
            sa.select(c.project_id, c.name, c.findings)
            .order_by(c.findings.desc(), c.project_id)
            .limit(MOST)
        )
        return {
            (row.project_id, row.name): row.findings for row in connection.execute(all_findings)
        }
    number = sa.func.count().label("number")
    query = (
        sa.select(t.lives.c.project_id, number)
        .join(t.summaries, t.summaries.c.secret_id == t.lives.c.secret_id)
        .where(*slow, *conditions_of_lives(connection, wanted))
        .group_by(t.lives.c.project_id)
        .order_by(number.desc(), t.lives.c.project_id)
        .limit(MOST)
        .subquery()
    )
    named = (
        sa.select(query.c.project_id, t.projects.c.name, query.c.number)
        .join(t.projects, t.projects.c.id == query.c.project_id)
        .order_by(query.c.number.desc(), query.c.project_id)
    )
    return {(row.project_id, row.name): row.number for row in connection.execute(named)}
