"""A study of how long secrets live: lives of a store in groups, each with its curve."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from statistics import median
from typing import Final

from msgspec import Struct, field

from keysift.store.queries.lifetimes import Lifetime
from keysift.survival import Comparison, Curve, LeftOut, Span, estimate, logrank, observe, spread

AGES: Final = (1.0, 7.0, 30.0, 90.0, 365.0, 730.0, 1825.0)
"""Ages in days at which survival is told."""

FEWEST: Final = 10
"""Groups with fewer lives are told of together."""

_DAY: Final = timedelta(days=1)


OTHERS: Final = "others"
"""Name of the small groups together."""


class Group(Struct, frozen=True, kw_only=True):
    """Secrets with something in common.

    Attributes:
        name: What they have in common; empty for all of them.
        merged: How many small groups these are; 1: this is one.
        revoked: Watched until they died.
        active: Watched, and alive when last asked about.
        once: Alive when asked about for the only time, long after publication: nothing follows yet.
        left_out: How many say nothing about how long they lived, by the reason.
        curve: Of those that were watched; None: none was.
        spans: What the curve is made of.
    """

    name: str
    merged: int = 1
    revoked: int
    active: int
    once: int
    left_out: dict[LeftOut, int]
    curve: Curve | None
    spans: tuple[Span, ...]

    @property
    def watched(self) -> int:
        """How many the curve rests on."""
        return self.revoked + self.active

    @property
    def asked(self) -> int:
        """Those of which a provider said whether they work."""
        out = (number for why, number in self.left_out.items() if why is not LeftOut.UNASKED)
        return self.watched + self.once + sum(out)

    @property
    def gap(self) -> float | None:
        """The median of the days between the two checks that a death lies between."""
        gaps = [span.gap for span in self.spans if span.died]
        return median(gaps) if gaps else None


class Study(Struct, frozen=True, kw_only=True):
    """Groups of secrets, and all of them together.

    Attributes:
        by: What groups have in common, as a word: provider, detector, year, kind; None: no groups.
        level: Confidence of bands and intervals.
        secrets: How many were chosen, canaries aside, whether anybody asked about them or not.
        canaries: Chosen ones that are known to raise an alarm; they count nowhere.
        without_upload: Those that count from when we first saw them.
        first_answer: The earliest answer of a provider.
        last_answer: The latest one.
        whole: All secrets.
        groups: The largest first, but years in their order; merged ones last.
        comparison: Whether the groups differ; None: it cannot be said.
    """

    by: str | None
    level: float
    secrets: int
    canaries: int
    without_upload: int
    first_answer: datetime | None
    last_answer: datetime | None
    whole: Group
    groups: tuple[Group, ...]
    comparison: Comparison | None

    @property
    def shown(self) -> tuple[Group, ...]:
        """The groups, or all secrets when there are none."""
        return self.groups or (self.whole,)


class Plan(Struct, frozen=True, kw_only=True):
    """How a study is made.

    Attributes:
        by: As in ``Study``.
        name: Gives the group of a life.
        level: Confidence.
        most: Groups that are told of on their own, at most; 0: all.
    """

    by: str | None = None
    name: Callable[[Lifetime], str] = lambda _: ""
    level: float = 0.95
    most: int = 0


class _Tally(Struct):
    """What is counted of a group while lives come."""

    spans: list[Span] = field(default_factory=list)
    left_out: Counter[LeftOut] = field(default_factory=Counter)

    def add(self, seen: Span | LeftOut) -> None:
        if isinstance(seen, Span):
            self.spans.append(seen)
        else:
            self.left_out[seen] += 1

    def join(self, other: _Tally) -> None:
        self.spans += other.spans
        self.left_out += other.left_out


class Gathering:
    """Takes lives one by one; of each only its span is kept.

    Args:
        plan: How the study is made.
    """

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._tallies: dict[str, _Tally] = {}
        self._secrets = self._canaries = self._without_upload = 0
        self._first: datetime | None = None
        self._last: datetime | None = None

    def add(self, life: Lifetime) -> None:
        """Take in a life."""
        if life.is_canary:
            self._canaries += 1
            return
        self._secrets += 1
        self._without_upload += not life.has_upload
        self._tallies.setdefault(self._plan.name(life), _Tally()).add(seen(life))
        if life.answers:
            first, last = life.answers[0][0], life.answers[-1][0]
            self._first = min(self._first or first, first)
            self._last = max(self._last or last, last)

    def study(self) -> Study:
        """Return the study of what came so far."""
        plan = self._plan
        whole = _Tally()
        for tally in self._tallies.values():
            whole.join(tally)
        groups = _groups(self._tallies, plan) if plan.by else ()
        return Study(
            by=plan.by,
            level=plan.level,
            secrets=self._secrets,
            canaries=self._canaries,
            without_upload=self._without_upload,
            first_answer=self._first,
            last_answer=self._last,
            whole=_group("", whole, plan.level),
            groups=groups,
            comparison=logrank([group.spans for group in groups]),
        )


def study(lives: Iterable[Lifetime], plan: Plan) -> Study:
    """Return the study of lives; each is looked at once, and only its span is kept."""
    gathering = Gathering(plan)
    for life in lives:
        gathering.add(life)
    return gathering.study()


def by_year(life: Lifetime) -> str:
    """Return the year of publication (UTC)."""
    return f"{life.published_at.astimezone(UTC).year}"


def by_kind(life: Lifetime) -> str:
    """Return the kinds of files it was first published in: ``sdist``, ``sdist and wheel``."""
    return " and ".join(life.kinds)


def seen(life: Lifetime) -> Span | LeftOut:
    """Return the span of a life that answers tell about, or why they tell none."""
    return observe([((when - life.published_at) / _DAY, works) for when, works in life.answers])


def _groups(tallies: dict[str, _Tally], plan: Plan) -> tuple[Group, ...]:
    size = {name: sum(not span.is_empty for span in one.spans) for name, one in tallies.items()}
    # Who was never asked about makes no group.
    asked = [name for name in tallies if tallies[name].spans or _asked(tallies[name].left_out)]
    ranked = sorted(asked, key=lambda name: (-size[name], name))
    large = [name for name in ranked if size[name] >= FEWEST]
    large = large[: plan.most or None]
    small = [name for name in ranked if name not in large]
    if len(small) == 1:
        # Together with nobody it is itself, and says that it is small.
        large, small = large + small, []
    if plan.by == "year":
        large.sort()
    groups = [_group(name, tallies[name], plan.level) for name in large]
    if small:
        rest = _Tally()
        for name in small:
            rest.join(tallies[name])
        groups.append(_group(OTHERS, rest, plan.level, merged=len(small)))
    return tuple(groups)


def _asked(left_out: Counter[LeftOut]) -> int:
    return sum(number for reason, number in left_out.items() if reason is not LeftOut.UNASKED)


def _group(name: str, tally: _Tally, level: float, *, merged: int = 1) -> Group:
    spans = tuple(spread([span for span in tally.spans if not span.is_empty]))
    died = sum(span.died for span in spans)
    return Group(
        name=name,
        merged=merged,
        revoked=died,
        active=len(spans) - died,
        once=len(tally.spans) - len(spans),
        left_out={reason: tally.left_out[reason] for reason in LeftOut},
        curve=estimate(spans, level=level),
        spans=spans,
    )
