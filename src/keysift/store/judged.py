"""Writes what was said and decided about secrets, and what that changes of the cache of lists.

Nothing else adds to ``verdicts`` and ``triage``: a list shows a decision as soon as it is there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import sqlalchemy as sa
from msgspec.structs import asdict
from sqlalchemy import Connection, Table

from keysift.store import tables as t
from keysift.store.chunks import chunked
from keysift.store.lock import Purpose, hold
from keysift.store.queries.describe import BATCH
from keysift.store.queries.standing import JUDGED, judgements
from keysift.store.tallies import count_again

_SECRET: Final[sa.BindParameter[int]] = sa.bindparam("secret")
_CHANGE: Final = sa.update(t.summaries).where(t.summaries.c.secret_id == _SECRET)


def add_judgements(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Add rows to a history.

    Args:
        connection: In a transaction that writes.
        table: ``verdicts`` or ``triage``.
        rows: The rows, with the same columns each.
    """
    if not rows:
        return
    # First of all: who waits for it must hold nothing that a purge waits for.
    hold(connection, Purpose.SUMMING)
    connection.execute(sa.insert(table), rows)
    holders: set[int] = set()
    for secrets in chunked(sorted({row["secret_id"] for row in rows}), BATCH):
        holders |= _update(connection, secrets)
    # Once: a project has many of them.
    count_again(connection, sorted(holders))


def _update(connection: Connection, secrets: Sequence[int]) -> set[int]:
    """Bring summaries up to date; returns the projects that have another number then."""
    columns = [t.summaries.c[name] for name in JUDGED]
    query = sa.select(t.summaries.c.secret_id, *columns).where(t.summaries.c.secret_id.in_(secrets))
    before = {row.secret_id: tuple(row)[1:] for row in connection.execute(query)}
    now = {
        number: asdict(one)
        for number, one in judgements(connection, secrets).items()
        if number in before
    }
    changed = [number for number, one in now.items() if before[number] != tuple(one.values())]
    if changed:
        connection.execute(_CHANGE, [{"secret": number} | now[number] for number in changed])
    counted = {
        number
        for number in changed
        for verdict, *_, triage in [before[number]]
        if (verdict, triage) != (now[number]["verdict"], now[number]["triage"])
    }
    if not counted:
        return set()
    holders = sa.select(t.lives.c.project_id).where(t.lives.c.secret_id.in_(counted)).distinct()
    return set(connection.scalars(holders))
