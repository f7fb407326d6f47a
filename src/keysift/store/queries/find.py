"""Findings for people who look through them: pages, numbers, and what there is to filter by.

These answer from the cache (``keysift.store.summaries``), in milliseconds where ``choose`` takes
seconds. What a crawl wrote since the last ``refresh`` is not in them; verdicts and decisions are.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from enum import Enum
from typing import Any, Final

import sqlalchemy as sa
from msgspec import Struct
from sqlalchemy import Connection, Row

from keysift.model import Confidence, Privilege, Severity, TriageStatus, Verdict
from keysift.store import tables as t
from keysift.store.queries.conditions import conditions
from keysift.store.queries.keyset import Key, Ordered, Page, Value, positions
from keysift.store.queries.standing import PRIVILEGES, TRIAGE, VERDICTS
from keysift.store.queries.wanted import Wanted


class SortBy(Enum):
    """What a list of findings is sorted by; the value is the word in links.

    Equal ones follow with the worst first, then the last that was found; in the other direction the
    other way round. What is not known comes last in both.
    """

    SEVERITY = "severity"
    CONFIDENCE = "confidence"
    DETECTOR = "detector"
    PROJECT = "project"
    INTRODUCED = "introduced"
    LAST_SEEN = "last-seen"
    PROJECTS = "projects"
    RELEASES = "releases"
    ARTIFACTS = "artifacts"
    PLACES = "places"
    PRESENT = "present"
    VERDICT = "verdict"
    CHECKED = "checked"
    PRIVILEGE = "privilege"
    TRIAGE = "triage"
    ID = "id"

    @property
    def is_ascending(self) -> bool:
        """Whether people look for the smallest first: names. Else for the most, worst, latest."""
        return self in {SortBy.DETECTOR, SortBy.PROJECT}


_c: Final = t.summaries.c
_COLUMNS: Final[dict[SortBy, sa.Column[Any]]] = {
    SortBy.CONFIDENCE: _c.confidence,
    SortBy.DETECTOR: _c.detector,
    SortBy.PROJECT: _c.project,
    SortBy.INTRODUCED: _c.first_uploaded_at,
    SortBy.LAST_SEEN: _c.last_uploaded_at,
    SortBy.PROJECTS: _c.projects,
    SortBy.RELEASES: _c.releases,
    SortBy.ARTIFACTS: _c.artifacts,
    SortBy.PLACES: _c.places,
    SortBy.PRESENT: _c.still_present,
    SortBy.VERDICT: _c.verdict,
    SortBy.CHECKED: _c.checked_at,
    SortBy.PRIVILEGE: _c.privilege,
    SortBy.TRIAGE: _c.triage,
}


class Listed(Struct, frozen=True, kw_only=True):
    """A finding in a list; the attributes are those of ``StoredFinding``, with two more.

    Attributes:
        project: The project that was last to have it.
        version: The last release of that project that has it.
    """

    id: int
    detector: str
    fingerprint: str
    mask: str
    severity: Severity
    confidence: Confidence
    is_outdated: bool
    first_uploaded_at: datetime | None
    last_uploaded_at: datetime | None
    projects: int
    releases: int
    artifacts: int
    places: int
    kinds: tuple[str, ...]
    still_present: bool | None
    project: str
    version: str
    verdict: Verdict
    checked_at: datetime | None
    privilege: Privilege | None
    is_canary: bool
    triage: TriageStatus


def find(
    connection: Connection,
    wanted: Wanted,
    sort: SortBy = SortBy.SEVERITY,
    *,
    descending: bool | None = None,
    cursor: str | None = None,
    limit: int = 50,
) -> Page[Listed]:
    """Return a page of findings.

    Args:
        connection: From ``Store.reading``.
        wanted: Which.
        sort: By what they are sorted.
        descending: The largest first; None: as people look for it (``SortBy.is_ascending``).
        cursor: ``next`` or ``previous`` of a page of the same list; None: the first page.
        limit: Findings of the page.

    Raises:
        UsageError: The cursor is none of this list in this order, or the limit is too large.
    """
    ordered = _ordered(connection, wanted, sort, descending=descending)
    page = positions(connection, ordered, cursor, limit)
    numbers = [row[-1] for row in page.rows]
    return Page(_listed(connection, numbers), page.next, page.previous)


def _ordered(
    connection: Connection, wanted: Wanted, sort: SortBy, *, descending: bool | None
) -> Ordered:
    is_descending = not sort.is_ascending if descending is None else descending
    # In the direction that people look for, the worst of equals comes first.
    ties = is_descending is not sort.is_ascending
    keys = [Key(_c.secret_id, ties)]
    if sort is not SortBy.ID:
        keys.insert(0, Key(_c.urgency, ties))
    if sort in _COLUMNS:
        keys.insert(0, Key(_COLUMNS[sort], is_descending))
    return Ordered(
        f"{sort.value}{'-' if is_descending else '+'}",
        tuple(keys),
        is_nullable=bool(keys[0].column.nullable),
        conditions=conditions(connection, wanted),
    )


def _listed(connection: Connection, numbers: Sequence[Value]) -> tuple[Listed, ...]:
    query = (
        sa.select(t.summaries, t.secrets.c.mask, t.secrets.c.fingerprint)
        .join(t.secrets, t.secrets.c.id == _c.secret_id)
        .where(_c.secret_id.in_(numbers))
    )
    found = {row.secret_id: _finding(row) for row in connection.execute(query)}
    return tuple(found[number] for number in numbers)


def _finding(row: Row[Any]) -> Listed:
    same = ("detector", "fingerprint", "mask", "first_uploaded_at", "last_uploaded_at", "projects")
    more = ("releases", "artifacts", "places", "project", "version", "checked_at")
    return Listed(
        id=row.secret_id,
        **{name: getattr(row, name) for name in (*same, *more)},
        severity=list(Severity)[row.severity],
        confidence=list(Confidence)[row.confidence],
        is_outdated=bool(row.is_outdated),
        kinds=tuple(row.kinds.split(",")),
        still_present=None if row.still_present is None else bool(row.still_present),
        verdict=VERDICTS[row.verdict],
        privilege=None if row.privilege is None else PRIVILEGES[row.privilege],
        is_canary=bool(row.is_canary),
        triage=TRIAGE[row.triage],
    )


def count(connection: Connection, wanted: Wanted) -> int:
    """Return how many findings are wanted."""
    query = sa.select(sa.func.count()).select_from(t.summaries)
    number: int = connection.execute(query.where(*conditions(connection, wanted))).scalar_one()
    return number


def all_of(connection: Connection, wanted: Wanted) -> list[int]:
    """Return the numbers of all findings that are wanted, in their order: for decisions on many."""
    query = sa.select(_c.secret_id).where(*conditions(connection, wanted))
    return list(connection.scalars(query.order_by(_c.secret_id)))
