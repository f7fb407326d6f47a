"""Findings in numbers, for a first look: one pass over the cache of lists for each picture.

Nothing here goes through occurrences. What counts is a finding of medium or high confidence that
the ruleset which looked last still finds; canaries are counted apart from all others.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any, Final

import sqlalchemy as sa
from msgspec import Struct, field
from sqlalchemy import ColumnElement, Connection

from keysift.model import Confidence, Severity, TriageStatus, Verdict
from keysift.store import tables as t
from keysift.store.queries.standing import TRIAGE, VERDICTS
from keysift.store.stale import stale_projects
from keysift.store.types import SQLITE

CONFIDENCE: Final = Confidence.MEDIUM
"""From this confidence on findings are counted."""

TYPES: Final = 15
"""Types that are counted one by one."""

_YEARS: Final = 10_000
_SEVERITIES: Final = sorted(Severity, key=lambda one: one.rank)


class TypeFigure(Struct, frozen=True):
    """Findings of one type.

    Attributes:
        detector: Its id.
        findings: How many.
        open: Those that nobody decided about.
        active: Those that their provider accepts.
    """

    detector: str
    findings: int
    open: int
    active: int


class Figures(Struct, kw_only=True):
    """Findings in numbers.

    Attributes:
        findings: All that count.
        canaries: Canaries, which are in no other number.
        faint: Those of low confidence, which are in no other number.
        open: Those that nobody decided about, by severity.
        active: Open ones that their provider accepts.
        present: Open ones that a newest release has.
        affected: Projects that have a finding, of whatever confidence.
        triage: All by decision and severity.
        years: All by the year (UTC) of their first upload and verdict; None: no index says.
        types: All by type, the most frequent first.
        other_types: Types beyond those.
        stale: Projects that changed since they were last added up.
    """

    findings: int = 0
    canaries: int = 0
    faint: int = 0
    open: Counter[Severity] = field(default_factory=Counter)
    active: int = 0
    present: int = 0
    affected: int = 0
    triage: Counter[tuple[TriageStatus, Severity]] = field(default_factory=Counter)
    years: Counter[tuple[int | None, Verdict]] = field(default_factory=Counter)
    types: list[TypeFigure] = field(default_factory=list)
    other_types: int = 0
    stale: int = 0


def figures(connection: Connection) -> Figures:
    """Return the findings of a store in numbers.

    Args:
        connection: From ``Store.reading``.
    """
    made = Figures(stale=stale_projects(connection))
    for cell, number in _cube(connection):
        _count(made, cell, number)
    counted = list(connection.execute(_types()))
    made.types = [TypeFigure(*row) for row in counted[:TYPES]]
    made.other_types = len(counted) - len(made.types)
    query = sa.select(sa.func.count()).select_from(t.tallies)
    made.affected = connection.execute(query).scalar_one()
    return made


class _Cell(Struct, frozen=True):
    severity: Severity
    verdict: Verdict
    triage: TriageStatus
    is_present: bool
    is_canary: bool
    is_sure: bool
    year: int | None


def _count(made: Figures, cell: _Cell, number: int) -> None:
    if cell.is_canary:
        made.canaries += number
        return
    if not cell.is_sure:
        made.faint += number
        return
    made.findings += number
    made.triage[cell.triage, cell.severity] += number
    made.years[cell.year, cell.verdict] += number
    if cell.triage is TriageStatus.OPEN:
        made.open[cell.severity] += number
        made.active += number * (cell.verdict is Verdict.ACTIVE)
        made.present += number * cell.is_present


def _cube(connection: Connection) -> Iterator[tuple[_Cell, int]]:
    """Yield how many findings are alike in all that is counted.

    They are grouped by one number, whose digits are what is counted: SQLite sorts what it groups,
    and sorts a number twice as fast as six columns.
    """
    summary = t.summaries.c
    digits = (
        (summary.severity, len(_SEVERITIES)),
        (summary.verdict, len(VERDICTS)),
        (summary.triage, len(TRIAGE)),
        (sa.func.coalesce(summary.still_present, 0), 2),
        (summary.is_canary, 2),
        (sa.case((summary.confidence >= CONFIDENCE.rank, 1), else_=0), 2),
        (sa.func.coalesce(_year(connection), 0), _YEARS),
    )
    code: ColumnElement[int] = sa.literal(0)
    for digit, base in digits:
        code = code * base + digit
    each = sa.select(code.label("code")).where(summary.is_outdated == 0).subquery()
    query = sa.select(each.c.code, sa.func.count()).group_by(each.c.code)
    for code_of_row, number in connection.execute(query):
        rest, found = int(code_of_row), []
        for _, base in reversed(digits):
            rest, digit = divmod(rest, base)
            found.append(digit)
        year, sure, canary, present, triage, verdict, severity = found
        cell = _Cell(
            severity=_SEVERITIES[severity],
            verdict=VERDICTS[verdict],
            triage=TRIAGE[triage],
            is_present=present == 1,
            is_canary=canary == 1,
            is_sure=sure == 1,
            year=year or None,
        )
        yield cell, number


def _year(connection: Connection) -> ColumnElement[int]:
    uploaded = t.summaries.c.first_uploaded_at
    if connection.dialect.name == SQLITE:
        return sa.cast(sa.func.substr(sa.type_coerce(uploaded, sa.Text), 1, 4), sa.Integer)
    return sa.cast(sa.extract("year", sa.func.timezone("UTC", uploaded)), sa.Integer)


def _types() -> sa.Select[Any, Any, Any, Any]:
    summary = t.summaries.c
    number = sa.func.count()
    # Not the column itself: SQLite would go through its index, and look up each row by itself.
    detector = sa.func.coalesce(summary.detector, "")
    return (
        sa.select(
            detector,
            number,
            sa.func.count(sa.case((summary.triage == TRIAGE.index(TriageStatus.OPEN), 1))),
            sa.func.count(sa.case((summary.verdict == VERDICTS.index(Verdict.ACTIVE), 1))),
        )
        .where(
            summary.is_outdated == 0,
            summary.is_canary == 0,
            summary.confidence >= CONFIDENCE.rank,
        )
        .group_by(detector)
        .order_by(number.desc(), detector)
    )
