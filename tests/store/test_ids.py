"""How people name a secret."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from keysift.errors import UsageError
from keysift.store import tables as t
from keysift.store.database import Store
from keysift.store.ids import secret_named, secret_row
from keysift.store.ledger import now


def secrets(store: Store, *fingerprints: str) -> None:
    """Write secrets with these fingerprints, numbered from 1."""
    with store.writing() as connection:
        for number, fingerprint in enumerate(fingerprints, 1):
            row = {"detector": "demo", "mask": "…", "first_seen_at": now()}
            row |= {"id": number, "fingerprint": fingerprint.ljust(32, "0")}
            connection.execute(sa.insert(t.secrets).values(row))


def test_a_number_or_a_beginning_names_a_secret(store: Store) -> None:
    """Both lead to the same secret, in capitals too; a whole fingerprint as well."""
    secrets(store, "abc", "abd", "e")
    with store.reading() as connection:
        for name in ("2", " 2 ", "abd", "ABD", "abd".ljust(32, "0")):
            assert secret_named(connection, name) == 2
        assert secret_row(connection, 2).fingerprint == "abd".ljust(32, "0")


def test_a_number_wins_over_a_beginning(store: Store) -> None:
    """What is the number of one secret and the beginning of another is the number."""
    secrets(store, "a", "1", "30")
    with store.reading() as connection:
        assert secret_named(connection, "1") == 1
        assert secret_named(connection, "10") == 2
        assert secret_named(connection, "3") == 3


@pytest.mark.parametrize(
    "name", ["", "9", "f", "xyz", "%", "a_", "-1", "9" * 40, "9" * 30, "\u0661"]
)
def test_a_name_of_no_secret_is_refused(store: Store, name: str) -> None:
    """Nothing is guessed, and nothing of a name reaches the database but digits."""
    secrets(store, "abc")
    with store.reading() as connection, pytest.raises(UsageError, match="no secret is called"):
        secret_named(connection, name)


def test_a_beginning_of_several_lists_them(store: Store) -> None:
    """The message tells how to go on, with the first few."""
    secrets(store, "ab1", "ab2", "c")
    several = r"several fingerprints: 1 \(demo, ab10+\), 2 \("
    with store.reading() as connection, pytest.raises(UsageError, match=several):
        secret_named(connection, "ab")


def test_many_of_them_are_not_all_listed(store: Store) -> None:
    """Of more than five the first five are shown."""
    secrets(store, *(f"ab{number}" for number in range(7)))
    with store.reading() as connection, pytest.raises(UsageError) as caught:
        secret_named(connection, "ab")
    assert str(caught.value).count("demo") == 5
    assert str(caught.value).endswith(", …")
