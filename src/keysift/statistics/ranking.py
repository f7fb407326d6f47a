"""The most affected projects: a fixed number is kept, however many come."""

from __future__ import annotations

from collections.abc import Sequence
from heapq import heappush, heappushpop
from typing import Final

from keysift.statistics.values import ProjectFigures

MOST: Final = 20


class Ranking:
    """Keeps the projects with the most of something, and of equals those whose name is first.

    Args:
        measures: Attributes of ``ProjectFigures`` that decide, the first of them most. A project
            in which the first one is 0 is passed over.
    """

    def __init__(self, *measures: str) -> None:
        self._measures = measures
        self._kept: list[tuple[_Rank, ProjectFigures]] = []

    def add(self, project: ProjectFigures) -> None:
        """Take in a project."""
        numbers = tuple(getattr(project, name) for name in self._measures)
        if not numbers[0]:
            return
        ranked = (_Rank(numbers, (project.name, project.index)), project)
        if len(self._kept) < MOST:
            heappush(self._kept, ranked)
        else:
            heappushpop(self._kept, ranked)

    def projects(self) -> tuple[ProjectFigures, ...]:
        """Return those that were kept, the most affected first."""
        ranked = sorted(self._kept, key=lambda pair: pair[0], reverse=True)
        return tuple(project for _, project in ranked)


class _Rank:
    """An order: greater numbers are more, and of equal ones an earlier name is."""

    def __init__(self, numbers: Sequence[int], name: tuple[str, str]) -> None:
        self._numbers = tuple(numbers)
        self._name = name

    def __lt__(self, other: _Rank) -> bool:
        if self._numbers != other._numbers:
            return self._numbers < other._numbers
        return self._name > other._name
