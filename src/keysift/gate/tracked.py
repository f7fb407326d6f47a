"""Files of a distribution that lie in the work tree, and that git does not know."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Final

from keysift.errors import TargetError
from keysift.gate.catalogue import IGNORED, UNTRACKED
from keysift.gate.distribution import Distribution
from keysift.gate.grouping import collapse
from keysift.gate.origin import Origins
from keysift.report.gate.result import Level, Place, Problem

_SAFE: Final = ("-c", "core.fsmonitor=false", "-c", "core.quotePath=false")
# A repository's configuration must not run programs.

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
        TargetError: Git cannot be asked.
    """
    tracked = _tracked(directory, environ)
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
    ignored = _ignored(directory, places, environ)
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


def _tracked(directory: Path, environ: Mapping[str, str]) -> frozenset[str]:
    done = _git(directory, environ, "ls-files", "-z", "--recurse-submodules")
    if done.returncode:
        said = done.stderr.decode("utf-8", "replace")
        if "not a git repository" in said or "must be run in a work tree" in said:
            raise NoWorkTreeError(f"{directory}: in no work tree of git")
        raise TargetError(f"git cannot list {directory}: {said.strip().splitlines()[0][:200]}")
    return frozenset(os.fsdecode(path) for path in done.stdout.split(b"\0") if path)


def _ignored(directory: Path, paths: Iterable[str], environ: Mapping[str, str]) -> frozenset[str]:
    given = b"\0".join(os.fsencode(path) for path in paths)
    done = _git(directory, environ, "check-ignore", "-z", "--stdin", given=given)
    return frozenset(os.fsdecode(path) for path in done.stdout.split(b"\0") if path)


def _git(
    directory: Path, environ: Mapping[str, str], *arguments: str, given: bytes = b""
) -> subprocess.CompletedProcess[bytes]:
    """Run git in a directory.

    Raises:
        TargetError: There is no git.
    """
    command = ["git", *_SAFE, "-C", str(directory), *arguments]
    variables = {**environ, "LC_ALL": "C", "GIT_OPTIONAL_LOCKS": "0"}
    try:
        return subprocess.run(  # noqa: S603 (arguments of ours; paths come on standard input)
            command, input=given, capture_output=True, check=False, env=variables
        )
    except OSError as error:
        raise TargetError(f"git cannot be run: {error.strerror}") from None
