"""The ledger of verdicts: rows are added, never changed; and what is asked about next."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa
from msgspec import Struct
from sqlalchemy import Connection

from keysift.catalogue.validity import Validity
from keysift.errors import StoreError
from keysift.model import (
    Confidence,
    Outcome,
    Secret,
    Severity,
    Verdict,
)
from keysift.store import tables as t
from keysift.store.database import Store
from keysift.store.judged import add_judgements
from keysift.store.ledger import now
from keysift.store.queries import parts
from keysift.store.queries.describe import BATCH
from keysift.store.queries.history import sealed_values
from keysift.store.queries.outcomes import OUTCOME, doubt_of, outcome_of
from keysift.store.sealing import Sealer
from keysift.verify.credential import Credential, values_of
from keysift.verify.engine import Answered
from keysift.verify.schedule import Check, Standing, standings

_CHUNK: Final = 16
"""Secrets whose values are opened at a time: they are asked about one after the other."""


def record(connection: Connection, answers: Sequence[Answered], digests: Mapping[str, str]) -> None:
    """Write down what came of asking.

    Args:
        connection: In a transaction that writes.
        answers: The keys of their credentials are the numbers of secrets.
        digests: Digests of the detectors, by id.
    """
    rows = [
        columns(one.credential.key, one.outcome, now())
        | {"detector": digests.get(one.credential.detector), "validity": one.table.version}
        for one in answers
    ]
    add_judgements(connection, t.verdicts, rows)


def record_not_checkable(
    connection: Connection, secrets: Mapping[int, tuple[str, Validity]], digests: Mapping[str, str]
) -> None:
    """Write down that secrets cannot be checked, where that does not stand there yet.

    Args:
        connection: In a transaction that writes.
        secrets: The types of secrets and why those cannot be asked about, by number.
        digests: As for ``record``.
    """
    numbers = list(secrets)
    known = {
        row.secret_id
        for start in range(0, len(numbers), BATCH)
        for row in connection.execute(
            sa.select(t.verdicts.c.secret_id)
            .where(t.verdicts.c.verdict == Verdict.NOT_CHECKABLE.value)
            .where(t.verdicts.c.secret_id.in_(numbers[start : start + BATCH]))
        )
    }
    rows = [
        columns(number, Outcome(Verdict.NOT_CHECKABLE, detail=table.not_checkable), now())
        | {"detector": digests.get(detector), "validity": table.version}
        for number, (detector, table) in secrets.items()
        if number not in known
    ]
    add_judgements(connection, t.verdicts, rows)


def columns(secret: int, outcome: Outcome, checked_at: datetime) -> dict[str, Any]:
    """Return what came of a check as columns, those of the question apart."""
    return {
        "secret_id": secret,
        "verdict": outcome.verdict.value,
        "doubt": outcome.doubt.value if outcome.doubt else None,
        "detail": outcome.detail or outcome.unclear or None,
        "facts": outcome.facts or None,
        "powers": [one.value for one in outcome.powers] or None,
        "warnings": [one.value for one in outcome.warnings] or None,
        "privilege": outcome.privilege.value if outcome.privilege else None,
        "checked_at": checked_at,
    }


def all_standings(connection: Connection, only: Sequence[int] | None = None) -> Iterator[Standing]:
    """Yield where each secret stands that was ever checked, by their numbers.

    Args:
        connection: From ``Store.reading``.
        only: Numbers of a few secrets, no more than a statement takes; None: of all.
    """
    columns = ("secret_id", "verdict", "doubt", "validity", "checked_at")
    query = sa.select(*(t.verdicts.c[name] for name in columns)).order_by(
        t.verdicts.c.secret_id, t.verdicts.c.id
    )
    if only is not None:
        query = query.where(t.verdicts.c.secret_id.in_(only))
    streamed = connection.execution_options(yield_per=1000).execute(query)
    return standings(
        Check(row.secret_id, Verdict(row.verdict), doubt_of(row), row.validity, row.checked_at)
        for row in streamed
    )


def credentials(
    store: Store, sealer: Sealer, secrets: Sequence[int], unkept: Callable[[int], None]
) -> Iterator[Credential]:
    """Yield secrets with their values, opened as they are wanted.

    Args:
        store: The store.
        sealer: Opens the values.
        secrets: Their numbers.
        unkept: Called with the number of a secret whose value is not kept, or cannot be opened.

    Raises:
        StoreError: The store fails.
    """
    for start in range(0, len(secrets), _CHUNK):
        chunk = secrets[start : start + _CHUNK]
        with store.reading() as connection:
            found = {one.key: one for one in _opened(connection, sealer, chunk)}
        for number in chunk:
            if number in found:
                yield found[number]
            else:
                unkept(number)


def _opened(connection: Connection, sealer: Sealer, secrets: Sequence[int]) -> Iterator[Credential]:
    sealed = sealed_values(connection, secrets)
    facts = _facts(connection, secrets)
    query = sa.select(t.secrets.c.id, t.secrets.c.detector, t.secrets.c.fingerprint)
    for row in connection.execute(query.where(t.secrets.c.id.in_(secrets))):
        try:
            values = {
                name: sealer.open(one, row.id, name) for name, one in sealed.get(row.id, {}).items()
            }
        except StoreError:
            # Another key sealed it, or it is damaged: the caller counts it.
            continue
        secret = values.pop("", None)
        if secret is not None:
            known = facts.get(row.id, {})
            yield _credential(row.id, row.detector, row.fingerprint, secret, values, known)


def _credential(
    number: int,
    detector: str,
    fingerprint: str,
    secret: Secret,
    halves: Mapping[str, Secret],
    facts: Mapping[str, str],
) -> Credential:
    values = values_of(secret, halves, facts)
    return Credential(number, detector, fingerprint, values, dict(facts))


def _facts(connection: Connection, secrets: Sequence[int]) -> dict[int, dict[str, str]]:
    """Return what was learned of secrets where they were surest to be some."""
    query = (
        sa.select(t.matches.c.secret_id, t.matches.c.facts)
        .where(t.matches.c.secret_id.in_(secrets))
        .order_by(
            parts.rank(t.matches.c.confidence, Confidence),
            parts.rank(t.matches.c.severity, Severity),
            t.matches.c.id.desc(),
        )
    )
    # The last row of a secret counts.
    return {row.secret_id: row.facts for row in connection.execute(query)}


class Told(Struct, frozen=True, kw_only=True):
    """A row of the ledger with the secret that it is about.

    Attributes:
        id: Number of the secret.
        detector: Id of its type.
        fingerprint: Keyed fingerprint.
        mask: What may be shown of it.
        outcome: What came of asking.
        checked_at: When (UTC).
    """

    id: int
    detector: str
    fingerprint: str
    mask: str
    outcome: Outcome
    checked_at: datetime


def last_row(connection: Connection) -> int:
    """Return the number of the last row of the ledger; 0 when it is empty."""
    number: int = connection.execute(
        sa.select(sa.func.coalesce(sa.func.max(t.verdicts.c.id), 0))
    ).scalar_one()
    return number


def told_since(connection: Connection, row: int) -> Iterator[Told]:
    """Yield what came of asking since a row of the ledger, in its order."""
    columns = ("id", "detector", "fingerprint", "mask")
    query = (
        sa.select(
            *(t.secrets.c[name] for name in columns),
            *(t.verdicts.c[name] for name in OUTCOME),
        )
        .join(t.secrets, t.secrets.c.id == t.verdicts.c.secret_id)
        # Without a question: canaries that a crawl noted meanwhile.
        .where(t.verdicts.c.id > row, t.verdicts.c.validity.is_not(None))
        .order_by(t.verdicts.c.id)
    )
    for one in connection.execution_options(yield_per=1000).execute(query):
        yield Told(
            id=one.id,
            detector=one.detector,
            fingerprint=one.fingerprint,
            mask=one.mask,
            outcome=outcome_of(one),
            checked_at=one.checked_at,
        )
