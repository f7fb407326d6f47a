"""Which groups are hidden, and which bars are joined: small examples, worked out by hand."""

from __future__ import annotations

import pytest

from keysift.statistics.hiding import (
    hidden,
    hidden_below,
    is_safe_part,
    joined,
    shown,
    untold,
)
from keysift.statistics.values import Bin, Group, Verdicts

K = 5


def verdicts(active: int = 0, inactive: int = 0, unchecked: int = 0) -> Verdicts:
    """Return numbers by verdict."""
    return Verdicts(
        active=active, inactive=inactive, unknown=0, not_checkable=0, unchecked=unchecked
    )


def group(
    name: str, projects: int, told: Verdicts | None = None, within: dict[str, str] | None = None
) -> Group:
    """Return a group with a secret in each project."""
    known = told or verdicts(unchecked=projects)
    return Group(
        name=name,
        secrets=projects,
        occurrences=projects,
        projects=projects,
        verdicts=known,
        projects_by_verdict=known,
        active=None,
        within=within or {},
    )


@pytest.mark.parametrize(
    ("sizes", "away"),
    [
        ({"a": 9, "b": 5}, set()),
        # One alone could be had by subtraction: the next larger one goes with it.
        ({"a": 9, "b": 5, "c": 4}, {"b", "c"}),
        # Two small ones together may still be few projects.
        ({"a": 9, "b": 1, "c": 1}, {"a", "b", "c"}),
        ({"a": 1}, {"a"}),
        ({}, set()),
    ],
)
def test_a_large_group_is_hidden_with_small_ones(sizes: dict[str, int], away: set[str]) -> None:
    """The smallest that is large enough."""
    assert hidden(sizes, K) == away


def test_what_is_hidden_for_another_reason_is_company_enough() -> None:
    """When it is large."""
    assert hidden({"a": 9, "b": 8, "c": 1}, K, ("a",)) == {"a", "c"}


def test_within_a_group_that_is_shown_one_is_hidden_with_the_small_ones() -> None:
    """Its difference to the others would tell."""
    within = {"provider": "P"}
    groups = [
        group("p1", 9, within=within),
        group("p2", 7, within=within),
        group("p3", 2, within=within),
        group("q1", 20, within={"provider": "Q"}),
        group("q2", 6, within={"provider": "Q"}),
    ]
    assert hidden_below(groups, {"provider": set()}, K) == {"p2", "p3"}


def test_of_a_hidden_group_everything_is_hidden() -> None:
    """Or the rest of what is told of it together would be had."""
    groups = [
        group("p1", 9, within={"provider": "P"}),
        group("q1", 8, within={"provider": "Q"}),
        group("q2", 9, within={"provider": "Q"}),
    ]
    assert hidden_below(groups, {"provider": {"Q"}}, K) == {"q1", "q2"}


def test_what_is_hidden_is_one_group() -> None:
    """Of its projects only the largest number is known; its verdicts are not told."""
    told = shown([group("a", 9), group("b", 6), group("c", 2)], {"b", "c"}, {"b", "c"}, K)
    assert [one.name for one in told] == ["a", "others"]
    rest = told[1]
    assert (rest.merged, rest.secrets, rest.projects) == (2, 8, 6)
    assert rest.verdicts is None
    assert told[0].verdicts is not None


def test_verdicts_are_told_together_or_not_at_all() -> None:
    """And another group's go too: the difference to the total would tell."""
    groups = [
        group("a", 20, verdicts(active=8, inactive=12)),
        group("b", 16, verdicts(active=6, inactive=10)),
        group("c", 9, verdicts(active=1, inactive=8)),
    ]
    # The active one of c; of a and b, b has fewer projects with one.
    assert untold(groups, set(), {}, K) == {"b", "c"}


def test_verdicts_that_all_are_told_stay() -> None:
    """Where no cell is small."""
    groups = [group("a", 20, verdicts(active=8, inactive=12)), group("b", 9)]
    assert untold(groups, set(), {}, K) == set()


def test_bars_are_joined_with_the_next_large_one() -> None:
    """Small ones at the end with the last; empty ones stay."""

    def bar(lower: int, projects: int) -> Bin:
        return Bin(lower=lower, upper=lower + 1, secrets=projects, projects=projects)

    bars = [bar(1, 9), bar(2, 1), bar(3, 6), bar(4, 0), bar(5, 7), bar(6, 0), bar(7, 2)]
    assert [(one.lower, one.upper, one.secrets, one.projects) for one in joined(bars, K)] == [
        (1, 2, 9, 9),
        (2, 4, 7, 6),
        (4, 5, 0, 0),
        (5, 8, 9, 7),
    ]
    assert joined([bar(1, 2), bar(2, 2)], K) == ()
    assert joined([], K) == ()


@pytest.mark.parametrize(
    ("part", "is_safe"),
    [
        ((0, 0), True),
        ((4, 4), False),
        ((5, 5), True),
        # All of them leave nothing; nearly all leave a few.
        ((20, 10), True),
        ((19, 9), False),
        # What is left stands in as many projects as no secret of the part does, at least.
        ((15, 5), True),
        ((15, 6), False),
    ],
)
def test_a_part_must_leave_enough(part: tuple[int, int], is_safe: bool) -> None:  # noqa: FBT001 (an expected value)
    """Of 20 secrets in 10 projects."""
    assert is_safe_part(part, (20, 10), K) is is_safe
