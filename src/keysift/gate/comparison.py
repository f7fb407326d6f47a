"""What a wheel holds that its sdist does not, and the other way round.

A file of a wheel that is in no sdist comes from the machine it was built on: from a ``build``
directory that was never cleaned, or from beside the sources.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import Final

from keysift.gate.catalogue import NOT_IN_SDIST, NOT_IN_WHEEL
from keysift.gate.distribution import Distribution
from keysift.gate.grouping import collapse
from keysift.gate.origin import SOURCE_FOLDERS, Origins, installed
from keysift.report.gate.result import Level, Place, Problem

_BUILT: Final = re.compile(
    r"\.(?:so(?:\.[\d.]+)?|pyd|dylib|dll|exe|a|lib|mo|qm)$|^[^/]+\.(?:dy)?libs/", re.IGNORECASE
)
# Compiled from sources, or copied in by auditwheel and its like.

_VERSION_FILE: Final = re.compile(
    r"(?:_{0,2}(?:git_?)?version(?:_?info)?_{0,2}|__config__|_build_?info)\.(?:pyi?|txt)|_?version"
)
_USUAL: Final = re.compile(
    r"(?i)(?:PKG-INFO|pyproject\.toml|setup\.(?:py|cfg)|MANIFEST\.in|\.gitignore|(?:.*/)?[^/]+\.egg-info/.*"
    r"|(?:readme|licen[cs]e|copying|notice|authors|change(?:s|log)|history|news)\b[^/]*)"
)
# What every sdist holds.

_SHOWN: Final = 5


def compare(
    wheel: Distribution, sdist: Distribution, generated: frozenset[str]
) -> Iterator[Problem]:
    """Yield what only one of the two holds.

    Args:
        wheel: The wheel.
        sdist: Of the same release.
        generated: Files that a build writes, as the project's configuration says.
    """
    sources = _Sources(sdist, generated)
    only = [path for path in wheel.members if not sources.explain(wheel, path)]
    is_pure = all(tag.endswith("-none-any") for tag in wheel.named.tags)
    for subject, paths in collapse(only, wheel.members).items():
        yield Problem(
            rule=NOT_IN_SDIST,
            title="in the wheel, not in the sdist",
            # Builds of other languages make files, and so do projects that install data.
            level=Level.WARNING if is_pure and installed(subject) == subject else Level.NOTE,
            why="It comes from the machine that the wheel was built on, not from what others can "
            "build: an old build directory, or a file beside the sources.",
            path=subject,
            places=(Place(wheel.display, wheel.root + subject),),
            files=len(paths),
        )
    left = _left_out(wheel, sdist)
    if left:
        yield Problem(
            rule=NOT_IN_WHEEL,
            title="in the sdist, not in the wheel",
            level=Level.NOTE,
            why="Nobody who installs the wheel sees these files, but everybody can download them.",
            path="",
            places=(Place(sdist.display, ""),),
            files=sum(left.values()),
            detail=_most(left),
        )


class _Sources:
    """What the members of a wheel can come from."""

    def __init__(self, sdist: Distribution, generated: frozenset[str]) -> None:
        self._origins = Origins(sdist, None)
        self._generated = generated
        self._stems = {_stem(path) for path in sdist.members}
        self._names = {path.rpartition("/")[2] for path in sdist.members}

    def explain(self, wheel: Distribution, path: str) -> bool:
        """Tell whether the sdist, or the build itself, explains that a member is there."""
        inside = installed(path)
        if inside is None or self._is_made(inside):
            return True
        if self._origins.of(wheel, path) is not None or self._origins.alike(wheel, path):
            return True
        if ".data/scripts/" in path:
            # Its first line may have been changed.
            return inside in self._names or f"{inside}.py" in self._names
        # Generated from a source beside it: a.c from a.pyx, a_pb2.py from a.proto.
        stem = _stem(inside).removesuffix("_pb2").removesuffix("_pb2_grpc")
        return any(folder + stem in self._stems for folder in SOURCE_FOLDERS)

    def _is_made(self, inside: str) -> bool:
        """Tell whether a build is expected to make a file of that path."""
        if _BUILT.search(inside) or _VERSION_FILE.fullmatch(inside.rpartition("/")[2]):
            return True
        return any(one == inside or one.endswith(f"/{inside}") for one in self._generated)


def _stem(path: str) -> str:
    """Return a path without what stands behind the first dot of its name."""
    folder, slash, name = path.rpartition("/")
    return f"{folder}{slash}{name.partition('.')[0] or name}"


def _left_out(wheel: Distribution, sdist: Distribution) -> Counter[str]:
    """Count the files of an sdist that are not in the wheel, by what stands above them."""
    taken = Counter((path.rpartition("/")[2], member) for path, member in wheel.members.items())
    left: Counter[str] = Counter()
    for path, member in sdist.members.items():
        if not taken[path.rpartition("/")[2], member] and not _USUAL.fullmatch(path):
            top = path.partition("/")[0]
            left[f"{top}/" if "/" in path else top] += 1
    return left


def _most(left: Counter[str]) -> str:
    shown = [
        f"{name} ({number:,})" if name.endswith("/") else name
        for name, number in left.most_common(_SHOWN)
    ]
    more = f" and {len(left) - _SHOWN:,} more" if len(left) > _SHOWN else ""
    return ", ".join(shown) + more
