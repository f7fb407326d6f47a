"""Which groups are hidden, and which bars are joined: small examples, worked out by hand."""

from __future__ import annotations

import pytest

from keysift.statistics.hiding import (
    Part,
    are_told,
    conceal,
    hidden,
    is_safe_part,
    joined,
    shown,
)
from keysift.statistics.values import Bin, Group, Verdicts

K = 5


def verdicts(active: int = 0, inactive: int = 0, unchecked: int = 0) -> Verdicts:
    """Return numbers by verdict."""
    return Verdicts(
        active=active, inactive=inactive, unknown=0, not_checkable=0, unchecked=unchecked
    )


def group(name: str, projects: int, told: Verdicts | None = None) -> Group:
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


def concealed(cells: dict[tuple[str, str, str], int], away: set[str]) -> list[list[str]]:
    """Return what is hidden of types, providers and severities.

    Args:
        cells: Projects by type, provider and severity; no project is in two.
        away: Types that are hidden already.
    """
    sizes: list[dict[str, tuple[int, ...]]] = [{}, {}, {}]
    for names, projects in cells.items():
        for table, name in zip(sizes, names, strict=True):
            table[name] = (table.get(name, (0,))[0] + projects,)
    parts = [
        Part(row=(detector, provider), column=severity, projects=(projects,))
        for (detector, provider, severity), projects in cells.items()
    ]
    hides: list[set[str]] = [set(away), set(), set()]
    conceal(parts, sizes, hides, K)
    return [sorted(one) for one in hides]


def test_within_a_group_that_is_shown_one_is_hidden_with_the_small_ones() -> None:
    """Its difference to the others would tell; other groups stay."""
    cells = {
        ("p1", "P", "high"): 9,
        ("p2", "P", "high"): 7,
        ("p3", "P", "high"): 2,
        ("q1", "Q", "high"): 20,
        ("q2", "Q", "high"): 6,
    }
    assert concealed(cells, {"p3"}) == [["p2", "p3"], [], []]


def test_a_group_without_another_one_goes_with_one_elsewhere() -> None:
    """A small type of its own provider takes both along, and the next cheapest pair."""
    cells = {
        ("p1", "P", "high"): 2,
        ("q1", "Q", "high"): 20,
        ("r1", "R", "high"): 6,
        ("r2", "R", "high"): 7,
    }
    assert concealed(cells, {"p1"}) == [["p1", "r1"], ["P", "R"], []]


def test_tables_that_divide_one_another_need_company_in_each_part() -> None:
    """Of P, p2 is hidden with p3; both are low, and so is what of p1 is: nobody can tell which."""
    cells = {("p1", "P", "high"): 9, ("p1", "P", "low"): 1, ("q1", "Q", "low"): 8}
    # All low ones less those of q1: the one of p1. With q1 hidden it has company.
    assert concealed(cells, set()) == [["p1", "q1"], ["P", "Q"], []]
    # With another type of both severities nobody knows how many are of which.
    assert concealed({**cells, ("r1", "R", "high"): 6, ("r1", "R", "low"): 5}, set()) == [
        [],
        [],
        [],
    ]


def test_columns_are_hidden_where_no_row_helps() -> None:
    """All that is low is what of p1 is."""
    cells = {("p1", "P", "high"): 9, ("p1", "P", "low"): 1, ("q1", "Q", "high"): 8}
    assert concealed(cells, set()) == [[], [], ["high", "low"]]


def test_of_each_layer_enough_is_hidden() -> None:
    """What is enough in one may be too little in another."""
    sizes = [{"a": (9, 9), "b": (9, 6), "c": (6, 9), "d": (1, 1)}]
    parts = [Part(row=(name,), projects=numbers) for name, numbers in sizes[0].items()]
    hides = [{"d"}]
    conceal(parts, sizes, hides, 7)
    assert hides == [{"b", "c", "d"}]


def test_what_is_hidden_is_one_group() -> None:
    """Of its projects only the largest number is known; its verdicts are not told."""
    told = shown([group("a", 9), group("b", 6), group("c", 2)], {"b", "c"}, {"b", "c"}, K)
    assert [one.name for one in told] == ["a", "others"]
    rest = told[1]
    assert (rest.merged, rest.secrets, rest.projects) == (2, 8, 6)
    assert rest.verdicts is None
    assert told[0].verdicts is not None


def test_verdicts_are_told_when_none_is_small() -> None:
    """All of a group, or none of them."""
    assert are_told(group("a", 20, verdicts(active=8, inactive=12)), K)
    assert not are_told(group("c", 9, verdicts(active=1, inactive=8)), K)


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
