"""Adding up what lists and charts show, beside the dashboard: at its start, and then regularly."""

from __future__ import annotations

from collections.abc import Callable
from threading import Event, Thread
from typing import Final, Protocol, Self

from keysift.errors import KeysiftError
from keysift.store.database import Store

_EVERY_S: Final = 30.0


class Refresh(Protocol):
    """Adds up what changed (``keysift.store.summaries.refresh``)."""

    def __call__(self, store: Store, *, progress: Callable[[int, int], None] | None = None) -> int:
        """Return how many projects had changed; say how many are done meanwhile, of how many."""


class Figures:
    """Adds up in a thread, as long as it is entered.

    Args:
        store: Of what was found.
        refresh: Adds up.
        report: Told what went wrong.
        every_s: How long to wait after that before it is done again.
    """

    def __init__(
        self,
        store: Store,
        refresh: Refresh,
        report: Callable[[str], None],
        every_s: float = _EVERY_S,
    ) -> None:
        self._store = store
        self._refresh = refresh
        self._report = report
        self._every_s = every_s
        self._left = 0
        self._end = Event()
        self._thread = Thread(target=self._work, name="keysift-figures", daemon=True)

    @property
    def left(self) -> int:
        """How many projects are still to be added up; lists and charts lack what changed there."""
        return self._left

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._end.set()
        self._thread.join()

    def _work(self) -> None:
        said = ""
        while not self._end.is_set():
            try:
                self._refresh(self._store, progress=self._progress)
                said = ""
            except _StoppedError:
                return
            except KeysiftError as error:
                # A store that fails for an hour is reported once.
                if str(error) != said:
                    self._report(str(error))
                said = str(error)
            self._left = 0
            self._end.wait(self._every_s)

    def _progress(self, done: int, of: int) -> None:
        self._left = of - done
        if self._end.is_set():
            raise _StoppedError


class _StoppedError(Exception):
    """The dashboard ends: what is not added up stays marked."""
