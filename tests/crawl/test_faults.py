"""A crawl whose database or disk fails in the middle ends in a store that the next one can use."""

from __future__ import annotations

from multiprocessing.connection import Connection
from pathlib import Path

import pytest
import sqlalchemy as sa

from keysift.crawl.pool import Done, Lost
from keysift.crawl.task import Event
from keysift.errors import StoreError
from keysift.store import tables as t
from keysift.store.database import Store
from tests.crawl import crawling
from tests.crawl.crawling import Inline, crawl
from tests.crawl.world import world
from tests.databases import new_database
from tests.index_server import IndexServer
from tests.store.logical import logical

HANG_UP = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = :name"


def places(store: Store) -> set[tuple[str, str, str, str]]:
    """Return where secrets stand."""
    with store.reading() as connection:
        found = logical(connection)["occurrences"]
    return {(row[0], row[1], row[2], row[3]) for row in found}


def hang_up(server: sa.URL, location: str) -> None:
    """Have a server end all connections to a database."""
    engine = sa.create_engine(
        server.set(drivername="postgresql+psycopg"),
        isolation_level="AUTOCOMMIT",
        poolclass=sa.NullPool,
    )
    with engine.connect() as connection:
        connection.execute(sa.text(HANG_UP), {"name": sa.make_url(location).database})


def test_a_database_that_hangs_up_is_asked_again(
    postgresql: sa.URL, server: IndexServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When the server ends every connection after each task, nothing is lost or doubled."""
    made = world(projects=6, releases=2)
    made.serve(server)
    location = new_database(postgresql)

    class Cutting(Inline):
        def events(self, _others: list[Connection], _timeout_s: float) -> list[Event | Done | Lost]:
            hang_up(postgresql, location)
            return super().events(_others, _timeout_s)

    monkeypatch.setattr(crawling, "Inline", Cutting)
    store = Store(location)
    try:
        counts = crawl(store, server.url)
        assert counts.artifacts == 24
        assert places(store) == {place[:4] for place in made.truth()}
    finally:
        store.close()


def test_the_lock_is_taken_again(
    postgresql: sa.URL, server: IndexServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server that was away has freed it: a crawl that came meanwhile has it now."""
    made = world(projects=6, releases=2)
    made.serve(server)
    location = new_database(postgresql)
    store, other = Store(location), Store(location)
    theirs = other.lock()
    held: list[bool] = []

    class Cutting(Inline):
        def events(self, _others: list[Connection], _timeout_s: float) -> list[Event | Done | Lost]:
            found = super().events(_others, _timeout_s)
            if found and not held:
                hang_up(postgresql, location)
                held.append(theirs.take())
            return found

    monkeypatch.setattr(crawling, "Inline", Cutting)
    try:
        with pytest.raises(StoreError, match="was away, and another crawl is at work on it now"):
            crawl(store, server.url)
        assert held == [True]
        with other.reading() as connection:
            states = connection.execute(sa.select(t.artifacts.c.state)).scalars().all()
        assert "scanned" not in states
        theirs.give()
        assert crawl(store, server.url).artifacts == 24
        assert places(store) == {place[:4] for place in made.truth()}
    finally:
        store.close()
        other.close()


def test_a_full_disk_ends_the_crawl_and_nothing_is_torn(
    tmp_path: Path, server: IndexServer
) -> None:
    """What was written before stays, and with room again the next crawl makes the same store."""
    made = world(projects=12, releases=3)
    made.serve(server)
    store = Store(str(tmp_path / "store.db"))

    def limit(pages: int) -> None:
        # As the disk would: SQLite reports the same error.
        with store.reading() as connection:
            connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")

    with store.reading() as connection:
        used: int = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
    limit(used + 4)
    with pytest.raises(StoreError, match="database or disk is full"):
        crawl(store, server.url)
    limit(1_000_000)
    crawl(store, server.url)
    assert places(store) == {place[:4] for place in made.truth()}
    store.close()
