"""The life of secrets in projects: introduced, last seen, removed, still present.

The database adds up what each release says of each secret; the few rows that come of it are put
together here.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import UTC, datetime
from typing import Any, Final

import sqlalchemy as sa
from msgspec import Struct
from sqlalchemy import ColumnElement, Connection, Row, Select

from keysift.store import tables as t
from keysift.store.queries import parts
from keysift.store.queries.values import Life, Seen

_KINDS: Final = ("egg", "other", "sdist", "wheel")
_TOTALS: Final = ("artifacts", "yanked", "deleted", "places", *_KINDS)
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

    @property
    def is_clear(self) -> bool:
        """Whether it is known what it does not have: all of its files were looked at."""
        return self.is_looked_at and not self.is_unknown


class Sighted(Struct, kw_only=True):
    """What the files of a release say of a secret that some of them have.

    Attributes:
        id: Number of the release.
        first_upload: Earliest upload of such a file.
        last_upload: Latest one.
        artifacts: How many such files there are.
        places: Occurrences in them.
        deleted: Those of the files that the index has no more.
        yanked: Those that are yanked, and not deleted.
        listed: Those that are neither.
        sdist: Those that are sdists.
        wheel: Those that are wheels.
        egg: Those that are eggs.
        other: Those that are something else.
    """

    id: int
    first_upload: datetime | None = None
    last_upload: datetime | None = None
    artifacts: int = 0
    places: int = 0
    deleted: int = 0
    yanked: int = 0
    listed: int = 0
    sdist: int = 0
    wheel: int = 0
    egg: int = 0
    other: int = 0


class _Project(Struct):
    """A project with its releases, the first of which has position 1."""

    id: int
    name: str
    index: str
    read_at: datetime | None
    releases: list[_Release]

    def add(self, row: Row[Any]) -> None:
        """Add a release, in the order of the positions."""
        uploaded_at = row.first_upload
        if row.position > len(self.releases):
            self.releases.append(
                _Release(
                    row.id,
                    row.version,
                    uploaded_at,
                    bool(row.is_newest),
                    bool(row.is_looked_at),
                    bool(row.is_unknown),
                )
            )
            return
        same = self.releases[-1]
        same.uploaded_at = _earlier(same.uploaded_at, uploaded_at)
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
            self.learn(sorted(concerned)[start : start + _PROJECTS])
        having: dict[tuple[int, int], list[tuple[int, Row[Any]]]] = {}
        for row in rows:
            life = having.setdefault((row.secret_id, row.project_id), [])
            life.append((self._positions[row.id], row))
        found: dict[int, list[Known]] = {}
        for (secret, project), releases in having.items():
            releases.sort(key=lambda pair: pair[0])
            found.setdefault(secret, []).append(_known(self._projects[project], releases))
        return {secret: tuple(sorted(several, key=_age)) for secret, several in found.items()}

    def life(self, project: int, releases: Iterable[Sighted]) -> Life:
        """Return the life of a secret in a project, from what its releases say.

        Args:
            project: Number of a project that was learned.
            releases: Those that have the secret; at least one.
        """
        rows = sorted(
            ((self._positions[one.id], one) for one in releases), key=lambda pair: pair[0]
        )
        return _life(self._projects[project], rows)

    def learn(self, projects: Sequence[int]) -> None:
        """Read projects with all their releases.

        Args:
            projects: Numbers; at most some hundred.
        """
        about = (
            sa.select(
                *(t.projects.c[name] for name in ("id", "name", "read_at")), t.registries.c.url
            )
            .join(t.registries, t.registries.c.id == t.projects.c.registry_id)
            .where(t.projects.c.id.in_(projects))
        )
        for one in self._connection.execute(about):
            self._projects[one.id] = _Project(one.id, one.name, one.url, one.read_at, [])
        chosen = sa.select(t.projects.c.id).where(t.projects.c.id.in_(projects))
        ordered = parts.releases(self._connection, chosen)
        query: Select[Any] = sa.select(*ordered.c).order_by(
            ordered.c.project_id, ordered.c.position, ordered.c.id
        )
        for row in self._connection.execute(query).all():
            self._positions[row.id] = row.position
            self._projects[row.project_id].add(row)


def _age(known: Known) -> tuple[datetime, str, str]:
    life = known.life
    return (life.first_uploaded_at or _LATER, life.introduced.project, life.index)


def _known(project: _Project, rows: Sequence[tuple[int, Row[Any]]]) -> Known:
    """Return the life that these releases tell: rows with their positions, in order."""
    newest = [
        (project.releases[position - 1].id, row)
        for position, row in rows
        if project.releases[position - 1].is_newest and row.listed
    ]
    _, removed = _ending(project, rows)
    return Known(
        _life(project, rows),
        project=project.id,
        introduced=project.releases[rows[0][0] - 1].id,
        last_seen=project.releases[rows[-1][0] - 1].id,
        removed=None if removed is None else removed.id,
        present=newest[0][0] if newest else None,
        present_kinds=tuple(
            kind for kind in _KINDS if any(getattr(row, f"listed_{kind}") for _, row in newest)
        ),
    )


def _ending(
    project: _Project, rows: Sequence[tuple[int, Row[Any] | Sighted]]
) -> tuple[bool | None, _Release | None]:
    """Return whether the newest release has a secret, and else which one removed it."""
    if any(row.listed and project.releases[position - 1].is_newest for position, row in rows):
        return True, None
    is_unknown = any(one.is_unknown for one in project.releases if one.is_newest)
    later = project.releases[rows[-1][0] :]
    removed = next((one for one in later if one.is_clear), None)
    return (None if is_unknown else False), removed


def _life(project: _Project, rows: Sequence[tuple[int, Row[Any] | Sighted]]) -> Life:
    """Return the life that these releases tell: rows with their positions, in order."""
    first, last = rows[0][0], rows[-1][0]
    still_present, removed = _ending(project, rows)
    uploads = [row.first_upload for _, row in rows if row.first_upload is not None]
    last_uploads = [row.last_upload for _, row in rows if row.last_upload is not None]

    def seen(release: _Release, uploaded_at: datetime | None) -> Seen:
        return Seen(project=project.name, version=release.version, uploaded_at=uploaded_at)

    def at(position: int) -> Seen:
        own = [row.first_upload for place, row in rows if place == position]
        known = min((time for time in own if time is not None), default=None)
        return seen(project.releases[position - 1], known)

    total = dict.fromkeys(_TOTALS, 0)
    for _, row in rows:
        for name in _TOTALS:
            total[name] += getattr(row, name)
    return Life(
        index=project.index,
        introduced=at(first),
        last_seen=at(last),
        removed_in=None if removed is None else seen(removed, removed.uploaded_at),
        still_present=still_present,
        first_uploaded_at=min(uploads, default=None),
        last_uploaded_at=max(last_uploads, default=None),
        releases=len({position for position, _ in rows}),
        artifacts=total["artifacts"],
        yanked=total["yanked"],
        deleted=total["deleted"],
        places=total["places"],
        kinds=tuple(kind for kind in _KINDS if total[kind]),
        returns=_returns(project, rows),
        is_late=_is_late(project, rows),
        read_at=project.read_at,
    )


def _returns(project: _Project, rows: Sequence[tuple[int, Row[Any] | Sighted]]) -> int:
    """Return how often a project had a secret again that it had been rid of.

    The order is that of versions, but what was uploaded against it is an old branch.
    """
    times: dict[int, datetime | None] = {}
    for position, row in rows:
        times[position] = _earlier(times.get(position), row.first_upload)
    first, last = rows[0][0], rows[-1][0]
    if last - first < len(times):
        return 0
    returns = 0
    since = times[first]
    rid: _Release | None = None
    for position in range(first + 1, last + 1):
        release = project.releases[position - 1]
        if position in times:
            if rid is None:
                since = _earlier(since, times[position])
            elif not _is_before(times[position], rid.uploaded_at):
                returns, since, rid = returns + 1, times[position], None
        elif release.is_clear and not _is_before(release.uploaded_at, since):
            is_first = rid is None or _is_before(release.uploaded_at, rid.uploaded_at)
            rid = release if is_first else rid
    return returns


def _is_late(project: _Project, rows: Sequence[tuple[int, Row[Any] | Sighted]]) -> bool:
    first = rows[0][0]
    uploads = [row.first_upload for position, row in rows if position == first]
    begin = min((time for time in uploads if time is not None), default=None)
    return any(
        release.is_clear and not _is_before(begin, release.uploaded_at)
        for release in project.releases[: first - 1]
    )


def _earlier(one: datetime | None, other: datetime | None) -> datetime | None:
    return min((time for time in (one, other) if time is not None), default=None)


def _is_before(one: datetime | None, other: datetime | None) -> bool:
    """Tell whether a time is known to be before another one."""
    return one is not None and other is not None and one < other


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
