"""Shares, quantiles, means: against published numbers and another implementation."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from keysift.statistics.shares import mean, quantile, share
from keysift.statistics.values import Share


@pytest.mark.parametrize(
    ("count", "of", "lower", "upper"),
    [
        # Newcombe, Statistics in Medicine 17 (1998), table I, method 3.
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_the_interval_is_that_of_the_paper(count: int, of: int, lower: float, upper: float) -> None:
    """To its four digits."""
    found = share(count, of)
    assert found.lower == pytest.approx(lower, abs=6e-5)
    assert found.upper == pytest.approx(upper, abs=6e-5)


@given(st.integers(1, 10**7), st.data(), st.sampled_from([0.5, 0.9, 0.95, 0.99]))
def test_the_interval_is_that_of_scipy(of: int, data: st.DataObject, level: float) -> None:
    """For any share, and any level."""
    count = data.draw(st.integers(0, of))
    found = share(count, of, level)
    expected = stats.binomtest(count, of).proportion_ci(level, method="wilson")
    assert found.lower == pytest.approx(expected.low, abs=1e-6)
    assert found.upper == pytest.approx(expected.high, abs=1e-6)
    assert found.share is not None
    assert found.lower is not None
    assert found.upper is not None
    assert 0 <= found.lower <= found.share <= found.upper <= 1


def test_of_nothing_there_is_no_share() -> None:
    """Neither is there an interval."""
    assert share(0, 0) == Share(0, 0, None, None, None)


def test_ends_are_exact() -> None:
    """None is 0, and all is 1."""
    assert share(0, 7).lower == 0.0
    assert share(7, 7).upper == 1.0


@given(st.lists(st.integers(0, 50), min_size=1), st.floats(0.01, 1))
def test_a_quantile_is_the_first_number_that_enough_do_not_exceed(
    numbers: list[int], part: float
) -> None:
    """One of the numbers themselves."""
    found = quantile(Counter(numbers), part)
    assert found == next(
        number
        for number in sorted(numbers)
        if sum(one <= number for one in numbers) >= part * len(numbers)
    )


def test_of_nothing_there_is_no_middle() -> None:
    """Neither median nor mean."""
    assert quantile({}, 0.5) is None
    assert mean({}) is None
    assert mean({1: 3, 5: 1}) == 2
