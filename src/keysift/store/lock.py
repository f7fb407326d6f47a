"""The locks of a store: one crawl at a time, one process that asks providers, one that adds up."""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import suppress
from enum import Enum
from pathlib import Path
from typing import BinaryIO, Final, Protocol, TypeAlias

import filelock
import sqlalchemy as sa
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError

from keysift.errors import StoreError
from keysift.store.types import SQLITE


class Purpose(Enum):
    """What a lock is for, and a number that nobody else locks in a database (keys, keyv, …).

    Attributes:
        WRITING: Crawling, and what must not happen while a crawl writes.
        ASKING: Asking providers.
        REFRESHING: Adding up what changed (``keysift.store.summaries``).
        SUMMING: Writing sums: taken with ``hold``, for a transaction.
    """

    WRITING = 0x6B657973
    ASKING = 0x6B657976
    REFRESHING = 0x6B657972
    SUMMING = 0x6B657961


Failure: TypeAlias = Callable[[DBAPIError | OSError], StoreError]
"""Says what went wrong with a store."""


class Lock(Protocol):
    """What keeps others out; the system frees it when its process dies."""

    def take(self) -> bool:
        """Take it if it is free, and tell whether it is ours now.

        May be called again: a database that was away has freed it meanwhile.

        Raises:
            StoreError: It cannot be taken.
        """

    def give(self) -> None:
        """Free it."""

    def is_taken(self) -> bool:
        """Tell whether anybody holds it. Whoever takes it at this moment may have to try again.

        Raises:
            StoreError: Nobody can tell.
        """


class _FileLock:
    """A lock on a file next to the database."""

    def __init__(self, path: Path, failure: Failure, purpose: Purpose) -> None:
        suffix = "lock" if purpose is Purpose.WRITING else f"{purpose.name.lower()}.lock"
        self._lock = filelock.FileLock(f"{path}.{suffix}")
        self._failure = failure

    def take(self) -> bool:
        if self._lock.is_locked:
            return True
        try:
            self._lock.acquire(blocking=False)
        except filelock.Timeout:
            return False
        except OSError as error:
            raise self._failure(error) from None
        return True

    def give(self) -> None:
        self._lock.release()

    def is_taken(self) -> bool:
        if self._lock.is_locked:
            return True
        try:
            # Who may only read the file can tell too, and makes none that others could not open.
            with Path(self._lock.lock_file).open("rb") as file:
                return not _is_free(file)
        except FileNotFoundError:
            return False
        except OSError as error:
            raise self._failure(error) from None


class _ServerLock:
    """A lock of PostgreSQL, held by a connection of its own."""

    def __init__(self, engine: Engine, failure: Failure, purpose: Purpose) -> None:
        self._engine = engine
        self._number = purpose.value
        self._failure = failure
        self._connection: Connection | None = None

    def take(self) -> bool:
        if self._is_held():
            return True
        try:
            self._connection = self._taken()
        except DBAPIError as error:
            raise self._failure(error) from None
        return self._connection is not None

    def _taken(self) -> Connection | None:
        connection = self._engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        query = sa.select(sa.func.pg_try_advisory_lock(self._number))
        if connection.execute(query).scalar_one():
            return connection
        connection.close()
        return None

    def _is_held(self) -> bool:
        """Tell whether the connection that took it is still there; one that is not is let go."""
        if self._connection is None:
            return False
        try:
            self._connection.execute(sa.select(sa.literal(1)))
        except DBAPIError:
            with suppress(DBAPIError):
                self._connection.close()
            self._connection = None
        return self._connection is not None

    def give(self) -> None:
        if self._connection is not None:
            connection, self._connection = self._connection, None
            with connection, suppress(DBAPIError):
                # A server that is gone has freed it.
                connection.execute(sa.select(sa.func.pg_advisory_unlock(self._number)))

    def is_taken(self) -> bool:
        try:
            with self._engine.connect() as connection:
                return connection.execute(_HELD, {"number": self._number}).first() is not None
        except DBAPIError as error:
            raise self._failure(error) from None


# A key of 64 bits stands there in two halves: the table of pg_locks in PostgreSQL's manual.
_HELD: Final = sa.text(
    "SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND classid = 0 AND objid = :number "
    "AND objsubid = 1 AND granted "
    "AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
)


if sys.platform == "win32":
    import msvcrt

    def _is_free(file: BinaryIO) -> bool:
        # As filelock locks there: the first byte.
        try:
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        msvcrt.locking(file.fileno(), msvcrt.LK_UNLCK, 1)
        return True

else:
    import fcntl

    def _is_free(file: BinaryIO) -> bool:
        # Closing the file gives the lock back.
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True


def hold(connection: Connection, purpose: Purpose) -> None:
    """Wait for others that hold this in a transaction, and hold it until this transaction ends.

    SQLite has one transaction that writes at a time anyway.
    """
    if connection.dialect.name != SQLITE:
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(purpose.value)))


def file_lock(path: Path, failure: Failure, purpose: Purpose) -> Lock:
    """Return a lock of a database that is a file; ``failure`` translates errors."""
    return _FileLock(path, failure, purpose)


def server_lock(engine: Engine, failure: Failure, purpose: Purpose) -> Lock:
    """Return a lock of a database on a server; ``failure`` translates errors."""
    return _ServerLock(engine, failure, purpose)
