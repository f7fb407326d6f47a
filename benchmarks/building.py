"""The made-up index on the disk: all archives of a world, kept for the next run."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import msgspec
from msgspec import Struct, field

from benchmarks.archives import Texts, sdist, wheel
from benchmarks.corpus import CACHE
from benchmarks.hosting import File
from benchmarks.world import SDIST, World
from keysift.catalogue.loader import load
from keysift.detect.scanner import Scanner

_FORMAT: Final = 1
# To be raised when the archives that are kept in the cache are not what would be made now.


class Built(Struct):
    """An index that lies on the disk.

    Attributes:
        files: Its files by project and release.
        members: Files in all archives of a project, by project.
        contents: Distinct contents of them, by project.
    """

    files: dict[str, dict[int, list[File]]] = field(default_factory=dict)
    members: dict[str, int] = field(default_factory=dict)
    contents: dict[str, int] = field(default_factory=dict)

    def some(self, projects: list[str], releases: int) -> Iterator[File]:
        """Yield the files of the first releases of some projects."""
        for project in projects:
            for release in range(1, releases + 1):
                yield from self.files[project][release]


def build(world: World) -> Built:
    """Make all archives, or take those of an earlier run."""
    folder = CACHE / f"crawl-{_FORMAT}-{world.projects}-{world.releases}"
    manifest = folder / "manifest.json"
    if manifest.exists():
        return msgspec.json.decode(manifest.read_bytes(), type=Built)
    made = Built()
    texts = Texts(Scanner(load()))
    for project in world.names():
        (folder / project).mkdir(parents=True, exist_ok=True)
        _project(world, project, folder / project, texts, made)
    manifest.write_bytes(msgspec.json.encode(made))
    return made


def _project(world: World, project: str, folder: Path, texts: Texts, made: Built) -> None:
    """Make the archives of a project."""
    texts.forget()
    contents: set[int] = set()
    made.members[project] = 0
    made.files[project] = {}
    for release in range(1, world.releases + 1):
        files = made.files[project][release] = []
        for name, kind in world.files(project, release):
            members = [
                (text.path, texts.content(text)) for text in world.members(project, release, kind)
            ]
            contents.update(id(content) for _, content in members)
            made.members[project] += len(members)
            body = sdist(members) if kind == SDIST else wheel(members)
            path = folder / name
            path.write_bytes(body)
            files.append(
                File(
                    project=project,
                    name=name,
                    path=str(path),
                    sha256=hashlib.sha256(body).hexdigest(),
                    size_bytes=len(body),
                    uploaded=f"{1999 + release}-01-01T00:00:00Z",
                    yanked="leaks" if world.yanked(project, release) else None,
                )
            )
    made.contents[project] = len(contents)
