"""What is known of how long secrets lived: when they were published, and what providers said."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa
from msgspec import Struct
from sqlalchemy import Connection, Row, Select

from keysift.model import Verdict
from keysift.store import tables as t
from keysift.store.queries import parts
from keysift.store.queries.describe import BATCH

_SAID: Final = (Verdict.ACTIVE, Verdict.INACTIVE, Verdict.CANARY)
"""Verdicts that say something; the others say that nothing could be learned."""


class Lifetime(Struct, frozen=True, kw_only=True):
    """A secret, as far as its life is known.

    Attributes:
        detector: Id of the detector.
        kinds: Kinds of the files that had it when it was first published, sorted: those of the
            release with the earliest upload. (Kinds that came later belong to secrets that live
            long, and would make groups of them that seem to live longer.)
        published_at: Earliest upload of a file that has it; when the index does not say, when we
            first saw it (UTC).
        has_upload: Which of the two that is.
        is_canary: Whether it is known to raise an alarm when it is used.
        answers: When providers said whether it works, and what, in the order of time. Answers that
            are unknown are none.
    """

    detector: str
    kinds: tuple[str, ...]
    published_at: datetime
    has_upload: bool
    is_canary: bool
    answers: tuple[tuple[datetime, bool], ...]


def lifetimes(connection: Connection, secrets: Sequence[int]) -> Iterator[Lifetime]:
    """Yield what is known of these secrets, in this order.

    A number that no secret has, or whose secret is found no more by the ruleset that looked last,
    is passed over. No more than a batch is held in memory.

    Args:
        connection: From ``Store.reading``.
        secrets: Numbers of secrets, from ``choose``; as many as one likes.
    """
    for start in range(0, len(secrets), BATCH):
        batch = secrets[start : start + BATCH]
        answers = _answers(connection, batch)
        places: dict[int, list[Row[Any]]] = {}
        for row in connection.execute(_published(batch)):
            places.setdefault(row.secret_id, []).append(row)
        for number in batch:
            if number in places:
                yield _lifetime(places[number], answers.get(number, []))


def _lifetime(places: list[Row[Any]], said: list[tuple[datetime, Verdict]]) -> Lifetime:
    known = [row for row in places if row.uploaded_at is not None]
    first = min(known, key=lambda row: (row.uploaded_at, row.release_id)) if known else places[0]
    return Lifetime(
        detector=first.detector,
        kinds=tuple(sorted({row.kind for row in places if row.release_id == first.release_id})),
        published_at=first.uploaded_at or first.first_seen_at,
        has_upload=bool(known),
        is_canary=any(verdict is Verdict.CANARY for _, verdict in said),
        answers=tuple(
            (when, verdict is Verdict.ACTIVE)
            for when, verdict in said
            if verdict is not Verdict.CANARY
        ),
    )


def _published(secrets: Sequence[int]) -> Select[Any]:
    """Return when each release first had a secret in files of a kind."""
    counting = parts.counting(secrets).cte("counting")
    uploaded = sa.func.min(t.artifacts.c.uploaded_at)
    grouped = (
        *(t.secrets.c[name] for name in ("detector", "first_seen_at")),
        t.artifacts.c.release_id,
        t.artifacts.c.kind,
    )
    return (
        sa.select(counting.c.secret_id, *grouped, uploaded.label("uploaded_at"))
        .join(t.secrets, t.secrets.c.id == counting.c.secret_id)
        .join(t.occurrences, t.occurrences.c.match_id == counting.c.id)
        .join(t.artifacts, t.artifacts.c.id == t.occurrences.c.artifact_id)
        .group_by(counting.c.secret_id, *grouped)
        .order_by(counting.c.secret_id, t.artifacts.c.release_id, t.artifacts.c.kind)
    )


def _answers(
    connection: Connection, secrets: Sequence[int]
) -> dict[int, list[tuple[datetime, Verdict]]]:
    query = (
        sa.select(*(t.verdicts.c[name] for name in ("secret_id", "verdict", "checked_at")))
        .where(t.verdicts.c.secret_id.in_(secrets))
        .where(t.verdicts.c.verdict.in_([verdict.value for verdict in _SAID]))
        .order_by(t.verdicts.c.secret_id, t.verdicts.c.checked_at, t.verdicts.c.id)
    )
    said: dict[int, list[tuple[datetime, Verdict]]] = {}
    for row in connection.execute(query):
        said.setdefault(row.secret_id, []).append((row.checked_at, Verdict(row.verdict)))
    return said
