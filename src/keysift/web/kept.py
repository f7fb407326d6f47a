"""What takes long to count is counted in the background, and shown until it was counted again."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Generic, TypeVar

from msgspec import Struct

T = TypeVar("T")


class Made(Struct, Generic[T], frozen=True):
    """A value, and when it was counted.

    Attributes:
        value: The value.
        at: When it was begun to be counted (UTC).
    """

    value: T
    at: datetime


class Kept(Generic[T]):
    """A value that is kept for a while; may be used by many threads.

    Args:
        make: Counts it.
        fresh_s: So long it is given out without a second thought. Then it is counted again, by one
            thread whoever asks, and the old one is given out meanwhile.
        kept_s: So long an old one is given out; after that, who asks waits.
        clock: Seconds that never go back.
    """

    def __init__(
        self,
        make: Callable[[], T],
        *,
        fresh_s: float,
        kept_s: float,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._make = make
        self._fresh_s, self._kept_s = fresh_s, kept_s
        self._clock = clock
        self._changed = threading.Condition()
        self._made: Made[T] | None = None
        self._began = float("-inf")
        self._error: Exception | None = None
        self._is_busy = False

    def get(self, wait_s: float) -> Made[T] | None:
        """Return the value; None: it is still being counted.

        Args:
            wait_s: How long to wait for it when there is none that may be given out.

        Raises:
            Exception: What counting it raised the last time.
        """
        with self._changed:
            age = self._clock() - self._began
            if self._made is not None and age < self._fresh_s:
                return self._made
            if not self._is_busy:
                self._is_busy = True
                threading.Thread(target=self._count, name="keysift-counting", daemon=True).start()
            if self._made is None or age >= self._kept_s:
                self._changed.wait_for(lambda: not self._is_busy, wait_s)
            if self._error is not None:
                error, self._error = self._error, None
                raise error
            return self._made

    def _count(self) -> None:
        began, at = self._clock(), datetime.now(UTC)
        made: Made[T] | None = None
        failure: Exception | None = None
        try:
            made = Made(self._make(), at)
        except Exception as error:  # noqa: BLE001 (raised again by whoever asks)
            failure = error
        with self._changed:
            if made is not None:
                self._made, self._began = made, began
            self._error, self._is_busy = failure, False
            self._changed.notify_all()
