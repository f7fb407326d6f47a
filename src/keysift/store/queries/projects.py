"""Projects that may have no finding; how much of each was looked at, and its newest release."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa
from msgspec import Struct
from sqlalchemy import ColumnElement, Connection

from keysift.model import Severity
from keysift.store import tables as t
from keysift.store.queries import parts
from keysift.store.queries.keyset import Key, Ordered, Page, positions
from keysift.store.queries.whereabouts import has

_COUNTS: Final = ("findings", "active", "open", "present")


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


class Known(Struct, frozen=True, kw_only=True):
    """A project, with or without a finding; those that are outdated do not count.

    Attributes:
        id: Its number.
        name: Normalised name.
        index: Address of its index, without credentials.
        findings: Its findings.
        severities: How many of each severity, the worst first.
        active: How many their providers accept.
        open: How many nobody decided about.
        present: How many its newest release still has.
        last_uploaded_at: Latest upload of any of its files (UTC), when it has a finding.
        is_read: Whether its page was ever read.
        removed_at: When we saw that the index has it no more (UTC).
    """

    id: int
    name: str
    index: str
    findings: int
    severities: dict[Severity, int]
    active: int
    open: int
    present: int
    last_uploaded_at: datetime | None
    is_read: bool
    removed_at: datetime | None


def list_known(
    connection: Connection, search: str = "", *, cursor: str | None = None, limit: int = 50
) -> Page[Known]:
    """Return a page of all projects, by name.

    Args:
        connection: From ``Store.reading``.
        search: Words, each of which must be in the name.
        cursor: ``next`` or ``previous`` of a page of the same list; None: the first page.
        limit: Projects of the page.

    Raises:
        UsageError: The cursor is none of this list, or the limit is too large.
    """
    keys = (Key(t.projects.c.name, False), Key(t.projects.c.id, False))
    ordered = Ordered("known+", keys, is_nullable=False, conditions=_named(connection, search))
    page = positions(connection, ordered, cursor, limit)
    numbers: list[Any] = [row[-1] for row in page.rows]
    found = known(connection, numbers)
    return Page(tuple(found[number] for number in numbers), page.next, page.previous)


def count_known(connection: Connection, search: str = "") -> int:
    """Return how many projects there are, of those whose name has all words."""
    query = sa.select(sa.func.count()).select_from(t.projects).where(*_named(connection, search))
    number: int = connection.execute(query).scalar_one()
    return number


def known(connection: Connection, projects: Collection[int]) -> dict[int, Known]:
    """Return projects by their numbers, those that there are."""
    severities = [one.value for one in reversed(Severity)]
    project = t.projects.c
    query = (
        sa.select(
            *(project[name] for name in ("id", "name", "read_at", "removed_at")),
            t.registries.c.url,
            *(t.tallies.c[name] for name in (*_COUNTS, *severities, "last_uploaded_at")),
        )
        .select_from(t.projects)
        .join(t.registries, t.registries.c.id == project.registry_id)
        .outerjoin(t.tallies, t.tallies.c.project_id == project.id)
        .where(project.id.in_(projects))
    )
    return {
        row.id: Known(
            id=row.id,
            name=row.name,
            index=row.url,
            severities={one: getattr(row, one.value) or 0 for one in reversed(Severity)},
            **{name: getattr(row, name) or 0 for name in _COUNTS},
            last_uploaded_at=row.last_uploaded_at,
            is_read=row.read_at is not None,
            removed_at=row.removed_at,
        )
        for row in connection.execute(query)
    }


def _named(connection: Connection, search: str) -> tuple[ColumnElement[bool], ...]:
    # Normalised names have no upper case.
    return tuple(has(connection, t.projects.c.name, word) for word in search.casefold().split())


def looked(connection: Connection, projects: Sequence[int]) -> dict[int, Looked]:
    """Return what became of the files of projects, by their numbers; of those that have files."""
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


def newest(connection: Connection, projects: Sequence[int]) -> dict[int, str]:
    """Return the newest versions of projects, by their numbers: what pip would take."""
    those = sa.select(t.projects.c.id).where(t.projects.c.id.in_(projects))
    ordered = parts.releases(connection, those)
    query = sa.select(ordered.c.project_id, ordered.c.version).where(ordered.c.is_newest == 1)
    return {project: version for project, version in connection.execute(query)}  # noqa: C416 (rows are no pairs for dict)
