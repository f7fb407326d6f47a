"""What happened to one secret: events of its files, verdicts, decisions, sealed values."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from msgspec import Struct
from sqlalchemy import Connection

from keysift.model import Outcome
from keysift.store import tables as t
from keysift.store.excerpts import EXCERPT
from keysift.store.queries import parts
from keysift.store.queries.describe import BATCH
from keysift.store.queries.outcomes import OUTCOME, outcome_of
from keysift.store.sealing import Sealed


class Event(Struct, frozen=True, kw_only=True):
    """What the index changed about a file that has a secret.

    Attributes:
        project: Normalised name.
        version: The release.
        artifact: File name.
        kind: yanked, unyanked, deleted, restored, replaced.
        detail: The reason of a yank; the digest that was replaced.
        seen_at: When we saw it (UTC).
    """

    project: str
    version: str
    artifact: str
    kind: str
    detail: str | None
    seen_at: datetime


class Answer(Struct, frozen=True, kw_only=True):
    """What a provider said.

    Attributes:
        outcome: The answer, with what else was learned.
        checked_at: When (UTC).
    """

    outcome: Outcome
    checked_at: datetime


def events(connection: Connection, secret: int) -> list[Event]:
    """Return what the index changed about the files that have a secret, the first change first."""
    counting = parts.counting([secret], outdated=True).cte("counting")
    having = sa.select(t.occurrences.c.artifact_id).join(
        counting, counting.c.id == t.occurrences.c.match_id
    )
    query = (
        sa.select(
            t.projects.c.name.label("project"),
            t.releases.c.version,
            t.artifacts.c.name.label("artifact"),
            *(t.events.c[name] for name in ("kind", "detail", "seen_at")),
        )
        .join(t.artifacts, t.artifacts.c.id == t.events.c.artifact_id)
        .join(t.releases, t.releases.c.id == t.artifacts.c.release_id)
        .join(t.projects, t.projects.c.id == t.releases.c.project_id)
        .where(t.events.c.artifact_id.in_(having))
        .order_by(t.events.c.id)
    )
    return [Event(**row) for row in connection.execute(query).mappings()]


def answers(connection: Connection, secret: int) -> list[Answer]:
    """Return what a provider said about a secret, the first answer first."""
    query = (
        sa.select(*(t.verdicts.c[name] for name in OUTCOME))
        .where(t.verdicts.c.secret_id == secret)
        .order_by(t.verdicts.c.id)
    )
    return [
        Answer(outcome=outcome_of(row), checked_at=row.checked_at)
        for row in connection.execute(query)
    ]


def sealed_values(connection: Connection, secrets: Sequence[int]) -> dict[int, dict[str, Sealed]]:
    """Return the sealed values of secrets, by number and name; those that are kept.

    The name is empty for the secret itself, else it is that of its other half.
    """
    return _sealed(connection, secrets, t.values.c.name != EXCERPT)


def sealed_excerpt(connection: Connection, secret: int) -> Sealed | None:
    """Return the sealed lines around a secret; None: they are not kept."""
    return _sealed(connection, [secret], t.values.c.name == EXCERPT).get(secret, {}).get(EXCERPT)


def _sealed(
    connection: Connection, secrets: Sequence[int], which: sa.ColumnElement[bool]
) -> dict[int, dict[str, Sealed]]:
    columns = [t.values.c[name] for name in ("secret_id", "name", "key_id", "nonce", "sealed")]
    found: dict[int, dict[str, Sealed]] = {}
    for start in range(0, len(secrets), BATCH):
        batch = secrets[start : start + BATCH]
        query = sa.select(*columns).where(t.values.c.secret_id.in_(batch), which)
        for row in connection.execute(query):
            sealed = Sealed(row.key_id, bytes(row.nonce), bytes(row.sealed))
            found.setdefault(row.secret_id, {})[row.name] = sealed
    return found
