"""Studies: what counts, and in which group."""

from __future__ import annotations

from msgspec.structs import replace

from keysift.statistics.study import Plan, Study, by_kind, by_year, study
from keysift.store.queries.lifetimes import Lifetime
from keysift.survival import LeftOut
from tests.statistics.studies import by_detector, few, lives, whole


def named(found: list[Lifetime], *, most: int = 0, by: str = "detector") -> Study:
    """Return the study by type."""
    return study(found, Plan(by=by, name=lambda one: one.detector, most=most))


def test_every_secret_is_counted_once() -> None:
    """Watched, left out for a reason, or never asked about: the groups add up to all."""
    found = by_detector()
    assert found.secrets == 360
    for group in (found.whole, *found.groups):
        assert group.watched == len(group.spans) == group.revoked + group.active
        assert group.asked + group.left_out[LeftOut.UNASKED] == (
            group.watched + group.once + sum(group.left_out.values())
        )
    for name in ("revoked", "active", "once", "asked"):
        total = sum(getattr(group, name) for group in found.groups)
        assert total == getattr(found.whole, name)
    assert found.groups[0].watched >= found.groups[1].watched >= found.groups[2].watched


def test_groups_that_differ_are_told_apart() -> None:
    """The log-rank test says that the types of this world do not live equally long."""
    found = by_detector()
    assert found.comparison is not None
    assert found.comparison.degrees == 2
    assert found.comparison.p < 1e-6
    assert whole().comparison is None
    medians = {
        group.name: None if group.curve is None else group.curve.median.age
        for group in found.groups
    }
    quick, middling, slow = (medians[name] for name in ("Quick", "Middling", "Slow"))
    assert quick is not None
    assert middling is not None
    assert quick < middling < (slow or 1e9)


def test_what_says_nothing_is_counted_by_its_reason() -> None:
    """Never asked, dead when first asked, dead before, asked once: each apart."""
    found = study(
        [
            *few(2),
            *few(3, (100, False)),
            *few(4, (-3, False)),
            *few(5, (100, True)),
            *few(6, (1, True), (7, False)),
        ],
        Plan(),
    )
    group = found.whole
    assert found.secrets == 20
    assert group.left_out == {LeftOut.UNASKED: 2, LeftOut.LATE: 3, LeftOut.UNBORN: 4}
    assert (group.once, group.watched, group.asked, group.gap) == (5, 6, 18, 6)
    assert (found.first_answer, found.last_answer) == (
        few(1, (-3, True))[0].answers[0][0],
        few(1, (100, True))[0].answers[0][0],
    )


def test_canaries_count_nowhere() -> None:
    """Nobody revokes a canary."""
    canaries = [replace(one, is_canary=True) for one in few(3, (1, True), (7, True))]
    found = study([*canaries, *few(2, (1, True))], Plan())
    assert (found.canaries, found.secrets, found.whole.watched) == (3, 2, 2)


def test_small_groups_are_told_of_together() -> None:
    """A group of a few has no curve to rely on; one alone stays itself, and is marked."""
    large = few(12, (1, True), (7, True), detector="large")
    small = few(3, (1, True), detector="small")
    tiny = few(2, (1, True), detector="tiny")
    unasked = few(9, detector="unasked")
    found = named([*small, *large, *tiny, *unasked])
    assert [(one.name, one.merged, one.watched) for one in found.groups] == [
        ("large", 1, 12),
        ("others", 2, 5),
    ]
    alone = named([*small, *large])
    assert [one.name for one in alone.groups] == ["large", "small"]
    assert alone.groups[1].curve is not None
    assert alone.groups[1].curve.is_thin


def test_the_largest_groups_have_curves_of_their_own() -> None:
    """How many is a matter of the picture; all others are one."""
    found = named(list(lives()), most=1)
    assert [one.merged for one in found.groups] == [1, 2]
    assert found.whole.watched == sum(one.watched for one in found.groups)


def test_years_stand_in_their_order() -> None:
    """Whatever their sizes are."""
    found = study(lives(), Plan(by="year", name=by_year, most=4))
    names = [one.name for one in found.groups]
    assert names[-1] == "others"
    assert names[:-1] == sorted(names[:-1])
    assert len(names) == 5


def test_kinds_have_names() -> None:
    """What a secret was first published in."""
    one = few(1)[0]
    assert by_kind(one) == "sdist"
    assert by_kind(replace(one, kinds=("sdist", "wheel"))) == "sdist and wheel"


def test_an_empty_study() -> None:
    """There is nothing, and it says so."""
    found = study([], Plan(by="year", name=by_year))
    assert (found.secrets, found.groups, found.whole.curve, found.first_answer) == (
        0,
        (),
        None,
        None,
    )
    assert found.shown == (found.whole,)
