"""The life of secrets in projects: introduced, last seen, removed, still present."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy import CTE, ColumnElement, Connection, Row, Select

from keysift.store import tables as t
from keysift.store.queries import parts
from keysift.store.queries.values import Life, Seen

_KINDS: Final = ("egg", "other", "sdist", "wheel")
_LATER: Final = datetime.max.replace(tzinfo=UTC)


def lives(connection: Connection, secrets: Collection[int]) -> dict[int, tuple[Life, ...]]:
    """Return the lives of secrets, by their numbers; the first upload of each secret first.

    Args:
        connection: From ``Store.reading``.
        secrets: At most some hundred; a statement takes no more.
    """
    found: dict[int, list[Life]] = {}
    for row in connection.execute(_lives(connection, secrets)):
        found.setdefault(row.secret_id, []).append(_life(row))
    return {
        secret: tuple(
            sorted(
                several,
                key=lambda life: (life.first_uploaded_at or _LATER, life.introduced.project),
            )
        )
        for secret, several in found.items()
    }


def _life(row: Row[Any]) -> Life:
    def seen(version: str, uploaded: datetime | None) -> Seen:
        return Seen(project=row.project, version=version, uploaded_at=uploaded)

    removed = None
    if row.removed_version is not None and not row.is_present:
        removed = seen(row.removed_version, row.removed_at)
    return Life(
        index=row.registry,
        introduced=seen(row.first_version, row.first_at),
        last_seen=seen(row.last_version, row.last_at),
        removed_in=removed,
        still_present=True if row.is_present else None if row.is_unknown else False,
        first_uploaded_at=row.first_upload,
        last_uploaded_at=row.last_upload,
        releases=row.releases,
        artifacts=row.artifacts,
        yanked=row.yanked,
        deleted=row.deleted,
        places=row.places,
        kinds=tuple(kind for kind in _KINDS if row._mapping[kind]),  # noqa: SLF001 (public, by its documentation)
    )


def _lives(connection: Connection, secrets: Collection[int]) -> Select[Any]:
    sighted = _sighted(secrets)
    releases = _releases(connection, sighted)
    groups = _groups(connection, releases)
    having = _having(sighted, releases)
    life = _summed(having)
    first, last, gone = groups.alias("first"), groups.alias("last"), groups.alias("gone")
    introduced, seen = having.alias("introduced"), having.alias("seen")
    unknown = sa.select(sa.func.max(groups.c.is_unknown)).where(
        groups.c.project_id == life.c.project_id, groups.c.is_newest == 1
    )
    return (
        sa.select(
            *life.c,
            t.projects.c.name.label("project"),
            t.registries.c.url.label("registry"),
            first.c.version.label("first_version"),
            introduced.c.first_upload.label("first_at"),
            last.c.version.label("last_version"),
            seen.c.first_upload.label("last_at"),
            gone.c.version.label("removed_version"),
            gone.c.uploaded.label("removed_at"),
            unknown.scalar_subquery().label("is_unknown"),
        )
        .join(t.projects, t.projects.c.id == life.c.project_id)
        .join(t.registries, t.registries.c.id == t.projects.c.registry_id)
        .join(first, _at(first, life, life.c.first_position))
        .join(last, _at(last, life, life.c.last_position))
        .outerjoin(gone, _at(gone, life, last.c.next_clear))
        .join(introduced, _of(introduced, life, life.c.first_position))
        .join(seen, _of(seen, life, life.c.last_position))
    )


def _at(groups: Any, life: CTE, position: ColumnElement[int]) -> ColumnElement[bool]:  # noqa: ANN401 (an alias of a CTE)
    return sa.and_(groups.c.project_id == life.c.project_id, groups.c.position == position)


def _of(having: Any, life: CTE, position: ColumnElement[int]) -> ColumnElement[bool]:  # noqa: ANN401 (the same)
    return sa.and_(_at(having, life, position), having.c.secret_id == life.c.secret_id)


def _sighted(secrets: Collection[int]) -> CTE:
    """Return which artifacts have which secret, in how many places."""
    counting = parts.counting(secrets, outdated=True).cte("counting")
    return (
        sa.select(
            counting.c.secret_id,
            t.occurrences.c.artifact_id,
            sa.func.count().label("places"),
        )
        .join(t.occurrences, t.occurrences.c.match_id == counting.c.id)
        .group_by(counting.c.secret_id, t.occurrences.c.artifact_id)
        .cte("sighted")
    )


def _releases(connection: Connection, sighted: CTE) -> CTE:
    """Return all releases of the projects concerned, with their position in the project."""
    projects = (
        sa.select(t.releases.c.project_id)
        .join(t.artifacts, t.artifacts.c.release_id == t.releases.c.id)
        .where(t.artifacts.c.id.in_(sa.select(sighted.c.artifact_id)))
        .distinct()
        .cte("concerned")
    )
    listed = t.artifacts.c.deleted_at.is_(None)
    # A file of which nothing at all could be read was not looked at.
    looked_at = sa.and_(
        t.artifacts.c.state == "scanned",
        sa.or_(t.artifacts.c.is_complete == 1, t.artifacts.c.files > 0),
    )
    files = (
        sa.select(
            t.artifacts.c.release_id,
            sa.func.max(t.artifacts.c.uploaded_at).label("uploaded"),
            sa.func.min(t.artifacts.c.uploaded_at).label("first_upload"),
            sa.func.max(sa.case((looked_at, 1), else_=0)).label("is_looked_at"),
            sa.func.max(sa.case((sa.and_(listed, ~looked_at), 1), else_=0)).label("is_unknown"),
        )
        .join(t.releases, t.releases.c.id == t.artifacts.c.release_id)
        .where(t.releases.c.project_id.in_(sa.select(projects.c.project_id)))
        .group_by(t.artifacts.c.release_id)
        .subquery()
    )
    newest = parts.newest(connection, sa.select(projects.c.project_id))
    key = t.releases.c.sort_key
    order = (
        key.is_not(None),
        key,
        sa.case((key.is_(None), files.c.uploaded)).nulls_first(),
        parts.bytewise(connection, sa.case((key.is_(None), t.releases.c.version))),
    )
    position = sa.func.dense_rank().over(partition_by=t.releases.c.project_id, order_by=order)
    return (
        sa.select(
            t.releases.c.id,
            t.releases.c.project_id,
            t.releases.c.version,
            files.c.first_upload,
            files.c.is_looked_at,
            files.c.is_unknown,
            sa.case((newest.c.release_id.is_not(None), 1), else_=0).label("is_newest"),
            position.label("position"),
        )
        .join(files, files.c.release_id == t.releases.c.id)
        .outerjoin(newest, newest.c.release_id == t.releases.c.id)
        .cte("ordered")
    )


def _groups(connection: Connection, releases: CTE) -> CTE:
    """Return one row for each position: versions that are equal are one release.

    ``next_clear`` is the position of the first later release that was looked at.
    """
    grouped = (
        sa.select(
            releases.c.project_id,
            releases.c.position,
            sa.func.min(parts.bytewise(connection, releases.c.version)).label("version"),
            sa.func.min(releases.c.first_upload).label("uploaded"),
            sa.func.max(releases.c.is_looked_at).label("is_looked_at"),
            sa.func.max(releases.c.is_unknown).label("is_unknown"),
            sa.func.max(releases.c.is_newest).label("is_newest"),
        )
        .group_by(releases.c.project_id, releases.c.position)
        .subquery()
    )
    clear = sa.and_(grouped.c.is_looked_at == 1, grouped.c.is_unknown == 0)
    following = sa.func.min(sa.case((clear, grouped.c.position))).over(
        partition_by=grouped.c.project_id, order_by=grouped.c.position, rows=(1, None)
    )
    return sa.select(*grouped.c, following.label("next_clear")).cte("positions")


def _having(sighted: CTE, releases: CTE) -> CTE:
    """Return the releases that have a secret, with what their files say."""
    is_deleted = t.artifacts.c.deleted_at.is_not(None)
    is_yanked = t.artifacts.c.yanked.is_not(None)
    is_present = sa.and_(~is_deleted, ~is_yanked, releases.c.is_newest == 1)

    def number(condition: ColumnElement[bool]) -> ColumnElement[int]:
        return sa.func.sum(sa.case((condition, 1), else_=0))

    return (
        sa.select(
            sighted.c.secret_id,
            releases.c.project_id,
            releases.c.position,
            sa.func.min(t.artifacts.c.uploaded_at).label("first_upload"),
            sa.func.max(t.artifacts.c.uploaded_at).label("last_upload"),
            sa.func.count().label("artifacts"),
            sa.func.sum(sighted.c.places).label("places"),
            number(is_deleted).label("deleted"),
            number(sa.and_(is_yanked, ~is_deleted)).label("yanked"),
            number(is_present).label("present"),
            *[number(t.artifacts.c.kind == kind).label(kind) for kind in _KINDS],
        )
        .join(t.artifacts, t.artifacts.c.id == sighted.c.artifact_id)
        .join(releases, releases.c.id == t.artifacts.c.release_id)
        .group_by(sighted.c.secret_id, releases.c.project_id, releases.c.position)
        .cte("having")
    )


def _summed(having: CTE) -> CTE:
    summed = [
        sa.cast(sa.func.sum(having.c[name]), sa.BigInteger).label(name)
        for name in ("artifacts", "places", "deleted", "yanked", *_KINDS)
    ]
    return (
        sa.select(
            having.c.secret_id,
            having.c.project_id,
            sa.func.min(having.c.position).label("first_position"),
            sa.func.max(having.c.position).label("last_position"),
            sa.func.min(having.c.first_upload).label("first_upload"),
            sa.func.max(having.c.last_upload).label("last_upload"),
            sa.func.count().label("releases"),
            sa.func.max(having.c.present).label("is_present"),
            *summed,
        )
        .group_by(having.c.secret_id, having.c.project_id)
        .cte("life")
    )
