"""The ledger of verdicts: rows are added, never changed; and what is asked about next."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final

import sqlalchemy as sa
from sqlalchemy import Connection

from keysift.errors import StoreError
from keysift.model import Confidence, Doubt, Secret, Severity, Verdict
from keysift.store import tables as t
from keysift.store.database import Store
from keysift.store.ledger import now
from keysift.store.queries import parts
from keysift.store.queries.history import sealed_values
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
        {
            "secret_id": one.credential.key,
            "verdict": one.outcome.verdict.value,
            "doubt": one.outcome.doubt.value if one.outcome.doubt else None,
            "detail": one.outcome.detail or None,
            "facts": one.outcome.facts or None,
            "detector": digests.get(one.credential.detector),
            "validity": one.table.version,
            "checked_at": now(),
        }
        for one in answers
    ]
    if rows:
        connection.execute(sa.insert(t.verdicts), rows)


def all_standings(connection: Connection) -> Iterator[Standing]:
    """Yield where each secret stands that was ever checked, by their numbers."""
    columns = ("secret_id", "verdict", "doubt", "validity", "checked_at")
    query = sa.select(*(t.verdicts.c[name] for name in columns)).order_by(
        t.verdicts.c.secret_id, t.verdicts.c.id
    )
    streamed = connection.execution_options(yield_per=1000).execute(query)
    return standings(
        Check(row.secret_id, Verdict(row.verdict), _doubt(row.doubt), row.validity, row.checked_at)
        for row in streamed
    )


def _doubt(word: str | None) -> Doubt | None:
    return None if word is None else Doubt(word)


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
