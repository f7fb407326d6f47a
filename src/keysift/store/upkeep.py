"""What a database wants to know of its tables, to choose how to answer."""

from __future__ import annotations

from collections.abc import Iterable

import sqlalchemy as sa

from keysift.store import tables as t
from keysift.store.database import Store


def analyse(store: Store, tables: Iterable[sa.Table] = t.metadata.sorted_tables) -> None:
    """Have a database look at tables that grew much: it plans by what it saw last.

    SQLite looks only when it is told to.

    Args:
        store: The store.
        tables: Those that grew.
    """
    with store.writing() as connection:
        for table in tables:
            connection.exec_driver_sql(f"ANALYZE {table.name}")
