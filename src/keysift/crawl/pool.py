"""Processes that scan: each does one task at a time, and none takes the crawl down with it.

A process that ends or hangs costs the file it was at. ``concurrent.futures`` gives up its whole
pool then, so this is a small one of our own.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from multiprocessing import resource_tracker
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Final, TypeAlias

from msgspec import Struct

from keysift.crawl.task import Began, Desk, Equipment, Event, Task
from keysift.net.politeness import Politeness
from keysift.net.threads import begin

try:
    import resource
except ImportError:  # on Windows
    resource = None  # type: ignore[assignment] # there is no module to be of that type

HANG_S: Final = 1800.0
"""Nothing heard of a file for this long: it will not be heard of any more."""

_END_S: Final = 5.0
_ANSWERED: Final = (signal.SIGINT, signal.SIGTERM)

Work: TypeAlias = Callable[[Desk, Task], Iterator[Event]]


class Done(Struct, frozen=True):
    """A task is done."""

    task: Task


class Lost(Struct, frozen=True):
    """A process is gone, and what it was doing.

    Attributes:
        task: Its task.
        number: The file it was at; None when it had not begun one.
        reason: Why, for people.
    """

    task: Task
    number: int | None
    reason: str


class _Fault(Struct, frozen=True):
    """What a process says before it ends over an error that nobody expected."""

    where: str


class _Worker:
    """One process, and what it does."""

    def __init__(self, equipment: Equipment, work: Work, politeness: Politeness | None) -> None:
        # Forking would copy the locks of threads that run here; spawning costs a quarter second.
        context = multiprocessing.get_context("spawn")
        self.connection, theirs = context.Pipe()
        self.process: BaseProcess = context.Process(
            target=_serve,
            args=(theirs, equipment, work, politeness),
            name="keysift-scan",
            daemon=True,
        )
        with _signals_held():
            self.process.start()
        theirs.close()
        self.task: Task | None = None
        self.project = ""
        self.number: int | None = None
        self.heard = time.monotonic()
        self.fault = ""

    def give(self, task: Task) -> None:
        self.task, self.number = task, None
        self.project = task.project
        self.heard = time.monotonic()
        # One that ended while it was idle: `Pool.events` notices, and says that the task is lost.
        with suppress(BrokenPipeError, ConnectionResetError):
            self.connection.send(task)

    def end(self) -> None:
        self.connection.close()
        self.process.kill()
        self.process.join()
        self.process.close()


class Pool:
    """Some processes.

    Args:
        size: How many.
        equipment: What each needs to know.
        politeness: Bounds that they share with each other and with this process.
        hang_s: Seconds without a word after which a process is ended.
        work: What they do with a task, at their desk.

    Attributes:
        equipment: As given.
    """

    def __init__(
        self,
        size: int,
        equipment: Equipment,
        *,
        politeness: Politeness | None = None,
        hang_s: float = HANG_S,
        work: Work = Desk.work,
    ) -> None:
        self.equipment = equipment
        self._size = size
        self._politeness = politeness
        self._hang_s = hang_s
        self._work = work
        self._workers: list[_Worker] = []

    @property
    def idle(self) -> list[str]:
        """Which processes can be given a task now, by the project of which they did one last.

        Empty for one that has done nothing yet.
        """
        waiting = [worker.project for worker in self._workers if worker.task is None]
        return waiting + [""] * (self._size - len(self._workers))

    @property
    def is_idle(self) -> bool:
        """Whether no task is being done."""
        return all(worker.task is None for worker in self._workers)

    def give(self, task: Task, last: str = "") -> None:
        """Have a task done by an idle process.

        Args:
            task: What to do. What ended another process before is done by a fresh one.
            last: The process: one of ``idle``.
        """
        waiting = (one for one in self._workers if one.task is None and one.project == last)
        worker = next(waiting, None)
        if worker is not None and task.attempt > 1:
            self._workers.remove(worker)
            worker.end()
            worker = None
        if worker is None:
            worker = _Worker(self.equipment, self._work, self._politeness)
            self._workers.append(worker)
        worker.give(task)

    def events(self, others: list[Connection], timeout_s: float) -> list[Event | Done | Lost]:
        """Wait until something happens, and return what did.

        Args:
            others: Return early when one of these can be read.
            timeout_s: Return after this at the latest.
        """
        by_end: dict[Connection | int, _Worker] = {}
        for worker in self._workers:
            by_end[worker.connection] = worker
            by_end[worker.process.sentinel] = worker
        ready = set(wait([*by_end, *others], timeout_s))
        found: list[Event | Done | Lost] = []
        for worker in dict.fromkeys(worker for end, worker in by_end.items() if end in ready):
            found.extend(self._read(worker))
        found.extend(self._hanging())
        return found

    def close(self) -> None:
        """End all processes; what they were doing is lost."""
        for worker in self._workers:
            worker.end()
        self._workers.clear()

    def _read(self, worker: _Worker) -> Iterator[Event | Done | Lost]:
        """Yield what a process has said, and whether it ended."""
        worker.heard = time.monotonic()
        try:
            while worker.connection.poll():
                message = worker.connection.recv()
                if isinstance(message, Began):
                    worker.number = message.number
                elif isinstance(message, Done):
                    worker.task = worker.number = None
                if isinstance(message, _Fault):
                    worker.fault = message.where
                else:
                    yield message
        except (EOFError, OSError):
            worker.process.join(_END_S)
            how = worker.fault or _ending(worker.process)
            yield from self._gone(worker, f"the process ended ({how})")

    def _hanging(self) -> Iterator[Lost]:
        now = time.monotonic()
        for worker in list(self._workers):
            # One that has not begun still loads what it needs, which takes as long as it takes.
            if worker.number is not None and now - worker.heard > self._hang_s:
                yield from self._gone(worker, f"nothing came for {self._hang_s:g} seconds")

    def _gone(self, worker: _Worker, reason: str) -> Iterator[Lost]:
        self._workers.remove(worker)
        task, number, process = worker.task, worker.number, worker.process.pid
        worker.end()
        if self._politeness is not None and process is not None:
            # What it had borrowed: connections to the index.
            self._politeness.forget(process)
        if task is not None:
            yield Lost(task, number, reason)


@contextmanager
def _signals_held() -> Iterator[None]:
    """Let a process that is started here begin deaf to what its parent answers.

    Until it ignores these signals itself, Ctrl-C would have it print a traceback.
    """
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    # Starting this one's helper process would take the mask away again.
    resource_tracker.ensure_running()
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _ANSWERED)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _ending(process: BaseProcess) -> str:
    code = process.exitcode
    if code is not None and code < 0:
        return f"signal {signal.Signals(-code).name}"
    return f"exit code {code}"


def _serve(
    connection: Connection, equipment: Equipment, work: Work, politeness: Politeness | None
) -> None:
    """Do tasks until the other side is gone."""
    # Ctrl-C goes to every process of the terminal, and SIGTERM may: the parent answers for all.
    for number in _ANSWERED:
        signal.signal(number, signal.SIG_IGN)
    begin(_end_with_parent, "keysift-parent")
    desk = Desk(equipment, politeness)
    if equipment.memory_bytes is not None:
        _bound_memory(equipment.memory_bytes)
    # When the other side is gone (killed), so is the reason for going on.
    with suppress(EOFError, BrokenPipeError, ConnectionResetError):
        while True:
            task = connection.recv()
            for message in _messages(work(desk, task)):
                connection.send(message)
                if isinstance(message, _Fault):
                    return
            connection.send(Done(task))


def _end_with_parent() -> None:
    """End this process when the one that started it is gone, whatever is under way here.

    A download that hangs would keep it, and its connections, for minutes.
    """
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _bound_memory(size_bytes: int) -> None:
    """Have this process get no more memory than that, where the system can do it."""
    if resource is not None:
        resource.setrlimit(resource.RLIMIT_DATA, (size_bytes, size_bytes))


def _messages(events: Iterator[Event]) -> Iterator[Event | _Fault]:
    while True:
        try:
            event = next(events, None)
        except MemoryError:
            yield _Fault("it needs more memory than a process may take, see --max-memory")
            return
        except Exception as error:  # noqa: BLE001 (a bug of ours: told without its message, which could hold a secret)
            yield _Fault(_where(error))
            return
        if event is None:
            return
        yield event


def _where(error: Exception) -> str:
    """Say which error it was and where, never its message."""
    place = error.__traceback__
    while place is not None and place.tb_next is not None:
        place = place.tb_next
    where = "" if place is None else f" in {place.tb_frame.f_code.co_qualname}"
    return f"a bug of keysift, please report it: {type(error).__name__}{where}"
