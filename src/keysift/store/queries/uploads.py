"""The files of the projects that have a secret: which have it, which do not, which nobody knows."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

import sqlalchemy as sa
from msgspec import Struct
from sqlalchemy import Connection

from keysift.store import tables as t
from keysift.store.queries import parts


class Upload(Struct, frozen=True, kw_only=True):
    """A file of a project that has a secret.

    Attributes:
        index: Address of the index, without credentials.
        project: Normalised name.
        version: The release.
        kind: sdist, wheel, egg or other.
        uploaded_at: When the index received it (UTC); None when it does not say.
        is_yanked: Whether it is yanked.
        is_deleted: Whether the index has it no more.
        is_looked_at: Whether it was looked at.
        has: Whether it has the secret.
    """

    index: str
    project: str
    version: str
    kind: str
    uploaded_at: datetime | None
    is_yanked: bool
    is_deleted: bool
    is_looked_at: bool
    has: bool


def uploads(
    connection: Connection, secret: int, projects: Collection[tuple[str, str]], *, limit: int
) -> list[Upload]:
    """Return files of projects, the latest upload first, and those without a time last.

    Args:
        connection: From ``Store.reading``.
        secret: Number of the secret.
        projects: Address of the index and name of each; a few.
        limit: At most so many.
    """
    counting = parts.counting([secret], outdated=True).cte("counting")
    having = sa.select(t.occurrences.c.artifact_id).join(
        counting, counting.c.id == t.occurrences.c.match_id
    )
    a = t.artifacts.c
    query = (
        sa.select(
            t.registries.c.url.label("index"),
            t.projects.c.name.label("project"),
            t.releases.c.version,
            *(a[name] for name in ("kind", "uploaded_at", "yanked", "deleted_at")),
            sa.case((parts.is_looked_at(), 1), else_=0).label("is_looked_at"),
            sa.case((a.id.in_(having), 1), else_=0).label("has"),
        )
        .join(t.releases, t.releases.c.id == a.release_id)
        .join(t.projects, t.projects.c.id == t.releases.c.project_id)
        .join(t.registries, t.registries.c.id == t.projects.c.registry_id)
        .where(sa.tuple_(t.registries.c.url, t.projects.c.name).in_(list(projects)))
        .order_by(a.uploaded_at.desc().nulls_last(), a.id.desc())
        .limit(limit)
    )
    return [
        Upload(
            **{name: row[name] for name in ("index", "project", "version", "kind", "uploaded_at")},
            is_yanked=row["yanked"] is not None,
            is_deleted=row["deleted_at"] is not None,
            is_looked_at=bool(row["is_looked_at"]),
            has=bool(row["has"]),
        )
        for row in connection.execute(query).mappings()
    ]
