"""Where in a project that is at hand stands what a check names: CI systems point there."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from keysift.gate.exclusion import Built, located
from keysift.model import Finding
from keysift.report.gate.result import Place, Problem


def sources(
    findings: Iterable[Finding],
    problems: Iterable[Problem],
    releases: Sequence[Built],
    working_directory: Path,
) -> dict[Place, str]:
    """Return the files and directories of the project that places in distributions come from.

    Args:
        findings: The secrets.
        problems: What else is wrong.
        releases: What was checked.
        working_directory: Paths are relative to it when they are below it.
    """
    found: dict[Place, str] = {}
    for place in _places(findings, problems):
        path = _source(place, releases, working_directory)
        if path is not None:
            found[place] = path
    return found


def _places(findings: Iterable[Finding], problems: Iterable[Problem]) -> Iterable[Place]:
    named = (
        Place(one.artifact or "", one.path.partition("!/")[0])
        for finding in findings
        for one in finding.occurrences
    )
    return dict.fromkeys((*named, *(place for one in problems for place in one.places)))


def _source(place: Place, releases: Sequence[Built], working_directory: Path) -> str | None:
    found = located(place, releases)
    if found is None or found.built.project.directory is None:
        return None
    directory = found.built.project.directory.absolute()
    source = found.source or found.below
    if not _is_there(directory, source):
        return None
    return _relative(directory / source, working_directory) + "/" * source.endswith("/")


def _relative(path: Path, working_directory: Path) -> str:
    base = working_directory.absolute()
    return (path.relative_to(base) if path.is_relative_to(base) else path).as_posix()


def _is_there(directory: Path, source: str) -> bool:
    """Tell whether a path exists in a directory; one from a distribution may lead anywhere."""
    path = directory / source
    if path == directory or ".." in path.parts or not path.is_relative_to(directory):
        return False
    try:
        return path.exists()
    except (OSError, ValueError):  # no system has such a name
        return False
