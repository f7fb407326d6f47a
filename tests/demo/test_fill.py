"""A made-up index is sound, the same each time, and can be worked with like a real one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from keysift.catalogue.cache import Cache
from keysift.demo.fill import WHAT, demo_key, fill
from keysift.errors import StoreError
from keysift.model import TriageStatus
from keysift.store import tables as t
from keysift.store import triage
from keysift.store.asked import last_asking
from keysift.store.check import counts, problems
from keysift.store.database import Store
from keysift.store.excerpts import EXCERPT, unpacked
from keysift.store.ids import secret_named
from keysift.store.keys import is_fingerprint_key
from keysift.store.made_up import made_up
from keysift.store.summaries import refresh
from tests.store.filled import opened
from tests.store.samples import SEALER

NOW = datetime(2026, 9, 1, 12, tzinfo=UTC)
PROJECTS = 150


def filled(location: str, cache: Cache, seed: int = 1) -> dict[str, list[tuple[Any, ...]]]:
    """Return the rows of all tables of a store that is filled with a seed."""
    store = Store(location)
    fill(store, projects=60, seed=seed, now=NOW, cache=cache)
    with store.reading() as connection:
        rows = {
            table.name: sorted(
                (tuple(row) for row in connection.execute(sa.select(table))), key=repr
            )
            for table in t.metadata.sorted_tables
            # When the marks were made is no part of the index.
            if table is not t.stale_projects
        }
    store.close()
    return rows


def test_a_made_up_store_is_sound(store: Store, cache: Cache) -> None:
    """What must hold between rows holds, and values are those that fingerprints were made of."""
    fill(store, projects=PROJECTS, now=NOW, sealer=SEALER, cache=cache)
    assert list(problems(store, SEALER, demo_key())) == []
    with store.reading() as connection:
        assert is_fingerprint_key(connection, demo_key())
        assert made_up(connection) == WHAT
        asked = last_asking(connection)
        assert asked is not None
        assert asked < NOW
    number = counts(store)
    assert number["projects"] == PROJECTS
    assert number["secrets"] > 0
    assert number["secret_values"] >= number["secrets"]


def test_no_value_looks_like_a_secret(store: Store, cache: Cache) -> None:
    """Whoever reveals one reads that it is none, and no two secrets have the same."""
    fill(store, projects=PROJECTS, now=NOW, sealer=SEALER, cache=cache)
    with store.reading() as connection:
        excerpts = [unpacked(one) for one in opened(connection, SEALER, t.values.c.name == EXCERPT)]
        values = [
            value.reveal_text() for value in opened(connection, SEALER, t.values.c.name != EXCERPT)
        ]
        masks = list(connection.scalars(sa.select(t.secrets.c.mask)))
    assert excerpts
    assert {one.found for one in excerpts} <= set(values)
    assert all(value.startswith("demo-not-a-secret-") for value in values)
    assert len(set(values)) == len(values)
    assert all("…" in mask for mask in masks)


def test_rows_can_be_added_afterwards(store: Store, cache: Cache) -> None:
    """The database counts on from the rows that were numbered for it."""
    fill(store, projects=PROJECTS, now=NOW, cache=cache)
    with store.writing() as connection:
        secret = secret_named(connection, "1")
        before = triage.trail(connection, secret)
        triage.decide(connection, secret, TriageStatus.ACCEPTED, note="", author="ada")
        assert len(triage.trail(connection, secret)) == len(before) + 1


def test_findings_are_to_be_added_up(store: Store, cache: Cache) -> None:
    """Lists know nothing of made-up secrets before that, and all of them afterwards."""
    fill(store, projects=PROJECTS, now=NOW, cache=cache)
    assert refresh(store) == PROJECTS
    number = counts(store)
    assert number["summaries"] == number["secrets"]
    assert list(problems(store, None, demo_key())) == []


def test_without_a_sealer_no_value_is_kept(tmp_path: Path, cache: Cache) -> None:
    """Then there is nothing to reveal, and nothing to ask with."""
    rows = filled(str(tmp_path / "a.db"), cache)
    assert rows["secrets"]
    assert not rows["secret_values"]


def test_the_same_seed_and_time_make_the_same_rows(tmp_path: Path, cache: Cache) -> None:
    """A report of the demo can be compared with one that was made before."""
    first = filled(str(tmp_path / "a.db"), cache)
    assert filled(str(tmp_path / "b.db"), cache) == first
    other = filled(str(tmp_path / "c.db"), cache, seed=2)
    assert other["projects"] != first["projects"]


def test_both_databases_hold_the_same(
    new_location: Callable[[], str], tmp_path: Path, cache: Cache
) -> None:
    """The quick way into SQLite writes what SQLAlchemy would."""
    assert filled(new_location(), cache) == filled(str(tmp_path / "sqlite.db"), cache)


def test_a_store_in_use_is_refused(store: Store, cache: Cache) -> None:
    """Made-up rows among real ones could not be told apart any more."""
    fill(store, projects=5, now=NOW, cache=cache)
    with pytest.raises(StoreError, match="is not empty"):
        fill(store, projects=5, now=NOW, cache=cache)


def test_progress_is_told_and_a_stop_leaves_nothing(store: Store, cache: Cache) -> None:
    """Whoever stops it half-way has an empty store, which can be filled again."""

    def stop(done: int, _: int) -> None:
        if done == 200:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fill(store, projects=300, now=NOW, cache=cache, progress=stop)
    assert set(counts(store).values()) == {0}
    told: list[tuple[int, int]] = []
    fill(
        store,
        projects=250,
        now=NOW,
        cache=cache,
        progress=lambda done, all_: told.append((done, all_)),
    )
    assert told == [(100, 250), (200, 250), (250, 250)]
