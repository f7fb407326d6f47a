"""Files of the index and what became of scanning them, page by page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import Enum
from typing import Any, Final

import sqlalchemy as sa
from msgspec import Struct
from sqlalchemy import ColumnElement, Connection, Row

from keysift.model import SkipReason
from keysift.store import tables as t
from keysift.store.queries.keyset import Key, Ordered, Page, Value, positions

_a: Final = t.artifacts.c


class Scan(Enum):
    """What became of scanning a file; the value is the word in links.

    Attributes:
        FAILED: It could not be scanned.
        PENDING: It was not scanned yet.
        INCOMPLETE: It was scanned, and something in it could not be looked at.
        COMPLETE: It was scanned, all of it.
    """

    FAILED = "failed"
    PENDING = "pending"
    INCOMPLETE = "incomplete"
    COMPLETE = "complete"


_ROWS: Final[dict[Scan, tuple[tuple[str, int | None], ...]]] = {
    Scan.FAILED: (("failed", None), ("failed", 0), ("failed", 1)),
    Scan.PENDING: (("pending", None), ("pending", 0), ("pending", 1)),
    Scan.INCOMPLETE: (("scanned", None), ("scanned", 0)),
    Scan.COMPLETE: (("scanned", 1),),
}
"""``state`` and ``is_complete`` of each."""


class WantedArtifacts(Struct, frozen=True, kw_only=True):
    """Which files are wanted; what is None or empty does not filter.

    Attributes:
        scans: What became of scanning them.
        reason: Only those in which something was passed over for this reason.
        project: Only those of projects with this name.
        project_id: Only those of the project with this number.
        deleted: Files that the index has no more are wanted, too.
    """

    scans: tuple[Scan, ...] = ()
    reason: SkipReason | None = None
    project: str | None = None
    project_id: int | None = None
    deleted: bool = False

    @property
    def names_projects(self) -> bool:
        """Whether only some projects are wanted."""
        return self.project is not None or self.project_id is not None


class ListedArtifact(Struct, frozen=True, kw_only=True):
    """A file in a list.

    Attributes:
        id: Its number.
        project_id: Number of its project.
        project: Normalised name of that.
        version: The release.
        name: File name.
        kind: sdist, wheel, egg or other.
        size_bytes: Its size; None when not known.
        uploaded_at: When the index received it (UTC); None when the index does not say.
        yanked: None when not yanked, else the reason the index gives.
        deleted_at: When we saw that the index has it no more (UTC).
        scan: What became of scanning it.
        failure: Why the last attempt failed, for people.
        attempts: Attempts that failed since the last that did not.
        scanned_at: When it was last scanned (UTC).
        files: Files in it; None before the first scan.
        content_bytes: Bytes of their content that were looked at.
        skips: How many parts of it were not looked at, by reason.
    """

    id: int
    project_id: int
    project: str
    version: str
    name: str
    kind: str
    size_bytes: int | None
    uploaded_at: datetime | None
    yanked: str | None
    deleted_at: datetime | None
    scan: Scan
    failure: str | None
    attempts: int
    scanned_at: datetime | None
    files: int | None
    content_bytes: int | None
    skips: Mapping[SkipReason, int]


def find_artifacts(
    connection: Connection,
    wanted: WantedArtifacts,
    *,
    descending: bool = True,
    cursor: str | None = None,
    limit: int = 50,
) -> Page[ListedArtifact]:
    """Return a page of files, in the order in which we first saw them.

    Args:
        connection: From ``Store.reading``.
        wanted: Which.
        descending: The last one first.
        cursor: ``next`` or ``previous`` of a page of the same list; None: the first page.
        limit: Files of the page.

    Raises:
        UsageError: The cursor is none of this list in this order, or the limit is too large.
    """
    name = f"artifacts{'-' if descending else '+'}"
    if wanted.reason is None and wanted.names_projects:
        # The files of a project are few: they are found by its releases, and sorted.
        ordered = Ordered(
            name,
            (Key(_a.id, descending),),
            is_nullable=False,
            conditions=(*_conditions(wanted), *_of_scans(wanted)),
        )
    elif wanted.reason is None:
        scans = wanted.scans or tuple(Scan)
        ordered = Ordered(
            name,
            (Key(_a.id, descending),),
            is_nullable=False,
            conditions=_conditions(wanted),
            alternatives=tuple(_is(row) for scan in scans for row in _ROWS[scan]),
        )
    else:
        ordered = Ordered(
            name,
            (Key(t.skips.c.artifact_id, descending),),
            is_nullable=False,
            conditions=(
                t.skips.c.reason == wanted.reason.value,
                *_conditions(wanted),
                *_of_scans(wanted),
            ),
            source=t.skips.join(t.artifacts, _a.id == t.skips.c.artifact_id),
            is_distinct=True,
        )
    page = positions(connection, ordered, cursor, limit)
    rows = _listed(connection, [row[-1] for row in page.rows])
    return Page(rows, page.next, page.previous)


def count_artifacts(connection: Connection, wanted: WantedArtifacts) -> int:
    """Return how many files are wanted; of a million of them it takes some tenths of a second."""
    query = sa.select(sa.func.count()).select_from(t.artifacts)
    query = query.where(*_conditions(wanted), *_of_scans(wanted))
    if wanted.reason is not None:
        passed_over = sa.select(t.skips.c.artifact_id)
        query = query.where(_a.id.in_(passed_over.where(t.skips.c.reason == wanted.reason.value)))
    number: int = connection.execute(query).scalar_one()
    return number


def count_scans(connection: Connection) -> dict[Scan, int]:
    """Return how many files there are of each state, without those that are deleted."""
    query = (
        sa.select(_a.state, _a.is_complete, sa.func.count().label("number"))
        .where(_a.deleted_at.is_(None))
        .group_by(_a.state, _a.is_complete)
    )
    found = dict.fromkeys(Scan, 0)
    for row in connection.execute(query):
        found[_scan(row)] += row.number
    return found


def _conditions(wanted: WantedArtifacts) -> tuple[ColumnElement[bool], ...]:
    found: list[ColumnElement[bool]] = []
    if not wanted.deleted:
        found.append(_a.deleted_at.is_(None))
    releases = sa.select(t.releases.c.id)
    if wanted.project_id is not None:
        found.append(
            _a.release_id.in_(releases.where(t.releases.c.project_id == wanted.project_id))
        )
    if wanted.project is not None:
        projects = sa.select(t.projects.c.id).where(
            # The index of names has the registry first.
            t.projects.c.registry_id.in_(sa.select(t.registries.c.id)),
            t.projects.c.name == wanted.project,
        )
        found.append(_a.release_id.in_(releases.where(t.releases.c.project_id.in_(projects))))
    return tuple(found)


def _of_scans(wanted: WantedArtifacts) -> tuple[ColumnElement[bool], ...]:
    if not wanted.scans:
        return ()
    return (sa.or_(*(_is(row) for scan in wanted.scans for row in _ROWS[scan])),)


def _is(row: tuple[str, int | None]) -> ColumnElement[bool]:
    state, is_complete = row
    return sa.and_(_a.state == state, _a.is_complete == is_complete)


def _listed(connection: Connection, numbers: Sequence[Value]) -> tuple[ListedArtifact, ...]:
    query = (
        sa.select(
            t.artifacts,
            t.releases.c.version,
            t.releases.c.project_id,
            t.projects.c.name.label("project"),
        )
        .join(t.releases, t.releases.c.id == _a.release_id)
        .join(t.projects, t.projects.c.id == t.releases.c.project_id)
        .where(_a.id.in_(numbers))
    )
    skips: dict[int, dict[SkipReason, int]] = {}
    counted = (
        sa.select(t.skips.c.artifact_id, t.skips.c.reason, sa.func.count())
        .where(t.skips.c.artifact_id.in_(numbers))
        .group_by(t.skips.c.artifact_id, t.skips.c.reason)
        .order_by(sa.func.count().desc(), t.skips.c.reason)
    )
    for number, reason, times in connection.execute(counted):
        skips.setdefault(number, {})[SkipReason(reason)] = times
    found = {row.id: _artifact(row, skips.get(row.id, {})) for row in connection.execute(query)}
    return tuple(found[number] for number in numbers)


def _artifact(row: Row[Any], skips: Mapping[SkipReason, int]) -> ListedArtifact:
    own = {"scan", "skips"}
    same = {
        name: getattr(row, name) for name in ListedArtifact.__struct_fields__ if name not in own
    }
    return ListedArtifact(**same, scan=_scan(row), skips=skips)


def _scan(row: Row[Any]) -> Scan:
    if row.state != "scanned":
        return Scan(row.state)
    return Scan.COMPLETE if row.is_complete else Scan.INCOMPLETE
