"""Five years of a ledger, replayed against lifetimes that are known."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import timedelta
from typing import Final

import pytest
from msgspec.structs import replace

from keysift.model import Verdict
from keysift.statistics.study import Plan, Study, study
from keysift.store.database import Store
from keysift.store.queries.choose import Filters, Order, choose
from keysift.store.queries.lifetimes import lifetimes
from keysift.survival import Curve, LeftOut, Span, estimate, observe, spread
from tests.survival.world import EXPONENTIAL, TODAY, WEIBULL, Law, Told, fill, world

AGES: Final = (1, 7, 30, 90, 180, 365, 730, 1460)
LAWS: Final = pytest.mark.parametrize("law", [EXPONENTIAL, WEIBULL], ids=["exponential", "weibull"])
DAY: Final = timedelta(days=1)
SECRETS: Final = 700


def answers(told: Told) -> list[tuple[float, bool]]:
    """Return what was learned of a secret, by its age."""
    return [
        ((when - told.published) / DAY, verdict is Verdict.ACTIVE)
        for when, verdict in told.checks
        if verdict is not Verdict.UNKNOWN
    ]


def curve_of(
    told: Iterable[Told], rule: Callable[[Told], Span | LeftOut | None], level: float
) -> Curve:
    """Return the curve of secrets by a rule that makes spans."""
    spans = [span for span in map(rule, told) if isinstance(span, Span)]
    curve = estimate(spread(spans), level=level)
    assert curve is not None
    return curve


def seen(told: Told) -> Span | LeftOut:
    """Every secret counts as keysift counts it."""
    return observe(answers(told))


def replayed(store: Store, told: list[Told], level: float) -> Study:
    """Return the study of a store that holds these secrets."""
    fill(store, told)
    with store.reading() as connection:
        chosen = [one.id for one in choose(connection, Filters(), Order.ID)]
        return study(lifetimes(connection, chosen), Plan(level=level))


def missed(curve: Curve, law: Law, ages: Sequence[int] = AGES) -> list[int]:
    """Return the ages at which the truth is outside of the band.

    Before anybody died there is no band: as everywhere, it is drawn from 1 to 1.
    """
    outside = []
    for age in ages:
        found = curve.at(age)
        if found is None or found.survival == 1:
            continue
        if not found.lower <= law.survival(age) <= found.upper:
            outside.append(age)
    return outside


@LAWS
def test_the_ledger_tells_the_truth(store: Store, law: Law) -> None:
    """Through a real store the curve is that of the world, at every age, within its band."""
    told = list(world(law, SECRETS, seed=1))
    found = replayed(store, told, level=0.999)
    curve = found.whole.curve
    assert curve is not None
    assert missed(curve, law) == []
    assert curve.begin == 0
    assert curve.end > AGES[-1]
    # The truth is not hit by bands that are too wide to miss it.
    year = curve.at(365)
    assert year is not None
    assert year.upper - year.lower < 0.2
    out = found.whole.left_out
    assert found.whole.watched + found.whole.once + sum(out.values()) == found.secrets == SECRETS
    assert out[LeftOut.LATE] > 150


def to_today(told: Told) -> Span | LeftOut:
    """A secret that was not seen to die lives until today."""
    span = seen(told)
    if isinstance(span, Span) and not span.died:
        return Span(span.entry, (TODAY - told.published) / DAY, died=False)
    return span


def from_publication(told: Told) -> Span | None:
    """Every secret was watched from its publication on, however late it was first asked about."""
    span = seen(told)
    return replace(span, entry=0.0) if isinstance(span, Span) else None


def dead_when_asked(told: Told) -> Span | None:
    """A secret that is dead at its first check, years after its publication, died then."""
    known = answers(told)
    if known and not known[0][1]:
        return Span(0, known[0][0], died=True)
    return from_publication(told)


def alive_only(told: Told) -> Span | LeftOut | None:
    """What is dead at its first check is left out, even the day after publication."""
    known = answers(told)
    return seen(told) if known and known[0][1] else None


@LAWS
@pytest.mark.parametrize("wrong", [to_today, from_publication, dead_when_asked])
def test_what_this_replaces_does_not(
    law: Law, wrong: Callable[[Told], Span | LeftOut | None]
) -> None:
    """Each shortcut leaves the band by far, on the same answers: the test above can fail."""
    curve = curve_of(world(law, SECRETS, seed=1), wrong, 0.999)
    assert len(missed(curve, law)) >= 2


@LAWS
def test_a_large_ledger_tells_it_better(law: Law) -> None:
    """With narrow bands the place of a death between two checks counts: the middle is wrong."""
    told = list(world(law, 8000, seed=1))
    between = (*AGES, 20, 50, 75, 110, 160, 240, 300)
    assert missed(curve_of(told, seen, 0.999), law, between) == []
    middle = estimate([span for span in map(seen, told) if isinstance(span, Span)], level=0.999)
    assert middle is not None
    assert len(missed(middle, law, between)) >= 2


def test_leaving_out_who_died_at_once_is_wrong_too() -> None:
    """Where many die within the first day, those that are dead at the first check tell most."""
    law = Law(2, 0.3)
    told = list(world(law, SECRETS, seed=1, unknown=0))
    assert missed(curve_of(told, seen, 0.999), law) == []
    assert len(missed(curve_of(told, alive_only, 0.999), law)) >= 2


@LAWS
def test_bands_hold_what_they_promise(law: Law) -> None:
    """Of many worlds the 95 % band holds the truth in about 95 of 100, age by age."""
    worlds = 150
    misses = dict.fromkeys(AGES, 0)
    for seed in range(worlds):
        curve = curve_of(world(law, 250, seed), seen, 0.95)
        for age in missed(curve, law):
            misses[age] += 1
    assert max(misses.values()) <= 18, misses
