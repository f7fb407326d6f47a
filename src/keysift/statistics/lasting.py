"""How long secrets stay in projects, and how long they work: curves as values."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from keysift.statistics.counted import Counted, removed_at
from keysift.statistics.keys import WATCHED_PROVIDERS, WATCHED_YEARS, Mark
from keysift.statistics.study import AGES, Gathering, Group, Plan, Study, by_year
from keysift.statistics.tally import Tally
from keysift.statistics.values import At, CurveValues, Removal, Revocation, SurvivalGroup
from keysift.store.queries.values import Life
from keysift.survival import Curve, LeftOut, Median, Span, Step, estimate

MOST_STEPS: Final = 400
"""Steps of a curve that are kept: more than a screen has room for."""

MOST_GROUPS: Final = 8
"""Providers that have a curve of their own."""

ENDS: Final = ("undated", "removed", "present", "withdrawn", "unknown")
"""What becomes of lives: fields of ``Removal``."""

_DAY: Final = timedelta(days=1)
_AGE_DIGITS: Final = 5
"""Of an age in days: about a second."""
_SHARE_DIGITS: Final = 6
_AT_ONCE: Final = 10**-_AGE_DIGITS
"""The age of what ended with the upload that began it."""


class Removals:
    """Takes lives of secrets in projects one by one, and tells how long they last.

    Args:
        now: Lives that have not ended are known of until then at most.
        level: Confidence of the band.
    """

    def __init__(self, now: datetime, level: float) -> None:
        self._now = now
        self._level = level
        self._spans: list[Span] = []
        self._counts: Counter[str] = Counter()
        self._projects: dict[str, set[int]] = {}

    def add(self, life: Life, project: int) -> None:
        """Take in a life."""
        begin = life.first_uploaded_at
        if begin is None:
            self._count("undated", project)
            return
        self._count("lives", project)
        removed = removed_at(life)
        if removed is not None:
            self._count("removed", project)
            age = max((removed - begin) / _DAY, _AT_ONCE)
            self._spans.append(Span(0.0, age, died=True))
            return
        known = life.last_uploaded_at or begin
        if life.still_present:
            self._count("present", project)
            known = max(known, min(life.read_at or known, self._now))
        else:
            self._count("withdrawn" if life.still_present is False else "unknown", project)
        self._spans.append(Span(0.0, (known - begin) / _DAY, died=False))

    def _count(self, name: str, project: int) -> None:
        self._counts[name] += 1
        self._projects.setdefault(name, set()).add(project)

    def removal(self) -> Removal:
        """Return what came so far."""
        projects = {name: len(self._projects.get(name, ())) for name in ("lives", *ENDS)}
        return Removal(
            **{name: self._counts[name] for name in ("lives", *ENDS)},
            projects=projects.pop("lives"),
            projects_by_end=projects,
            curve=curve_values(estimate(self._spans, level=self._level)),
        )


def revocation(secrets: Iterable[Counted], level: float, tally: Tally) -> Revocation:
    """Return how long secrets keep working after they were published.

    Args:
        secrets: The counted ones.
        level: Confidence of bands.
        tally: Counts the projects of those that the curves rest on.
    """
    names: dict[str, str] = {}
    by_provider = Gathering(
        Plan(by="provider", name=lambda life: names[life.detector], level=level, most=MOST_GROUPS)
    )
    by_date = Gathering(Plan(by="year", name=by_year, level=level))
    for secret in secrets:
        names[secret.detector] = secret.issuer
        by_provider.add(secret.life)
        by_date.add(secret.life)
    providers, years = by_provider.study(), by_date.study()
    watched = {name: cell.projects for name, cell in tally.table(WATCHED_PROVIDERS).items()}
    dated = {name: cell.projects for name, cell in tally.table(WATCHED_YEARS).items()}
    return Revocation(
        whole=_survival_group(providers.whole, tally.mark(Mark.WATCHED).projects),
        providers=_survival_groups(providers, watched),
        years=_survival_groups(years, dated),
        p_providers=None if providers.comparison is None else providers.comparison.p,
        p_years=None if years.comparison is None else years.comparison.p,
    )


def _survival_groups(study: Study, projects: Mapping[str, int]) -> tuple[SurvivalGroup, ...]:
    own = {group.name for group in study.groups if group.merged == 1}
    rest = max((number for name, number in projects.items() if name not in own), default=0)
    return tuple(
        _survival_group(group, projects.get(group.name, 0) if group.merged == 1 else rest)
        for group in study.groups
    )


def _survival_group(group: Group, projects: int) -> SurvivalGroup:
    return SurvivalGroup(
        name=group.name,
        merged=group.merged,
        asked=group.asked,
        watched=group.watched,
        projects=projects,
        revoked=group.revoked,
        active=group.active,
        once=group.once,
        late=group.left_out[LeftOut.LATE],
        unborn=group.left_out[LeftOut.UNBORN],
        unasked=group.left_out[LeftOut.UNASKED],
        gap=_days(group.gap),
        curve=curve_values(group.curve),
    )


def curve_values(curve: Curve | None) -> CurveValues | None:
    """Return a curve as it is reported: rounded, and with no more steps than can be seen."""
    if curve is None:
        return None
    median = curve.median
    return CurveValues(
        begin=round(curve.begin, _AGE_DIGITS),
        end=round(curve.end, _AGE_DIGITS),
        is_cut=curve.is_cut,
        is_thin=curve.is_thin,
        median=Median(_days(median.age), _days(median.lower), _days(median.upper)),
        at=tuple(_at(curve, age) for age in AGES),
        steps=tuple(map(_rounded, thinned(curve.steps))),
    )


def thinned(steps: Sequence[Step], most: int = MOST_STEPS) -> list[Step]:
    """Return the steps of a curve without those that nobody would see.

    A step that is left out lowers the curve by less than the height of the picture by ``most``; the
    next one that is kept has its deaths. The last one is always kept.

    Args:
        steps: All of them, in order.
        most: So many are kept, and one more.
    """
    if len(steps) <= most:
        return list(steps)
    least = (1 - steps[-1].survival) / most
    kept: list[Step] = []
    reached, deaths = 1.0, 0
    for step in steps:
        deaths += step.deaths
        if reached - step.survival >= least or step is steps[-1]:
            kept.append(Step(step.age, step.at_risk, deaths, step.survival, step.lower, step.upper))
            reached, deaths = step.survival, 0
    return kept


def _at(curve: Curve, age: float) -> At:
    found = curve.at(age)
    at_risk = curve.at_risk(age)
    if found is None:
        return At(age=age, at_risk=at_risk, survival=None, lower=None, upper=None)
    shares = (found.survival, found.lower, found.upper)
    survival, lower, upper = (round(one, _SHARE_DIGITS) for one in shares)
    return At(age=age, at_risk=at_risk, survival=survival, lower=lower, upper=upper)


def _rounded(step: Step) -> Step:
    shares = (step.survival, step.lower, step.upper)
    return Step(
        round(step.age, _AGE_DIGITS),
        step.at_risk,
        step.deaths,
        *(round(one, _SHARE_DIGITS) for one in shares),
    )


def _days(age: float | None) -> float | None:
    return None if age is None else round(age, _AGE_DIGITS)
