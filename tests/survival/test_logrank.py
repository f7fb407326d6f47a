"""The log-rank test against a textbook and against lifelines."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lifelines.statistics import multivariate_logrank_test
from scipy.stats import chi2

from keysift.survival import Span, logrank
from keysift.survival.logrank import chi_squared_tail
from tests.survival.test_curve import MERCAPTOPURINE, PLACEBO, late, plain


def test_the_textbook_s_trial() -> None:
    """Freireich 1963: chi squared is 16.79."""
    found = logrank([MERCAPTOPURINE, PLACEBO])
    assert found is not None
    assert (round(found.statistic, 2), found.degrees) == (16.79, 1)
    assert found.p == pytest.approx(4.17e-5, rel=0.01)


@given(st.lists(plain, min_size=2, max_size=5))
def test_it_is_the_test_of_lifelines(groups: list[list[Span]]) -> None:
    """Statistic and probability are those of a statistics package."""
    found = logrank(groups)
    if found is None:
        return
    flat = [(number, span) for number, group in enumerate(groups) for span in group]
    expected = multivariate_logrank_test(
        [span.exit for _, span in flat],
        [number for number, _ in flat],
        [span.died for _, span in flat],
    )
    assert found.statistic == pytest.approx(expected.test_statistic, abs=1e-6)
    assert found.p == pytest.approx(expected.p_value, abs=1e-6)


@given(st.lists(st.lists(late(), min_size=1), min_size=2, max_size=3))
def test_the_order_of_groups_does_not_matter(groups: list[list[Span]]) -> None:
    """Any group may be the last, which stands for the rest."""
    found, other = logrank(groups), logrank(groups[::-1])
    assert (found is None) == (other is None)
    if found is not None and other is not None:
        assert found.statistic == pytest.approx(other.statistic, abs=1e-6)
        assert found.statistic >= -1e-9


def test_there_must_be_something_to_compare() -> None:
    """One group, nobody under risk, or no death at all: no test."""
    assert logrank([PLACEBO]) is None
    assert logrank([PLACEBO, [Span(40, 40, died=False)]]) is None
    assert logrank([[Span(0, 5, died=False)], [Span(0, 7, died=False)]]) is None


@pytest.mark.parametrize("degrees", [1, 2, 3, 4, 7, 30, 401])
@pytest.mark.parametrize("x", [0, 0.1, 1, 3.84, 20, 400])
def test_the_tail_of_chi_squared(x: float, degrees: int) -> None:
    """It is that of scipy."""
    assert chi_squared_tail(x, degrees) == pytest.approx(chi2.sf(x, degrees), rel=1e-9, abs=1e-300)
