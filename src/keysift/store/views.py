"""Lists of findings that people saved: what they chose, under a name of theirs."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from msgspec import Struct
from sqlalchemy import Connection

from keysift.store import tables as t
from keysift.store.ledger import now
from keysift.store.upsert import add


class View(Struct, frozen=True, kw_only=True):
    """A saved list.

    Attributes:
        id: Its number.
        author: Who saved it.
        name: What they call it.
        query: What stands behind the question mark in its address.
        saved_at: When it was last saved (UTC).
    """

    id: int
    author: str
    name: str
    query: str
    saved_at: datetime


def save(connection: Connection, author: str, name: str, query: str) -> None:
    """Save a list; one of the same name of this author is replaced.

    Args:
        connection: In a transaction that writes.
        author: Who saves it.
        name: What they call it.
        query: What stands behind the question mark in its address.
    """
    row = {"author": author, "name": name, "query": query, "saved_at": now()}
    add(connection, t.views, [row], update=["query", "saved_at"])


def forget(connection: Connection, author: str, view: int) -> bool:
    """Delete a list, if it is the author's; tell whether there was one.

    Args:
        connection: In a transaction that writes.
        author: Who asks for it.
        view: Number of the list.
    """
    mine = sa.and_(t.views.c.id == view, t.views.c.author == author)
    return connection.execute(sa.delete(t.views).where(mine)).rowcount > 0


def views(connection: Connection) -> list[View]:
    """Return all saved lists, by name: a team shares them."""
    query = sa.select(t.views).order_by(t.views.c.name, t.views.c.author)
    return [
        View(id=row.id, author=row.author, name=row.name, query=row.query, saved_at=row.saved_at)
        for row in connection.execute(query)
    ]
