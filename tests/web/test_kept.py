"""What is counted in the background, and given out until it was counted again."""

from __future__ import annotations

from threading import Event

import pytest

from keysift.errors import StoreError
from keysift.web.kept import Kept
from tests.web.site import Clock

_WAIT_S = 60.0


class Counting:
    """Counts how often it was asked; waits when it is told to."""

    def __init__(self) -> None:
        self.times = 0
        self.may_go_on = Event()
        self.may_go_on.set()
        self.error: Exception | None = None

    def __call__(self) -> int:
        """Return how often it was asked."""
        self.times += 1
        self.may_go_on.wait(_WAIT_S)
        if self.error is not None:
            raise self.error
        return self.times


def _kept(counting: Counting) -> tuple[Kept[int], Clock]:
    clock = Clock()
    return Kept(counting, fresh_s=5, kept_s=60, clock=clock), clock


def _value(kept: Kept[int]) -> int | None:
    made = kept.get(_WAIT_S)
    return None if made is None else made.value


def test_what_is_fresh_is_not_counted_again() -> None:
    """Within its time, a value is given out as it is."""
    counting = Counting()
    kept, clock = _kept(counting)
    assert _value(kept) == 1
    clock.now += 4
    assert _value(kept) == 1
    assert counting.times == 1


def test_what_is_old_is_given_out_while_it_is_counted_again() -> None:
    """Nobody waits for the new value; who asks later has it."""
    counting = Counting()
    kept, clock = _kept(counting)
    assert _value(kept) == 1
    clock.now += 6
    counting.may_go_on.clear()
    assert _value(kept) == 1
    assert _value(kept) == 1
    counting.may_go_on.set()
    clock.now += 100
    assert _value(kept) == 2
    assert counting.times == 2


def test_what_takes_too_long_is_not_waited_for() -> None:
    """The first value may take longer than a page can wait."""
    counting = Counting()
    kept, _ = _kept(counting)
    counting.may_go_on.clear()
    assert kept.get(0.01) is None
    counting.may_go_on.set()
    assert _value(kept) == 1
    assert counting.times == 1


def test_an_error_is_raised_once_and_then_it_is_tried_again() -> None:
    """A store that is away for a moment does not break a page for good."""
    counting = Counting()
    kept, _ = _kept(counting)
    counting.error = StoreError("away")
    with pytest.raises(StoreError, match="away"):
        kept.get(_WAIT_S)
    counting.error = None
    assert _value(kept) == 2
