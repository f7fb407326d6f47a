"""A small store with values, as a crawl leaves it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from keysift.model import Secret
from keysift.store import keys
from keysift.store import tables as t
from keysift.store.database import Store
from keysift.store.sealing import Sealed, Sealer
from tests.store.samples import KEY, SEALER, Writer, found, index_file, member

VALUES = 6
"""Sealed values: three secrets with another half each."""


def fill(store: Store, *, sealer: Sealer = SEALER) -> None:
    """Write a project of two files: the first holds secrets 1 and 2, the second 1 and 3."""
    with store.writing() as connection:
        keys.adopt_fingerprint_key(connection, KEY)
        keys.adopt_sealer(connection, sealer)
        writer = Writer(connection, sealer=sealer)
        names = ("demo-1.tar.gz", "demo-2.tar.gz")
        writer.page("demo", *(index_file("demo", name[5], name) for name in names))
        writer.scanned(names[0], member("a.py", found(1)), member("b.py", found(2)))
        writer.scanned(names[1], member("a.py", found(1)), member("c.py", found(3)))


def opened(connection: Connection, sealer: Sealer, *which: sa.ColumnElement[bool]) -> list[Secret]:
    """Return all values, or some, in order of secret and name."""
    query = sa.select(t.values).where(*which).order_by(t.values.c.secret_id, t.values.c.name)
    return [
        sealer.open(Sealed(row.key_id, row.nonce, row.sealed), row.secret_id, row.name)
        for row in connection.execute(query)
    ]


def change(store: Store, table: sa.Table, *which: sa.ColumnElement[bool], **values: Any) -> None:  # noqa: ANN401 (columns)
    """Change rows behind keysift's back."""
    with store.writing() as connection:
        connection.execute(sa.update(table).where(*which).values(**values))


def names(connection: Connection, column: sa.Column[Any]) -> Sequence[Any]:
    """Return the values of a column, sorted."""
    return list(connection.scalars(sa.select(column).order_by(column)))


def long_ago(store: Store, when: datetime) -> None:
    """Let the projects have been read for the last time long ago."""
    change(store, t.projects, read_at=when)
