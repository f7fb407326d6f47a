"""Which keys belong to a store."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from keysift.errors import ConfigurationError, StoreError
from keysift.model import Secret, fingerprint_key
from keysift.store import keys
from keysift.store import tables as t
from keysift.store.database import Store
from keysift.store.sealing import Sealed, Sealer
from tests.store.filled import fill, opened
from tests.store.samples import KEY, SEALER, value

OTHER = Sealer(b"o" * 32)


def test_another_fingerprint_key_is_refused(store: Store) -> None:
    """The first key stays the store's: another would count every secret twice."""
    with store.writing() as connection:
        keys.adopt_fingerprint_key(connection, KEY)
    with store.writing() as connection:
        keys.adopt_fingerprint_key(connection, KEY)
        assert keys.is_fingerprint_key(connection, KEY)
        other = fingerprint_key(b"o" * 32)
        assert not keys.is_fingerprint_key(connection, other)
        with pytest.raises(ConfigurationError, match="counted twice; set KEYSIFT_FINGERPRINT_KEY"):
            keys.adopt_fingerprint_key(connection, other)


def test_another_sealing_key_is_refused_for_writing(store: Store) -> None:
    """Values of one store have one key; who has another learns which one is wanted."""
    with store.writing() as connection:
        assert keys.sealing_key_id(connection) is None
        assert keys.adopt_sealer(connection, SEALER).key_id == SEALER.key_id
    with store.writing() as connection:
        with pytest.raises(ConfigurationError, match=f"sealed with key {SEALER.key_id}, found: "):
            keys.adopt_sealer(connection, OTHER)
        assert keys.sealing_key_id(connection) == SEALER.key_id


def test_the_key_of_the_store_is_found_among_several(store: Store) -> None:
    """Whoever rotated the key of another store still writes to this one, with its own key."""
    both = Sealer(b"o" * 32, b"s" * 32)
    assert both.key_ids == (OTHER.key_id, SEALER.key_id)
    with store.writing() as connection:
        keys.adopt_sealer(connection, SEALER)
        chosen = keys.adopt_sealer(connection, both)
    assert chosen.key_id == SEALER.key_id
    assert chosen.seal(value(1), 1, "").key_id == SEALER.key_id
    assert both.key_id == OTHER.key_id


def test_reading_needs_no_key(store: Store) -> None:
    """Without the key everything but the values can be read."""
    fill(store)
    with store.reading() as connection:
        assert connection.execute(sa.select(t.secrets)).all()
        with pytest.raises(StoreError, match=f"sealed with key {SEALER.key_id}, we have"):
            opened(connection, OTHER)


def test_no_key_is_written_down(store: Store) -> None:
    """The settings hold checks of keys, from which no key can be had."""
    fill(store)
    with store.reading() as connection:
        written = repr(connection.execute(sa.select(t.settings)).all())
    assert SEALER.key_id in written
    for key in (b"s" * 32, bytes(KEY)):
        assert key.hex() not in written
        assert key.decode() not in written


@pytest.mark.parametrize("nonce", [b"", b"n" * 5, b"n" * 12])
def test_what_is_damaged_does_not_open(nonce: bytes) -> None:
    """Bytes that are no sealed value are an error of the store, whatever is wrong with them."""
    with pytest.raises(StoreError, match="tag does not fit"):
        SEALER.open(Sealed(SEALER.key_id, nonce, b"short"), 1, "")


def test_a_key_has_32_bytes() -> None:
    """A shorter key is refused, as the first or as an older one."""
    for wrong in ([b"short"], [b"s" * 32, b"short"]):
        with pytest.raises(ValueError, match="has 32 bytes"):
            Sealer(*wrong)


def test_a_value_of_an_older_key_opens() -> None:
    """A sealer opens what any of its keys sealed."""
    sealed = SEALER.seal(Secret(b"made up"), 7, "half")
    assert Sealer(b"o" * 32, b"s" * 32).open(sealed, 7, "half") == Secret(b"made up")
    assert OTHER.sealing_with(SEALER.key_id) is None
