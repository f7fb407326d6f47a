"""Whether the rows of a store are made up, so that whoever shows them can say so."""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa
from sqlalchemy import Connection

from keysift.store import tables as t
from keysift.store.upsert import add

_MADE_UP: Final = "made_up"


def mark_made_up(connection: Connection, what: str) -> None:
    """Write down that the store holds made-up rows.

    Args:
        connection: In a transaction that writes.
        what: What they are, in a sentence for people.
    """
    add(connection, t.settings, [{"name": _MADE_UP, "value": what}], update=["value"])


def made_up(connection: Connection) -> str | None:
    """Return what the made-up rows of a store are, in a sentence; None: they are real."""
    query = sa.select(t.settings.c.value).where(t.settings.c.name == _MADE_UP)
    value: str | None = connection.execute(query).scalar_one_or_none()
    return value
