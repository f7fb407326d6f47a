"""The lock of a store: one crawl at a time."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Final, Protocol

import filelock
import sqlalchemy as sa
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError

_NUMBER: Final = 0x6B657973
"""Any number that nobody else locks in a database: ``keys``."""


class Lock(Protocol):
    """What keeps other crawls out; the system frees it when its process dies."""

    def take(self) -> bool:
        """Take it if it is free, and tell whether that was so."""

    def give(self) -> None:
        """Free it."""


class _FileLock:
    """A lock on a file next to the database."""

    def __init__(self, path: Path) -> None:
        self._lock = filelock.FileLock(f"{path}.lock")

    def take(self) -> bool:
        try:
            self._lock.acquire(blocking=False)
        except filelock.Timeout:
            return False
        return True

    def give(self) -> None:
        self._lock.release()


class _ServerLock:
    """A lock of PostgreSQL, held by a connection of its own."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._connection: Connection | None = None

    def take(self) -> bool:
        connection = self._engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        query = sa.select(sa.func.pg_try_advisory_lock(_NUMBER))
        if not connection.execute(query).scalar_one():
            connection.close()
            return False
        self._connection = connection
        return True

    def give(self) -> None:
        if self._connection is not None:
            connection, self._connection = self._connection, None
            with connection, suppress(DBAPIError):
                # A server that is gone has freed it.
                connection.execute(sa.select(sa.func.pg_advisory_unlock(_NUMBER)))


def file_lock(path: Path) -> Lock:
    """Return the lock of a database that is a file."""
    return _FileLock(path)


def server_lock(engine: Engine) -> Lock:
    """Return the lock of a database on a server."""
    return _ServerLock(engine)
