"""Sealing all values again: nothing is lost whenever it stops."""

from __future__ import annotations

import pytest

from keysift.errors import StoreError
from keysift.model import Secret
from keysift.store import keys
from keysift.store import tables as t
from keysift.store.database import Store
from keysift.store.rotation import reseal
from keysift.store.sealing import Sealed, Sealer
from tests.store.filled import VALUES, change, fill, names, opened
from tests.store.samples import SEALER

NEW, OLD = b"n" * 32, b"s" * 32


class Killed(Exception):  # noqa: N818 (it is no error)
    """What stands for the end of the process."""


class Mortal(Sealer):
    """A sealer that seals twice, and then dies."""

    left = 2

    def seal(self, value: Secret, secret: int, name: str) -> Sealed:
        """Seal, or die."""
        if not self.left:
            raise Killed
        self.left -= 1
        return super().seal(value, secret, name)


def test_all_values_open_with_the_new_key_alone(store: Store) -> None:
    """Afterwards the old key opens nothing, and the new one is the store's."""
    fill(store)
    with store.reading() as connection:
        before = opened(connection, SEALER)
    done = reseal(store, Sealer(NEW, OLD))
    assert (done.values, done.left) == (VALUES, 0)
    with store.reading() as connection:
        assert opened(connection, Sealer(NEW)) == before
        assert keys.sealing_key_id(connection) == Sealer(NEW).key_id
        with pytest.raises(StoreError, match="sealed with key"):
            opened(connection, SEALER)


def test_a_nonce_is_never_used_again(store: Store) -> None:
    """Each sealing has its own nonce, also when the same value is sealed again."""
    fill(store)
    with store.reading() as connection:
        before = names(connection, t.values.c.nonce)
    reseal(store, Sealer(NEW, OLD))
    with store.reading() as connection:
        after = names(connection, t.values.c.nonce)
    assert len({bytes(nonce) for nonce in [*before, *after]}) == 2 * VALUES


def test_it_goes_on_where_it_was_killed(store: Store) -> None:
    """After a kill each value opens with one of the two keys; the rest is done the next time."""
    fill(store)
    both = Sealer(NEW, OLD)
    with store.reading() as connection:
        before = opened(connection, both)
    with pytest.raises(Killed):
        reseal(store, Mortal(NEW, OLD), batch=1)
    with store.reading() as connection:
        assert opened(connection, both) == before
        assert len(set(names(connection, t.values.c.key_id))) == 2
        assert keys.sealing_key_id(connection) == SEALER.key_id
    assert reseal(store, both, batch=1).values == VALUES - Mortal.left
    with store.reading() as connection:
        assert opened(connection, Sealer(NEW)) == before


def test_what_does_not_open_stays_and_is_counted(store: Store) -> None:
    """A damaged value costs that value; the others are sealed again."""
    fill(store)
    change(store, t.values, t.values.c.secret_id == 1, t.values.c.name == "", sealed=b"damaged")
    done = reseal(store, Sealer(NEW, OLD), batch=2)
    assert (done.values, done.left) == (VALUES - 1, 1)
    with store.reading() as connection:
        assert names(connection, t.values.c.sealed).count(b"damaged") == 1


def test_a_second_time_there_is_nothing_to_do(store: Store) -> None:
    """A rotation that is done is done."""
    fill(store)
    reseal(store, Sealer(NEW, OLD))
    assert reseal(store, Sealer(NEW, OLD)).values == 0
