"""Pages of an index, read ahead: several at a time, in threads."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from functools import partial
from typing import Final, TypeAlias, TypeVar

from keysift.crawl.health import Health
from keysift.crawl.plan import Candidate
from keysift.errors import IndexUnavailableError
from keysift.net.page import NotModified
from keysift.net.threads import Threads
from keysift.sources.project_page import Project
from keysift.sources.pypi import Index

_AHEAD: Final = 2
"""How many projects may wait to be scanned, for each connection."""

Answer: TypeAlias = Project | NotModified | None
_T = TypeVar("_T")


class Bell:
    """Wakes the crawl, from any thread or from a signal handler.

    Attributes:
        rung: Can be read once it was rung.
    """

    def __init__(self) -> None:
        self.rung, self._rope = multiprocessing.Pipe(duplex=False)

    def ring(self, _: object = None) -> None:
        """Wake whoever waits; takes and ignores what callbacks are given."""
        self._rope.send_bytes(b".")

    def clear(self) -> None:
        """Forget that it was rung."""
        while self.rung.poll():
            self.rung.recv_bytes()


class Reader:
    """Reads the pages of projects.

    Args:
        index: Where they are.
        connections: Pages read at the same time.
        bell: Is rung when something came.

    Attributes:
        health: Of the pages.
    """

    def __init__(self, index: Index, connections: int, bell: Bell) -> None:
        self.health = Health()
        self._index = index
        self._connections = connections
        self._bell = bell
        self._threads = Threads(connections, "keysift-page")
        self._candidates: Iterator[Candidate] = iter(())
        self._exhausted = False
        self._reading: dict[Future[Answer], Candidate] = {}

    @property
    def is_done(self) -> bool:
        """Whether every page was read and taken."""
        return self._exhausted and not self._reading

    def begin(self, candidates: Iterator[Candidate]) -> None:
        """Read the pages of these, in their order, from the next ``ask`` on."""
        self._candidates = candidates

    def ask(self, waiting: int) -> None:
        """Have pages read, as many as may be under way.

        Args:
            waiting: How many projects were read, and have files that wait.
        """
        while (
            not self._exhausted
            and len(self._reading) < self._connections
            and waiting < _AHEAD * self._connections
        ):
            candidate = next(self._candidates, None)
            if candidate is None:
                self._exhausted = True
                return
            self._reading[self._started(partial(self._page, candidate))] = candidate

    def take(self) -> list[tuple[Candidate, Answer | IndexUnavailableError]]:
        """Return the pages that came, and why others could not be had."""
        taken: list[tuple[Candidate, Answer | IndexUnavailableError]] = []
        for future in [future for future in self._reading if future.done()]:
            candidate = self._reading.pop(future)
            try:
                taken.append((candidate, future.result()))
            except IndexUnavailableError as error:
                self.health.failed(error)
                taken.append((candidate, error))
            else:
                if not candidate.is_current:
                    self.health.gave()
        return taken

    def answer(self, question: Callable[[], _T], wait: Callable[[], bool]) -> _T | None:
        """Return what the index answers to something else.

        Args:
            question: Asks it.
            wait: Waits until the bell rings, or a little longer; false when the answer is not
                waited for any more, which is None then.
        """
        future = self._started(question)
        while not future.done():
            if not wait():
                return None
        return future.result()

    def end(self) -> None:
        """Have the threads end after what they are at; nobody waits for them."""
        self._threads.end()

    def _started(self, work: Callable[[], _T]) -> Future[_T]:
        future = self._threads.start(work)
        future.add_done_callback(self._bell.ring)
        return future

    def _page(self, candidate: Candidate) -> Answer:
        if candidate.is_current:
            return NotModified()
        return self._index.project(candidate.name, etag=candidate.etag)
