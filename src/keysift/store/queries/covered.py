"""What was looked at, and what was not: files by state, and what was passed over, by reason."""

from __future__ import annotations

from datetime import datetime
from enum import Enum
from typing import Any, Final

import sqlalchemy as sa
from msgspec import Struct, field
from sqlalchemy import ColumnElement, Connection

from keysift.store import tables as t
from keysift.store.queries import glob
from keysift.store.queries.keyset import Key, Page, Place, paged

COUNTED: Final = 10_000
"""So far the files of a list are counted."""


class State(Enum):
    """What became of a file. A file that the index has no more is ``deleted`` and nothing else.

    ``INCOMPLETE`` was scanned, but not all of it.
    """

    COMPLETE = "complete"
    INCOMPLETE = "incomplete"
    FAILED = "failed"
    PENDING = "pending"
    DELETED = "deleted"


class Reason(Struct, frozen=True):
    """What was passed over for one reason.

    Attributes:
        reason: The word in every report.
        skips: How often.
        artifacts: In how many files.
        size_bytes: How much, as far as is known.
    """

    reason: str
    skips: int
    artifacts: int
    size_bytes: int


class Covered(Struct, kw_only=True):
    """What was looked at, and what was not.

    Attributes:
        states: Files by what became of them.
        reasons: What was passed over, the most frequent reason first.
        projects: Projects that the index has.
        unread: Those whose page was never read.
        content_bytes: Content that was looked at.
        files: Files inside artifacts that were looked at.
    """

    states: dict[State, int] = field(default_factory=dict)
    reasons: list[Reason] = field(default_factory=list)
    projects: int = 0
    unread: int = 0
    content_bytes: int = 0
    files: int = 0

    @property
    def artifacts(self) -> int:
        """Files that the index has."""
        return sum(number for state, number in self.states.items() if state is not State.DELETED)

    @property
    def gaps(self) -> int:
        """Files of which not everything was looked at, or nothing."""
        return self.artifacts - self.states[State.COMPLETE]


class Wanted(Struct, frozen=True, kw_only=True):
    """Which files are listed; what is None does not filter.

    Attributes:
        state: What became of them.
        reason: Why something in them was passed over.
        project: Glob of the names of their projects.
    """

    state: State | None = None
    reason: str | None = None
    project: str | None = None


KEYS: Final = (Key(t.artifacts.c.id, int),)
"""Order of the list of files."""

STATE: Final = sa.case(
    (t.artifacts.c.deleted_at.is_not(None), State.DELETED.value),
    (t.artifacts.c.state != "scanned", t.artifacts.c.state),
    (t.artifacts.c.is_complete == 1, State.COMPLETE.value),
    else_=State.INCOMPLETE.value,
)
"""The state of a file, as a word."""


def covered(connection: Connection) -> Covered:
    """Return what was looked at.

    Args:
        connection: From ``Store.reading``.
    """
    made = Covered(states=dict.fromkeys(State, 0), reasons=_reasons(connection))
    sums = (
        sa.func.coalesce(sa.func.sum(t.artifacts.c[name]), 0) for name in ("content_bytes", "files")
    )
    each = sa.select(STATE, sa.func.count(), *sums).group_by(sa.text("1"))
    for state, number, content_bytes, files in connection.execute(each):
        made.states[State(state)] = number
        if state != State.DELETED.value:
            made.content_bytes += int(content_bytes)
            made.files += int(files)
    unread = sa.case((t.projects.c.read_at.is_(None), 1))
    query = sa.select(sa.func.count(), sa.func.count(unread)).where(
        t.projects.c.removed_at.is_(None)
    )
    made.projects, made.unread = connection.execute(query).one()
    return made


def _reasons(connection: Connection) -> list[Reason]:
    number = sa.func.count()
    query = (
        sa.select(
            t.skips.c.reason,
            number,
            sa.func.count(t.skips.c.artifact_id.distinct()),
            sa.func.coalesce(sa.func.sum(t.skips.c.size_bytes), 0),
        )
        .join(t.artifacts, t.artifacts.c.id == t.skips.c.artifact_id)
        .where(t.artifacts.c.deleted_at.is_(None))
        .group_by(t.skips.c.reason)
        .order_by(number.desc(), t.skips.c.reason)
    )
    return [Reason(row[0], row[1], row[2], int(row[3])) for row in connection.execute(query)]


class Listed(Struct, frozen=True, kw_only=True):
    """A file in a list.

    Attributes:
        id: Its number.
        name: Its name.
        kind: sdist, wheel, egg or other.
        project: Name of its project.
        project_id: Number of that.
        version: Its release.
        state: What became of it.
        failure: Why the last attempt failed.
        reasons: Why something in it was passed over, sorted.
        size_bytes: Its size, when known.
        uploaded_at: When it was uploaded (UTC).
        scanned_at: When it was last scanned (UTC).
        is_yanked: Whether it is yanked.
    """

    id: int
    name: str
    kind: str
    project: str
    project_id: int
    version: str
    state: State
    failure: str | None
    reasons: tuple[str, ...]
    size_bytes: int | None
    uploaded_at: datetime | None
    scanned_at: datetime | None
    is_yanked: bool


def list_artifacts(
    connection: Connection, wanted: Wanted, place: Place | None
) -> tuple[list[Listed], Page]:
    """Return a page of files, by their numbers.

    Args:
        connection: From ``Store.reading``.
        wanted: Which files.
        place: Where the page is; None: the first one.
    """
    names = ("id", "name", "kind", "failure", "size_bytes", "uploaded_at", "scanned_at", "yanked")
    query = _joined(
        sa.select(
            *(t.artifacts.c[name] for name in names),
            t.projects.c.name.label("project"),
            t.projects.c.id.label("project_id"),
            t.releases.c.version,
            STATE.label("became"),
        )
    ).where(*_conditions(connection, wanted))
    page = paged(connection, query, KEYS, place)
    reasons = _reasons_of(connection, [row.id for row in page.rows])
    return [
        Listed(
            id=row.id,
            name=row.name,
            kind=row.kind,
            project=row.project,
            project_id=row.project_id,
            version=row.version,
            state=State(row.became),
            failure=row.failure,
            reasons=tuple(reasons.get(row.id, ())),
            size_bytes=row.size_bytes,
            uploaded_at=row.uploaded_at,
            scanned_at=row.scanned_at,
            is_yanked=row.yanked is not None,
        )
        for row in page.rows
    ], page


def count_artifacts(connection: Connection, wanted: Wanted) -> int:
    """Return how many files there are, or one more than ``COUNTED`` when there are more."""
    some = _joined(sa.select(t.artifacts.c.id)).where(*_conditions(connection, wanted))
    query = sa.select(sa.func.count()).select_from(some.limit(COUNTED + 1).subquery())
    number: int = connection.execute(query).scalar_one()
    return number


def _joined(query: sa.Select[Any]) -> sa.Select[Any]:
    return (
        query.select_from(t.artifacts)
        .join(t.releases, t.releases.c.id == t.artifacts.c.release_id)
        .join(t.projects, t.projects.c.id == t.releases.c.project_id)
    )


def _conditions(connection: Connection, wanted: Wanted) -> list[ColumnElement[bool]]:
    conditions = [] if wanted.state is None else _of_state(wanted.state)
    if wanted.reason is not None:
        having = sa.select(t.skips.c.artifact_id).where(t.skips.c.reason == wanted.reason)
        conditions.append(t.artifacts.c.id.in_(having))
    if wanted.project is not None:
        conditions.append(glob.matches(connection, t.projects.c.name, wanted.project))
    return conditions


def _of_state(state: State) -> list[ColumnElement[bool]]:
    """Return conditions that an index answers."""
    artifact = t.artifacts.c
    if state is State.DELETED:
        return [artifact.deleted_at.is_not(None)]
    there = artifact.deleted_at.is_(None)
    if state in {State.FAILED, State.PENDING}:
        return [there, artifact.state == state.value]
    complete = int(state is State.COMPLETE)
    return [there, artifact.state == "scanned", artifact.is_complete == complete]


def _reasons_of(connection: Connection, artifacts: list[int]) -> dict[int, list[str]]:
    query = (
        sa.select(t.skips.c.artifact_id, t.skips.c.reason)
        .where(t.skips.c.artifact_id.in_(artifacts))
        .distinct()
    )
    found: dict[int, list[str]] = {}
    for artifact, reason in connection.execute(query):
        found.setdefault(artifact, []).append(reason)
    return {artifact: sorted(those) for artifact, those in found.items()}
