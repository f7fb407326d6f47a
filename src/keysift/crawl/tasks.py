"""The tasks of a crawl that wait: which one a process does next.

Files of one project share members, so they are best done by one process, one after another. But a
project with thousands of files must not leave all other processes idle. So its files wait in
pieces, of which a process takes one after another; one that has nothing else to do takes from the
end of the longest row. What a process knows of a project it keeps from piece to piece.
"""

from __future__ import annotations

from collections import deque
from typing import Final

from keysift.crawl.task import Job, Task

PIECE: Final = 24
"""Files of a piece: few enough to share the work, and enough to be fetched ahead of the scan."""


class Tasks:
    """Tasks that wait to be done."""

    def __init__(self) -> None:
        self._first: deque[Task] = deque()
        self._fresh: deque[str] = deque()
        self._rows: dict[str, deque[Task]] = {}

    @property
    def projects(self) -> int:
        """How many projects have files that wait."""
        return len(self._rows)

    def __len__(self) -> int:
        """Return how many tasks wait."""
        return len(self._first) + sum(len(row) for row in self._rows.values())

    def add(self, project: str, jobs: list[Job]) -> None:
        """Add the files of a project, in the order in which they are best scanned."""
        pieces = [
            Task(project, tuple(jobs[start : start + PIECE]))
            for start in range(0, len(jobs), PIECE)
        ]
        if pieces:
            self._rows.setdefault(project, deque()).extend(pieces)
            self._fresh.append(project)

    def put_back(self, task: Task) -> None:
        """Add what is left of a task that was taken; it is done before all others."""
        self._first.appendleft(task)

    def take(self, last: str) -> Task | None:
        """Return what a process does next; None when nothing waits.

        Args:
            last: The project of which it did something last; empty for none.
        """
        if self._first:
            return self._first.popleft()
        if last in self._rows:
            return self._from(last)
        while self._fresh:
            project = self._fresh.popleft()
            if project in self._rows:
                return self._from(project)
        if not self._rows:
            return None
        return self._from(max(self._rows, key=lambda name: len(self._rows[name])), at_end=True)

    def _from(self, project: str, *, at_end: bool = False) -> Task:
        row = self._rows[project]
        task = row.pop() if at_end else row.popleft()
        if not row:
            del self._rows[project]
        return task
