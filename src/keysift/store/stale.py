"""Which projects are to be added up again: whoever changes what is known of findings marks them.

A mark is made in the transaction that makes the change, so that a database never has the one
without the other. It counts the changes. Who adds up reads marks and findings in one snapshot, and
takes a mark back only when its count is still the same: a change that the snapshot did not have
leaves another count, or a mark that is there again.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy import Connection, Select

from keysift.store import tables as t
from keysift.store.upsert import insert

_COLUMNS: Final = ("project_id", "changes", "since")
_ONCE: Final = sa.literal(1)
_NOW: Final[sa.BindParameter[datetime]] = sa.bindparam("now", type_=t.stale_projects.c.since.type)
_ARTIFACT: Final[sa.BindParameter[int]] = sa.bindparam("artifact")
_OF_ARTIFACT: Final = (
    sa.select(t.releases.c.project_id, _ONCE, _NOW)
    .join(t.artifacts, t.artifacts.c.release_id == t.releases.c.id)
    .where(t.artifacts.c.id == _ARTIFACT)
)
_PROJECT: Final[sa.BindParameter[int]] = sa.bindparam("project")
_ITSELF: Final = sa.select(t.projects.c.id, _ONCE, _NOW).where(t.projects.c.id == _PROJECT)


def mark_project(connection: Connection, project: int) -> None:
    """Note that the findings of a project changed, in the transaction that changes them."""
    connection.execute(_marking(connection.dialect.name), {"project": project, "now": _now()})


def mark_project_of(connection: Connection, artifact: int) -> None:
    """Note that the findings of the project of an artifact changed."""
    values = {"artifact": artifact, "now": _now()}
    connection.execute(_marking_of(connection.dialect.name), values)


def mark_projects_with(connection: Connection, secrets: Collection[int]) -> None:
    """Note that secrets change in each project where they stand, or where the cache has them.

    Args:
        connection: In the transaction that changes them.
        secrets: Their numbers, no more than a statement takes.
    """
    standing = (
        sa.select(t.releases.c.project_id)
        .join(t.artifacts, t.artifacts.c.release_id == t.releases.c.id)
        .join(t.occurrences, t.occurrences.c.artifact_id == t.artifacts.c.id)
        .join(t.matches, t.matches.c.id == t.occurrences.c.match_id)
        .where(t.matches.c.secret_id.in_(secrets))
    )
    cached = sa.select(t.lives.c.project_id).where(t.lives.c.secret_id.in_(secrets))
    those = sa.select(t.projects.c.id, _ONCE, _NOW).where(
        sa.or_(t.projects.c.id.in_(standing), t.projects.c.id.in_(cached))
    )
    connection.execute(_adding(connection.dialect.name, those), {"now": _now()})


def mark_all(connection: Connection) -> None:
    """Note that everything is to be added up again, for instance after the cache was emptied."""
    those = sa.select(t.projects.c.id, _ONCE, _NOW).where(sa.true())
    connection.execute(_adding(connection.dialect.name, those), {"now": _now()})


def stale_projects(connection: Connection) -> int:
    """Return how many projects changed since they were last added up."""
    query = sa.select(sa.func.count()).select_from(t.stale_projects)
    number: int = connection.execute(query).scalar_one()
    return number


def is_fresh(connection: Connection) -> bool:
    """Tell whether all that is known has been added up."""
    return connection.execute(sa.select(t.stale_projects.c.project_id).limit(1)).first() is None


def _now() -> datetime:
    return datetime.now(UTC)


# Made once for each database: putting a statement together takes longer than running it.
@lru_cache
def _marking(dialect: str) -> sa.Insert:
    return _adding(dialect, _ITSELF)


@lru_cache
def _marking_of(dialect: str) -> sa.Insert:
    return _adding(dialect, _OF_ARTIFACT)


def _adding(dialect: str, projects: Select[Any]) -> sa.Insert:
    """Return the statement that marks projects.

    It updates a mark that is there; DO NOTHING would lose one in PostgreSQL. Say a crawl changes a
    project while a mark of it is being taken back by a transaction that is not committed. The row
    is still there for the crawl: DO NOTHING would leave it, then the row goes, and nobody knows of
    the change. DO UPDATE waits for that transaction, finds the row gone, and adds it. The other way
    round, whoever takes marks back passes over a row that a crawl holds (``SKIP LOCKED``): the row
    has another count when the crawl commits. SQLite has one writer at a time.
    """
    statement = insert(dialect, t.stale_projects)
    return statement.from_select(_COLUMNS, projects).on_conflict_do_update(
        index_elements=["project_id"], set_={"changes": t.stale_projects.c.changes + 1}
    )
