"""Projects that have secrets, one after the other, each with all that its artifacts hold.

No more than some hundred projects are in memory, whatever the size of the store.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, TypeAlias

import sqlalchemy as sa
from msgspec import Struct, field
from sqlalchemy import Connection, Select

from keysift.store import tables as t
from keysift.store.queries import parts
from keysift.store.queries.census import streamed
from keysift.store.queries.lives import Lives, Sighted
from keysift.store.queries.scope import of_scope
from keysift.store.queries.values import Life

BATCH: Final = 200
"""Projects of one statement."""

_File: TypeAlias = tuple[int, int, int, str, datetime | None, str | None, datetime | None]
"""An artifact: its number, release, project, kind, upload, yank and deletion."""


class Holder(Struct):
    """A project in which secrets stand.

    Attributes:
        project: Its number.
        name: Its normalised name.
        index: Address of its index, without credentials.
        lives: Its secrets by number, with their lives in it.
        artifacts: Years of upload of the artifacts that have one of them (None: not known), by
            number.
        releases: Numbers of the releases that have one of them.
        paths: How many occurrences a secret has at a path, by both.
    """

    project: int
    name: str = ""
    index: str = ""
    lives: dict[int, Life] = field(default_factory=dict)
    artifacts: dict[int, int | None] = field(default_factory=dict)
    releases: set[int] = field(default_factory=set)
    paths: dict[tuple[int, str], int] = field(default_factory=dict)


def holders(
    connection: Connection, projects: Select[Any] | None, wanted: Container[int]
) -> Iterator[Holder]:
    """Yield the projects of the scope in which some of the wanted secrets stand.

    Args:
        connection: From ``Store.reading``.
        projects: The scope, from ``in_scope``.
        wanted: Numbers of the secrets that count; what else the projects hold is passed over.
    """
    numbers = _affected(connection, projects)
    for start in range(0, len(numbers), BATCH):
        yield from _batch(connection, numbers[start : start + BATCH], wanted)


def _affected(connection: Connection, projects: Select[Any] | None) -> list[int]:
    query = (
        sa.select(t.releases.c.project_id)
        .join(t.artifacts, t.artifacts.c.release_id == t.releases.c.id)
        .where(sa.exists().where(t.occurrences.c.artifact_id == t.artifacts.c.id))
        .where(of_scope(projects, t.releases.c.project_id))
        .distinct()
        .order_by(t.releases.c.project_id)
    )
    return list(connection.scalars(query))


def _batch(
    connection: Connection, numbers: Sequence[int], wanted: Container[int]
) -> Iterator[Holder]:
    files: dict[int, _File] = {}
    for row in connection.execute(_artifacts(numbers)).all():
        files[row[0]] = tuple(row)
    found: dict[int, Holder] = {}
    # The artifacts of a secret in a project; those of its several places come one by one.
    standing: dict[tuple[int, int], list[int]] = {}
    with streamed(connection, _rows(numbers)) as rows:
        for secret, artifact, path, below in rows:
            if secret not in wanted:
                continue
            project = files[artifact][2]
            holder = found.get(project)
            if holder is None:
                holder = found[project] = Holder(project)
            place = (secret, path + below if below else path)
            holder.paths[place] = holder.paths.get(place, 0) + 1
            own = standing.get((project, secret))
            if own is None:
                standing[project, secret] = [artifact]
            else:
                own.append(artifact)
    lives = Lives(connection)
    lives.learn(list(found))
    for (project, secret), artifacts in standing.items():
        holder = found[project]
        releases = _releases(holder, artifacts, files)
        holder.lives[secret] = lives.life(project, releases.values())
    for number in sorted(found):
        yield _named(found[number])


def _named(holder: Holder) -> Holder:
    life = next(iter(holder.lives.values()))
    holder.name, holder.index = life.introduced.project, life.index
    return holder


def _releases(
    holder: Holder, artifacts: Sequence[int], files: Mapping[int, _File]
) -> dict[int, Sighted]:
    """Return what the releases of a project say of a secret that stands in some artifacts."""
    found: dict[int, Sighted] = {}
    for artifact, places in Counter(artifacts).items():
        _, release, _, kind, uploaded, yanked, deleted = files[artifact]
        holder.artifacts[artifact] = None if uploaded is None else uploaded.year
        one = found.get(release)
        if one is None:
            one = found[release] = Sighted(id=release, first_upload=uploaded, last_upload=uploaded)
        one.places += places
        one.artifacts += 1
        setattr(one, kind, getattr(one, kind) + 1)
        if deleted is not None:
            one.deleted += 1
        elif yanked is not None:
            one.yanked += 1
        else:
            one.listed += 1
        if uploaded is None:
            continue
        if one.first_upload is None or uploaded < one.first_upload:
            one.first_upload = uploaded
        if one.last_upload is None or uploaded > one.last_upload:
            one.last_upload = uploaded
    holder.releases.update(found)
    return found


def _artifacts(numbers: Sequence[int]) -> Select[Any]:
    """Return the artifacts of some projects in which something was found."""
    a = t.artifacts.c
    return (
        sa.select(
            *(a[name] for name in ("id", "release_id")),
            t.releases.c.project_id,
            *(a[name] for name in ("kind", "uploaded_at", "yanked", "deleted_at")),
        )
        .join(t.releases, t.releases.c.id == a.release_id)
        .where(t.releases.c.project_id.in_(numbers))
        .where(sa.exists().where(t.occurrences.c.artifact_id == a.id))
    )


def _rows(numbers: Sequence[int]) -> Select[Any]:
    """Return the occurrences in some projects."""
    counting = parts.counting().subquery("counting")
    own = (
        sa.select(t.artifacts.c.id)
        .join(t.releases, t.releases.c.id == t.artifacts.c.release_id)
        .where(t.releases.c.project_id.in_(numbers))
    )
    return (
        sa.select(
            counting.c.secret_id, t.occurrences.c.artifact_id, t.paths.c.path, t.matches.c.below
        )
        .join(counting, counting.c.id == t.occurrences.c.match_id)
        .join(t.matches, t.matches.c.id == t.occurrences.c.match_id)
        .join(t.paths, t.paths.c.id == t.occurrences.c.path_id)
        .where(t.occurrences.c.artifact_id.in_(own))
    )
