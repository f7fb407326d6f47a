"""Projects in lists: how many findings of which kind each has, and how much of it was looked at."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final, Literal, TypeAlias

import sqlalchemy as sa
from msgspec import Struct
from sqlalchemy import Connection, Row, Select

from keysift.model import Severity
from keysift.store import tables as t
from keysift.store.queries import glob, parts
from keysift.store.queries.keyset import Key, Page, Place, paged

COUNTED: Final = 10_000
"""So far the projects of a list are counted."""

Order: TypeAlias = Literal["findings", "critical", "active", "open", "present", "upload", "name"]
"""What a list of projects is sorted by."""

ORDERS: Final[tuple[Order, ...]] = (
    "findings",
    "critical",
    "active",
    "open",
    "present",
    "upload",
    "name",
)

_NEVER: Final = datetime(1, 1, 1, tzinfo=UTC)


class Wanted(Struct, frozen=True, kw_only=True):
    """Which projects are listed, and how.

    Attributes:
        name: Part of the name, or a glob of all of it; empty: any.
        clean: Those without a finding too; then they are sorted by name.
        order: What they are sorted by.
        is_rising: Whether the smallest comes first.
    """

    name: str = ""
    clean: bool = False
    order: Order = "critical"
    is_rising: bool = False


class Looked(Struct):
    """How many files of a project became what; those that the index has no more are left out.

    Attributes:
        complete: Scanned, all of them.
        incomplete: Scanned in part.
        failed: Could not be scanned.
        pending: Not scanned yet.
    """

    complete: int = 0
    incomplete: int = 0
    failed: int = 0
    pending: int = 0

    @property
    def total(self) -> int:
        """All of them."""
        return self.complete + self.gaps

    @property
    def gaps(self) -> int:
        """Files of which not everything was looked at."""
        return self.incomplete + self.failed + self.pending


class Listed(Struct, frozen=True, kw_only=True):
    """A project in a list.

    Attributes:
        id: Its number.
        name: Its name.
        registry: Address of its index.
        findings: Findings that are not outdated.
        severities: The same by severity.
        active: Those that their providers accept.
        open: Those that nobody decided about.
        present: Those that its newest release has.
        releases: Its releases that have been seen.
        newest: Its newest version; empty: there is none.
        last_uploaded_at: Latest upload of any of its files (UTC).
        looked: What became of its files.
        is_read: Whether its page was ever read.
        removed_at: When the index had it no more (UTC).
    """

    id: int
    name: str
    registry: str
    findings: int
    severities: dict[Severity, int]
    active: int
    open: int
    present: int
    releases: int
    newest: str
    last_uploaded_at: datetime | None
    looked: Looked
    is_read: bool
    removed_at: datetime | None


def keys(wanted: Wanted) -> tuple[Key, ...]:
    """Return the order of a list of projects."""
    if wanted.clean:
        return (Key(t.projects.c.name, str), Key(t.projects.c.id, int))
    tally = t.tallies.c
    number = Key(tally.project_id, int)
    falling = not wanted.is_rising
    if wanted.order == "name":
        return (Key(tally.name, str, falling), number)
    if wanted.order == "upload":
        never = sa.literal(_NEVER, type_=tally.last_uploaded_at.type)
        uploaded = sa.func.coalesce(tally.last_uploaded_at, never)
        return (Key(uploaded, datetime, falling), number)
    if wanted.order == "critical":
        words = ("critical", "high", "medium", "low", "info")
        return (*(Key(tally[word], int, falling) for word in words), number)
    return (Key(tally[wanted.order], int, falling), number)


def list_projects(
    connection: Connection, wanted: Wanted, place: Place | None
) -> tuple[list[Listed], Page]:
    """Return a page of projects.

    Args:
        connection: From ``Store.reading``.
        wanted: Which, and in which order.
        place: Where the page is; None: the first one.
    """
    page = paged(connection, _query(connection, wanted), keys(wanted), place)
    return listed(connection, page.rows), page


def find_project(connection: Connection, project: int) -> Listed | None:
    """Return a project as a list has it; None: there is no such project."""
    query = _query(connection, Wanted(clean=True)).where(t.projects.c.id == project)
    found = listed(connection, list(connection.execute(query)))
    return found[0] if found else None


def count_projects(connection: Connection, wanted: Wanted) -> int:
    """Return how many projects there are, or one more than ``COUNTED`` when there are more."""
    some = _query(connection, wanted).limit(COUNTED + 1).subquery()
    number: int = connection.execute(sa.select(sa.func.count()).select_from(some)).scalar_one()
    return number


def _query(connection: Connection, wanted: Wanted) -> Select[Any]:
    names = ("findings", "active", "open", "present", "last_uploaded_at")
    query = sa.select(
        t.projects.c.id,
        t.projects.c.name,
        t.projects.c.read_at,
        t.projects.c.removed_at,
        t.registries.c.url,
        *(t.tallies.c[name] for name in (*names, *(one.value for one in Severity))),
        t.tallies.c.releases,
    )
    join = t.projects.outerjoin if wanted.clean else t.projects.join
    query = query.select_from(
        join(t.tallies, t.tallies.c.project_id == t.projects.c.id).join(
            t.registries, t.registries.c.id == t.projects.c.registry_id
        )
    )
    if wanted.name:
        is_glob = any(char in wanted.name for char in "*?[")
        pattern = wanted.name if is_glob else f"*{wanted.name}*"
        query = query.where(glob.matches(connection, t.projects.c.name, pattern))
    return query


def listed(connection: Connection, rows: list[Row[Any]]) -> list[Listed]:
    """Return projects with what rows do not have of them."""
    numbers = [row.id for row in rows]
    looked, newest = _looked(connection, numbers), _newest(connection, numbers)
    return [
        Listed(
            id=row.id,
            name=row.name,
            registry=row.url,
            findings=row.findings or 0,
            severities={one: getattr(row, one.value) or 0 for one in Severity},
            active=row.active or 0,
            open=row.open or 0,
            present=row.present or 0,
            releases=row.releases or 0,
            newest=newest.get(row.id, ""),
            last_uploaded_at=row.last_uploaded_at,
            looked=looked.get(row.id, Looked()),
            is_read=row.read_at is not None,
            removed_at=row.removed_at,
        )
        for row in rows
    ]


def _looked(connection: Connection, projects: list[int]) -> dict[int, Looked]:
    artifact = t.artifacts.c
    query = (
        sa.select(t.releases.c.project_id, artifact.state, artifact.is_complete, sa.func.count())
        .join(t.releases, t.releases.c.id == artifact.release_id)
        .where(t.releases.c.project_id.in_(projects), artifact.deleted_at.is_(None))
        .group_by(t.releases.c.project_id, artifact.state, artifact.is_complete)
    )
    found: dict[int, Looked] = {}
    for project, state, is_complete, number in connection.execute(query):
        one = found.setdefault(project, Looked())
        if state == "failed":
            one.failed += number
        elif state == "pending":
            one.pending += number
        elif is_complete:
            one.complete += number
        else:
            one.incomplete += number
    return found


def _newest(connection: Connection, projects: list[int]) -> dict[int, str]:
    those = sa.select(t.projects.c.id).where(t.projects.c.id.in_(projects))
    ordered = parts.releases(connection, those)
    query = sa.select(ordered.c.project_id, ordered.c.version).where(ordered.c.is_newest == 1)
    return {project: version for project, version in connection.execute(query)}  # noqa: C416 (rows are no pairs for dict)
