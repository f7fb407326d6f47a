"""How often somebody may try to log in: seldom, and ever more seldom.

It counts by address and by account. Litestar's limit counts requests in a window; what is wanted
here is a wait that grows with each failure, and one that nobody can inflict on somebody else.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from threading import Lock
from typing import Final

from msgspec import Struct

_FREE: Final = 4
"""Failures without a wait: people mistype."""

_FREE_FOR_ACCOUNT: Final = 10
"""The same for one account from everywhere."""

_LONGEST_S: Final = 15 * 60.0
_FORGOTTEN_S: Final = 60 * 60.0
_MOST: Final = 10_000
"""Addresses and accounts that are remembered; who has more addresses has other means too."""


class _Failures(Struct):
    count: int
    last: float


class Throttle:
    """Says who has to wait before the next login. May be used from several threads.

    Args:
        clock: Seconds that never go back.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._lock = Lock()
        self._addresses: OrderedDict[str, _Failures] = OrderedDict()
        self._accounts: OrderedDict[str, _Failures] = OrderedDict()

    def wait(self, address: str, account: str = "") -> float:
        """Return how many seconds are to pass before a login is looked at; 0 for none.

        An account that is being attacked stays open to addresses without a failure: else an attack
        would lock its owner out.
        """
        with self._lock:
            by_address = self._addresses.get(address)
            if by_address is None or self._is_old(by_address):
                return 0.0
            longest = self._left(by_address, _FREE)
            by_account = self._accounts.get(account) if account else None
            if by_account is not None and not self._is_old(by_account):
                longest = max(longest, self._left(by_account, _FREE_FOR_ACCOUNT))
            return longest

    def tried(self, address: str, account: str = "") -> None:
        """Remember an attempt as a failure, until it succeeds."""
        with self._lock:
            self._count(self._addresses, address)
            if account:
                self._count(self._accounts, account)

    def succeeded(self, address: str, account: str = "") -> None:
        """Forget the failures of an address, and that this attempt was taken for one.

        Others of the account stay: they were not its owner's.
        """
        with self._lock:
            self._addresses.pop(address, None)
            if account in self._accounts:
                self._accounts[account].count -= 1

    def _left(self, failures: _Failures, free: int) -> float:
        beyond = failures.count - free
        if beyond < 0:
            return 0.0
        # The exponent is bounded, since no float is as large as what a day of failures makes.
        delay = min(2.0 ** min(beyond, 32), _LONGEST_S)
        return max(0.0, failures.last + delay - self._clock())

    def _is_old(self, failures: _Failures) -> bool:
        return self._clock() - failures.last > _FORGOTTEN_S

    def _count(self, table: OrderedDict[str, _Failures], key: str) -> None:
        before = table.pop(key, None)
        count = 0 if before is None or self._is_old(before) else before.count
        while len(table) >= _MOST:
            table.popitem(last=False)
        table[key] = _Failures(count + 1, self._clock())
