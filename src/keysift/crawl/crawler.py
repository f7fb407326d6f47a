"""A crawl: reads pages, has files scanned, writes down what came, and can be stopped at any point.

Everything that is done is in the store before the next thing depends on it; what is under way when
the crawl is killed is done again by the next one. The only state beside the store is in memory.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

import sqlalchemy as sa
from msgspec import structs

from keysift._version import __version__
from keysift.crawl import plan
from keysift.crawl.health import Health
from keysift.crawl.plan import Candidate, Wish
from keysift.crawl.pool import Done, Lost
from keysift.crawl.reading import Answer, Bell, Reader
from keysift.crawl.roles import Observer, Processes
from keysift.crawl.standing import Standing
from keysift.crawl.task import Began, Came, Event, Failed, Job
from keysift.crawl.tasks import Tasks
from keysift.errors import (
    CredentialsError,
    IndexUnavailableError,
    KeysiftError,
    NotServedError,
)
from keysift.model import SkipReason
from keysift.net.page import NotModified
from keysift.sources.pypi import Index
from keysift.store import ledger, pages
from keysift.store.held import HeldStore
from keysift.store.ledger import Ledger

ATTEMPTS: Final = 3
"""Crawls in which a file may be unreachable before it counts as failed."""

_WAIT_S: Final = 1.0


class Crawler:
    """One crawl of an index into a store.

    Args:
        store: Where to write.
        index: What to read.
        writer: Makes the ledger for a ruleset.
        pool: The processes that scan, and what they look for.
        connections: Pages read at the same time.
        observer: Is told how it goes.

    Attributes:
        standing: What was done so far.
        is_stopping: Whether ``stop`` was called.
    """

    def __init__(
        self,
        *,
        store: HeldStore,
        index: Index,
        writer: Callable[[int], Ledger],
        pool: Processes,
        connections: int,
        observer: Observer,
    ) -> None:
        self.standing = Standing()
        self.is_stopping = False
        self._bell = Bell()
        self._reader = Reader(index, connections, self._bell)
        self._store = store
        self._index = index
        self._pool = pool
        self._observer = observer
        self._tasks = Tasks()
        self._open: dict[int, Job] = {}
        self._files = Health()
        self._missing: frozenset[str] = frozenset()
        self._registry = self._store.write(lambda to: ledger.registry(to, index.url))
        catalogue = pool.equipment.catalogue
        self._ruleset = self._store.write(lambda to: ledger.ruleset(to, catalogue, __version__))
        self._rulesets = self._store.write(lambda to: ledger.as_good_as(to, self._ruleset))
        self._ledger = writer(self._ruleset)

    def stop(self) -> None:
        """Have ``run`` end soon and in order; may be called by a signal handler."""
        self.is_stopping = True
        self._store.is_patient = False
        self._bell.ring()

    def run(self, wish: Wish) -> Standing:
        """Do all that is wanted and not done yet, or as much of it as there is time for.

        Raises:
            IndexUnavailableError: The index cannot be read, or not any more.
            StoreError: The store cannot be written, or not any more.
        """
        run = self._store.write(
            lambda to: ledger.run_began(to, self._registry, self._ruleset, wish)
        )
        self._reader.begin(self._looked_up(wish))
        try:
            while not (self.is_stopping or self._is_done()):
                self._wait()
                self._take_pages(wish)
                self._examine()
                self._observer.progressed(self.standing)
            # What the processes have said by now is kept.
            self._note(self._pool.events([], 0.0))
        except IndexUnavailableError:
            self._end(run)
            raise
        finally:
            self._reader.end()
        self._end(run)
        return self.standing

    def _end(self, run: int) -> None:
        counts = structs.asdict(self.standing.counts)
        self._store.write(lambda to: ledger.run_ended(to, run, counts))

    def _is_done(self) -> bool:
        """Begin what can be begun; tells whether there is nothing, and nothing under way."""
        self._reader.ask(self._tasks.projects)
        self._hand_out()
        return self._reader.is_done and not self._tasks and self._pool.is_idle

    def _wait(self) -> bool:
        """Wait for something to happen, and write down what processes said.

        Returns:
            Whether to go on.
        """
        self._note(self._pool.events([self._bell.rung], _WAIT_S))
        self._bell.clear()
        return not self.is_stopping

    def _looked_up(self, wish: Wish) -> Iterator[Candidate]:
        """Write down the projects that are wanted, and yield them."""
        names = wish.names
        if names is None or len(names) > _FEW:
            self._read_list(None if names is None else frozenset(names))
        if names is not None:
            self._store.write(lambda to: pages.projects_named(to, self._registry, names))
        with self._store.reading() as connection:
            known = plan.count(connection, self._registry, wish, self._rulesets)
        self.standing.projects_known = known
        after = ""
        while True:
            with self._store.reading() as connection:
                found = plan.candidates(connection, self._registry, wish, self._rulesets, after)
            if not found:
                return
            yield from found
            after = found[-1].name

    def _read_list(self, wanted: frozenset[str] | None) -> None:
        with self._store.reading() as connection:
            etag = pages.list_etag(connection, self._registry)
        answer = self._reader.answer(lambda: self._index.projects(etag=etag), self._wait)
        if answer is None or isinstance(answer, NotModified):
            return
        self._missing = self._store.write(
            lambda to: pages.list_read(to, self._registry, answer, wanted)
        )

    def _examine(self) -> None:
        """Stop when the index is down; ask it when it looks so."""
        for health in (self._reader.health, self._files):
            if health.is_doubtful:
                self._examine_closely(health)

    def _examine_closely(self, health: Health) -> None:
        failures = health.in_a_row
        try:
            self._reader.answer(self._index.ask, self._wait)
            health.answered()
            if not health.is_over:
                return
            reason = "nothing can be had any more, though the index is there"
        except CredentialsError:
            raise
        except IndexUnavailableError as error:
            reason = str(error)
        raise IndexUnavailableError(
            f"{reason}, after {failures} failures in a row; the crawl stops here: run the same "
            "command again to go on"
        )

    def _take_pages(self, wish: Wish) -> None:
        for candidate, came in self._reader.take():
            self.standing.counts.projects += 1
            answer = self._amiss(candidate, wish) if came is None else came
            if isinstance(answer, IndexUnavailableError):
                self.standing.counts.unread += 1
                self.standing.reasons["page not read"] += 1
                self._observer.trouble(f"{candidate.name}: {answer}")
                continue
            self._write_page(candidate, answer)
            with self._store.reading() as connection:
                found = plan.jobs(connection, candidate, wish, self._rulesets)
            if found:
                self._tasks.add(candidate.name, found)
                self._open.update((job.number, job) for job in found)
                self.standing.began(candidate.name, len(found))
        self.standing.is_all_known = self._reader.is_done

    def _amiss(self, candidate: Candidate, wish: Wish) -> NotServedError | None:
        """Return what is wrong when the index has no page of a project; None when it is gone."""
        if wish.names is None and candidate.name not in self._missing:
            # The list or the page may be an old one, from a cache: what is gone leaves the list.
            return NotServedError("the index lists it, but has no such page")
        if not candidate.was_read:
            return NotServedError("the index has no such project")
        return None

    def _write_page(self, candidate: Candidate, answer: Answer) -> None:
        counts = self.standing.counts
        if isinstance(answer, NotModified):
            return
        if answer is None:
            gone = self._store.write(
                lambda to: pages.project_gone(to, self._registry, candidate.name)
            )
            counts.changed += gone
            self._observer.trouble(
                f"{candidate.name}: the index has it no more; what is known stays"
            )
            return
        changes = self._store.write(lambda to: pages.page_read(to, candidate.number, answer))
        counts.pages += changes.total > 0
        counts.added += changes.added
        counts.changed += changes.total - changes.added

    def _hand_out(self) -> None:
        for last in self._pool.idle:
            task = self._tasks.take(last)
            if task is None:
                return
            self._pool.give(task, last)

    def _note(self, events: list[Event | Done | Lost]) -> None:
        """Write down what the processes said: everything at once, in one transaction."""
        came = [event for event in events if isinstance(event, Came)]
        failed = [event for event in events if isinstance(event, Failed)]
        if came or failed:
            self._store.write(lambda to: self._results(to, came, failed))
        for event in events:
            match event:
                case Began(number):
                    file = self._open[number].file.artifact
                    self._observer.began(file.project or "", file.name)
                case Came():
                    self._count(event)
                case Failed():
                    self._count_failure(event)
                case Lost() if not self.is_stopping:
                    self._lost(event)
                case Lost() | Done():
                    pass

    def _results(self, connection: sa.Connection, came: list[Came], failed: list[Failed]) -> None:
        for one in came:
            self._ledger.scanned(connection, one.number, one.result)
        for other in failed:
            self._ledger.failed(
                connection,
                other.number,
                f"{other.reason.reason.value}: {other.reason.detail}",
                patience=ATTEMPTS if _may_pass(other) else 1,
            )

    def _count(self, event: Came) -> None:
        result, counts = event.result, self.standing.counts
        job = self._ended(event.number)
        self._files.gave()
        counts.artifacts += 1
        counts.findings += sum(len(member.found) for member in result.members)
        counts.incomplete += any(skip.reason.is_gap for skip in result.skips)
        counts.fetched_bytes += result.fetched_bytes
        counts.published_bytes += result.size_bytes or job.file.artifact.size_bytes or 0

    def _count_failure(self, event: Failed) -> None:
        job = self._ended(event.number)
        self.standing.counts.failed += 1
        self.standing.reasons[event.reason.reason.value.replace("_", " ")] += 1
        detail = event.reason.detail
        self._observer.trouble(f"{job.file.artifact.name}: {detail}")
        if event.reason.reason is SkipReason.DOWNLOAD_FAILED:
            self._files.failed(IndexUnavailableError(detail))

    def _ended(self, number: int) -> Job:
        """Take a file from those that are to be scanned."""
        job = self._open.pop(number)
        self.standing.ended(job.file.artifact.project or "")
        return job

    def _lost(self, lost: Lost) -> None:
        """Go on after a process is gone; the file it was at is tried once more, alone."""
        left = tuple(job for job in lost.task.jobs if job.number in self._open)
        at = next((job for job in left if job.number == lost.number), None)
        others = tuple(job for job in left if job is not at)
        if at is None and lost.task.attempt > ATTEMPTS:
            raise KeysiftError(f"the processes that scan do not start: {lost.reason}")
        if others:
            attempt = lost.task.attempt + 1 if at is None else 1
            self._tasks.put_back(structs.replace(lost.task, jobs=others, attempt=attempt))
        if at is None:
            return
        if lost.task.attempt == 1:
            self._tasks.put_back(structs.replace(lost.task, jobs=(at,), attempt=2))
            return
        self._ended(at.number)
        self.standing.counts.failed += 1
        self.standing.reasons[lost.reason] += 1
        self._observer.trouble(f"{at.file.artifact.name}: {lost.reason}")
        self._store.write(lambda to: self._ledger.failed(to, at.number, lost.reason, patience=1))


_FEW: Final = 20
"""Up to so many projects are asked for one by one; for more the list of all is read."""


def _may_pass(event: Failed) -> bool:
    """Tell whether the same file may be had later."""
    return event.reason.reason in {SkipReason.DOWNLOAD_FAILED, SkipReason.NOT_SERVED}
