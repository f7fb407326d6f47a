"""The product-limit estimator of Kaplan and Meier (1958), for spans that may begin late.

Of ``n`` under risk at an age ``d`` die: survival is the product of ``1 - d/n`` over the ages at
which anybody died. The variance is Greenwood's (1926); the band is that of ``log(-log S)``, which
stays between 0 and 1 and is right for small groups; the median has the interval of Brookmeyer and
Crowley (1982) made of that band. ``survfit(..., conf.type = "log-log")`` of R computes the same.

With late entry the risk set grows before it shrinks, and a few early deaths could end the curve at
0 while others are alive. So it begins where enough are under risk, and says from which age on; it
then tells about those who were alive at that age.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable, Sequence
from math import exp, inf, log, sqrt
from statistics import NormalDist
from typing import Final

from msgspec import Struct

from keysift.survival.observe import Span

NEEDED: Final = 10
"""Secrets under risk where a curve with late entries begins."""

_HALF: Final = 0.5 + 1e-12
"""One half, and what rounding makes of it."""


class Step(Struct, frozen=True):
    """An age at which secrets died, and what is left after it.

    Attributes:
        age: In days.
        at_risk: Secrets under risk just before.
        deaths: Those of them that died.
        survival: Estimated share that lives longer.
        lower: Lower end of its band.
        upper: Upper end of its band.
    """

    age: float
    at_risk: int
    deaths: int
    survival: float
    lower: float
    upper: float


class Estimate(Struct, frozen=True):
    """Survival at one age, with its band."""

    survival: float
    lower: float
    upper: float


class Median(Struct, frozen=True):
    """The age by which half have died, with its interval; None: not reached yet.

    Attributes:
        age: In days.
        lower: Lower end of the interval, in days.
        upper: Upper end of the interval, in days.
    """

    age: float | None
    lower: float | None
    upper: float | None


class Curve(Struct, frozen=True):
    """A step function: 1 from ``begin`` to the first step, and so on to ``end``.

    Attributes:
        level: Confidence of bands and interval, such as 0.95.
        begin: Age in days from which it is known. When that is not 0, it tells about the secrets
            that were alive at that age.
        end: Age up to which it is known: nobody was watched longer.
        is_cut: Whether others were watched at ages after ``end``; between, nobody was.
        is_thin: Whether it begins with fewer than ``NEEDED`` under risk.
        steps: One for each age with a death.
        median: Of the same secrets.
        entries: Ages at which secrets came under risk, sorted.
        exits: Ages at which they left it, sorted.
    """

    level: float
    begin: float
    end: float
    is_cut: bool
    is_thin: bool
    steps: tuple[Step, ...]
    median: Median
    entries: tuple[float, ...]
    exits: tuple[float, ...]

    def at(self, age: float) -> Estimate | None:
        """Return survival up to an age; None where the curve does not tell."""
        if age < self.begin:
            return None
        # Who is all dead stays so.
        if age > self.end and not (self.steps and self.steps[-1].survival == 0):
            return None
        return self.value(age)

    def value(self, age: float) -> Estimate:
        """Return the value of the step function; beyond its ends, that at the end."""
        number = bisect_right(self.steps, age, key=lambda step: step.age)
        if not number:
            return Estimate(1.0, 1.0, 1.0)
        step = self.steps[number - 1]
        return Estimate(step.survival, step.lower, step.upper)

    def at_risk(self, age: float) -> int:
        """Return how many are under risk just before an age (at the beginning: just after it)."""
        if age <= self.begin:
            return 0 if age < self.begin else _after(self.entries, self.exits, age)
        return bisect_left(self.entries, age) - bisect_left(self.exits, age)


def estimate(spans: Iterable[Span], *, level: float = 0.95, needed: int = NEEDED) -> Curve | None:
    """Return the curve of spans; None when nobody was under risk.

    Where nobody is under risk between two ages, nothing is known about the deaths there: the part
    with the most observed time is used. It begins at its first age, or, when some of it enter
    later, at the first age at which ``needed`` are under risk, if there is one.

    Args:
        spans: Lives; those that are empty do not count.
        level: Confidence.
        needed: See above.
    """
    parts = _parts([span for span in spans if not span.is_empty])
    if not parts:
        return None
    number = max(range(len(parts)), key=lambda one: sum(s.exit - s.entry for s in parts[one]))
    part, is_cut = parts[number], number < len(parts) - 1
    entries = tuple(sorted(span.entry for span in part))
    exits = tuple(sorted(span.exit for span in part))
    begin = _begin(entries, exits, needed)
    deaths = Counter(span.exit for span in part if span.died and span.exit > begin)
    steps = tuple(_steps(deaths, entries, exits, level))
    if is_cut and steps and not steps[-1].survival:
        # Nobody was left, but others live at later ages: all that this death says is "few".
        steps = steps[:-1]
    return Curve(
        level=level,
        begin=begin,
        end=exits[-1],
        is_cut=is_cut,
        is_thin=_after(entries, exits, begin) < needed,
        steps=steps,
        median=_median(steps),
        entries=entries,
        exits=exits,
    )


def _after(entries: Sequence[float], exits: Sequence[float], age: float) -> int:
    """Return how many are under risk just after an age."""
    return bisect_right(entries, age) - bisect_right(exits, age)


def _parts(spans: list[Span]) -> list[list[Span]]:
    """Return spans in parts: from one to the next everybody who was under risk has left it."""
    parts: list[list[Span]] = []
    last = -inf
    for span in sorted(spans, key=lambda one: (one.entry, one.exit)):
        # Who enters at the age of the last exit was not under risk at it.
        if span.entry >= last:
            parts.append([])
        parts[-1].append(span)
        last = max(last, span.exit)
    return parts


def _begin(entries: Sequence[float], exits: Sequence[float], needed: int) -> float:
    first = entries[0]
    if first == entries[-1]:
        return first
    ages = sorted(set(entries))
    return next((age for age in ages if _after(entries, exits, age) >= needed), first)


def _steps(
    deaths: Counter[float], entries: Sequence[float], exits: Sequence[float], level: float
) -> Iterable[Step]:
    z = NormalDist().inv_cdf((1 + level) / 2)
    survival, variance, upper = 1.0, 0.0, 1.0
    for age in sorted(deaths):
        dead = deaths[age]
        at_risk = bisect_left(entries, age) - bisect_left(exits, age)
        survival *= 1 - dead / at_risk
        if dead == at_risk:
            # The band has no limit here: what was the upper end is not too low.
            yield Step(age, at_risk, dead, 0.0, 0.0, upper)
            return
        variance += dead / (at_risk * (at_risk - dead))
        width = z * sqrt(variance) / -log(survival)
        lower, upper = survival ** exp(width), survival ** exp(-width)
        yield Step(age, at_risk, dead, survival, lower, upper)


def _median(steps: Sequence[Step]) -> Median:
    def first(name: str) -> float | None:
        return next((step.age for step in steps if getattr(step, name) <= _HALF), None)

    return Median(first("survival"), first("lower"), first("upper"))
