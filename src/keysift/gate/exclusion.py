"""How to leave a file or directory out of what a project builds: the exact line, by build backend.

Each line was seen to work in a real build (``tests/gate/test_exclusion_builds.py``): it removes
what it names from the sdist, from a wheel that is built from that sdist, and, unless a remark says
otherwise, from a wheel that is built from the work tree.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Final, TypeAlias

from msgspec import Struct

from keysift.gate.distribution import Distribution, Kind
from keysift.gate.exclusion_files import meson, setuptools
from keysift.gate.exclusion_subject import Subject
from keysift.gate.exclusion_tables import (
    flit,
    hatchling,
    maturin,
    pdm,
    poetry,
    scikit_build,
    uv,
)
from keysift.gate.origin import Origins, installed
from keysift.gate.project import Backend, Project
from keysift.report.gate.result import Fix, Place

_METADATA: Final = re.compile(r"^PKG-INFO$|\.egg-info/")
# What a build backend writes into an sdist; in a wheel it is what is not installed.

_Excluder: TypeAlias = Callable[[Subject, Project], Iterator[Fix]]

_EXCLUDERS: Final[Mapping[Backend, _Excluder]] = MappingProxyType(
    {
        Backend.SETUPTOOLS: setuptools,
        Backend.HATCHLING: hatchling,
        Backend.FLIT: flit,
        Backend.POETRY: poetry,
        Backend.PDM: pdm,
        Backend.UV: uv,
        Backend.MATURIN: maturin,
        Backend.SCIKIT_BUILD: scikit_build,
        Backend.MESON: meson,
    }
)


class Built(Struct, frozen=True):
    """What was built from one project.

    Attributes:
        distributions: Its distributions.
        project: The project.
        origins: Where their members come from.
    """

    distributions: Sequence[Distribution]
    project: Project
    origins: Origins


class Located(Struct, frozen=True):
    """A member of a distribution, found by its place.

    Attributes:
        built: What it was built with.
        distribution: What holds it.
        below: Its path below the root of the distribution.
        source: Its path in the project; None when that is not known.
    """

    built: Built
    distribution: Distribution
    below: str
    source: str | None


def located(place: Place, releases: Iterable[Built]) -> Located | None:
    """Return the member of a distribution that stands at a place; None when it is of none of them.

    Args:
        place: Its path may go on inside the member, as that of a member of a nested archive does.
        releases: What was built.
    """
    member = place.path.partition("!/")[0]
    for built in releases:
        for one in built.distributions:
            if one.display == place.artifact and member.startswith(one.root):
                below = member.removeprefix(one.root)
                return Located(built, one, below, built.origins.of(one, below))
    return None


def exclusions(built: Built, places: Sequence[Place]) -> tuple[Fix, ...]:
    """Return how to leave out what stands at some places; nothing when it is of another project.

    Args:
        built: What was built.
        places: Of one file or directory, in some of the distributions.
    """
    subject = _subject(built, places)
    if subject is None:
        return ()
    if subject.is_metadata:
        return (Fix(what="The build backend wrote it from the project's metadata: change that."),)
    if built.project.backend is None:
        where = f"Leave {subject.path} out with the configuration of the build backend."
        return (Fix(what=where),)
    return tuple(_EXCLUDERS[built.project.backend](subject, built.project))


def _subject(built: Built, places: Sequence[Place]) -> Subject | None:
    by_display = {one.display: one for one in built.distributions}
    source = ""
    wheel = ""
    is_metadata = in_sdist = in_wheel = False
    owner = ""
    for place in places:
        one = by_display.get(place.artifact)
        if one is None or not place.path or one.kind is Kind.SIGNATURE:
            continue
        # What stands in an archive goes with the archive.
        below = place.path.partition("!/")[0].removeprefix(one.root)
        if one.kind is Kind.SDIST:
            in_sdist = True
            is_metadata = is_metadata or _METADATA.search(below) is not None
            source = below
            continue
        in_wheel = True
        inside = installed(below)
        if inside is None:
            is_metadata = True
            continue
        wheel = inside
        owner = _owner(one, inside)
        member = next((path for path in one.members if path.startswith(below)), below)
        source = source or built.origins.of_subject(one, below, member) or ""
    if not (source or wheel or is_metadata):
        return None
    path = source or wheel
    return Subject(
        path=path.rstrip("/"),
        is_folder=path.endswith("/"),
        in_sdist=in_sdist,
        in_wheel=in_wheel,
        wheel_path=wheel.rstrip("/"),
        package=owner,
        is_placed=bool(source),
        is_metadata=is_metadata,
    )


def _owner(wheel: Distribution, inside: str) -> str:
    """Return the directory of the innermost package that a path is in, empty for none."""
    folder = inside.rstrip("/").rpartition("/")[0]
    while folder and f"{folder}/__init__.py" not in wheel.members:
        folder = folder.rpartition("/")[0]
    return folder
