"""Sealing all values of a store again, with another key.

Each batch is a transaction, and a value says which key opens it: whoever is killed in the middle
leaves a store whose values open with the old key or the new one, and starts where they stopped.
The store's own key changes with the last batch.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import sqlalchemy as sa
from msgspec import Struct
from sqlalchemy import Connection, Row

from keysift.errors import StoreError
from keysift.store import keys
from keysift.store import tables as t
from keysift.store.database import Store
from keysift.store.sealing import Sealed, Sealer

_BATCH: Final = 1000

_UPDATE: Final = (
    sa.update(t.values)
    .where(
        t.values.c.secret_id == sa.bindparam("of_secret"),
        t.values.c.name == sa.bindparam("of_name"),
    )
    .values({name: sa.bindparam(name) for name in ("key_id", "nonce", "sealed")})
)


class Resealed(Struct):
    """What came of it.

    Attributes:
        values: Values that were sealed again.
        left: Values that did not open, and stay as they are.
    """

    values: int = 0
    left: int = 0


def reseal(store: Store, sealer: Sealer, *, batch: int = _BATCH) -> Resealed:
    """Seal every value with the key that ``sealer`` seals with, which becomes the store's.

    Args:
        store: That no crawl writes to.
        sealer: With the key that sealed the values too.
        batch: Values of a transaction.

    Raises:
        StoreError: The store fails; what was sealed again stays so.
    """
    done = Resealed()
    last = (0, "")
    while True:
        # When the user deletes the old key, nothing may come back that was sealed with it.
        with store.writing(durable=True) as connection:
            rows = _sealed_otherwise(connection, sealer.key_id, last, batch)
            again = [sealed for row in rows for sealed in _again(row, sealer)]
            if again:
                connection.execute(_UPDATE, again)
            done.values += len(again)
            done.left += len(rows) - len(again)
            if len(rows) < batch:
                keys.change_sealing_key(connection, sealer.key_id)
                return done
            last = (rows[-1].secret_id, rows[-1].name)


def _sealed_otherwise(
    connection: Connection, key_id: str, last: tuple[int, str], batch: int
) -> list[Row[Any]]:
    query = (
        sa.select(t.values)
        .where(sa.tuple_(t.values.c.secret_id, t.values.c.name) > last, t.values.c.key_id != key_id)
        .order_by(t.values.c.secret_id, t.values.c.name)
        .limit(batch)
    )
    return list(connection.execute(query))


def _again(row: Row[Any], sealer: Sealer) -> Iterator[dict[str, Any]]:
    """Yield the parameters of ``_UPDATE`` for a value; nothing when it does not open."""
    try:
        value = sealer.open(Sealed(row.key_id, row.nonce, row.sealed), row.secret_id, row.name)
    except StoreError:
        return
    sealed = sealer.seal(value, row.secret_id, row.name).columns()
    yield {"of_secret": row.secret_id, "of_name": row.name} | sealed
