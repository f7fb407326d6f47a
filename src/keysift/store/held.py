"""A store whose lock is held: what a crawl writes through, also when the database is away."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Final, TypeVar

from sqlalchemy import Connection

from keysift.errors import StoreError
from keysift.store.database import Store

PATIENCE_S: Final = 120.0
"""How long a database may be away."""

_PAUSE_S: Final = 0.5
_TRIES: Final = 5
_SHORT_S: Final = 0.05
_T = TypeVar("_T")


class HeldStore:
    """Writes to a store that nobody else writes to.

    Args:
        store: The store.

    Attributes:
        is_patient: Whether to wait for a database that is away.

    Raises:
        StoreError: Somebody else holds the lock, or it cannot be taken.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._lock = store.lock()
        self.is_patient = True
        if not self._taken():
            raise StoreError(f"{store.name}: another crawl is at work on this store")

    def close(self) -> None:
        """Free the lock; the store stays open."""
        self._lock.give()

    def reading(self) -> AbstractContextManager[Connection]:
        """Give a connection that sees one state of the database, as ``Store.reading`` does."""
        return self._store.reading()

    def write(self, change: Callable[[Connection], _T]) -> _T:
        """Make a change that is kept whole or not at all; the database may be away for a while.

        Raises:
            StoreError: It fails, or is away for too long, or another crawl took the lock meanwhile.
        """
        began = time.monotonic()
        while True:
            try:
                return self._written(change)
            except StoreError as error:
                is_over = time.monotonic() - began > PATIENCE_S
                if is_over or not (self.is_patient and error.is_passing):
                    raise
                time.sleep(_PAUSE_S)

    def _taken(self) -> bool:
        """Take the lock; whoever only looked whether it is free has given it back by then."""
        for _ in range(_TRIES):
            if self._lock.take():
                return True
            time.sleep(_SHORT_S)
        return False

    def _written(self, change: Callable[[Connection], _T]) -> _T:
        # A database that was away has freed the lock, and connections come back by themselves.
        if not self._lock.take():
            raise StoreError(
                f"{self._store.name}: was away, and another crawl is at work on it now"
            )
        with self._store.writing() as connection:
            return change(connection)
