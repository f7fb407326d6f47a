"""What the page of verification shows, as values. The page asks nobody."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Final

from msgspec import Struct

from keysift.model import Privilege, Verdict
from keysift.report.outcome_text import DOUBTS
from keysift.store.queries.status import Changed, Status
from keysift.verify.limits import Limits
from keysift.web.charts import VERDICTS
from keysift.web.links import findings
from keysift.web.overview_view import due_chart
from keysift.web.shown import Chart, Link

SHOWN: Final = 50
"""Providers that are shown unless all are asked for."""

_NAMED: Final = 10


class Provider(Struct, frozen=True, kw_only=True):
    """Secrets of one provider, and how much it may be asked today.

    Attributes:
        name: What it is called, in words for types that are not known any more.
        verdicts: How many stand where, in the order of ``VERDICTS``.
        due: How many are to be asked about now.
        week: Within 7 days.
        month: Within 30 days.
        asked: Requests to it today.
        daily: Requests that it may get a day.
        is_spent: Whether it gets no more today.
    """

    name: str
    verdicts: Sequence[int]
    due: int
    week: int
    month: int
    asked: int
    daily: int
    is_spent: bool


class Changes(Struct, frozen=True):
    """Secrets that stand otherwise than before.

    Attributes:
        number: How many.
        links: The first of them.
        rest: How many more there are.
    """

    number: int
    links: Sequence[Link]
    rest: int


class VerificationView(Struct, frozen=True, kw_only=True):
    """What the page shows.

    Attributes:
        counted: Where the checks stand.
        at: When that was counted (UTC).
        chart: What is due, by provider; None when nothing is.
        verdicts: Name, number and list of the secrets with each verdict.
        providers: By how many of their secrets work.
        others: Providers that are not shown.
        dead: Secrets that work no more.
        alive: Secrets that work again.
        privileges: Those that work, by how much they may do.
        doubts: Why nothing is known of secrets, and of how many.
        never: Why secrets are not asked about, and how many.
        asked: Requests to all providers today.
        daily: Requests that all may get a day.
    """

    counted: Status
    at: datetime
    chart: Chart | None
    verdicts: Sequence[tuple[str, int, str]]
    providers: Sequence[Provider]
    others: int
    dead: Changes
    alive: Changes
    privileges: Sequence[tuple[str, int]]
    doubts: Sequence[tuple[str, int]]
    never: Sequence[tuple[str, int]]
    asked: int
    daily: int


def verification_view(
    counted: Status, at: datetime, asked: Counter[str], limits: Limits, *, is_all: bool
) -> VerificationView:
    """Return what the page shows.

    Args:
        counted: Where the checks stand.
        at: When that was counted.
        asked: Requests today, by provider.
        limits: Bounds of asking.
        is_all: Whether all providers are wanted.
    """
    providers = _providers(counted, asked, limits)
    shown = providers if is_all else providers[:SHOWN]
    chart = due_chart(counted)
    return VerificationView(
        counted=counted,
        at=at,
        chart=chart if counted.due.month else None,
        verdicts=[
            (word, counted.verdicts[verdict], findings(verdict=verdict.value))
            for verdict, (word, _) in VERDICTS.items()
        ],
        providers=shown,
        others=len(providers) - len(shown),
        dead=_changes(counted.dead),
        alive=_changes(counted.alive),
        privileges=[
            ("not known" if one is None else one.value, counted.privileges[one])
            for one in (*reversed(Privilege), None)
            if counted.privileges[one]
        ],
        doubts=[
            ("not written down" if doubt is None else DOUBTS[doubt], number)
            for doubt, number in counted.doubts.most_common()
        ],
        never=[(why.text.replace("`", ""), number) for why, number in counted.never.most_common()],
        asked=asked.total(),
        daily=limits.total_daily,
    )


def _providers(counted: Status, asked: Counter[str], limits: Limits) -> list[Provider]:
    shown = []
    # Somebody whose last secret was purged may have been asked today all the same.
    for name in counted.providers.keys() | asked.keys():
        tally = counted.providers.get(name)
        daily = limits.of(name).daily
        shown.append(
            Provider(
                name=name or "not known any more",
                verdicts=[0 if tally is None else tally.verdicts[one] for one in VERDICTS],
                due=0 if tally is None else tally.due.now,
                week=0 if tally is None else tally.due.week,
                month=0 if tally is None else tally.due.month,
                asked=asked[name],
                daily=daily,
                is_spent=asked[name] >= daily,
            )
        )
    active = list(VERDICTS).index(Verdict.ACTIVE)
    return sorted(
        shown,
        key=lambda one: (-one.verdicts[active], -one.due, -sum(one.verdicts), one.name.casefold()),
    )


def _changes(changed: Changed) -> Changes:
    named = changed.secrets[:_NAMED]
    return Changes(
        changed.number,
        [Link(number, f"/findings/{number}") for number in named],
        changed.number - len(named),
    )
