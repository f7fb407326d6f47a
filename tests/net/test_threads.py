"""Threads that wait for servers: in order, bounded, and nobody waits for them."""

from __future__ import annotations

import threading

import pytest

from keysift.net.threads import Threads, begin


def test_results_and_errors_come_back() -> None:
    """A future has what the call returned, or raises what it raised."""
    threads = Threads(2, "keysift-test")
    good = threads.start(lambda: 1 + 1)
    bad = threads.start(lambda: int("no number"))
    assert good.result() == 2
    with pytest.raises(ValueError, match="invalid literal"):
        bad.result()
    threads.end()


def test_no_more_at_a_time_than_said() -> None:
    """Calls beyond the number of threads wait for one to be free."""
    threads, may_go = Threads(2, "keysift-test"), threading.Event()
    running = threading.Semaphore(0)

    def work() -> None:
        running.release()
        may_go.wait()

    futures = [threads.start(work) for _ in range(5)]
    running.acquire()
    running.acquire()
    assert not running.acquire(blocking=False)
    may_go.set()
    for future in futures:
        future.result()
    threads.end()


def test_they_end() -> None:
    """Once they were told, no thread is left."""
    threads = Threads(3, "keysift-test-end")
    for future in [threads.start(lambda: None) for _ in range(9)]:
        future.result()
    mine = [thread for thread in threading.enumerate() if thread.name == "keysift-test-end"]
    assert len(mine) == 3
    assert all(thread.daemon for thread in mine)
    threads.end()
    for thread in mine:
        thread.join()


def test_no_room_for_a_thread_is_a_lack_of_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """Python's own error does not say what is missing."""

    def refuse(_: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", refuse)
    with pytest.raises(MemoryError):
        begin(lambda: None, "keysift-test")
