"""Counters: secrets, occurrences and projects of each group, by verdict."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from msgspec import Struct, field

from keysift.model import Verdict
from keysift.statistics.keys import MARKS, Key, Mark
from keysift.statistics.values import Count, Verdicts

VERDICTS: Final = (
    Verdict.ACTIVE,
    Verdict.INACTIVE,
    Verdict.UNKNOWN,
    Verdict.NOT_CHECKABLE,
    Verdict.UNCHECKED,
)
"""In the order of ``Verdicts``; canaries are in no group."""

_PLACES: Final = {verdict: number for number, verdict in enumerate(VERDICTS)}


class Cell(Struct, gc=False):
    """What is counted of one group.

    Attributes:
        secrets: Secrets.
        occurrences: Their occurrences.
        projects: Projects in which one of them stands.
        verdicts: Secrets by verdict.
        projects_by_verdict: Projects in which one with that verdict stands.
    """

    secrets: int = 0
    occurrences: int = 0
    projects: int = 0
    verdicts: list[int] = field(default_factory=lambda: [0] * len(VERDICTS))
    projects_by_verdict: list[int] = field(default_factory=lambda: [0] * len(VERDICTS))

    @property
    def count(self) -> Count:
        """Secrets and projects."""
        return Count(self.secrets, self.projects)


class Tally:
    """All groups of all tables."""

    def __init__(self) -> None:
        self._cells: dict[Key, Cell] = {}

    def secret(self, keys: Iterable[Key], verdict: Verdict, occurrences: int) -> None:
        """Count a secret, once.

        Args:
            keys: The groups that it is in.
            verdict: The one that stands.
            occurrences: How many it has.
        """
        place = _PLACES[verdict]
        cells = self._cells
        for key in keys:
            cell = cells.get(key)
            if cell is None:
                cell = cells[key] = Cell()
            cell.secrets += 1
            cell.occurrences += occurrences
            cell.verdicts[place] += 1

    def project(self, secrets: Sequence[tuple[Iterable[Key], Verdict]]) -> None:
        """Count a project for every group that one of its secrets is in.

        Args:
            secrets: The groups of each of its secrets, which were counted, and its verdict.
        """
        seen: set[Key] = set()
        by_verdict: set[tuple[Key, int]] = set()
        for keys, verdict in secrets:
            place = _PLACES[verdict]
            seen.update(keys)
            by_verdict.update((key, place) for key in keys)
        cells = self._cells
        for key in seen:
            cells[key].projects += 1
        for key, place in by_verdict:
            cells[key].projects_by_verdict[place] += 1

    def cell(self, table: str, name: str) -> Cell:
        """Return what was counted of a group; an empty one where nothing was."""
        return self._cells.get((table, name)) or Cell()

    def mark(self, mark: Mark) -> Cell:
        """Return what was counted of those of which something holds."""
        return self.cell(MARKS, mark.value)

    def table(self, table: str) -> dict[str, Cell]:
        """Return the groups of a table by their names."""
        return {name: cell for (one, name), cell in self._cells.items() if one == table}


def verdicts_of(numbers: Sequence[int]) -> Verdicts:
    """Return numbers by verdict as a value."""
    active, inactive, unknown, not_checkable, unchecked = numbers
    return Verdicts(
        active=active,
        inactive=inactive,
        unknown=unknown,
        not_checkable=not_checkable,
        unchecked=unchecked,
    )
