"""How fast files were scanned lately, by what was seen of a store while somebody watched."""

from __future__ import annotations

import threading
from collections import deque
from datetime import datetime, timedelta
from typing import Final

WINDOW: Final = timedelta(minutes=2)
"""What came before that is forgotten."""

_LEAST: Final = timedelta(seconds=3)


class Pace:
    """Keeps how many files were done when; may be used by many threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._samples: deque[tuple[datetime, int]] = deque()

    def add(self, at: datetime, done: int) -> None:
        """Note how many files were done at a time."""
        with self._lock:
            self._samples.append((at, done))
            # One that is older stays, so that there is always a window to look at.
            while len(self._samples) > 1 and at - self._samples[1][0] >= WINDOW:
                self._samples.popleft()

    def per_minute(self) -> float | None:
        """Return files a minute; None: it was not watched for long enough."""
        with self._lock:
            if not self._samples:
                return None
            (begin, before), (end, now) = self._samples[0], self._samples[-1]
        if end - begin < _LEAST:
            return None
        return max(0, now - before) / ((end - begin) / timedelta(minutes=1))

    def watched(self) -> timedelta:
        """Return how long it was watched."""
        with self._lock:
            if not self._samples:
                return timedelta()
            return self._samples[-1][0] - self._samples[0][0]
