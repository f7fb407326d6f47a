"""Which keys belong to a store: it knows checks of them, never a key.

A crawl calls ``adopt_fingerprint_key`` and ``adopt_sealer`` before it writes. The first one makes
its keys those of the store; later ones must have the same.
"""

from __future__ import annotations

import hashlib
from typing import Final

import sqlalchemy as sa
from sqlalchemy import Connection

from keysift.errors import ConfigurationError
from keysift.model import FingerprintKey
from keysift.store import tables as t
from keysift.store.sealing import Sealer
from keysift.store.upsert import add

_FINGERPRINT_CHECK: Final = "fingerprint_key_check"
_SEALING_KEY: Final = "sealing_key_id"

_CHECK_BYTES: Final = 8


def adopt_fingerprint_key(connection: Connection, key: FingerprintKey) -> None:
    """Make this the fingerprint key of a new store, or check that it is that of an old one.

    Raises:
        ConfigurationError: The store has another: every secret in it would be counted twice.
    """
    check = _check(key)
    if _adopted(connection, _FINGERPRINT_CHECK, check) != check:
        raise ConfigurationError(
            "the secrets of this store have fingerprints of another key, with this one each would "
            "be counted twice; set KEYSIFT_FINGERPRINT_KEY to the key of whoever made the store "
            "(fingerprint.key in their configuration directory), or crawl into another store"
        )


def is_fingerprint_key(connection: Connection, key: FingerprintKey) -> bool:
    """Tell whether fingerprints with this key are those of the store."""
    return _setting(connection, _FINGERPRINT_CHECK) == _check(key)


def adopt_sealer(connection: Connection, sealer: Sealer) -> Sealer:
    """Make its key the sealing key of a new store, or find the one of an old store among its keys.

    Args:
        connection: In a transaction that writes.
        sealer: With the keys that the user has.

    Returns:
        What seals with the key of the store.

    Raises:
        ConfigurationError: The store's key is none of these.
    """
    key_id = _adopted(connection, _SEALING_KEY, sealer.key_id)
    chosen = sealer.sealing_with(key_id)
    if chosen is None:
        raise ConfigurationError(missing(key_id, sealer))
    return chosen


def sealing_key_id(connection: Connection) -> str | None:
    """Return the id of the key that seals the values of the store; None before the first."""
    return _setting(connection, _SEALING_KEY)


def change_sealing_key(connection: Connection, key_id: str) -> None:
    """Write down that another key seals the values from now on."""
    add(connection, t.settings, [{"name": _SEALING_KEY, "value": key_id}], update=["value"])


def missing(key_id: str, sealer: Sealer | None) -> str:
    """Return what to tell the user when the sealing key of the store is not among theirs."""
    found = f"found: {', '.join(sealer.key_ids)}" if sealer else "none was found"
    return (
        f"the values of this store are sealed with key {key_id}, {found}; set KEYSIFT_SEALING_KEY "
        "to that key, or crawl with --no-values"
    )


def _adopted(connection: Connection, name: str, value: str) -> str:
    """Write down a setting that is not there, and return what is there."""
    add(connection, t.settings, [{"name": name, "value": value}])
    return _setting(connection, name) or ""


def _setting(connection: Connection, name: str) -> str | None:
    query = sa.select(t.settings.c.value).where(t.settings.c.name == name)
    value: str | None = connection.execute(query).scalar_one_or_none()
    return value


def _check(key: FingerprintKey) -> str:
    digest = hashlib.blake2b(digest_size=_CHECK_BYTES, key=key, person=b"keysift.check")
    return digest.hexdigest()
