"""Threads that wait for servers.

They are daemons, unlike those of ``concurrent.futures``, for which the interpreter would wait at
its end: after Ctrl-C nobody wants to sit out a time-out.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

_T = TypeVar("_T")


class Threads:
    """Some threads that do what they are given, in its order.

    Args:
        size: How many at most; they are started when they are needed.
        name: What they are called.
    """

    def __init__(self, size: int, name: str) -> None:
        self._size = size
        self._name = name
        self._threads = 0
        self._calls: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()

    def start(self, work: Callable[[], _T]) -> Future[_T]:
        """Have something done, at once or when a thread is free.

        Raises:
            MemoryError: There is no room for another thread.
        """
        future: Future[_T] = Future()
        self._calls.put(lambda: _do(work, future))
        if self._threads < self._size:
            begin(self._serve, self._name)
            self._threads += 1
        return future

    def end(self) -> None:
        """Have the threads end after what they were given; nobody waits for them."""
        for _ in range(self._threads):
            self._calls.put(None)

    def _serve(self) -> None:
        while (call := self._calls.get()) is not None:
            call()


def begin(work: Callable[[], None], name: str) -> None:
    """Do something in a thread of its own.

    Raises:
        MemoryError: There is no room for its stack.
    """
    try:
        threading.Thread(target=work, name=name, daemon=True).start()
    except RuntimeError as error:
        # What Python says of a thread that cannot be started, for want of memory as a rule.
        raise MemoryError("no room for another thread") from error


def started(work: Callable[[], _T], name: str) -> Future[_T]:
    """Do something in a thread of its own, and return what will come of it.

    Raises:
        MemoryError: There is no room for its stack.
    """
    future: Future[_T] = Future()
    begin(lambda: _do(work, future), name)
    return future


def _do(work: Callable[[], _T], future: Future[_T]) -> None:
    try:
        future.set_result(work())
    except BaseException as error:  # noqa: BLE001 (handed to whoever asks for the result)
        future.set_exception(error)
