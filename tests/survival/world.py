"""A world in which it is known how long secrets live, and what five years of asking tell of it."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from math import exp
from typing import Final

import sqlalchemy as sa
from msgspec import Struct

from keysift.model import Verdict
from keysift.store import tables as t
from keysift.store.database import Store
from tests.store.samples import KEY, Writer, found, index_file, member, value

FIRST_UPLOAD: Final = datetime(2016, 1, 1, tzinfo=UTC)
FIRST_CHECK: Final = datetime(2021, 1, 1, tzinfo=UTC)
TODAY: Final = datetime(2026, 1, 1, tzinfo=UTC)
"""Secrets are published over ten years; in the last five providers are asked about them."""

_SCHEDULE: Final = (0, 6, 29, 89, *(89 + 91 * number for number in range(1, 60)))
"""Days from the first check to each: at the ages of 1, 7, 30 and 90 days, then every quarter."""

UNKNOWN: Final = 0.15
"""Share of answers that say nothing."""

_SILENT: Final = 0.4
"""Share of secrets about which the provider says nothing more from some day on."""


class Law(Struct, frozen=True):
    """A distribution of lifetimes: survival is ``exp(-(days / scale) ** shape)`` (Weibull).

    Attributes:
        scale: In days.
        shape: 1: exponential; less: many die soon, the rest lives long.
    """

    scale: float
    shape: float

    def survival(self, days: float) -> float:
        """Return the share that lives longer."""
        return exp(-((days / self.scale) ** self.shape))


EXPONENTIAL: Final = Law(500, 1)
WEIBULL: Final = Law(400, 0.6)


class Told(Struct, frozen=True):
    """A secret, with what its provider said and when.

    Attributes:
        published: When.
        checks: The first check comes first.
    """

    published: datetime
    checks: tuple[tuple[datetime, Verdict], ...]


def world(law: Law, number: int, seed: int, *, unknown: float = UNKNOWN) -> Iterator[Told]:
    """Yield secrets that live as a law says."""
    chance = random.Random(seed)
    ten_years = (TODAY - FIRST_UPLOAD) / timedelta(days=1)
    for _ in range(number):
        published = FIRST_UPLOAD + timedelta(days=chance.uniform(0, ten_years))
        died = published + timedelta(days=chance.weibullvariate(law.scale, law.shape))
        first = max(
            published + timedelta(days=1), FIRST_CHECK + timedelta(days=chance.uniform(0, 60))
        )
        silent = TODAY
        if chance.random() < _SILENT:
            silent = first + timedelta(days=chance.expovariate(1 / 400))
        checks = _checks(first, died)
        heard = (
            (when, Verdict.UNKNOWN if when >= silent or chance.random() < unknown else verdict)
            for when, verdict in checks
        )
        yield Told(published, tuple(heard))


def _checks(first: datetime, died: datetime) -> Iterator[tuple[datetime, Verdict]]:
    for days in _SCHEDULE:
        when = first + timedelta(days=days)
        if when >= TODAY:
            return
        yield when, Verdict.ACTIVE if when < died else Verdict.INACTIVE


def fill(store: Store, told: list[Told], detector: str = "github-pat", *, begin: int = 0) -> None:
    """Write secrets into a store: each in a project of its own, its verdicts as they came.

    Args:
        store: Where to.
        told: The secrets.
        detector: Their type.
        begin: Number of the first one; another for each call.
    """
    with store.writing() as connection:
        writer = Writer(connection, sealer=None)
        for number, one in enumerate(told, begin):
            project = f"demo-{number}"
            file = f"{project}-1.0.tar.gz"
            writer.page(project, index_file(project, "1.0", file, uploaded=one.published))
            writer.scanned(file, member("a.py", found(number, detector)), files=1)
        query = sa.select(t.secrets.c.fingerprint, t.secrets.c.id)
        known = {row.fingerprint: row.id for row in connection.execute(query)}
        rows = [
            {
                "secret_id": known[value(number).fingerprint(KEY, detector)],
                "verdict": verdict.value,
                "checked_at": when,
                "doubt": "network" if verdict is Verdict.UNKNOWN else None,
            }
            for number, one in enumerate(told, begin)
            for when, verdict in one.checks
        ]
        rows.sort(key=lambda row: row["checked_at"])
        connection.execute(sa.insert(t.verdicts), rows)
