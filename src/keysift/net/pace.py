"""The speed at which an answer arrives: not too slow, and not faster than we want."""

from __future__ import annotations

import time
from typing import Final

from keysift.errors import IndexUnavailableError
from keysift.net.politeness import Politeness

_GRACE_S: Final = 60.0
_SLOWEST_BYTES_PER_S: Final = 1024


class Pace:
    """How fast one answer arrives; a read time-out alone lets a byte now and then go on for ever.

    After the first minute, less than a kilobyte a second on average is too slow. Also keeps the
    rate that all processes share, if there is one; the waits for it are not the server's.

    Args:
        politeness: Holds that rate.
    """

    def __init__(self, politeness: Politeness | None = None) -> None:
        self._politeness = politeness
        self._began = time.monotonic()
        self._bytes = 0

    def arrived(self, size_bytes: int) -> None:
        """Note that more arrived, and wait as the rate wants.

        Raises:
            IndexUnavailableError: It is too slow.
        """
        self._bytes += size_bytes
        elapsed = time.monotonic() - self._began
        if elapsed > _GRACE_S and self._bytes < elapsed * _SLOWEST_BYTES_PER_S:
            raise IndexUnavailableError(
                f"only {self._bytes} bytes arrived in {elapsed:.0f} seconds; try again later"
            )
        if self._politeness is not None:
            self._began += self._politeness.spend(size_bytes)
