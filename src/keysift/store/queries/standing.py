"""What was said and decided about secrets, as it stands, in the numbers that lists sort by."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Final

import sqlalchemy as sa
from msgspec import Struct
from sqlalchemy import Connection

from keysift.model import Privilege, TriageStatus, Verdict
from keysift.store import tables as t
from keysift.store.queries import parts

VERDICTS: Final = (
    Verdict.INACTIVE,
    Verdict.NOT_CHECKABLE,
    Verdict.UNCHECKED,
    Verdict.UNKNOWN,
    Verdict.CANARY,
    Verdict.ACTIVE,
)
"""In the order of lists; the position of a verdict is its number in ``summaries``."""

TRIAGE: Final = (
    TriageStatus.FALSE_POSITIVE,
    TriageStatus.TEST,
    TriageStatus.REVOKED,
    TriageStatus.ACCEPTED,
    TriageStatus.OPEN,
)
"""In the order of lists; the position of a decision is its number in ``summaries``."""

PRIVILEGES: Final = tuple(Privilege)
"""Likewise."""


JUDGED: Final = ("verdict", "checked_at", "privilege", "is_canary", "triage")
"""Columns of ``summaries`` that hold a ``Judgement``; the others are added up."""


class Judgement(Struct, frozen=True):
    """What stands of a secret, as columns of ``summaries``.

    Attributes:
        verdict: Number of the verdict that stands.
        checked_at: When that was.
        privilege: Number of the privilege that it told.
        is_canary: 1 when it was ever known to be a canary, else 0.
        triage: Number of the last decision.
    """

    verdict: int
    checked_at: datetime | None
    privilege: int | None
    is_canary: int
    triage: int


def judgements(connection: Connection, secrets: Collection[int]) -> dict[int, Judgement]:
    """Return what stands of secrets, by number; of those that the store has.

    Args:
        connection: To the store.
        secrets: Their numbers, no more than a statement takes.
    """
    said = t.verdicts.alias("said")
    is_canary = (
        sa.exists()
        .where(t.verdicts.c.secret_id == t.secrets.c.id)
        .where(t.verdicts.c.verdict == Verdict.CANARY.value)
    )
    query = (
        sa.select(
            t.secrets.c.id,
            *(said.c[name] for name in ("verdict", "checked_at", "privilege")),
            sa.case((is_canary, 1), else_=0).label("is_canary"),
            parts.latest(t.triage, "status", t.secrets.c.id).label("triage"),
        )
        .select_from(t.secrets)
        .outerjoin(said, said.c.id == parts.latest(t.verdicts, "id", t.secrets.c.id))
        .where(t.secrets.c.id.in_(secrets))
    )
    return {
        row.id: Judgement(
            verdict=VERDICTS.index(Verdict(row.verdict or Verdict.UNCHECKED.value)),
            checked_at=row.checked_at,
            privilege=None if row.privilege is None else Privilege(row.privilege).rank,
            is_canary=row.is_canary,
            triage=TRIAGE.index(TriageStatus(row.triage or TriageStatus.OPEN.value)),
        )
        for row in connection.execute(query)
    }
