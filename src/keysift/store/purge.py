"""Forgetting what is old: values first, and findings when that is asked for.

A secret is as old as the last time that we know it to have been public. As long as a file that
holds it is listed, that is when its project, or the list with its project, was last read; after
that, when we saw that the file was gone. So what is still published and still crawled is kept,
whatever its age; and nothing is kept for ever because a crawl was given up.

Decisions of people stay: a secret that was triaged keeps its row, without a value or a place.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa
from msgspec import Struct
from sqlalchemy import Connection

from keysift.store import tables as t
from keysift.store.chunks import chunked
from keysift.store.lock import Purpose, hold
from keysift.store.stale import mark_projects_with
from keysift.store.tallies import count_again

_CHUNK: Final = 500

_HAS_VALUE: Final = t.secrets.c.id.in_(sa.select(t.values.c.secret_id))
_IS_MORE_THAN_A_DECISION: Final = sa.or_(
    _HAS_VALUE,
    t.matches.c.id.is_not(None),
    t.secrets.c.id.not_in(sa.select(t.triage.c.secret_id)),
)


class Purged(Struct):
    """What was deleted, or would be.

    Attributes:
        secrets: Secrets that are old and have something to delete.
        values: Sealed values of theirs.
        findings: Secrets deleted with everything about them.
        occurrences: Places deleted.
        kept: Old secrets that keep their row, since people decided about them.
    """

    secrets: int = 0
    values: int = 0
    findings: int = 0
    occurrences: int = 0
    kept: int = 0


def purge(
    connection: Connection, before: datetime, *, findings: bool, dry_run: bool = False
) -> Purged:
    """Delete the values of secrets that were last public before a date.

    Args:
        connection: In a transaction that writes; one that reads is enough for a dry run.
        before: The date.
        findings: Delete what was found too, not only the values.
        dry_run: Only count.
    """
    purged = Purged()
    if findings and not dry_run:
        # First of all, before there is anything that somebody who holds it could wait for.
        hold(connection, Purpose.SUMMING)
    query = _old(before).where(_IS_MORE_THAN_A_DECISION if findings else _HAS_VALUE)
    for old in chunked(connection.scalars(query).all(), _CHUNK):
        purged.secrets += len(old)
        purged.values += _delete(connection, t.values, t.values.c.secret_id.in_(old), dry_run)
        if findings:
            _forget(connection, old, purged, dry_run)
    if findings and not dry_run:
        _sweep(connection)
    return purged


def _old(before: datetime) -> sa.Select[int]:
    """Return the query of the secrets that were last public before a date."""
    is_listed = t.artifacts.c.deleted_at.is_(None)
    own = sa.func.max(sa.case((is_listed, t.projects.c.read_at), else_=t.artifacts.c.deleted_at))
    # An index with serials is asked for its list only, as long as a project does not change.
    listed = sa.func.max(sa.case((is_listed, t.cursors.c.read_at)))
    return (
        sa.select(t.secrets.c.id)
        .outerjoin(t.matches, t.matches.c.secret_id == t.secrets.c.id)
        .outerjoin(t.occurrences, t.occurrences.c.match_id == t.matches.c.id)
        .outerjoin(t.artifacts, t.artifacts.c.id == t.occurrences.c.artifact_id)
        .outerjoin(t.releases, t.releases.c.id == t.artifacts.c.release_id)
        .outerjoin(t.projects, t.projects.c.id == t.releases.c.project_id)
        .outerjoin(t.cursors, t.cursors.c.registry_id == t.projects.c.registry_id)
        .group_by(t.secrets.c.id)
        .having(
            sa.func.coalesce(own, sa.func.min(t.secrets.c.first_seen_at)) < before,
            sa.or_(listed.is_(None), listed < before),
        )
        .order_by(t.secrets.c.id)
    )


def _forget(connection: Connection, old: Sequence[int], purged: Purged, dry_run: bool) -> None:  # noqa: FBT001 (handed through)
    here = sa.select(t.matches.c.id).where(t.matches.c.secret_id.in_(old))
    judged = sa.select(t.triage.c.secret_id).where(t.triage.c.secret_id.in_(old))
    places = t.occurrences.c.match_id.in_(here)
    if not dry_run:
        _forget_sums(connection, old)
    purged.occurrences += _delete(connection, t.occurrences, places, dry_run)
    _delete(connection, t.matches, t.matches.c.secret_id.in_(old), dry_run)
    unjudged = sa.and_(t.secrets.c.id.in_(old), t.secrets.c.id.not_in(judged))
    gone = _delete(connection, t.secrets, unjudged, dry_run)
    purged.findings += gone
    purged.kept += len(old) - gone


def _forget_sums(connection: Connection, old: Sequence[int]) -> None:
    """Delete what the cache has of secrets: masks and paths among it."""
    mark_projects_with(connection, old)
    cached = sa.select(t.lives.c.project_id).where(t.lives.c.secret_id.in_(old)).distinct()
    projects = list(connection.scalars(cached))
    for table in (t.lives, t.summaries, t.haystacks):
        connection.execute(sa.delete(table).where(table.c.secret_id.in_(old)))
    count_again(connection, projects)


def _sweep(connection: Connection) -> None:
    """Delete blobs and paths that nothing refers to any more."""
    for table, user in ((t.blobs, t.matches.c.blob_id), (t.paths, t.occurrences.c.path_id)):
        unused = sa.except_(sa.select(table.c.id), sa.select(user))
        connection.execute(sa.delete(table).where(table.c.id.in_(unused)))


def _delete(
    connection: Connection,
    table: sa.Table,
    which: sa.ColumnElement[bool],
    dry_run: bool,  # noqa: FBT001 (handed through)
) -> int:
    """Delete rows, or only count them; returns how many."""
    if dry_run:
        query = sa.select(sa.func.count()).select_from(table).where(which)
        count: int = connection.execute(query).scalar_one()
        return count
    deleted: sa.CursorResult[Any] = connection.execute(sa.delete(table).where(which))
    return deleted.rowcount
