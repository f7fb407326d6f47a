"""Who saw which value: entries are only ever added, and always before the value is shown."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final, Literal

import sqlalchemy as sa
from msgspec import Struct
from sqlalchemy import Connection

from keysift.errors import UsageError
from keysift.model import Secret
from keysift.store import tables as t
from keysift.store.database import Store
from keysift.store.excerpts import EXCERPT, StoredExcerpt, unpacked
from keysift.store.ids import secret_row
from keysift.store.ledger import now
from keysift.store.queries.history import sealed_excerpt, sealed_values
from keysift.store.sealing import Sealer

Channel = Literal["page", "api"]

_LAST: Final = 100


class Viewer(Struct, frozen=True, kw_only=True):
    """Who asks for a value.

    Attributes:
        who: Their name.
        source: How they were recognised.
        address: From where they ask.
        channel: Where the value is to be shown.
    """

    who: str
    source: str
    address: str
    channel: Channel


class Disclosure(Struct, frozen=True, kw_only=True):
    """An entry.

    Attributes:
        secret: Number of the secret.
        detector: Its detector.
        fingerprint: Its fingerprint.
        viewer: Who saw the value, and where.
        at: When (UTC).
    """

    secret: int
    detector: str
    fingerprint: str
    viewer: Viewer
    at: datetime


class Disclosed(Struct, frozen=True, kw_only=True):
    """What somebody sees.

    Attributes:
        values: The value of the secret with an empty name, and those of its other halves.
        excerpt: The secret with the lines around it, where it was first seen; None: not kept.
    """

    values: dict[str, Secret]
    excerpt: StoredExcerpt | None


def disclose(store: Store, sealer: Sealer, secret: int, viewer: Viewer) -> Disclosed:
    """Return the values of a secret; the entry is in the store, for good, by then.

    Args:
        store: The store.
        sealer: What opens them.
        secret: Number of the secret.
        viewer: Who gets them.

    Raises:
        UsageError: There is no such secret, or its value is not kept.
        StoreError: A value was sealed with another key, or is damaged; or the store fails. Then
            there is no entry, and nothing was shown.
    """
    with store.writing(durable=True) as connection:
        sealed = sealed_values(connection, [secret]).get(secret)
        if not sealed:
            raise UsageError(f"secret {secret}: its value is not kept in the store")
        row = secret_row(connection, secret)
        entry = {
            "secret_id": secret,
            "detector": row.detector,
            "fingerprint": row.fingerprint,
            "who": viewer.who,
            "source": viewer.source,
            "address": viewer.address,
            "channel": viewer.channel,
            "disclosed_at": now(),
        }
        connection.execute(sa.insert(t.disclosures).values(entry))
        lines = sealed_excerpt(connection, secret)
        # They leave this function only after the entry is kept.
        return Disclosed(
            values={name: sealer.open(one, secret, name) for name, one in sealed.items()},
            excerpt=None if lines is None else unpacked(sealer.open(lines, secret, EXCERPT)),
        )


def disclosures(
    connection: Connection, secret: int | None = None, *, limit: int = _LAST
) -> list[Disclosure]:
    """Return entries, the newest first.

    Args:
        connection: The database.
        secret: Only those of this secret.
        limit: So many at most.
    """
    query = sa.select(t.disclosures).order_by(t.disclosures.c.id.desc()).limit(limit)
    if secret is not None:
        query = query.where(t.disclosures.c.secret_id == secret)
    return [_disclosure(row) for row in connection.execute(query)]


def _disclosure(row: sa.Row[Any]) -> Disclosure:
    return Disclosure(
        secret=row.secret_id,
        detector=row.detector,
        fingerprint=row.fingerprint,
        viewer=Viewer(who=row.who, source=row.source, address=row.address, channel=row.channel),
        at=row.disclosed_at,
    )
