"""How people name a secret: by its number, or by how its fingerprint begins."""

from __future__ import annotations

import re
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy import Connection, Row

from keysift.errors import UsageError
from keysift.store import tables as t

_SHOWN: Final = 5
_LONGEST: Final = 60

_NUMBER: Final = re.compile(r"[0-9]{1,18}")
_FINGERPRINT: Final = re.compile(r"[0-9a-f]{1,32}")


def secret_named(connection: Connection, name: str) -> int:
    """Return the number of a secret.

    Args:
        connection: To the store.
        name: The number, or a beginning of the fingerprint that only this secret has. What is
            both is the number.

    Raises:
        UsageError: There is no such secret, or several.
    """
    name = name.strip().lower()
    if _NUMBER.fullmatch(name) and _exists(connection, int(name)):
        return int(name)
    found = _beginning_with(connection, name) if _FINGERPRINT.fullmatch(name) else []
    if len(found) == 1:
        number: int = found[0].id
        return number
    if not found:
        raise UsageError(f"no secret is called {name[:_LONGEST]!r}; `keysift findings` lists them")
    several = ", ".join(f"{row.id} ({row.detector}, {row.fingerprint})" for row in found[:_SHOWN])
    more = ", …" if len(found) > _SHOWN else ""
    raise UsageError(f"{name} is the beginning of several fingerprints: {several}{more}")


def _exists(connection: Connection, number: int) -> bool:
    query = sa.select(t.secrets.c.id).where(t.secrets.c.id == number)
    return connection.execute(query).first() is not None


def _beginning_with(connection: Connection, beginning: str) -> list[Row[Any]]:
    query = (
        sa.select(t.secrets.c.id, t.secrets.c.detector, t.secrets.c.fingerprint)
        .where(t.secrets.c.fingerprint.startswith(beginning))
        .order_by(t.secrets.c.id)
        .limit(_SHOWN + 1)
    )
    return list(connection.execute(query))


def secret_row(connection: Connection, number: int) -> Row[Any]:
    """Return the row of a secret."""
    return connection.execute(sa.select(t.secrets).where(t.secrets.c.id == number)).one()
