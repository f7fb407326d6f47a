"""Ctrl-C and SIGTERM: the first asks for an end in order, the next one ends at once."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType, TracebackType
from typing import Final, Self

_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM)


class Interruptions:
    """Answers the signals that ask a command to end, while it is entered.

    They raise ``KeyboardInterrupt``, but inside ``asks`` the first one does not.
    """

    def __init__(self) -> None:
        self._stop: Callable[[], None] | None = None
        self._before: dict[signal.Signals, signal._HANDLER] = {}

    def __enter__(self) -> Self:
        self._before = {number: signal.signal(number, self._came) for number in _SIGNALS}
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    @contextmanager
    def asks(self, stop: Callable[[], None]) -> Iterator[None]:
        """Have the first signal call ``stop``, from wherever the program is."""
        self._stop = stop
        try:
            yield
        finally:
            self._stop = None

    def _came(self, _number: int, _frame: FrameType | None) -> None:
        stop, self._stop = self._stop, None
        if stop is None:
            raise KeyboardInterrupt
        stop()
