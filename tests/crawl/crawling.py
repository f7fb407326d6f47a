"""Crawls inside the test's own process: no start-up time, and nothing is hidden from a debugger."""

from __future__ import annotations

from collections import deque
from multiprocessing.connection import Connection, wait
from pathlib import Path

from keysift.catalogue import Catalogue
from keysift.catalogue.loader import parse
from keysift.crawl.crawler import Crawler
from keysift.crawl.plan import Wish
from keysift.crawl.pool import Done, Lost, Work
from keysift.crawl.standing import Counts, Standing
from keysift.crawl.task import Desk, Equipment, Event, Task
from keysift.sources.pypi import Index
from keysift.store.database import Store
from keysift.store.held import HeldStore
from keysift.store.keys import adopt_fingerprint_key
from keysift.store.ledger import Ledger
from tests.crawl.world import DETECTORS
from tests.store.samples import KEY, SEALER


def catalogue(text: str = DETECTORS) -> Catalogue:
    """Return the detectors of a file."""
    return Catalogue(parse(Path("acme.toml"), text.encode()))


class Inline:
    """Does tasks at once, in place of a pool of processes."""

    def __init__(self, equipment: Equipment, work: Work = Desk.work) -> None:
        self.equipment = equipment
        self._desk = Desk(equipment)
        self._last = ""
        self._work = work
        self._tasks: deque[Task] = deque()

    @property
    def idle(self) -> list[str]:
        """The project of the last task, unless there is one to do."""
        return [] if self._tasks else [self._last]

    @property
    def is_idle(self) -> bool:
        """Whether none is left."""
        return not self._tasks

    def give(self, task: Task, last: str) -> None:
        """Take a task."""
        assert last == self._last
        self._last = task.project
        self._tasks.append(task)

    def events(self, others: list[Connection], timeout_s: float) -> list[Event | Done | Lost]:
        """Do what was given, or wait for the others."""
        if not self._tasks:
            wait(others, timeout_s)
            return []
        task = self._tasks.popleft()
        return [*self._work(self._desk, task), Done(task)]


class Listener:
    """Keeps what went wrong."""

    def __init__(self) -> None:
        self.troubles: list[str] = []

    def began(self, project: str, name: str) -> None:
        """Do nothing."""

    def progressed(self, standing: Standing) -> None:
        """Do nothing."""

    def trouble(self, what: str) -> None:
        """Keep it."""
        self.troubles.append(what)


def crawl(
    store: Store,
    url: str,
    wish: Wish | None = None,
    *,
    looking_for: Catalogue | None = None,
    listener: Listener | None = None,
) -> Counts:
    """Crawl an index."""
    equipment = Equipment(catalogue=looking_for or catalogue(), index_url=url)
    index = Index(url)
    held = HeldStore(store)
    with store.writing() as connection:
        adopt_fingerprint_key(connection, KEY)
    try:
        crawler = Crawler(
            store=held,
            index=index,
            writer=lambda ruleset: Ledger(ruleset, KEY, SEALER),
            pool=Inline(equipment),
            connections=2,
            observer=listener or Listener(),
        )
        return crawler.run(wish or Wish()).counts
    finally:
        index.session.close()
        held.close()
