"""The account of an artifact."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from keysift.model import SkipReason
from keysift.unpack import Budget, Limits

_LIMITS = Limits(total_bytes=10, members=2, steps=5)


@pytest.mark.parametrize(
    ("charge", "allowed", "reason"),
    [
        (lambda budget: budget.take(2), 5, SkipReason.BYTES_BUDGET),
        (lambda budget: budget.member(), 2, SkipReason.TOO_MANY_MEMBERS),
        (lambda budget: budget.step(), 5, SkipReason.STEP_BUDGET),
    ],
)
def test_each_account_ends_with_its_own_reason(
    charge: Callable[[Budget], bool], allowed: int, reason: SkipReason
) -> None:
    """Up to its limit an account says yes; from then on it says no, and why."""
    budget = Budget(_LIMITS)
    assert [charge(budget) for _ in range(allowed)] == [True] * allowed
    assert not charge(budget)
    assert budget.exhausted is reason
    assert budget.skip("a/b").reason is reason
    assert budget.skip("a/b").path == "a/b"


def test_an_exhausted_budget_refuses_everything_for_its_first_reason() -> None:
    """Once one account is empty, the others refuse as well, and the reason stays."""
    budget = Budget(_LIMITS)
    budget.take(11)
    assert not budget.step()
    assert not budget.member()
    assert not budget.take(0)
    assert budget.exhausted is SkipReason.BYTES_BUDGET


def test_an_overlap_as_long_as_a_segment_is_refused() -> None:
    """Segments that would never advance are an error of whoever sets the limits."""
    with pytest.raises(ValueError, match="segment_overlap"):
        Limits(segment_bytes=10, segment_overlap=10)


def test_what_is_inside_of_members_never_ends_the_reading_of_what_follows() -> None:
    """However many bombs there are, half of each account is left for the archive itself."""
    budget = Budget(Limits(total_bytes=1000, members=1000, steps=10_000))
    for _ in range(20):
        inner = budget.share()
        while inner.take(1) and inner.step() and inner.member():
            pass
        budget.settle(inner)
    assert budget.exhausted is None
    assert 400 < budget.bytes_taken <= 520
