"""Where the checks of secrets stand, in numbers: one pass over secrets and ledger together.

Both come by the numbers of the secrets, so that no more than one secret is in memory, whatever
the size of the store; what stays are counters, by provider and year.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import closing
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any, Final, Self

import sqlalchemy as sa
from msgspec import Struct, field
from sqlalchemy import ColumnElement, Connection

from keysift.model import Doubt, Privilege, Verdict
from keysift.store import tables as t
from keysift.store.queries.choose import ROWS, Dated, Filters, dated
from keysift.verify.plan import Planner, Unasked
from keysift.verify.schedule import Check, Standing, standing_of

LISTED: Final = 100
"""Secrets that are named one by one."""

_VERDICTS: Final = {verdict.value: verdict for verdict in Verdict}

_WEEK: Final = timedelta(days=7)
_MONTH: Final = timedelta(days=30)


class Due(Struct):
    """How many secrets are to be asked about; each number holds those before it.

    Attributes:
        now: By now, those that were never asked about included.
        week: Within 7 days.
        month: Within 30 days.
    """

    now: int = 0
    week: int = 0
    month: int = 0

    def __iadd__(self, other: Due) -> Self:
        """Add up."""
        self.now += other.now
        self.week += other.week
        self.month += other.month
        return self

    def add(self, at: datetime, now: datetime) -> None:
        """Count a secret that is due at a time."""
        self.now += at <= now
        self.week += at <= now + _WEEK
        self.month += at <= now + _MONTH


class Tally(Struct):
    """Secrets of one provider.

    Attributes:
        verdicts: How many stand where.
        due: How many are to be asked about.
    """

    verdicts: Counter[Verdict] = field(default_factory=Counter)
    due: Due = field(default_factory=Due)


class Changed(Struct):
    """Secrets that stand otherwise than before.

    Attributes:
        number: How many.
        secrets: The numbers of the first of them.
    """

    number: int = 0
    secrets: list[int] = field(default_factory=list)

    def add(self, secret: int) -> None:
        """Count a secret."""
        self.number += 1
        if len(self.secrets) < LISTED:
            self.secrets.append(secret)


class Status(Struct, kw_only=True):
    """Where the checks of secrets stand. No number but ``canaries`` has a canary in it.

    Attributes:
        at: When it was counted (UTC).
        since: What changed is counted from here on; None: no run of asking is known.
        canaries: Secrets that are known to raise an alarm when they are used.
        verdicts: Secrets by the verdict that stands.
        providers: The same by provider (empty: the type is gone), with what is due there.
        years: Those that work and those that do not, by the year (UTC) of their first upload;
            None: no index says.
        privileges: Those that work, by how much they may do; None: not known.
        broad: Those that work and seem broader than they need to be.
        dead: Those that do not work and did, by the last clear answer before ``since``.
        alive: Those that work and did not.
        doubts: Those of which nothing is known, by the reason; None: none was written down.
        due: Those that are to be asked about.
        never: Those that are not due at any time, by the reason.
        checked_at: When the ledger was last written to about any of them; None: never.
    """

    at: datetime
    since: datetime | None
    canaries: int = 0
    verdicts: Counter[Verdict] = field(default_factory=Counter)
    providers: dict[str, Tally] = field(default_factory=dict)
    years: dict[int | None, Counter[Verdict]] = field(default_factory=dict)
    privileges: Counter[Privilege | None] = field(default_factory=Counter)
    broad: int = 0
    dead: Changed = field(default_factory=Changed)
    alive: Changed = field(default_factory=Changed)
    doubts: Counter[Doubt | None] = field(default_factory=Counter)
    due: Due = field(default_factory=Due)
    never: Counter[Unasked] = field(default_factory=Counter)
    checked_at: datetime | None = None

    @property
    def secrets(self) -> int:
        """How many secrets there are, canaries apart."""
        return self.verdicts.total()


def status(
    connection: Connection,
    filters: Filters,
    planner: Planner,
    now: datetime,
    since: datetime | None,
) -> Status:
    """Return where the secrets stand that fulfil filters.

    Args:
        connection: From ``Store.reading``.
        filters: Which secrets.
        planner: Knows what can be asked, and when.
        now: The time.
        since: From when on changes are new; None: none is.
    """
    counted = Status(at=now, since=since)
    # A cursor of a server is closed before the connection is used for anything else.
    with closing(ledger(connection)) as rows, closing(dated(connection, filters)) as secrets:
        for secret, checks in _together(secrets, rows):
            _count(counted, secret, checks, planner)
    for tally in counted.providers.values():
        counted.verdicts += tally.verdicts
        counted.due += tally.due
    return counted


def ledger(connection: Connection) -> Generator[list[Check]]:
    """Yield the rows of each secret that has any, by their numbers, the oldest row first.

    Args:
        connection: From ``Store.reading``.
    """
    names = ("secret_id", "verdict", "doubt", "validity", "checked_at", "privilege")
    # Nothing is NULL in SQLite and the null of JSON in PostgreSQL.
    broad = sa.cast(t.verdicts.c.warnings, sa.Text).not_in(["[]", "null"])
    columns: list[ColumnElement[Any]] = [t.verdicts.c[name] for name in names]
    columns.append(sa.case((broad, 1), else_=0).label("is_broad"))
    query = sa.select(*columns).order_by(t.verdicts.c.secret_id, t.verdicts.c.id)
    with connection.execute(query, execution_options={"yield_per": ROWS}) as rows:
        for _, group in groupby(map(_check, rows), key=lambda check: check.secret):
            yield list(group)


def _check(row: Sequence[Any]) -> Check:
    # A million rows: unpacking is cheaper than names, and a look-up than making a member.
    secret, verdict, doubt, validity, checked_at, privilege, is_broad = row
    return Check(
        secret,
        _VERDICTS[verdict],
        None if doubt is None else Doubt(doubt),
        validity,
        checked_at,
        None if privilege is None else Privilege(privilege),
        bool(is_broad),
    )


def _together(
    secrets: Iterable[Dated], ledger: Iterator[list[Check]]
) -> Iterator[tuple[Dated, list[Check]]]:
    """Yield each secret with its rows of the ledger; both come by number."""
    rows = next(ledger, None)
    for secret in secrets:
        while rows is not None and rows[0].secret < secret.id:
            rows = next(ledger, None)
        own = rows is not None and rows[0].secret == secret.id
        yield secret, rows if rows is not None and own else []


def _count(counted: Status, secret: Dated, checks: list[Check], planner: Planner) -> None:
    if any(check.verdict is Verdict.CANARY for check in checks):
        counted.canaries += 1
        return
    standing = standing_of(checks) if checks else None
    verdict = Verdict.UNCHECKED if standing is None else standing.verdict
    detector = planner.catalogue.by_id.get(secret.detector)
    provider = detector.provider if detector else ""
    tally = counted.providers.get(provider)
    if tally is None:
        tally = counted.providers[provider] = Tally()
    tally.verdicts[verdict] += 1
    due = planner.due(secret.detector, standing, counted.at)
    if not isinstance(due, Unasked) and not secret.is_kept:
        due = Unasked.NOT_KEPT
    if isinstance(due, Unasked):
        counted.never[due] += 1
    else:
        tally.due.add(due, counted.at)
    if standing is not None:
        _count_checked(counted, secret, checks, standing)


def _count_checked(counted: Status, secret: Dated, checks: list[Check], standing: Standing) -> None:
    last, told = standing.last, standing.told
    if counted.checked_at is None or last.checked_at > counted.checked_at:
        counted.checked_at = last.checked_at
    if standing.verdict is Verdict.UNKNOWN:
        counted.doubts[(told or last).doubt] += 1
    if told is None or not told.is_firm:
        return
    uploaded = secret.first_uploaded_at
    year = None if uploaded is None else uploaded.year
    said = counted.years.get(year)
    if said is None:
        said = counted.years[year] = Counter()
    said[told.verdict] += 1
    before = firm_before(checks, counted.since)
    if told.verdict is Verdict.INACTIVE:
        if before is Verdict.ACTIVE:
            counted.dead.add(secret.id)
        return
    counted.privileges[told.privilege] += 1
    counted.broad += told.is_broad
    if before is Verdict.INACTIVE:
        counted.alive.add(secret.id)


def firm_before(checks: Iterable[Check], since: datetime | None) -> Verdict | None:
    """Return the last clear answer before a time; None: there was none."""
    if since is None:
        return None
    firm = [one.verdict for one in checks if one.is_firm and one.checked_at < since]
    return firm[-1] if firm else None
