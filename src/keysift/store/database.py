"""Opening a store: SQLite or PostgreSQL, migrated to what this version of keysift knows.

One process writes at a time. A second crawl on the same store is told so, or waits.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import resources
from pathlib import Path
from typing import Any, Final

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection, Engine, event
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, OperationalError
from sqlalchemy.pool import ConnectionPoolEntry

from keysift.errors import StoreError
from keysift.store.lock import Lock, Purpose, file_lock, server_lock
from keysift.store.types import SQLITE

_BUSY_S: Final = 60.0
"""How long a statement waits for another process; readers never wait with a write-ahead log."""

_POSTGRESQL: Final = ("postgresql", "postgres")
_DRIVER: Final = "postgresql+psycopg"

_NO_STORE: Final = "the store is neither a path nor the URL of a database"
_SLIP: Final = re.compile(r"(postgres|postgresql|sqlite)(\+\w+)?:")
"""The URL of a database that lacks a slash: no path, and it may hold a password."""


class Store:
    """A database of what was crawled.

    Args:
        location: A path of SQLite, or a URL of PostgreSQL.
        create: Whether to make it when it is not there.

    Attributes:
        engine: The database.
        name: What to call it in messages: without a password.

    Raises:
        StoreError: It cannot be opened, or is newer than this keysift.
    """

    def __init__(self, location: str, *, create: bool = True) -> None:
        url = _url(location)
        self.is_sqlite = url.get_backend_name() == SQLITE
        self.name = url.database or "" if self.is_sqlite else _shown(url)
        if self.is_sqlite:
            _prepare_file(Path(self.name), create=create)
        self.engine = _engine(url)
        self._writer = self.engine.execution_options(writes=True)
        # SQLite's transactions see one state anyway; PostgreSQL's do when they say so.
        self._reader = (
            self.engine
            if self.is_sqlite
            else self.engine.execution_options(isolation_level="REPEATABLE READ")
        )
        try:
            self._migrate(create=create)
        except (DBAPIError, OSError) as error:
            self.engine.dispose()
            raise self.failure(error) from None
        except StoreError:
            self.engine.dispose()
            raise

    def close(self) -> None:
        """Close all connections."""
        self.engine.dispose()

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Give a connection that sees one state of the database.

        Raises:
            StoreError: The database fails.
        """
        try:
            with self._reader.connect() as connection:
                yield connection
        except DBAPIError as error:
            raise self.failure(error) from None

    @contextmanager
    def writing(self, *, durable: bool = False) -> Iterator[Connection]:
        """Give a connection whose changes are kept together at the end, or not at all.

        Args:
            durable: Whether they must outlast a loss of power right after. Else SQLite may lose
                the last transactions then, which a crawl does again.

        Raises:
            StoreError: The database fails.
        """
        try:
            writer = self._writer.execution_options(durable=durable)
            with writer.begin() as connection:
                yield connection
        except DBAPIError as error:
            raise self.failure(error) from None

    @contextmanager
    def asking(self) -> Iterator[None]:
        """Hold the lock of those who ask providers: two would ask the same twice.

        Raises:
            StoreError: Somebody else holds it, or it cannot be taken.
        """
        lock = self.lock(Purpose.ASKING)
        if not lock.take():
            raise StoreError(
                f"{self.name}: somebody else verifies the secrets of this store", is_passing=True
            )
        try:
            yield
        finally:
            lock.give()

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Hold the lock of the store, for what must not happen while a crawl writes.

        Raises:
            StoreError: Somebody else holds it, or it cannot be taken.
        """
        lock = self.lock()
        if not lock.take():
            raise StoreError(
                f"{self.name}: a crawl, a purge or a change of its key is at work; try again later",
                is_passing=True,
            )
        try:
            yield
        finally:
            lock.give()

    def lock(self, purpose: Purpose = Purpose.WRITING) -> Lock:
        """Return the lock that a crawl holds while it writes, or another one."""
        if self.is_sqlite:
            return file_lock(Path(self.name), self.failure, purpose)
        return server_lock(self.engine, self.failure, purpose)

    def is_crawled(self) -> bool:
        """Tell whether a crawl holds the store at this moment.

        Raises:
            StoreError: Nobody can tell.
        """
        return self.lock().is_taken()

    def failure(self, error: DBAPIError | OSError) -> StoreError:
        """Return what to tell the user; the statement and its values stay out of it."""
        if isinstance(error, OSError):
            return StoreError(f"{self.name}: {(error.strerror or 'cannot be opened').lower()}")
        reason = str(error.orig).strip().partition("\n")[0] if error.orig is not None else ""
        if self.is_sqlite and "readonly" in reason:
            reason = "is read-only; SQLite must be able to write to the file and to its directory"
        message = f"{self.name}: {reason or type(error).__name__}"
        return StoreError(message, is_passing=_is_passing(error))

    def _migrate(self, *, create: bool) -> None:
        with self.engine.connect() as connection:
            present = MigrationContext.configure(connection).get_current_revision()
            if present is None and sa.inspect(connection).get_table_names():
                raise StoreError(
                    f"{self.name}: a database of something else; name one for keysift alone"
                )
            if present is None and not create:
                raise _absent(self.name)
        configuration = _configuration()
        script = ScriptDirectory.from_config(configuration)
        head = script.get_current_head()
        if present == head:
            return
        if present is not None:
            self._known(script, present)
        with self._writer.begin() as connection:
            configuration.attributes["connection"] = connection
            command.upgrade(configuration, "head")

    def _known(self, script: ScriptDirectory, present: str) -> None:
        try:
            script.get_revision(present)
        except CommandError:
            raise StoreError(
                f"{self.name}: made by a newer keysift (state {present}); use that one"
            ) from None


def _is_passing(error: DBAPIError) -> bool:
    """Tell a database that is busy or restarts from one that is full or damaged."""
    if error.connection_invalidated:
        return True
    name = getattr(error.orig, "sqlite_errorname", "")
    if name:
        return name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED"))
    # Classes of PostgreSQL's appendix A: connection exceptions, operator intervention; without a
    # state the server was not reached.
    state = getattr(error.orig, "sqlstate", None)
    return isinstance(error, OperationalError) and (state is None or state[:2] in ("08", "57"))


def _url(location: str) -> sa.URL:
    scheme, separator, _ = location.partition("://")
    if not separator and _SLIP.match(location):
        raise StoreError(_NO_STORE)
    if not separator:
        return sa.URL.create(SQLITE, database=str(Path(location).expanduser()))
    try:
        url = sa.make_url(location)
    except (ArgumentError, ValueError):
        raise StoreError(_NO_STORE) from None
    if scheme.partition("+")[0] in _POSTGRESQL:
        return url.set(drivername=_DRIVER)
    if scheme == SQLITE and url.database:
        return url
    raise StoreError(
        f"{scheme}: a store is a path (SQLite) or begins with postgresql:// (PostgreSQL)"
    )


def _shown(url: sa.URL) -> str:
    # A password may stand among the options behind the question mark too.
    return url.set(drivername=_POSTGRESQL[0], query={}).render_as_string()


def _prepare_file(path: Path, *, create: bool) -> None:
    try:
        if path.is_dir():
            raise StoreError(f"{path}: is a directory; name a file in it")
        if not path.exists():
            if not create:
                raise _absent(str(path))
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    except (OSError, ValueError) as error:
        # A name with a NUL character is a ValueError.
        reason = getattr(error, "strerror", None) or str(error)
        raise StoreError(f"{path}: {reason.lower()}") from error


def _absent(name: str) -> StoreError:
    return StoreError(f"{name}: there is no store yet; `keysift crawl` makes one")


def _engine(url: sa.URL) -> Engine:
    is_sqlite = url.get_backend_name() == SQLITE
    arguments: dict[str, Any] = {"timeout": _BUSY_S} if is_sqlite else {"connect_timeout": 10}
    try:
        engine = sa.create_engine(
            url,
            connect_args=arguments,
            pool_pre_ping=not is_sqlite,
            hide_parameters=True,
        )
    except (NoSuchModuleError, ModuleNotFoundError):
        raise StoreError(
            "PostgreSQL needs one more package: pip install 'keysift[postgresql]'"
        ) from None
    if is_sqlite:
        event.listen(engine, "connect", _configure)
        event.listen(engine, "begin", _begin)
    return engine


def _configure(connection: sqlite3.Connection, _entry: ConnectionPoolEntry) -> None:
    # SQLite begins transactions when we say so (`_begin`), not when Python's module thinks so.
    connection.isolation_level = None
    for pragma in (
        "journal_mode=WAL",
        "foreign_keys=ON",
        # What is purged, or was sealed with an old key, is overwritten and not only let go.
        "secure_delete=ON",
        "trusted_schema=OFF",
        # In KiB, when negative: with the 2 MiB that are usual a list reads its pages again and
        # again.
        "cache_size=-32768",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _begin(connection: Connection) -> None:
    options = connection.get_execution_options()
    # With a write-ahead log, NORMAL costs the last transactions at a loss of power, and never
    # consistency: https://www.sqlite.org/pragma.html#pragma_synchronous
    level = "FULL" if options.get("durable", False) else "NORMAL"
    connection.exec_driver_sql(f"PRAGMA synchronous={level}")
    # A transaction that reads and then writes must not find that another one wrote between.
    connection.exec_driver_sql("BEGIN IMMEDIATE" if options.get("writes", False) else "BEGIN")


def _configuration() -> Config:
    configuration = Config()
    location = resources.files("keysift.store") / "migrations"
    configuration.set_main_option("script_location", str(location))
    return configuration
