"""A made-up index with a known truth, with the shape of the real one.

Projects have releases ``1.0``, ``2.0``, … with an sdist and a wheel each. Most have few files, some
have hundreds; files repeat from release to release, so that each content occurs about 15 times, as
on PyPI (``docs/scale.md`` has the source). Every tenth project has wheels with a shared library.
Secrets come and go; ``World.truth`` knows every place where one stands.
"""

from __future__ import annotations

import random
import string
from collections.abc import Iterator
from typing import Final, TypeAlias

from msgspec import Struct, structs

SDIST: Final = "sdist"
WHEEL: Final = "wheel"
BOTH: Final = (SDIST, WHEEL)

CHANGED: Final = 0.025
"""How many of its files a release changes."""

LIBRARIES: Final = 10
"""One project of so many has a shared library in its wheels."""

_FILES: Final = (25, 1.25, 400)
_BYTES: Final = (3_000, 1.35, 300_000)
_LIBRARY_BYTES: Final = (900_000, 0.7, 4_000_000)
# Median, spread (sigma of the logarithm) and largest of log-normal distributions.

_ONLY_IN_SDIST: Final = 0.3
"""Tests and documents: so many of a project's files are in the sdist only."""

Place: TypeAlias = tuple[str, str, str, str, str]
"""Project, version, file name, path (with that below it, in an archive) and value."""


class Life(Struct, frozen=True):
    """A secret in a file of a project, from one release to another.

    Attributes:
        value: The secret.
        first: Introduced in this release.
        last: Last in this one.
        path: In which file.
        kinds: In files of which kinds.
        below: Path in the archive that the file is; empty when it is none.
    """

    value: str
    first: int
    last: int
    path: str
    kinds: tuple[str, ...] = BOTH
    below: str = ""


class Text(Struct, frozen=True):
    """A file of a project: what it is made of decides its content, the same everywhere.

    Attributes:
        path: Below the folder of the project.
        seed: Of the content.
        size_bytes: About so long.
        secret: Planted in it.
        below: Set for a zip archive with one member of that path.
        is_library: Bytes without structure, in place of text.
    """

    path: str
    seed: str
    size_bytes: int
    secret: str = ""
    below: str = ""
    is_library: bool = False


class World(Struct, frozen=True):
    """All projects.

    Attributes:
        projects: How many.
        releases: Of each.
    """

    projects: int
    releases: int

    def names(self) -> list[str]:
        """Return the names of the projects."""
        return [f"bench-{number:04}" for number in range(self.projects)]

    def files(self, project: str, release: int) -> list[tuple[str, str]]:
        """Return the names of the files of a release with their kinds."""
        stem = f"{_package(project)}-{release}.0"
        tag = "cp311-cp311-manylinux_2_17_x86_64" if _has_library(project) else "py3-none-any"
        return [(f"{stem}.tar.gz", SDIST), (f"{stem}-{tag}.whl", WHEEL)]

    def members(self, project: str, release: int, kind: str) -> list[Text]:
        """Return what a file of a release holds; paths are those in the archive."""
        package = _package(project)
        stem = f"{package}-{release}.0/" if kind == SDIST else ""
        about = f"{package}-{release}.0.dist-info/METADATA" if kind == WHEEL else "PKG-INFO"
        found = [
            text
            for text, kinds in self._texts(project, release)
            if kind in kinds and not (text.is_library and kind == SDIST)
        ]
        found.append(Text(about, f"{project} about {release}", 2_000))
        if kind == WHEEL:
            found.append(Text(f"{package}-{release}.0.dist-info/WHEEL", "wheel", 100))
            found.append(
                Text(f"{package}-{release}.0.dist-info/RECORD", f"{project} {release}", 900)
            )
        return [structs.replace(text, path=stem + text.path) for text in found]

    def lives(self, project: str) -> list[Life]:
        """Return the secrets of a project."""
        number = int(project.rpartition("-")[2])
        source, last = random.Random(f"lives {project}"), self.releases
        package = _package(project)
        first = source.randint(1, last - 1)
        removed = source.randint(first, last - 1)
        found = [Life(_value(source), first, removed, f"{package}/settings.py")]
        if number % 3 == 0:
            found.append(Life(_value(source), 1, last, "setup.cfg", (SDIST,)))
        if number % 3 == 1:
            path = f"{package}/built.py"
            found.append(Life(_value(source), first, last, path, (WHEEL,)))
        if number % 4 < 2:
            # The same in two projects.
            shared = _value(random.Random(f"shared {number // 4}"))
            found.append(Life(shared, 1 + number % 4, last, f"{package}/shared.py"))
        if number % 5 == 0:
            found.append(Life(_value(source), last - 1, last, f"{package}/late.py"))
        if number % 6 == 0:
            path = f"{package}/data.zip"
            found.append(Life(_value(source), first, last, path, BOTH, "inner/conf.py"))
        if number % 7 == 0:
            # Removed, and back again.
            again = _value(source)
            found.append(Life(again, 1, 2, f"{package}/again.py"))
            found.append(Life(again, 5, last, f"{package}/again.py"))
        return found

    def yanked(self, project: str, release: int) -> bool:
        """Tell whether a release is yanked."""
        return int(project.rpartition("-")[2]) % 5 == 0 and release == self.releases - 1

    def truth(self, releases: int) -> Iterator[Place]:
        """Yield every place where a secret stands in the first releases."""
        for project in self.names():
            for life in self.lives(project):
                for release in range(life.first, min(life.last, releases) + 1):
                    for name, kind in self.files(project, release):
                        if kind in life.kinds:
                            stem = f"{_package(project)}-{release}.0/" if kind == SDIST else ""
                            below = life.below and f"!/{life.below}"
                            path = stem + life.path + below
                            yield project, f"{release}.0", name, path, life.value

    def _texts(self, project: str, release: int) -> Iterator[tuple[Text, tuple[str, ...]]]:
        """Yield the files of a release with the kinds of files that hold them."""
        package, source = _package(project), random.Random(project)
        for number in range(_drawn(source, _FILES)):
            is_test = source.random() < _ONLY_IN_SDIST
            size = _drawn(source, _BYTES)
            history = random.Random(f"{project} {number}")
            changes = sum(history.random() < CHANGED for _ in range(release))
            folder = "tests" if is_test else package
            text = Text(f"{folder}/m{number}.py", f"{project} {number} {changes}", size)
            yield text, (SDIST,) if is_test else BOTH
        yield Text(f"{package}/__init__.py", f"{project} version {release}", 200), BOTH
        if _has_library(project):
            changes = sum(source.random() < 0.5 for _ in range(release))
            size = _drawn(random.Random(f"{project} library"), _LIBRARY_BYTES)
            path = f"{package}/_native.so"
            yield Text(path, f"{project} library {changes}", size, is_library=True), BOTH
        for life in self.lives(project):
            if life.first <= release <= life.last:
                seed = f"{project} {life.path}"
                yield Text(life.path, seed, 800, life.value, life.below), life.kinds


def _package(project: str) -> str:
    return project.replace("-", "_")


def _has_library(project: str) -> bool:
    return int(project.rpartition("-")[2]) % LIBRARIES == 0


def _drawn(source: random.Random, distribution: tuple[int, float, int]) -> int:
    median, spread, largest = distribution
    return min(int(median * source.lognormvariate(0, spread)) + 1, largest)


def _value(source: random.Random) -> str:
    return "qzt_" + "".join(source.choices(string.ascii_lowercase, k=8))
