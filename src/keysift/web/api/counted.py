"""What takes long to count: one request counts it, and the others wait for what comes of that."""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable
from threading import Lock
from typing import Any, Final

from keysift.store.database import Store
from keysift.store.queries.state import state

_KEPT_S: Final = 60.0
"""How long it is kept of a store that stays the same: what is due changes with time alone."""


class Counted:
    """Keeps what was counted as long as the store is the same. May be used from several threads.

    Args:
        clock: Seconds that never go back.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._locks: dict[str, Lock] = {}
        self._kept: dict[str, tuple[Hashable, float, Any]] = {}

    def get(self, name: str, store: Store, count: Callable[[], Any]) -> Any:  # noqa: ANN401 (whatever is counted)
        """Return what is counted.

        Args:
            name: What it is called.
            store: Of which store.
            count: Counts it.
        """
        with self._locks.setdefault(name, Lock()):
            with store.reading() as connection:
                present = state(connection)
            kept = self._kept.get(name)
            if kept is not None:
                before, since, value = kept
                if before == present and self._clock() - since < _KEPT_S:
                    return value
            value = count()
            self._kept[name] = (present, self._clock(), value)
            return value
