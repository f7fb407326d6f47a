"""What a store has to say after a crawl of the made-up index, and what it says."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import sqlalchemy as sa
from msgspec import Struct, structs

from benchmarks.building import Built
from benchmarks.hosting import File, Host
from benchmarks.world import World
from keysift.model import Secret, fingerprint_key
from keysift.store import tables as t
from keysift.store.database import Store

KEY: Final = "k" * 32
DETECTOR: Final = "acme-token"


class Known(Struct):
    """What the store has to say: the truth, or what it says.

    Attributes:
        places: Project, version, file name, path and fingerprint of each occurrence.
        artifacts: Project and file name with the reason of the yank and whether it is deleted.
        events: File names and what happened to them.
        removed: Projects that are gone.
    """

    places: list[tuple[str, ...]]
    artifacts: list[tuple[str, str, str | None, bool]]
    events: list[tuple[str, str]]
    removed: list[str]


class Index:
    """The index as it is served now, and what is true of it.

    Args:
        world: What it is made of.
        built: Its files.
        host: Serves them.
    """

    def __init__(self, world: World, built: Built, host: Host) -> None:
        self.world, self._built, self._host = world, built, host
        self._releases = dict.fromkeys(world.names(), world.releases - 1)
        self._yanks: dict[str, str | None] = {}
        self._deleted: set[str] = set()
        self._events: list[tuple[str, str]] = []
        self._removed: list[str] = []
        host.add(list(built.some(world.names(), world.releases - 1)))

    @property
    def url(self) -> str:
        """Its address."""
        return self._host.url

    def requests(self) -> int:
        """Return how many requests it got since this was asked last."""
        return len(self._host.requests())

    def change(self) -> int:
        """Let a day pass: releases, yanks, un-yanks, deletions; returns how many files are new."""
        names = self.world.names()
        new = [
            file
            for project in names[::10]
            for file in self._built.files[project][self.world.releases]
        ]
        self._host.add(new)
        for file in new:
            self._releases[file.project] = self.world.releases
        for project in names[1::20]:
            self._yank(self._built.files[project][2][0], "oops")
        for project in names[2::20]:
            file = self._built.files[project][3][1]
            self._host.remove(project, file.name)
            self._deleted.add(file.name)
            self._events.append((file.name, "deleted"))
        for project in names[3::50]:
            self._host.remove(project)
            self._removed.append(project)
            gone = [file.name for file in self._built.some([project], self._releases[project])]
            self._deleted.update(gone)
            self._events += [(name, "deleted") for name in gone]
        return len(new)

    def change_back(self) -> None:
        """Take back what was yanked and deleted, but for the projects."""
        names = self.world.names()
        for project in names[1::20]:
            self._yank(self._built.files[project][2][0], None)
        for project in names[2::20]:
            file = self._built.files[project][3][1]
            self._host.add([file])
            self._deleted.discard(file.name)
            self._events.append((file.name, "restored"))

    def truth(self) -> Known:
        """Return what a store has to say after a crawl."""
        key = fingerprint_key(KEY.encode())
        served = list(self._built.some(self.world.names(), self.world.releases - 1)) + [
            file
            for project, release in self._releases.items()
            if release == self.world.releases
            for file in self._built.files[project][release]
        ]
        names = {file.name for file in served}
        places = [
            (*place[:4], Secret(place[4].encode()).fingerprint(key, DETECTOR))
            for place in self.world.truth(self.world.releases)
            if place[2] in names
        ]
        artifacts = [
            (
                file.project,
                file.name,
                self._yanks.get(file.name, file.yanked),
                file.name in self._deleted,
            )
            for file in served
        ]
        return Known(sorted(places), sorted(artifacts), sorted(self._events), sorted(self._removed))

    def _yank(self, file: File, reason: str | None) -> None:
        self._host.add([structs.replace(file, yanked=reason)])
        self._yanks[file.name] = reason
        self._events.append((file.name, "yanked" if reason is not None else "unyanked"))


def stored(location: str) -> Known:
    """Return what a store says."""
    a = t.artifacts.c
    where = t.artifacts.join(t.releases, t.releases.c.id == a.release_id).join(
        t.projects, t.projects.c.id == t.releases.c.project_id
    )
    found = (
        where.join(t.occurrences, t.occurrences.c.artifact_id == a.id)
        .join(t.matches, t.matches.c.id == t.occurrences.c.match_id)
        .join(t.secrets, t.secrets.c.id == t.matches.c.secret_id)
        .join(t.paths, t.paths.c.id == t.occurrences.c.path_id)
    )
    name = t.projects.c.name
    path = t.paths.c.path + t.matches.c.below
    places = sa.select(name, t.releases.c.version, a.name, path, t.secrets.c.fingerprint)
    artifacts = sa.select(name, a.name, a.yanked, a.deleted_at.is_not(None))
    events = sa.select(a.name, t.events.c.kind).select_from(
        t.artifacts.join(t.events, t.events.c.artifact_id == a.id)
    )
    removed = sa.select(name).where(t.projects.c.removed_at.is_not(None))
    with opened(location) as connection:
        return Known(
            sorted(map(tuple, connection.execute(places.select_from(found)))),
            sorted(
                (project, file, yanked, bool(deleted))
                for project, file, yanked, deleted in connection.execute(
                    artifacts.select_from(where).where(a.state == "scanned", a.is_complete == 1)
                )
            ),
            sorted(map(tuple, connection.execute(events))),
            sorted(connection.execute(removed).scalars()),
        )


@contextmanager
def opened(location: str) -> Iterator[sa.Connection]:
    """Give a connection to a store."""
    store = Store(location, create=False)
    try:
        with store.reading() as connection:
            yield connection
    finally:
        store.close()


def check(index: Index, location: str) -> int:
    """End the run if a store says something else than the truth; returns the occurrences."""
    truth, said = index.truth(), stored(location)
    for label in structs.asdict(truth):
        expected, found = getattr(truth, label), getattr(said, label)
        if expected != found:
            missing = [row for row in expected if row not in set(found)]
            extra = [row for row in found if row not in set(expected)]
            sys.exit(
                f"{label}: {len(missing)} missing {missing[:3]}, {len(extra)} extra {extra[:3]}"
            )
    return len(said.places)
