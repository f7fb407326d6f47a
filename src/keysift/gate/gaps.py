"""What could not be looked at, as problems: could not look is never clean."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from keysift.gate.exclusion import Built, located
from keysift.model import Skip
from keysift.report.gate.result import INCOMPLETE, UNREADABLE, Level, Place, Problem


def gaps(skips: Iterable[Skip], releases: Sequence[Built]) -> Iterator[Problem]:
    """Yield a problem for each file of a project that was not, or not wholly, looked at.

    Args:
        skips: Those of the scan.
        releases: What was scanned.
    """
    groups: dict[tuple[str, str], list[Skip]] = {}
    for skip in skips:
        if skip.reason.is_gap:
            groups.setdefault((_source(skip, releases), skip.reason.value), []).append(skip)
    for (path, reason), alike in groups.items():
        yield Problem(
            rule=UNREADABLE if any(map(_is_whole, alike)) else INCOMPLETE,
            title="could not be looked at",
            level=Level.ERROR,
            why="It may hold secrets that nobody has seen.",
            path=path,
            places=tuple(sorted({Place(skip.artifact, skip.path) for skip in alike})),
            detail=f"{reason.replace('_', ' ')}: {alike[0].detail}".rstrip(": "),
        )


def _is_whole(skip: Skip) -> bool:
    """Tell whether nothing of a distribution, or not its end, was looked at."""
    return skip.reason.is_failure or not skip.path


def _source(skip: Skip, releases: Sequence[Built]) -> str:
    """Return the path in the project of the member that a skip is about."""
    found = located(Place(skip.artifact, skip.path), releases)
    if found is None:
        return skip.path.partition("!/")[0]
    return found.source or found.below
