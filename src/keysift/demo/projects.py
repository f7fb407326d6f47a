"""Made-up projects with their releases and files, as an index would list them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from random import Random
from typing import Final

from msgspec import Struct, field

from keysift.store.versions import is_prerelease, sort_key

BEGAN: Final = datetime(2012, 1, 1, tzinfo=UTC)
"""Before this the made-up index has no project."""

_GROWTH: Final = 0.17
"""By which more projects are born each year, as a logarithm; the real index grows about so."""

_MEDIAN: Final = 5.5
_SPREAD: Final = 0.8
_BUSY: Final = 0.004
"""Part of the projects that publish all the time."""

_MOST: Final = 320
_YEAR: Final = timedelta(days=365.25)
_NEW_NAMES: Final = datetime(2023, 6, 1, tzinfo=UTC)
"""From then on names of sdists have underscores (PEP 625)."""

_PLATFORMS: Final = (
    "manylinux_2_17_x86_64.manylinux2014_x86_64",
    "macosx_11_0_arm64",
    "win_amd64",
    "musllinux_1_2_x86_64",
)
_YANKS: Final = (
    "broken metadata",
    "broken on Python 3.12",
    "",
    "wrong dependency pins",
    "use the next patch release",
    "published by mistake",
)


class File(Struct):
    """A file of a release.

    Attributes:
        name: Its name.
        kind: sdist, wheel, egg or other.
        size_bytes: Its size.
        number: Of its row; 0: not written yet.
    """

    name: str
    kind: str
    size_bytes: int
    number: int = 0


class Release(Struct):
    """A version of a project.

    Attributes:
        version: The version.
        uploaded_at: When its files came.
        files: Its files.
        root: Folder that everything in an sdist stands in.
        yanked: Reason of the yank; None: not yanked.
        is_withdrawn: Whether it was deleted for what it holds.
        first_run: Which crawl saw it first.
        deleted_run: Which crawl saw that it is gone; None: it is there.
        ruleset: With which it was scanned last, from 0; filled in when it is written.
        scanned_at: When it was scanned first; filled in then.
    """

    version: str
    uploaded_at: datetime
    files: list[File]
    root: str
    yanked: str | None = None
    is_withdrawn: bool = False
    first_run: int = 0
    deleted_run: int | None = None
    ruleset: int = 0
    scanned_at: datetime | None = None


class Project(Struct):
    """A project.

    Attributes:
        name: Normalised name.
        package: Name of its package in Python.
        has_src: Whether its code is in ``src/``.
        releases: In the order of their uploads.
        status: As PEP 792 has it.
        part: When in a crawl it has its turn, from 0 to 1.
        removed_run: Which crawl saw that it is gone; None: it is there.
    """

    name: str
    package: str
    has_src: bool
    status: str
    part: float = 0.5
    removed_run: int | None = None
    releases: list[Release] = field(default_factory=list)


def volume(until: datetime) -> dict[int, float]:
    """Return how many projects are born in each year, relative to the first."""
    whole = {year: math.exp(_GROWTH * (year - 2012)) for year in range(2012, until.year + 1)}
    whole[until.year] *= (until - until.replace(month=1, day=1)) / _YEAR + 0.01
    return whole


def project(name: str, until: datetime, chance: Random) -> Project:
    """Return a project with all its releases.

    Args:
        name: Its name.
        until: Nothing was uploaded after this.
        chance: Draws.
    """
    age = (until - BEGAN) / _YEAR
    # Births grow exponentially: the inverse of their distribution.
    born = math.log1p(chance.random() * math.expm1(_GROWTH * age)) / _GROWTH
    package = name.replace("-", "_")
    status = chance.choices(("active", "archived", "quarantined", "deprecated"), (970, 20, 4, 6))[0]
    made = Project(name, package, chance.random() < 0.35, status)
    times = list(_times(BEGAN + born * _YEAR, until, chance))
    kinds = _kinds(times[0].year, chance)
    size = chance.lognormvariate(10.3, 1.6)
    for version, at in zip(_versions(times, chance), times, strict=False):
        # A release adds files, and now and then takes data out.
        size *= chance.lognormvariate(0.02, 0.12)
        files = [
            File(_name(made, version, kind, at), kind.partition(":")[0], _size(size, kind))
            for kind in kinds
        ]
        release = Release(version, at, files, f"{_stem(made, at)}-{version}")
        if chance.random() < 0.008:
            release.yanked = chance.choice(_YANKS)
        made.releases.append(release)
    return made


@lru_cache(maxsize=100_000)
def version_columns(version: str) -> tuple[bytes | None, int]:
    """Return what the store makes of a version; projects repeat them."""
    return sort_key(version), int(is_prerelease(version))


def _times(born: datetime, until: datetime, chance: Random) -> Iterator[datetime]:
    """Yield when the releases of a project were uploaded."""
    number = round(chance.lognormvariate(math.log(_MEDIAN), _SPREAD))
    if chance.random() < _BUSY:
        number = round(_MOST * chance.random() ** 2) + 40
    number = max(1, min(_MOST, number))
    pause = timedelta(days=chance.lognormvariate(math.log(110 / number**0.55), 1.0))
    at = born
    for _ in range(number):
        if at >= until:
            return
        yield at
        at += pause * chance.expovariate(1.0) + timedelta(minutes=chance.uniform(20, 900))


def _versions(times: Sequence[datetime], chance: Random) -> Iterator[str]:
    """Yield versions in their order: one for each time, or more."""
    if chance.random() < 0.04:
        yield from _dates(times)
        return
    major, minor, patch = chance.choice(((0, 1, 0), (0, 1, 0), (0, 0, 1), (1, 0, 0), (0, 0, 0)))
    makes_pre = chance.random() < 0.15
    if chance.random() < 0.004:
        # Not a version as PEP 440 has them.
        yield "0.0-initial"
    while True:
        release = f"{major}.{minor}.{patch}"
        if makes_pre and chance.random() < 0.3:
            yield f"{release}{chance.choice(('a1', 'b1', '.dev1'))}"
            yield from (f"{release}rc{number}" for number in range(1, chance.randrange(1, 4)))
        yield release
        if chance.random() < 0.008:
            yield f"{release}.post1"
        step = chance.random()
        if step < 0.66:
            patch += 1
        elif step < 0.96:
            minor, patch = minor + 1, 0
        else:
            major, minor, patch = major + 1, 0, 0


def _dates(times: Iterable[datetime]) -> Iterator[str]:
    """Yield versions that are dates: year, month, and a number that counts in the month."""
    number, before = 0, ""
    for at in times:
        month = f"{at.year}.{at.month}"
        number = number + 1 if month == before else 0
        before = month
        yield f"{month}.{number}"


def _kinds(year: int, chance: Random) -> tuple[str, ...]:
    """Return the files of each release of a project: a kind, and a tag behind a colon."""
    if year < 2017 and chance.random() < 0.08:
        return ("sdist", "egg") if chance.random() < 0.8 else ("egg",)
    draw = chance.random()
    if draw < (0.55 if year < 2017 else 0.16):
        return ("sdist",)
    if draw > 0.988:
        python = chance.choice(("cp310-cp310", "cp311-cp311", "cp312-cp312", "cp39-abi3"))
        return ("sdist", *(f"wheel:{python}-{one}" for one in _PLATFORMS))
    if draw > 0.984:
        return ("sdist", "other")
    if draw > 0.86:
        return ("wheel:py3-none-any",)
    return ("sdist", "wheel:py3-none-any" if year > 2018 else "wheel:py2.py3-none-any")


def _name(made: Project, version: str, kind: str, at: datetime) -> str:
    what, _, tag = kind.partition(":")
    match what:
        case "wheel":
            return f"{made.package}-{version}-{tag}.whl"
        case "egg":
            return f"{made.package}-{version}-py2.7.egg"
        case "other":
            return f"{made.name}-{version}.linux-x86_64.rpm"
        case _:
            return f"{_stem(made, at)}-{version}.tar.gz"


def _stem(made: Project, at: datetime) -> str:
    return made.package if at > _NEW_NAMES else made.name


def _size(size: float, kind: str) -> int:
    scale = 12.0 if "_x86_64" in kind or "win" in kind or "macosx" in kind else 1.0
    return int(min(size * scale * (1.1 if kind == "sdist" else 0.8) + 1500, 90e6))
