"""What a crawl works with, by what it needs of them."""

from __future__ import annotations

from multiprocessing.connection import Connection
from typing import Protocol

from keysift.crawl.pool import Done, Lost
from keysift.crawl.standing import Standing
from keysift.crawl.task import Equipment, Event, Task


class Processes(Protocol):
    """What does tasks: a ``Pool``, or something like it."""

    equipment: Equipment

    @property
    def idle(self) -> list[str]:
        """Which processes can be given a task now, by the project of which they did one last."""

    @property
    def is_idle(self) -> bool:
        """Whether no task is being done."""

    def give(self, task: Task, last: str) -> None:
        """Have a task done by one of those that are idle."""

    def events(self, others: list[Connection], timeout_s: float) -> list[Event | Done | Lost]:
        """Wait until something happens, and return what did."""


class Observer(Protocol):
    """Is told how a crawl goes."""

    def began(self, project: str, name: str) -> None:
        """A file is being fetched or scanned."""

    def progressed(self, standing: Standing) -> None:
        """Something was done, or a second went by; ``standing`` is all so far."""

    def trouble(self, what: str) -> None:
        """Something could not be had, in a sentence for the user."""
