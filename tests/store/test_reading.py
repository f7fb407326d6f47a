"""Readers see one state of the store, whatever a crawl writes meanwhile."""

from __future__ import annotations

import sqlalchemy as sa

from keysift.store import tables as t
from keysift.store.database import Store
from tests.store.samples import Writer


def test_a_reader_sees_one_state(store: Store) -> None:
    """What is written after the first question of a reader is not in its later answers."""
    number = sa.select(sa.func.count()).select_from(t.registries)
    with store.reading() as connection:
        before = connection.execute(number).scalar_one()
        with store.writing() as writing:
            Writer(writing)
        assert connection.execute(number).scalar_one() == before
    with store.reading() as connection:
        assert connection.execute(number).scalar_one() == before + 1
