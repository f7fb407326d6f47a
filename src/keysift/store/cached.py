"""Whether the cache of lists says what the store does, and how it is made anew."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Final

import sqlalchemy as sa
from msgspec.structs import asdict
from sqlalchemy import Connection

from keysift.store import tables as t
from keysift.store.chunks import chunked
from keysift.store.database import Store
from keysift.store.lock import Purpose, hold
from keysift.store.queries.describe import BATCH
from keysift.store.queries.lives import Lives
from keysift.store.queries.standing import JUDGED, judgements
from keysift.store.queries.sums import kept, secrets_of, sums
from keysift.store.stale import mark_all
from keysift.store.summaries import CACHE, refresh
from keysift.store.tallies import counted, kept_numbers


def differences(connection: Connection) -> Iterator[str]:
    """Yield what the cache says and the store does not, a line each.

    What is marked to be added up again is passed over: there a difference is no mistake.

    Args:
        connection: From ``Store.reading``.
    """
    stale = list(connection.scalars(sa.select(t.stale_projects.c.project_id)))
    waiting = {
        secret for chunk in chunked(stale, BATCH) for secret in secrets_of(connection, chunk)
    }
    lives = Lives(connection)
    secrets = connection.scalars(sa.select(t.secrets.c.id).order_by(t.secrets.c.id)).all()
    for chunk in chunked([one for one in secrets if one not in waiting], BATCH):
        for number in _unlike(connection, chunk, lives):
            yield f"list of findings: secret {number} is not told of as the store knows it{_CURE}"
    marked = set(stale)
    projects = connection.scalars(sa.select(t.projects.c.id).order_by(t.projects.c.id)).all()
    for chunk in chunked([one for one in projects if one not in marked], BATCH):
        now, before = counted(connection, chunk), kept_numbers(connection, chunk)
        for number in chunk:
            if now.get(number) != before.get(number):
                yield f"list of projects: the numbers of project {number} are wrong{_CURE}"


_CURE: Final = " (`keysift store rebuild` makes the lists anew)"


def _unlike(connection: Connection, secrets: Sequence[int], lives: Lives) -> Iterator[int]:
    """Yield the secrets of which the cache says something else."""
    before, now = kept(connection, secrets), sums(connection, secrets, lives)
    judged = {number: asdict(one) for number, one in judgements(connection, secrets).items()}
    summary = t.summaries.c
    query = sa.select(summary.secret_id, *(summary[name] for name in JUDGED)).where(
        summary.secret_id.in_(secrets)
    )
    told = {
        row.secret_id: {name: getattr(row, name) for name in JUDGED}
        for row in connection.execute(query)
    }
    for number in secrets:
        if before.get(number) != now.get(number) or (
            number in now and told[number] != judged[number]
        ):
            yield number


def rebuild(store: Store, *, progress: Callable[[int, int], None] | None = None) -> int:
    """Empty the cache and add up everything anew; returns the number of projects.

    Killed in the middle, what is left to do is still marked, as it is for ``refresh``.

    Args:
        store: The store.
        progress: As for ``refresh``.

    Raises:
        StoreError: The store fails.
    """
    with store.writing() as connection:
        hold(connection, Purpose.SUMMING)
        for table in CACHE:
            connection.execute(sa.delete(table))
        mark_all(connection)
    return refresh(store, progress=progress)
