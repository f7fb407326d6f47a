"""The life of secrets in projects: introduced, last seen, removed, still present.

The database adds up what each release says of each secret; the few rows that come of it are put
together here.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import UTC, datetime
from typing import Any, Final

import sqlalchemy as sa
from msgspec import Struct
from sqlalchemy import ColumnElement, Connection, Row, Select

from keysift.store import tables as t
from keysift.store.queries import parts
from keysift.store.queries.values import Life, Seen

_KINDS: Final = ("egg", "other", "sdist", "wheel")
_PROJECTS: Final = 500
"""Projects of one statement."""

_LATER: Final = datetime.max.replace(tzinfo=UTC)


class Known(Struct, frozen=True):
    """A life with the numbers of what it is about.

    Attributes:
        life: The life.
        project: Number of the project.
        introduced: Number of the first release that has it.
        last_seen: Number of the last one.
        removed: Number of the release that removed it; None as in ``Life``.
        present: Number of the newest release; None when it does not have it.
        present_kinds: Kinds of the files of the newest release that have it and are neither
            yanked nor deleted; sorted.
    """

    life: Life
    project: int
    introduced: int
    last_seen: int
    removed: int | None
    present: int | None
    present_kinds: tuple[str, ...]


class _Release(Struct):
    """A release: versions that are equal are one.

    Attributes:
        id: Its number; of equal ones that of the first.
        version: As its files have it.
        uploaded_at: The first upload.
        is_newest: Whether it is what pip would take.
        is_looked_at: Whether a file of it was looked at.
        is_unknown: Whether the index has a file of it that was not.
    """

    id: int
    version: str
    uploaded_at: datetime | None
    is_newest: bool
    is_looked_at: bool
    is_unknown: bool


class _Project(Struct):
    """A project with its releases, the first of which has position 1."""

    id: int
    name: str
    index: str
    releases: list[_Release]

    def add(self, row: Row[Any]) -> None:
        """Add a release, in the order of the positions."""
        if row.position > len(self.releases):
            self.releases.append(
                _Release(
                    id=row.id,
                    version=row.version,
                    uploaded_at=row.first_upload,
                    is_newest=bool(row.is_newest),
                    is_looked_at=bool(row.is_looked_at),
                    is_unknown=bool(row.is_unknown),
                )
            )
            return
        same = self.releases[-1]
        times = [time for time in (same.uploaded_at, row.first_upload) if time is not None]
        same.uploaded_at = min(times, default=None)
        same.is_newest |= bool(row.is_newest)
        same.is_looked_at |= bool(row.is_looked_at)
        same.is_unknown |= bool(row.is_unknown)


class Lives:
    """Lives of secrets; what is known of a project is asked for once.

    Args:
        connection: From ``Store.reading``.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._projects: dict[int, _Project] = {}
        self._positions: dict[int, int] = {}

    def of(self, secrets: Collection[int]) -> dict[int, tuple[Life, ...]]:
        """Return the lives of secrets, by their numbers; the first upload of each secret first.

        Args:
            secrets: At most some hundred; a statement takes no more.
        """
        found = self.known(secrets)
        return {secret: tuple(one.life for one in several) for secret, several in found.items()}

    def known(self, secrets: Collection[int]) -> dict[int, tuple[Known, ...]]:
        """Return the same as ``of``, with the numbers of projects and releases."""
        rows = self._connection.execute(_having(secrets)).all()
        concerned = {row.project_id for row in rows} - self._projects.keys()
        for start in range(0, len(concerned), _PROJECTS):
            self._learn(sorted(concerned)[start : start + _PROJECTS])
        having: dict[tuple[int, int], list[tuple[int, Row[Any]]]] = {}
        for row in rows:
            life = having.setdefault((row.secret_id, row.project_id), [])
            life.append((self._positions[row.id], row))
        found: dict[int, list[Known]] = {}
        for (secret, project), releases in having.items():
            releases.sort(key=lambda pair: pair[0])
            found.setdefault(secret, []).append(_known(self._projects[project], releases))
        return {secret: tuple(sorted(several, key=_age)) for secret, several in found.items()}

    def _learn(self, numbers: Sequence[int]) -> None:
        """Read projects with all their releases."""
        chosen = sa.select(t.projects.c.id).where(t.projects.c.id.in_(numbers))
        ordered = parts.releases(self._connection, chosen)
        query: Select[Any] = (
            sa.select(
                *ordered.c, t.projects.c.name.label("project"), t.registries.c.url.label("registry")
            )
            .join(t.projects, t.projects.c.id == ordered.c.project_id)
            .join(t.registries, t.registries.c.id == t.projects.c.registry_id)
            .order_by(ordered.c.project_id, ordered.c.position, ordered.c.id)
        )
        for row in self._connection.execute(query):
            self._positions[row.id] = row.position
            project = self._projects.get(row.project_id)
            if project is None:
                project = _Project(row.project_id, row.project, row.registry, [])
                self._projects[row.project_id] = project
            project.add(row)


def _age(known: Known) -> tuple[datetime, str, str]:
    life = known.life
    return (life.first_uploaded_at or _LATER, life.introduced.project, life.index)


def _known(project: _Project, rows: Sequence[tuple[int, Row[Any]]]) -> Known:
    """Return the life that these releases tell: rows with their positions, in order."""
    first, last = rows[0][0], rows[-1][0]
    newest = [
        (project.releases[position - 1].id, row)
        for position, row in rows
        if project.releases[position - 1].is_newest and row.listed
    ]
    still_present: bool | None = False
    if newest:
        still_present = True
    elif any(release.is_unknown for release in project.releases if release.is_newest):
        still_present = None
    later = project.releases[last:]
    clear = (release for release in later if release.is_looked_at and not release.is_unknown)
    removed = None if still_present else next(clear, None)
    return Known(
        _life(project, rows, removed, still_present=still_present),
        project=project.id,
        introduced=project.releases[first - 1].id,
        last_seen=project.releases[last - 1].id,
        removed=None if removed is None else removed.id,
        present=newest[0][0] if newest else None,
        present_kinds=tuple(
            kind for kind in _KINDS if any(getattr(row, f"listed_{kind}") for _, row in newest)
        ),
    )


def _life(
    project: _Project,
    rows: Sequence[tuple[int, Row[Any]]],
    removed: _Release | None,
    *,
    still_present: bool | None,
) -> Life:
    first, last = rows[0][0], rows[-1][0]
    uploads = [row.first_upload for _, row in rows if row.first_upload is not None]
    last_uploads = [row.last_upload for _, row in rows if row.last_upload is not None]

    def seen(release: _Release, uploaded_at: datetime | None) -> Seen:
        return Seen(project=project.name, version=release.version, uploaded_at=uploaded_at)

    def at(position: int) -> Seen:
        own = [row.first_upload for place, row in rows if place == position]
        known = min((time for time in own if time is not None), default=None)
        return seen(project.releases[position - 1], known)

    def total(column: str) -> int:
        return sum(getattr(row, column) for _, row in rows)

    return Life(
        index=project.index,
        introduced=at(first),
        last_seen=at(last),
        removed_in=None if removed is None else seen(removed, removed.uploaded_at),
        still_present=still_present,
        first_uploaded_at=min(uploads, default=None),
        last_uploaded_at=max(last_uploads, default=None),
        releases=len({position for position, _ in rows}),
        artifacts=total("artifacts"),
        yanked=total("yanked"),
        deleted=total("deleted"),
        places=total("places"),
        kinds=tuple(kind for kind in _KINDS if total(kind)),
    )


def _having(secrets: Collection[int]) -> Select[Any]:
    """Return one row for each secret and release that has it, with what its files say."""
    counting = parts.counting(secrets, outdated=True).subquery("counting")
    sighted = (
        sa.select(
            counting.c.secret_id,
            t.occurrences.c.artifact_id,
            sa.func.count().label("places"),
        )
        .join(t.occurrences, t.occurrences.c.match_id == counting.c.id)
        .group_by(counting.c.secret_id, t.occurrences.c.artifact_id)
        .subquery("sighted")
    )
    is_deleted = t.artifacts.c.deleted_at.is_not(None)

    def number(condition: ColumnElement[bool]) -> ColumnElement[int]:
        return sa.func.count(sa.case((condition, 1)))

    return (
        sa.select(
            sighted.c.secret_id,
            t.releases.c.project_id,
            t.releases.c.id,
            sa.func.min(t.artifacts.c.uploaded_at).label("first_upload"),
            sa.func.max(t.artifacts.c.uploaded_at).label("last_upload"),
            sa.func.count().label("artifacts"),
            sa.cast(sa.func.sum(sighted.c.places), sa.BigInteger).label("places"),
            number(is_deleted).label("deleted"),
            number(sa.and_(t.artifacts.c.yanked.is_not(None), ~is_deleted)).label("yanked"),
            number(parts.is_listed()).label("listed"),
            *(number(t.artifacts.c.kind == kind).label(kind) for kind in _KINDS),
            *(
                number(sa.and_(t.artifacts.c.kind == kind, parts.is_listed())).label(
                    f"listed_{kind}"
                )
                for kind in _KINDS
            ),
        )
        .join(t.artifacts, t.artifacts.c.id == sighted.c.artifact_id)
        .join(t.releases, t.releases.c.id == t.artifacts.c.release_id)
        .group_by(sighted.c.secret_id, t.releases.c.project_id, t.releases.c.id)
    )
