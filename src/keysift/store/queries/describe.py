"""Findings as values."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Any, Final

import sqlalchemy as sa
from msgspec import convert
from sqlalchemy import Connection, CursorResult, Row

from keysift.model import Confidence, Reason, Severity, TriageStatus, Verdict
from keysift.store import tables as t
from keysift.store.queries import parts
from keysift.store.queries.lives import Lives
from keysift.store.queries.outcomes import OUTCOME, outcome_of
from keysift.store.queries.values import Life, Ruleset, StoredFinding

BATCH: Final = 500
"""Secrets of one statement."""


def describe(connection: Connection, secrets: Sequence[int]) -> Iterator[StoredFinding]:
    """Yield the findings with these numbers, in this order.

    What the ruleset that looked last finds no more is described by what was known before. A number
    that no secret has, or whose secret stands nowhere any more, is passed over.

    Args:
        connection: From ``Store.reading``.
        secrets: Numbers of secrets; as many as one likes.
    """
    lives = Lives(connection)
    for start in range(0, len(secrets), BATCH):
        batch = secrets[start : start + BATCH]
        about = {row.id: row for row in _about(connection, batch)}
        alive = lives.of(batch)
        for number in batch:
            if number in about:
                yield _finding(about[number], alive[number])


def _about(connection: Connection, secrets: Collection[int]) -> CursorResult[Any]:
    counting = parts.counting(secrets, outdated=True).cte("counting")
    totals = parts.grades(counting).cte("totals")
    order = (
        counting.c.severity.desc(),
        parts.rank(t.matches.c.confidence, Confidence).desc(),
        counting.c.id,
    )
    place = sa.func.row_number().over(partition_by=counting.c.secret_id, order_by=order)
    ranked = (
        sa.select(counting.c.secret_id, counting.c.id, place.label("place"))
        .join(t.matches, t.matches.c.id == counting.c.id)
        .cte("ranked")
    )
    said = t.verdicts.alias("said")
    found, confirmed = t.rulesets.alias("found"), t.rulesets.alias("confirmed")
    query = (
        sa.select(
            *(t.secrets.c[name] for name in ("id", "detector", "fingerprint", "mask")),
            *(totals.c[name] for name in ("severity", "confidence", "is_current")),
            *(t.matches.c[name] for name in ("proof", "parts", "reasons")),
            t.matches.c.facts.label("learned"),
            parts.rank(t.matches.c.confidence, Confidence).label("unplaced"),
            *(said.c[name] for name in OUTCOME),
            parts.latest(t.triage, "status", t.secrets.c.id).label("triage"),
            found.c.digest.label("found_digest"),
            found.c.version.label("found_version"),
            confirmed.c.digest.label("confirmed_digest"),
            confirmed.c.version.label("confirmed_version"),
        )
        .join(totals, totals.c.secret_id == t.secrets.c.id)
        .join(ranked, sa.and_(ranked.c.secret_id == t.secrets.c.id, ranked.c.place == 1))
        .join(t.matches, t.matches.c.id == ranked.c.id)
        .join(found, found.c.id == totals.c.found_by)
        .join(confirmed, confirmed.c.id == totals.c.confirmed_by)
        .outerjoin(said, said.c.id == parts.latest(t.verdicts, "id", t.secrets.c.id))
    )
    return connection.execute(query)


def _finding(row: Row[Any], alive: tuple[Life, ...]) -> StoredFinding:
    outcome = None if row.verdict is None else outcome_of(row)
    return StoredFinding(
        id=row.id,
        detector=row.detector,
        fingerprint=row.fingerprint,
        mask=row.mask,
        severity=list(Severity)[row.severity],
        confidence=list(Confidence)[row.confidence],
        proof=row.proof,
        facts=row.learned,
        parts=row.parts,
        reasons=convert(row.reasons or [], tuple[Reason, ...]),
        is_lowered=row.confidence < row.unplaced,
        lives=alive,
        verdict=Verdict.UNCHECKED if outcome is None else outcome.verdict,
        outcome=outcome,
        checked_at=row.checked_at,
        triage=TriageStatus.OPEN if row.triage is None else TriageStatus(row.triage),
        found_by=Ruleset(row.found_digest, row.found_version),
        confirmed_by=Ruleset(row.confirmed_digest, row.confirmed_version),
        is_outdated=not row.is_current,
    )
