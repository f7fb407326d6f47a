"""What takes long to count is counted once for a state of the store."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from keysift.store.database import Store
from keysift.web.counted import Counted
from tests.store.history import History
from tests.store.samples import found


class Counter:
    """Counts how often it was asked to."""

    def __init__(self) -> None:
        self.times = 0

    def __call__(self) -> int:
        """Count once more."""
        self.times += 1
        return self.times


def test_it_is_counted_anew_when_the_store_has_changed(store: Store) -> None:
    """A decision, a scan, or a minute; nothing else does."""
    history = History(store)
    history.publish("demo", "1.0", found(1))
    now = [0.0]
    counted, count = Counted(store, clock=lambda: now[0]), Counter()
    assert [counted.get("a", count) for _ in range(3)] == [1, 1, 1]
    history.decided(1, "test")
    assert [counted.get("a", count) for _ in range(2)] == [2, 2]
    history.publish("demo", "2.0", found(2))
    assert counted.get("a", count) == 3
    now[0] = 61.0
    assert [counted.get("a", count) for _ in range(2)] == [4, 4]


def test_only_some_are_kept(store: Store) -> None:
    """The ones that were asked for last."""
    counted, count = Counted(store), Counter()
    for number in range(70):
        counted.get(number, count)
    assert counted.get(69, count) == 70
    assert counted.get(0, count) == 71


def test_others_wait_for_whoever_counts(store: Store) -> None:
    """Nobody counts the same a second time, and other numbers do not wait."""
    counted, count = Counted(store), Counter()
    inside = Barrier(2)

    def slow() -> int:
        # Somebody else is counting another number at this moment.
        inside.wait(60)
        return count()

    with ThreadPoolExecutor(8) as threads:
        same = [threads.submit(counted.get, "slow", slow) for _ in range(6)]
        other = threads.submit(counted.get, "other", lambda: inside.wait(60))
        assert {one.result(60) for one in same} == {1}
        assert other.result(60) in {0, 1}


def test_a_count_that_fails_is_tried_again(store: Store) -> None:
    """Whoever asks next counts."""
    counted, count = Counted(store), Counter()
    answers = iter((lambda: 1 // 0, count))
    for _ in range(2):
        try:
            value = counted.get("a", next(answers))
        except ZeroDivisionError:
            continue
        assert value == 1
    assert count.times == 1
