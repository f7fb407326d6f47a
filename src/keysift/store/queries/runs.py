"""Crawls: those that ended, and the one that goes on now, as far as the store tells."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa
from msgspec import Struct
from sqlalchemy import Connection

from keysift.store import tables as t
from keysift.store.queries.keyset import Key, Ordered, Page, positions

_LIST: Final = Ordered(
    "runs-", (Key(t.runs.c.id, is_descending=True),), is_nullable=False, conditions=()
)


class Run(Struct, frozen=True, kw_only=True):
    """A crawl.

    Attributes:
        id: Its number.
        registry: Address of the index.
        version: Version of keysift.
        ruleset: Digest of what was looked for.
        wanted: What was asked for.
        began_at: When it began (UTC).
        ended_at: When it ended (UTC); None: it runs, or was killed.
        counts: What it did, in numbers.
        is_last: Whether no run began after it; there is one at a time.
    """

    id: int
    registry: str
    version: str
    ruleset: str
    wanted: dict[str, Any]
    began_at: datetime
    ended_at: datetime | None
    counts: dict[str, Any]
    is_last: bool


class Standing(Struct, frozen=True, kw_only=True):
    """How far crawls have come, whoever runs them.

    Attributes:
        projects: Projects that the index has.
        read: Those whose page was read.
        done: Files that were scanned or failed.
        failed: Those that failed.
        pending: Files still to scan, of the projects whose page was read.
        incomplete: Files of which something could not be looked at.
    """

    projects: int
    read: int
    done: int
    failed: int
    pending: int
    incomplete: int

    @property
    def known(self) -> int:
        """Files that are known."""
        return self.done + self.pending


def list_runs(connection: Connection, cursor: str | None = None, limit: int = 20) -> Page[Run]:
    """Return a page of runs, the last one first.

    Args:
        connection: From ``Store.reading``.
        cursor: ``next`` or ``previous`` of another page; None: the first page.
        limit: Runs of the page.

    Raises:
        UsageError: The cursor is none of this list, or the limit is too large.
    """
    page = positions(connection, _LIST, cursor, limit)
    names = ("id", "version", "wanted", "began_at", "ended_at", "counts")
    newest = sa.select(sa.func.max(t.runs.c.id)).scalar_subquery()
    query = (
        sa.select(
            *(t.runs.c[name] for name in names),
            t.registries.c.url.label("registry"),
            t.rulesets.c.digest.label("ruleset"),
            sa.case((t.runs.c.id == newest, 1), else_=0).label("is_last"),
        )
        .join(t.registries, t.registries.c.id == t.runs.c.registry_id)
        .join(t.rulesets, t.rulesets.c.id == t.runs.c.ruleset_id)
        .where(t.runs.c.id.in_([row[-1] for row in page.rows]))
        .order_by(t.runs.c.id.desc())
    )
    rows = (
        Run(**row | {"is_last": row["is_last"] == 1})
        for row in map(dict, connection.execute(query).mappings())
    )
    return Page(tuple(rows), page.next, page.previous)


def standing(connection: Connection) -> Standing:
    """Return how far crawls have come.

    Args:
        connection: From ``Store.reading``.
    """
    read = sa.case((t.projects.c.read_at.is_not(None), 1))
    query = sa.select(sa.func.count(), sa.func.count(read)).where(t.projects.c.removed_at.is_(None))
    projects, known = connection.execute(query).one()
    # From an index alone: it is asked every few seconds.
    artifact = t.artifacts.c
    states = sa.select(artifact.state, artifact.is_complete, sa.func.count()).group_by(
        artifact.state, artifact.is_complete
    )
    numbers = {(state, complete): number for state, complete, number in connection.execute(states)}

    def of(state: str) -> int:
        return sum(number for (one, _), number in numbers.items() if one == state)

    return Standing(
        projects=projects,
        read=known,
        done=of("scanned") + of("failed"),
        failed=of("failed"),
        pending=of("pending"),
        incomplete=numbers.get(("scanned", 0), 0),
    )
