"""How long somebody has to wait before the next login."""

from __future__ import annotations

from keysift.web.throttle import Throttle
from tests.web.site import Clock


def _tried(throttle: Throttle, times: int, address: str = "a", account: str = "") -> None:
    for _ in range(times):
        throttle.tried(address, account)


def test_the_wait_doubles_up_to_a_quarter_of_an_hour() -> None:
    """From the fourth failure on."""
    throttle = Throttle(Clock())
    waits = []
    for _ in range(40):
        throttle.tried("a")
        waits.append(throttle.wait("a"))
    assert waits[:7] == [0, 0, 0, 1, 2, 4, 8]
    assert waits[-1] == 15 * 60
    _tried(throttle, 2_000)
    assert throttle.wait("a") == 15 * 60, "however often"


def test_waiting_helps() -> None:
    """After the wait one attempt is free; after an hour all is forgotten."""
    clock = Clock()
    throttle = Throttle(clock)
    _tried(throttle, 6)
    clock.now += 3
    assert throttle.wait("a") == 1
    clock.now += 1
    assert throttle.wait("a") == 0
    throttle.tried("a")
    assert throttle.wait("a") == 8
    clock.now += 60 * 60 + 1
    throttle.tried("a")
    assert throttle.wait("a") == 0


def test_a_success_forgets_the_failures_of_an_address_alone() -> None:
    """Those of the account were not its owner's: who guesses goes on waiting."""
    throttle = Throttle(Clock())
    _tried(throttle, 15, "attacker", "grace")
    throttle.tried("owner", "grace")
    throttle.succeeded("owner", "grace")
    assert throttle.wait("owner", "grace") == 0
    throttle.tried("other", "grace")
    assert throttle.wait("other", "grace") == 2**6
    assert throttle.wait("attacker") > 0


def test_memory_is_bounded() -> None:
    """However many addresses somebody has."""
    throttle = Throttle(Clock())
    for number in range(10_100):
        throttle.tried(str(number), str(number))
    assert len(throttle._addresses) == len(throttle._accounts) == 10_000
