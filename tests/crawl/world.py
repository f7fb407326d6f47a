"""An index with a known truth: projects, releases, and secrets that come and go in them."""

from __future__ import annotations

import gzip
import io
import random
import string
import tarfile
import zipfile
from collections.abc import Iterator
from typing import TypeAlias

from msgspec import Struct, field

from tests.detector_file import TEXT
from tests.index_server import IndexServer

Place: TypeAlias = tuple[str, str, str, str, str]
"""Project, version, file name, path and value."""

DETECTORS = TEXT
"""Detector file for the secrets of this world."""


class Life(Struct, frozen=True):
    """A secret, and where it is planted.

    Attributes:
        value: The secret.
        project: In which project.
        first: Introduced in this release.
        last: Last in this one.
        path: In which member.
        kinds: In which kinds of files: ``sdist``, ``wheel``.
    """

    value: str
    project: str
    first: int
    last: int
    path: str
    kinds: tuple[str, ...] = ("sdist", "wheel")


class World(Struct):
    """Projects with releases ``1.0``, ``2.0``, … each with an sdist and a wheel.

    Attributes:
        projects: How many.
        releases: Of each.
        lives: The secrets.
        yanked: Releases that are yanked, by project and number.
    """

    projects: int
    releases: int
    lives: list[Life] = field(default_factory=list)
    yanked: set[tuple[str, int]] = field(default_factory=set)

    def names(self) -> list[str]:
        """Return the names of the projects."""
        return [f"demo-{number:03}" for number in range(self.projects)]

    def serve(self, server: IndexServer) -> None:
        """Put everything on a server."""
        for project in self.names():
            for release in range(1, self.releases + 1):
                self.publish(server, project, release)

    def publish(self, server: IndexServer, project: str, release: int) -> None:
        """Put a release on a server, or what has changed of it."""
        for name, kind in self.files(project, release):
            members = self.members(project, release, kind)
            content = _sdist(members) if kind == "sdist" else _wheel(members)
            yanked = "broken" if (project, release) in self.yanked else None
            uploaded = f"20{10 + release:02}-01-01T00:00:00Z"
            server.add(project, name, content, yanked=yanked, uploaded=uploaded)

    def files(self, project: str, release: int) -> list[tuple[str, str]]:
        """Return the files of a release with their kinds."""
        stem = f"{project.replace('-', '_')}-{release}.0"
        return [(f"{stem}.tar.gz", "sdist"), (f"{stem}-py3-none-any.whl", "wheel")]

    def members(self, project: str, release: int, kind: str) -> dict[str, bytes]:
        """Return the content of a file of a release."""
        stem = f"{project.replace('-', '_')}-{release}.0/" if kind == "sdist" else ""
        members = {
            f"{stem}demo/__init__.py": f"VERSION = '{release}.0'\n".encode(),
            f"{stem}demo/same.py": b"def same():\n    return 1\n" * 40,
        }
        for life in self.lives:
            is_there = life.first <= release <= life.last and kind in life.kinds
            if life.project == project and is_there:
                members[stem + life.path] = f'TOKEN = "{life.value}"\n'.encode()
        return members

    def truth(self) -> set[Place]:
        """Return every place where a secret stands."""
        return set(self._places())

    def _places(self) -> Iterator[Place]:
        for life in self.lives:
            for release in range(life.first, min(life.last, self.releases) + 1):
                for name, kind in self.files(life.project, release):
                    stem = f"{life.project.replace('-', '_')}-{release}.0/"
                    path = (stem if kind == "sdist" else "") + life.path
                    if kind in life.kinds:
                        yield life.project, f"{release}.0", name, path, life.value


def world(projects: int, releases: int, seed: int = 1) -> World:
    """Make a world in which every kind of life occurs."""
    source = random.Random(seed)
    made = World(projects, releases)
    names = made.names()
    for number, project in enumerate(names):
        first = source.randint(1, releases)
        last = source.randint(first, releases)
        path = f"demo/conf{number % 3}.py"
        made.lives.append(Life(_value(source), project, first, last, path))
        if number % 3 == 0:
            made.lives.append(Life(_value(source), project, 1, releases, "setup.cfg", ("sdist",)))
        if number % 4 == 0:
            value = _value(source)
            made.lives.append(Life(value, project, 1, releases, "demo/both.py"))
            made.lives.append(Life(value, names[number - 1], 2, releases, "demo/both.py"))
        if number % 5 == 0:
            made.yanked.add((project, releases))
    return made


def _value(source: random.Random) -> str:
    return "qzt_" + "".join(source.choices(string.ascii_lowercase, k=8))


def _sdist(members: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for name, content in members.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    # Without a time, so that the same members are the same file.
    return gzip.compress(buffer.getvalue(), mtime=0)


def _wheel(members: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(zipfile.ZipInfo(name), content)
    return buffer.getvalue()
