"""How much all processes of a crawl together may ask of the servers, and when.

Three bounds: connections at the same time to one host, pauses that a host asks for, and bytes a
second of all hosts together. The state lies in shared memory and is handed to the processes when
they are started. Processes wait by looking again: a condition would not survive one that is killed.
"""

from __future__ import annotations

import ctypes
import hashlib
import multiprocessing
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Final

CONNECTIONS: Final = 8
"""To one host at the same time."""

_HOSTS: Final = 64
# An index has two or three; of more, some share a budget.

_LOOK_AGAIN_S: Final = 0.02
_ABANDONED_S: Final = 5.0
# The lock is held for microseconds: whoever holds it for longer was killed while he had it.

_BURST_S: Final = 1.0
# What was not used of the rate within this time may be used at once.


class Politeness:
    """The bounds of several processes, each with several threads.

    To be made before the processes, and handed to them when they start (as an argument of
    ``Process``, or of the initializer of a pool); works with fork and spawn.

    Args:
        connections: To one host at the same time.
        bytes_per_s: Received from all hosts together; None for no bound.
    """

    def __init__(self, *, connections: int = CONNECTIONS, bytes_per_s: float | None = None) -> None:
        context = multiprocessing.get_context("spawn")
        self._connections = connections
        self._bytes_per_s = bytes_per_s
        self._lock = context.Lock()
        self._hosts = context.RawArray(ctypes.c_uint64, _HOSTS)
        # The clock below is that of the machine, the same in all processes.
        self._paused_until = context.RawArray(ctypes.c_double, _HOSTS)
        self._holders = context.RawArray(ctypes.c_int64, _HOSTS * connections)
        self._spent_until = context.RawArray(ctypes.c_double, 1)
        self._received = context.RawArray(ctypes.c_uint64, 1)

    @property
    def received_bytes(self) -> int:
        """Bytes that all processes have received so far."""
        return int(self._received[0])

    def begin(self, host: str) -> None:
        """Wait until a request to a host may be sent, and take one of its connections."""
        while (wait_s := self._take(host)) > 0:
            time.sleep(wait_s)

    def end(self, host: str) -> None:
        """Give back a connection that this process has taken."""
        with self._locked():
            self._give_back(self._budget(host), os.getpid())

    def pause(self, host: str, seconds: float) -> None:
        """Begin no request to a host for some time, in no process."""
        with self._locked():
            slot = self._slot(host)
            until = time.monotonic() + seconds
            self._paused_until[slot] = max(self._paused_until[slot], until)

    def spend(self, size_bytes: int) -> float:
        """Note that bytes arrived, and wait as long as the rate wants; returns the seconds."""
        with self._locked():
            self._received[0] += size_bytes
            if self._bytes_per_s is None:
                return 0.0
            now = time.monotonic()
            begins = max(self._spent_until[0], now - _BURST_S)
            self._spent_until[0] = begins + size_bytes / self._bytes_per_s
            wait_s: float = max(self._spent_until[0] - now, 0.0)
        if wait_s:
            time.sleep(wait_s)
        return wait_s

    def forget(self, process: int) -> None:
        """Give back all connections of a process that has died.

        Args:
            process: Its number (``Process.pid``).
        """
        with self._locked():
            while self._give_back(range(len(self._holders)), process):
                pass

    def _take(self, host: str) -> float:
        """Take a connection; returns 0, or the seconds to wait when there is none to take."""
        with self._locked():
            wait_s: float = self._paused_until[self._slot(host)] - time.monotonic()
            if wait_s > 0:
                return wait_s
            for place in self._budget(host):
                if self._holders[place] == 0:
                    self._holders[place] = os.getpid()
                    return 0.0
        return _LOOK_AGAIN_S

    def _give_back(self, places: range, process: int) -> bool:
        for place in places:
            if self._holders[place] == process:
                self._holders[place] = 0
                return True
        return False

    def _budget(self, host: str) -> range:
        first = self._slot(host) * self._connections
        return range(first, first + self._connections)

    def _slot(self, host: str) -> int:
        """Return the place of a host; it is given one when it is seen first."""
        digest = hashlib.blake2b(host.lower().encode(), digest_size=8).digest()
        known = int.from_bytes(digest, "big") or 1
        for slot, other in enumerate(self._hosts):
            if other == 0:
                self._hosts[slot] = known
            if other in (0, known):
                return slot
        return known % _HOSTS

    @contextmanager
    def _locked(self) -> Iterator[None]:
        self._lock.acquire(timeout=_ABANDONED_S)
        try:
            yield
        finally:
            # It is handed back too if it was abandoned; when several found that, by one of them.
            with suppress(ValueError):
                self._lock.release()
