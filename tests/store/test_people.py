"""Accounts, access tokens, disclosed values and saved views, on both databases."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from keysift.errors import StoreError, UsageError
from keysift.model import Role, Secret
from keysift.store import access, accounts, views
from keysift.store import tables as t
from keysift.store.database import Store
from keysift.store.disclosures import Viewer, disclose, disclosures
from keysift.store.purge import purge
from keysift.store.sealing import KEY_BYTES, Sealer
from tests.store import filled
from tests.store.samples import SEALER

_VIEWER = Viewer(who="ada", source="account", address="192.0.2.1", channel="page")


def test_an_account(store: Store) -> None:
    """It is found by its name, and changes as it is told to."""
    with store.writing() as connection:
        accounts.add(connection, "grace", Role.READ, "hash 1")
        accounts.add(connection, "ada", Role.REVEAL, "hash 2")
    with store.reading() as connection:
        grace = accounts.account(connection, "grace")
        assert accounts.account(connection, "Grace") is None
        assert [one.name for one in accounts.accounts(connection)] == ["ada", "grace"]
    assert grace is not None
    assert (grace.role, grace.password) == (Role.READ, "hash 1")
    assert "hash" not in repr(grace)
    with store.writing() as connection:
        accounts.set_role(connection, "grace", Role.TRIAGE)
        accounts.set_password(connection, "grace", "hash 3")
        changed = accounts.account(connection, "grace")
    assert changed is not None
    assert (changed.role, changed.password) == (Role.TRIAGE, "hash 3")
    assert changed.changed_at > grace.changed_at
    assert changed.made_at == grace.made_at


def test_accounts_that_are_not_there(store: Store) -> None:
    """Each change says so; a name is taken once."""
    with store.writing() as connection, pytest.raises(UsageError, match="no account"):
        accounts.remove(connection, "grace")
    with store.writing() as connection, pytest.raises(UsageError, match="no account"):
        accounts.set_role(connection, "grace", Role.READ)
    with store.writing() as connection, pytest.raises(UsageError, match="no account"):
        accounts.set_password(connection, "grace", "hash")
    with store.writing() as connection:
        accounts.add(connection, "grace", Role.READ, "hash")
    with pytest.raises(UsageError, match="there is an account"), store.writing() as connection:
        accounts.add(connection, "grace", Role.READ, "hash")


def test_the_token_itself_is_not_kept(store: Store) -> None:
    """Whoever reads the database gets none that works."""
    with store.writing() as connection:
        token = access.add(connection, "ci", [Role.TRIAGE], None)
    with store.reading() as connection:
        row = connection.execute(sa.select(t.access_tokens)).one()
        known = access.found(connection, token)
    assert token.reveal() not in str(row).encode()
    assert len(token) >= 43
    assert known is not None
    assert known.name == "ci"
    assert known.scopes == frozenset({Role.READ, Role.TRIAGE})


def test_a_token_that_counts_no_more(store: Store) -> None:
    """Revoked, expired, or never made."""
    past = datetime.now(UTC) - timedelta(seconds=1)
    with store.writing() as connection:
        expired = access.add(connection, "a", [], past)
        revoked = access.add(connection, "b", [], None)
        access.revoke(connection, "b")
    with store.reading() as connection:
        for token in (expired, revoked, Secret(b"keysift_something"), Secret(b"")):
            assert access.found(connection, token) is None
    with store.writing() as connection, pytest.raises(UsageError, match="no token"):
        access.revoke(connection, "b")
    with pytest.raises(UsageError, match="or was one"), store.writing() as connection:
        access.add(connection, "b", [], None)


def test_a_value_is_disclosed_with_an_entry(store: Store) -> None:
    """Who, what, when, from where; the other halves come along."""
    filled.fill(store)
    disclosed = disclose(store, SEALER, 1, _VIEWER)
    values = disclosed.values
    assert disclosed.excerpt is None
    with store.reading() as connection:
        (entry,) = disclosures(connection, 1)
        row = connection.execute(sa.select(t.secrets).where(t.secrets.c.id == 1)).one()
        assert disclosures(connection, 2) == []
    assert "" in values
    assert len(values) == 2
    assert entry.viewer == _VIEWER
    assert (entry.secret, entry.detector) == (1, row.detector)
    assert entry.fingerprint == row.fingerprint


def test_what_cannot_be_opened_is_not_disclosed(store: Store) -> None:
    """Another key, no value, no such secret: no value, and no entry that says so."""
    filled.fill(store)
    with pytest.raises(StoreError, match="sealed with key"):
        disclose(store, Sealer(b"x" * KEY_BYTES), 1, _VIEWER)
    with store.writing() as connection:
        connection.execute(sa.delete(t.values).where(t.values.c.secret_id == 2))
    for secret in (2, 999):
        with pytest.raises(UsageError, match="not kept"):
            disclose(store, SEALER, secret, _VIEWER)
    with store.reading() as connection:
        assert disclosures(connection) == []


def test_a_value_is_not_disclosed_when_the_entry_cannot_be_kept(store: Store) -> None:
    """First the entry, then the value."""
    filled.fill(store)
    with store.writing() as connection:
        connection.exec_driver_sql("DROP TABLE disclosures")
    with pytest.raises(StoreError):
        disclose(store, SEALER, 1, _VIEWER)


@pytest.mark.parametrize(
    "statement", ["UPDATE disclosures SET who = 'nobody'", "DELETE FROM disclosures"]
)
def test_entries_are_only_ever_added(store: Store, statement: str) -> None:
    """The database itself refuses anything else."""
    filled.fill(store)
    disclose(store, SEALER, 1, _VIEWER)
    with store.engine.connect() as connection, pytest.raises(DBAPIError, match="only ever added"):
        connection.exec_driver_sql(statement)


def test_an_entry_outlasts_its_secret(store: Store) -> None:
    """A purge deletes findings, and not who saw them."""
    filled.fill(store)
    disclose(store, SEALER, 1, _VIEWER)
    filled.long_ago(store, datetime(2020, 1, 1, tzinfo=UTC))
    with store.writing() as connection:
        purge(connection, datetime(2021, 1, 1, tzinfo=UTC), findings=True)
    with store.reading() as connection:
        assert connection.execute(sa.select(t.secrets)).all() == []
        assert [entry.secret for entry in disclosures(connection)] == [1]


def test_the_newest_entries_come_first(store: Store) -> None:
    """And no more than are wanted."""
    filled.fill(store)
    for secret in (1, 2, 3, 1):
        disclose(store, SEALER, secret, _VIEWER)
    with store.reading() as connection:
        assert [entry.secret for entry in disclosures(connection, limit=3)] == [1, 3, 2]


def test_views_are_shared_and_belong_to_somebody(store: Store) -> None:
    """Saved again under the same name, the new one counts; only its author deletes it."""
    with store.writing() as connection:
        views.save(connection, "ada", "worst", "severity=high")
        views.save(connection, "grace", "worst", "severity=critical")
        views.save(connection, "ada", "worst", "severity=critical&present=1")
    with store.reading() as connection:
        saved = views.views(connection)
    assert [(one.author, one.query) for one in saved] == [
        ("ada", "severity=critical&present=1"),
        ("grace", "severity=critical"),
    ]
    with store.writing() as connection:
        assert not views.forget(connection, "grace", saved[0].id)
        assert views.forget(connection, "ada", saved[0].id)
        assert not views.forget(connection, "ada", saved[0].id)
    with store.reading() as connection:
        assert [one.author for one in views.views(connection)] == ["grace"]
