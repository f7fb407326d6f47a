"""When providers were last asked about the secrets of a store: what is new is new since then."""

from __future__ import annotations

from datetime import datetime
from typing import Final

import sqlalchemy as sa
from sqlalchemy import Connection

from keysift.store import tables as t
from keysift.store.upsert import add

_BEGAN: Final = "verify_began_at"


def note_asking(connection: Connection, at: datetime) -> None:
    """Write down that a run of asking begins.

    Args:
        connection: In a transaction that writes.
        at: When (with a zone).
    """
    add(connection, t.settings, [{"name": _BEGAN, "value": at.isoformat()}], update=["value"])


def last_asking(connection: Connection) -> datetime | None:
    """Return when the last run of asking began (UTC); None before the first."""
    query = sa.select(t.settings.c.value).where(t.settings.c.name == _BEGAN)
    value: str | None = connection.execute(query).scalar_one_or_none()
    return None if value is None else datetime.fromisoformat(value)
