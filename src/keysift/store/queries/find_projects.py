"""Projects that have findings, page by page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import Enum
from typing import Any, Final

import sqlalchemy as sa
from msgspec import Struct
from sqlalchemy import ColumnElement, Connection, Row

from keysift.model import Severity
from keysift.store import tables as t
from keysift.store.queries.keyset import Key, Ordered, Page, Value, positions
from keysift.store.queries.whereabouts import has


class SortProjects(Enum):
    """What a list of projects is sorted by; the value is the word in links.

    ``WORST`` compares the numbers of critical findings, then of high ones, and so on.
    """

    WORST = "worst"
    NAME = "name"
    FINDINGS = "findings"
    ACTIVE = "active"
    OPEN = "open"
    PRESENT = "present"
    RELEASES = "releases"
    LAST_UPLOAD = "last-upload"


class ListedProject(Struct, frozen=True, kw_only=True):
    """A project in a list; findings that are outdated do not count.

    Attributes:
        id: Its number.
        name: Normalised name.
        index: Address of its index, without credentials.
        findings: Its findings.
        severities: How many of each severity, the worst first.
        active: How many their providers accept.
        open: How many nobody decided about.
        present: How many its newest release still has.
        releases: Its releases, with or without a finding.
        last_uploaded_at: Latest upload of any of its files (UTC); None when the index does not say.
        is_removed: Whether the index has it no more.
    """

    id: int
    name: str
    index: str
    findings: int
    severities: Mapping[Severity, int]
    active: int
    open: int
    present: int
    releases: int
    last_uploaded_at: datetime | None
    is_removed: bool


_c: Final = t.tallies.c
_WORST: Final = tuple(_c[one.value] for one in reversed(Severity))
_COLUMNS: Final[dict[SortProjects, tuple[sa.Column[Any], ...]]] = {
    SortProjects.WORST: _WORST,
    SortProjects.NAME: (_c.name,),
    SortProjects.FINDINGS: (_c.findings, *_WORST),
    SortProjects.ACTIVE: (_c.active, *_WORST),
    SortProjects.OPEN: (_c.open, *_WORST),
    SortProjects.PRESENT: (_c.present, *_WORST),
    SortProjects.RELEASES: (_c.releases,),
    SortProjects.LAST_UPLOAD: (_c.last_uploaded_at,),
}


def find_projects(
    connection: Connection,
    search: str = "",
    sort: SortProjects = SortProjects.WORST,
    *,
    descending: bool | None = None,
    cursor: str | None = None,
    limit: int = 50,
) -> Page[ListedProject]:
    """Return a page of the projects that have a finding.

    Args:
        connection: From ``Store.reading``.
        search: Words, each of which must be in the name.
        sort: By what they are sorted.
        descending: The largest first; None: but for names.
        cursor: ``next`` or ``previous`` of a page of the same list; None: the first page.
        limit: Projects of the page.

    Raises:
        UsageError: The cursor is none of this list in this order, or the limit is too large.
    """
    is_descending = sort is not SortProjects.NAME if descending is None else descending
    columns = (*_COLUMNS[sort], _c.project_id)
    ordered = Ordered(
        f"projects-{sort.value}{'-' if is_descending else '+'}",
        tuple(Key(column, is_descending) for column in columns),
        is_nullable=sort is SortProjects.LAST_UPLOAD,
        conditions=_named(connection, search),
    )
    page = positions(connection, ordered, cursor, limit)
    rows = _listed(connection, [row[-1] for row in page.rows])
    return Page(rows, page.next, page.previous)


def count_projects(connection: Connection, search: str = "") -> int:
    """Return how many projects have a finding, of those whose name has all words."""
    query = sa.select(sa.func.count()).select_from(t.tallies).where(*_named(connection, search))
    number: int = connection.execute(query).scalar_one()
    return number


def _named(connection: Connection, search: str) -> tuple[ColumnElement[bool], ...]:
    # Normalised names have no upper case.
    return tuple(has(connection, _c.name, word) for word in search.casefold().split())


def _listed(connection: Connection, numbers: Sequence[Value]) -> tuple[ListedProject, ...]:
    query = (
        sa.select(t.tallies, t.registries.c.url, t.projects.c.removed_at)
        .join(t.projects, t.projects.c.id == _c.project_id)
        .join(t.registries, t.registries.c.id == t.projects.c.registry_id)
        .where(_c.project_id.in_(numbers))
    )
    found = {row.project_id: _project(row) for row in connection.execute(query)}
    return tuple(found[number] for number in numbers)


def _project(row: Row[Any]) -> ListedProject:
    same = ("name", "findings", "active", "open", "present", "releases", "last_uploaded_at")
    return ListedProject(
        id=row.project_id,
        index=row.url,
        severities={one: getattr(row, one.value) for one in reversed(Severity)},
        is_removed=row.removed_at is not None,
        **{name: getattr(row, name) for name in same},
    )
