"""What people decided about secrets: lines are added, never changed; the last one counts.

A decision belongs to the secret (detector and fingerprint), not to a place: it holds when the
secret moves, when another ruleset finds it, and when it comes back.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import sqlalchemy as sa
from msgspec import Struct
from sqlalchemy import Connection

from keysift.model import TriageStatus
from keysift.store import tables as t
from keysift.store.judged import add_judgements
from keysift.store.ledger import now


class Decision(Struct, frozen=True, kw_only=True):
    """A line of the audit trail.

    Attributes:
        status: What is to be done.
        note: Why; may be empty.
        author: Who decided.
        decided_at: When (UTC).
    """

    status: TriageStatus
    note: str
    author: str
    decided_at: datetime


def decide(
    connection: Connection, secret: int, status: TriageStatus, *, note: str, author: str
) -> None:
    """Add a line to the audit trail of a secret.

    Args:
        connection: In a transaction that writes.
        secret: Its number.
        status: What is to be done.
        note: Why.
        author: Who decided.
    """
    decide_all(connection, [secret], status, note=note, author=author)


def decide_all(
    connection: Connection,
    secrets: Iterable[int],
    status: TriageStatus,
    *,
    note: str,
    author: str,
) -> None:
    """Add the same line to the audit trails of secrets; as ``decide``, of many at once."""
    line = {"status": status.value, "note": note, "author": author, "decided_at": now()}
    add_judgements(connection, t.triage, [{"secret_id": one} | line for one in secrets])


def trail(connection: Connection, secret: int) -> list[Decision]:
    """Return what was decided about a secret, the oldest first; empty: it is open."""
    columns = (t.triage.c.status, t.triage.c.note, t.triage.c.author, t.triage.c.decided_at)
    query = sa.select(*columns).where(t.triage.c.secret_id == secret).order_by(t.triage.c.id)
    return [
        Decision(
            status=TriageStatus(row.status),
            note=row.note,
            author=row.author,
            decided_at=row.decided_at,
        )
        for row in connection.execute(query)
    ]
