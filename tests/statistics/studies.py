"""Studies of a world in which lifetimes are known, without a store."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta

from keysift.model import Verdict
from keysift.statistics.study import Plan, Study, study
from keysift.store.queries.lifetimes import Lifetime
from tests.survival.world import WEIBULL, Law, Told, world

LAWS = {"Slow": Law(1500, 1), "Quick": Law(40, 1), "Middling": WEIBULL}
DAY = timedelta(days=1)


def life(told: Told, detector: str = "github-pat", kinds: Sequence[str] = ("sdist",)) -> Lifetime:
    """Return a secret as a store would tell it."""
    return Lifetime(
        detector=detector,
        kinds=tuple(kinds),
        published_at=told.published,
        has_upload=True,
        is_canary=False,
        answers=tuple(
            (when, verdict is Verdict.ACTIVE)
            for when, verdict in told.checks
            if verdict is not Verdict.UNKNOWN
        ),
    )


def lives(each: int = 120) -> Iterator[Lifetime]:
    """Yield secrets of three types that live as ``LAWS`` say."""
    for seed, (name, law) in enumerate(LAWS.items()):
        yield from (life(told, name) for told in world(law, each, seed))


def by_detector(each: int = 120) -> Study:
    """Return the study of these secrets by type."""
    return study(lives(each), Plan(by="detector", name=lambda one: one.detector))


def whole(each: int = 120) -> Study:
    """Return their study without groups."""
    return study(lives(each), Plan())


def few(number: int, *answers: tuple[float, bool], detector: str = "few") -> list[Lifetime]:
    """Return secrets of the same fate, by ages of their checks and whether they worked."""
    published = datetime(2024, 1, 1, tzinfo=UTC)
    said = tuple((published + age * DAY, works) for age, works in answers)
    return [
        Lifetime(
            detector=detector,
            kinds=("sdist",),
            published_at=published,
            has_upload=True,
            is_canary=False,
            answers=said,
        )
    ] * number
