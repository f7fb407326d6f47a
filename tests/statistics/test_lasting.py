"""How long secrets stay in projects: when lives end, and what is kept of a curve."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from keysift.statistics.lasting import Removals, curve_values, thinned
from keysift.store.queries.values import Life, Seen
from keysift.survival import Span, Step, estimate

BEGIN = datetime(2020, 1, 1, tzinfo=UTC)
NOW = BEGIN + timedelta(days=1000)


def after(days: float) -> datetime:
    """Return a time so many days after the beginning."""
    return BEGIN + timedelta(days=days)


def seen(days: float | None) -> Seen:
    """Return a release uploaded then."""
    return Seen(project="demo", version="1", uploaded_at=None if days is None else after(days))


def life(
    last: float = 0,
    *,
    removed: float | None = None,
    present: bool | None = False,
    read: float | None = None,
    dated: bool = True,
) -> Life:
    """Return a life that begins with day 0.

    Args:
        last: Day of the last upload that has the secret.
        removed: Day of the upload of the release that does not.
        present: Whether the newest release has it.
        read: Day on which the project's page was read.
        dated: Whether the index says when.
    """
    return Life(
        index="https://index.invalid/simple/",
        introduced=seen(0),
        last_seen=seen(last),
        removed_in=None if removed is None else seen(removed),
        still_present=present,
        first_uploaded_at=BEGIN if dated else None,
        last_uploaded_at=after(last) if dated else None,
        releases=1,
        artifacts=1,
        yanked=0,
        deleted=0,
        places=1,
        kinds=("sdist",),
        returns=0,
        is_late=False,
        read_at=None if read is None else after(read),
    )


def removals(*lives: Life) -> Removals:
    """Return what is told of lives, each in a project of its own."""
    found = Removals(NOW, 0.95)
    for number, one in enumerate(lives):
        found.add(one, number)
    return found


def test_a_life_ends_with_the_release_that_is_without() -> None:
    """Not with the last one that has it."""
    found = removals(life(5, removed=20), life(0, removed=20)).removal()
    assert (found.lives, found.removed) == (2, 2)
    assert found.curve is not None
    assert found.curve.median.age == 20


def test_an_old_branch_that_has_it_still_ends_later() -> None:
    """The release without it came first."""
    found = removals(life(50, removed=20)).removal()
    assert found.curve is not None
    assert found.curve.median.age == 50


def test_what_was_removed_at_once_counts() -> None:
    """Its age is next to nothing, and not nothing: nobody is under risk at age 0."""
    found = removals(life(0, removed=0), life(0, removed=10)).removal()
    assert found.removed == 2
    assert found.curve is not None
    assert found.curve.steps[0].deaths == 1
    assert found.curve.steps[0].at_risk == 2


def test_a_life_that_has_not_ended_counts_until_it_was_last_known() -> None:
    """When the page was read, but no later than now; else at the last upload that has it."""
    for one, end in (
        (life(5, present=True, read=300), 300),
        (life(5, present=True, read=2000), 1000),
        (life(5, present=True), 5),
        (life(7, present=None, read=300), 7),
        (life(9, present=False, read=300), 9),
    ):
        found = removals(one).removal()
        assert found.removed == 0
        assert found.curve is not None
        assert found.curve.end == end
        assert found.curve.median.age is None


def test_lives_are_told_apart_by_how_they_end() -> None:
    """And so are the projects."""
    found = removals(
        life(1, removed=2),
        life(1, present=True, read=3),
        life(1, present=None),
        life(1),
        life(1, dated=False),
    ).removal()
    assert (found.lives, found.undated) == (4, 1)
    assert (found.removed, found.present, found.unknown, found.withdrawn) == (1, 1, 1, 1)
    assert found.projects == 4
    assert set(found.projects_by_end.values()) == {1}


def test_a_mean_of_those_that_ended_would_be_too_short() -> None:
    """One of four ended after ten days: half of them last longer than anybody knows."""
    alive = [life(0, present=True, read=900)] * 3
    found = removals(life(5, removed=10), *alive).removal()
    assert found.curve is not None
    assert found.curve.median.age is None


@given(st.lists(st.integers(1, 10**6), min_size=1, max_size=3000), st.integers(1, 50))
def test_nobody_sees_which_steps_are_left_out(ages: list[int], most: int) -> None:
    """The curve that is kept is never higher than the true one by more than a share of all."""
    curve = estimate(Span(0.0, float(age), died=True) for age in ages)
    assert curve is not None
    kept = thinned(curve.steps, most)
    assert len(kept) <= max(most + 1, 1)
    assert sum(step.deaths for step in kept) == len(ages)
    assert kept[-1].survival == curve.steps[-1].survival
    assert [step.age for step in kept] == sorted({step.age for step in kept})
    for step in curve.steps:
        reached = next((one for one in reversed(kept) if one.age <= step.age), None)
        shown = 1.0 if reached is None else reached.survival
        assert step.survival <= shown <= step.survival + 1 / most + 1e-9 or step.deaths > 1


def test_a_short_curve_is_kept_whole() -> None:
    """Nothing is left out that can be seen."""
    steps = [Step(float(age), 10 - age, 1, 1 - age / 10, 0.0, 1.0) for age in range(1, 10)]
    assert thinned(steps) == steps


def test_no_curve_stays_none() -> None:
    """Of nobody nothing is told."""
    assert curve_values(None) is None
    assert removals().removal().curve is None


@given(st.lists(st.floats(1, 5000), min_size=1, max_size=50))
def test_curves_fall(ages: list[float]) -> None:
    """Rounded values are still a curve with its band."""
    found = curve_values(estimate(Span(0.0, age, died=True) for age in ages))
    assert found is not None
    survival = [step.survival for step in found.steps]
    assert all(one >= other for one, other in pairwise(survival))
    assert all(step.lower <= step.survival <= step.upper for step in found.steps)
