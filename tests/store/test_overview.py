"""What a store holds, at a glance."""

from __future__ import annotations

import sqlalchemy as sa

from keysift.model import Skip, SkipReason
from keysift.store import tables as t
from keysift.store.database import Store
from keysift.store.ledger import now
from keysift.store.overview import overview
from tests.store.filled import VALUES, change, fill
from tests.store.samples import SEALER, Writer, index_file


def test_a_new_store_has_nothing(store: Store) -> None:
    """Every count is there, and zero."""
    seen = overview(store)
    assert seen.kind.startswith("SQLite 3." if store.is_sqlite else "PostgreSQL ")
    assert seen.size_bytes > 0
    assert seen.sealing_key is None
    assert seen.projects == {"read": 0, "unread": 0, "removed": 0}
    assert set(seen.artifacts.values()) == {0}
    assert seen.runs == ()
    assert [table.name for table in seen.tables] == list(t.metadata.tables)


def test_what_was_looked_at_is_counted(store: Store) -> None:
    """Artifacts by state; what the index deleted counts as that alone."""
    fill(store)
    with store.writing() as connection:
        writer = Writer(connection)
        names = [f"more-{number}.tar.gz" for number in range(4)]
        writer.page("more", *(index_file("more", "1", name) for name in names))
        writer.scanned(names[0], skips=(Skip(path="a", reason=SkipReason.ENCRYPTED),))
        row = {"registry_id": writer.registry, "name": "unread", "first_seen_at": now()}
        connection.execute(sa.insert(t.projects).values(row))
    change(store, t.artifacts, t.artifacts.c.name == names[1], deleted_at=now())
    change(store, t.artifacts, t.artifacts.c.name == names[2], state="failed")
    seen = overview(store)
    assert seen.projects == {"read": 2, "unread": 1, "removed": 0}
    assert seen.artifacts == {
        "scanned": 3,
        "incomplete": 1,
        "failed": 1,
        "pending": 1,
        "deleted": 1,
    }
    assert seen.skips == {"encrypted": 1}
    assert seen.sealing_key == SEALER.key_id
    rows = {table.name: table.rows for table in seen.tables}
    assert (rows["secrets"], rows["secret_values"], rows["artifacts"]) == (3, VALUES, 6)


def test_the_server_tells_the_size_of_tables(store: Store) -> None:
    """PostgreSQL always does; SQLite when it was built so, then for all tables."""
    fill(store)
    sizes = [table.size_bytes for table in overview(store).tables]
    assert all(size is None for size in sizes) or all(size and size > 0 for size in sizes)
    assert store.is_sqlite or all(sizes)


def test_the_last_runs_come_first(store: Store) -> None:
    """The newest five crawls, with what they did."""
    fill(store)
    with store.writing() as connection:
        for number in range(7):
            row = {"registry_id": 1, "ruleset_id": 1, "version": "1.0", "wanted": {}}
            row |= {"began_at": now(), "counts": {"artifacts": number}}
            connection.execute(sa.insert(t.runs).values(row))
    runs = overview(store).runs
    assert [run.counts["artifacts"] for run in runs] == [6, 5, 4, 3, 2]
    assert runs[0].ended_at is None
    assert runs[0].registry == "https://index.invalid/simple/"
