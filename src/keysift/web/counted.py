"""What takes long to count: one request counts it, and the others wait for what comes of that."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from typing import Any, Final, TypeVar

from msgspec import Struct, field

from keysift.store.database import Store
from keysift.store.queries.state import state

T = TypeVar("T")

_KEPT_S: Final = 60.0
"""How long it is kept of a store that stays the same: what is due changes with time alone."""

_MOST: Final = 64
"""So many counts are kept; of those that were asked for last."""


class _Count(Struct):
    """A count, and of when and which store it is."""

    lock: Any = field(default_factory=Lock)
    state: Hashable = None
    since: float = float("-inf")
    value: Any = None


class Counted:
    """Keeps what was counted as long as the store is the same. May be used from several threads.

    Args:
        store: The store.
        clock: Seconds that never go back.
    """

    def __init__(self, store: Store, clock: Callable[[], float] = time.monotonic) -> None:
        self._store = store
        self._clock = clock
        self._lock = Lock()
        self._counts: OrderedDict[Hashable, _Count] = OrderedDict()

    def get(self, key: Hashable, count: Callable[[], T]) -> T:
        """Return what is counted.

        Args:
            key: What it is.
            count: Counts it.
        """
        with self._lock:
            kept = self._counts.setdefault(key, _Count())
            self._counts.move_to_end(key)
            if len(self._counts) > _MOST:
                self._counts.popitem(last=False)
        with kept.lock:
            with self._store.reading() as connection:
                present = state(connection)
            if kept.state != present or self._clock() - kept.since >= _KEPT_S:
                # Of this state or a later one: then it is counted again.
                kept.value = count()
                kept.state, kept.since = present, self._clock()
            value: T = kept.value
            return value
