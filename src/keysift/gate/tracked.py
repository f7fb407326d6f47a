"""Files of a distribution that lie in the work tree, and that git does not know."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Final

from keysift.errors import GitError, TargetError
from keysift.gate.catalogue import IGNORED, UNTRACKED
from keysift.gate.distribution import Distribution
from keysift.gate.grouping import collapse
from keysift.gate.origin import Origins
from keysift.report.gate.result import Level, Place, Problem
from keysift.sources.git.command import Git

_NO_REPOSITORY: Final = "not a git repository"
_IGNORE_CODES: Final = (0, 1)
# Some are ignored, none is (git-check-ignore, "Exit status").

_METADATA: Final = (".egg-info/", "PKG-INFO")


class NoWorkTreeError(TargetError):
    """A directory is in no work tree of git."""


def untracked(
    distributions: Iterable[Distribution],
    origins: Origins,
    directory: Path,
    generated: frozenset[str],
    environ: Mapping[str, str],
) -> Iterator[Problem]:
    """Yield what of some distributions is in the work tree and not tracked.

    Args:
        distributions: Those that were built from it.
        origins: Where their members come from.
        directory: The project's, in a work tree of git.
        generated: Files that a build writes, as the project's configuration says.
        environ: The environment, for git.

    Raises:
        NoWorkTreeError: It is in no work tree.
        TargetError: Git does not trust it.
        GitError: Git failed.
        ConfigurationError: There is no git.
    """
    git = Git.at(directory.absolute(), directory.absolute(), environ)
    tracked = _tracked(git)
    places: dict[str, list[Place]] = {}
    for one in distributions:
        for path in one.members:
            source = origins.of(one, path)
            if source is None or source in tracked or source in generated or _is_metadata(source):
                continue
            if (directory / source).is_file():
                places.setdefault(source, []).append(Place(one.display, one.root + path))
    if not places:
        return
    ignored = _ignored(git, places)
    for is_ignored in (True, False):
        paths = [path for path in places if (path in ignored) is is_ignored]
        for subject, group in collapse(paths, {*tracked, *places}).items():
            yield _problem(subject, group, places, is_ignored=is_ignored)


def _problem(
    subject: str, paths: list[str], places: Mapping[str, list[Place]], *, is_ignored: bool
) -> Problem:
    every = [place for path in paths for place in places[path]]
    shown = {
        Place(place.artifact, place.path[: len(place.path) - len(path[len(subject) :])])
        for path in paths
        for place in places[path]
        if place.path.endswith(path[len(subject) :])
    }
    return Problem(
        rule=IGNORED if is_ignored else UNTRACKED,
        title="ignored by git, and packaged" if is_ignored else "not tracked by git, and packaged",
        level=Level.WARNING,
        why="Nobody has reviewed it: it is on the machine that built the distribution, and nowhere "
        "else.",
        path=subject,
        places=tuple(sorted(shown or set(every))),
        files=len(paths),
    )


def _is_metadata(path: str) -> bool:
    return path == _METADATA[1] or _METADATA[0] in path


def _tracked(git: Git) -> frozenset[str]:
    inside = git.ask("rev-parse", "--is-inside-work-tree")
    if inside.complaint.startswith(_NO_REPOSITORY) or inside.text.strip() == b"false":
        raise NoWorkTreeError(f"{git.directory}: in no work tree of git")
    if inside.code:
        raise TargetError(f"{git.directory}: {inside.complaint}")
    listed = git.output("ls-files", "-z", "--recurse-submodules")
    return frozenset(os.fsdecode(path) for path in listed.split(b"\0") if path)


def _ignored(git: Git, paths: Iterable[str]) -> frozenset[str]:
    given = b"\0".join(os.fsencode(path) for path in paths)
    answer = git.ask("check-ignore", "-z", "--stdin", given=given)
    if answer.code not in _IGNORE_CODES:
        raise GitError(f"{git.directory}: git check-ignore: {answer.complaint}")
    return frozenset(os.fsdecode(path) for path in answer.text.split(b"\0") if path)
