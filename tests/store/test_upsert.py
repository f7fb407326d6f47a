"""Rows that are there already, and many of them."""

from __future__ import annotations

import sqlalchemy as sa

from keysift.sources.project_list import ProjectList
from keysift.store import ledger, pages, upsert
from keysift.store import tables as t
from keysift.store.database import Store

MANY = 12_001


def test_a_long_list_is_written_whole(store: Store) -> None:
    """All projects of a list are there, however many pieces they are written in."""
    names = {f"project-{number}": number for number in range(MANY)}
    with store.writing() as connection:
        registry = ledger.registry(connection, "https://index.invalid/simple/")
        pages.list_read(connection, registry, ProjectList(projects=names))
        p = t.projects.c
        found = dict(map(tuple, connection.execute(sa.select(p.name, p.listed_serial))))
    assert found == names


def test_a_list_that_changed_a_little_changes_a_little(store: Store) -> None:
    """Projects that moved, came back or are missing are written; the others keep what they had.

    One that is missing is not taken for removed: its page tells.
    """
    lists = ({"gone": 1, "same": 2, "moved": 3}, {"same": 2, "moved": 4}, {"gone": 1, "same": 2})
    p = t.projects.c
    with store.writing() as connection:
        registry = ledger.registry(connection, "https://index.invalid/simple/")
        missing = [
            pages.list_read(connection, registry, ProjectList(projects=listed)) for listed in lists
        ]
        query = sa.select(p.name, p.listed_serial, p.removed_at.is_(None))
        found = {(name, serial, bool(there)) for name, serial, there in connection.execute(query)}
    assert missing == [set(), {"gone"}, {"moved"}]
    assert found == {("gone", 1, True), ("same", 2, True), ("moved", None, True)}


def test_rows_may_be_made_while_they_are_added(store: Store) -> None:
    """Rows come from a generator, more than one statement takes at a time; twice is once."""
    with store.writing() as connection:
        for _ in range(2):
            rows = ({"url": f"https://{number}.invalid/"} for number in range(MANY))
            upsert.add(connection, t.registries, rows)
        counted = connection.execute(sa.select(sa.func.count()).select_from(t.registries))
        assert counted.scalar_one() == MANY
        wanted = [{"url": f"https://{number}.invalid/"} for number in range(MANY)]
        assert len(set(upsert.identify(connection, t.registries, wanted).values())) == MANY
