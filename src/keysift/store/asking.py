"""Asking about the secrets of a store: which, with which values, and where the answers go."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy import Connection

from keysift.store import tables as t
from keysift.store.asked import note_asking
from keysift.store.database import Store
from keysift.store.ledger import now
from keysift.store.queries.choose import Filters, Order, choose
from keysift.store.queries.describe import BATCH
from keysift.store.sealing import Sealer
from keysift.store.verdicts import all_standings, credentials, record, record_not_checkable
from keysift.verify.credential import Question
from keysift.verify.engine import Answered, Queue
from keysift.verify.plan import Chosen, Plan, Planner, Unasked, When


def planned(
    connection: Connection,
    planner: Planner,
    which: Filters | Sequence[int],
    when: When,
    now: datetime,
) -> Plan:
    """Return what is asked about the secrets of a store.

    Args:
        connection: From ``Store.reading``.
        planner: Decides.
        which: The secrets: those that fulfil filters, the worst first, or numbers.
        when: Which of them.
        now: The time.
    """
    if isinstance(which, Filters):
        numbers: Sequence[int] = [one.id for one in choose(connection, which, Order.SEVERITY)]
    else:
        numbers = which
    wanted = set(numbers)
    few = numbers if len(numbers) <= BATCH else None
    checked = all_standings(connection, few)
    standings = {one.secret: one for one in checked if one.secret in wanted}
    return planner.plan(_chosen(connection, numbers), standings, when, now)


def _chosen(connection: Connection, numbers: Sequence[int]) -> Iterator[Chosen]:
    for start in range(0, len(numbers), BATCH):
        batch = numbers[start : start + BATCH]
        query = sa.select(t.secrets.c.id, t.secrets.c.detector).where(t.secrets.c.id.in_(batch))
        detectors = {row.id: row.detector for row in connection.execute(query)}
        yield from (Chosen(one, detectors[one]) for one in batch if one in detectors)


class Ledger:
    """Gives the questions of a plan, and keeps the answers.

    Args:
        store: The store.
        sealer: Opens its values; None when nothing is asked.
        planner: Made the plan.
        digests: Digests of the detectors, by id.
    """

    def __init__(
        self, store: Store, sealer: Sealer | None, planner: Planner, digests: Mapping[str, str]
    ) -> None:
        self._store = store
        self._sealer = sealer
        self._planner = planner
        self._digests = digests

    def queues(self, plan: Plan) -> dict[str, Queue]:
        """Return the questions by provider; a value that is not kept moves to ``plan.unasked``."""
        return {
            provider: Queue(len(secrets), self._questions(provider, secrets, plan))
            for provider, secrets in plan.asked.items()
        }

    def keep(self, answers: Sequence[Answered]) -> None:
        """Write answers down.

        Raises:
            StoreError: The store fails.
        """
        with self._store.writing() as connection:
            record(connection, answers, self._digests)

    def begin(self, plan: Plan) -> None:
        """Write down that a run begins, and which secrets cannot be checked.

        A run that has nothing to ask is none: what it would call new, the one before it told.

        Raises:
            StoreError: The store fails.
        """
        if plan.size:
            with self._store.writing() as connection:
                note_asking(connection, now())
        secrets = {
            one.id: (one.detector, table)
            for one in plan.unasked.get(Unasked.NOT_CHECKABLE, [])
            if (table := self._planner.table(one.detector)) is not None
        }
        if secrets:
            with self._store.writing() as connection:
                record_not_checkable(connection, secrets, self._digests)

    def _questions(
        self, provider: str, secrets: list[Chosen], plan: Plan
    ) -> Iterator[Question | None]:
        if self._sealer is None:
            return
        known = {one.id: one for one in secrets}

        unasked: list[None] = []

        def unkept(number: int) -> None:
            plan.leave(known[number], Unasked.NOT_KEPT)
            unasked.append(None)

        numbers = [one.id for one in secrets]
        for credential in credentials(self._store, self._sealer, numbers, unkept):
            # Whoever counts what is left knows of those that are passed over.
            yield from unasked
            unasked.clear()
            table = self._planner.table(credential.detector)
            yield None if table is None else self._planner.about(credential, table, provider)
        yield from unasked
