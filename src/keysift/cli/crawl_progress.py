"""What a crawl shows while it runs: a bar, JSON lines for programs, numbers to scrape.

``Watch`` makes a ``Progress`` of what the crawl says, and views show it.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING, ClassVar, Final, Literal, Protocol

import msgspec
from msgspec import Struct

from keysift.cli.environment import Environment
from keysift.report.escape import visible

if TYPE_CHECKING:
    from keysift.crawl.standing import Standing

LINE_S: Final = 1.0
"""JSON lines come no faster than this."""

_WINDOW_S: Final = 30.0
_SAMPLE_S: Final = 1.0
_SURE: Final = 0.001
# With less of the work done than this, what is left is anybody's guess.


class Progress(Struct, frozen=True, kw_only=True, tag_field="event", tag="progress"):
    """How far a crawl is; every second at most, and once at its end.

    Attributes:
        schema: Name and version of this format.
        is_last: Whether the crawl has ended.
        elapsed_s: Seconds since it began.
        left_s: Seconds until its end, as far as can be told; null when it cannot.
        projects_done: Projects looked at, without a file left to scan.
        projects_known: Projects that there is something to do with; 0 until the list is read.
        artifacts_done: Files scanned or failed.
        artifacts_known: Files to scan, of the projects looked at so far.
        is_all_known: Whether all projects were looked at: ``artifacts_known`` will not grow.
        received_bytes: Bytes that came from the index: files, also unfinished ones, and pages.
        fetched_bytes: Bytes fetched of the files that are scanned.
        published_bytes: Bytes of those files as they are published.
        saved_bytes: What did not have to be fetched of them.
        matches: Matches in them.
        incomplete: Files of which something could not be looked at.
        failed: Files that could not be scanned.
        unread: Projects whose page could not be read.
        artifacts_per_s: Of the last half minute.
        received_bytes_per_s: Of the last half minute.
        current: The file that was begun last; empty before the first.
    """

    schema: Literal["keysift.crawl-progress/1"] = "keysift.crawl-progress/1"
    is_last: bool = False
    elapsed_s: float = 0.0
    left_s: float | None = None
    projects_done: int = 0
    projects_known: int = 0
    artifacts_done: int = 0
    artifacts_known: int = 0
    is_all_known: bool = False
    received_bytes: int = 0
    fetched_bytes: int = 0
    published_bytes: int = 0
    saved_bytes: int = 0
    matches: int = 0
    incomplete: int = 0
    failed: int = 0
    unread: int = 0
    artifacts_per_s: float = 0.0
    received_bytes_per_s: float = 0.0
    current: str = ""


class Trouble(Struct, frozen=True, kw_only=True, tag_field="event", tag="trouble"):
    """Something could not be had.

    Attributes:
        schema: Name and version of this format.
        message: What, and why.
    """

    schema: Literal["keysift.crawl-progress/1"] = "keysift.crawl-progress/1"
    message: str


class View(Protocol):
    """Shows how a crawl goes."""

    every_s: ClassVar[float]
    """It wants to be told no more often than this, and once at the end."""

    def show(self, progress: Progress) -> None:
        """Show how far the crawl is."""

    def trouble(self, what: str) -> None:
        """Say what could not be had."""

    def close(self) -> None:
        """Show nothing more."""


class Silent:
    """Shows troubles only, as lines of text."""

    every_s: ClassVar[float] = float("inf")

    def __init__(self, environment: Environment) -> None:
        self._stream = environment.stderr

    def show(self, progress: Progress) -> None:
        """Do nothing."""

    def trouble(self, what: str) -> None:
        """Print it."""
        print(f"keysift: {what}", file=self._stream)

    def close(self) -> None:
        """Do nothing."""


class Lines:
    """Writes JSON objects, one a line."""

    every_s: ClassVar[float] = LINE_S

    def __init__(self, environment: Environment) -> None:
        self._stream = environment.stderr

    def show(self, progress: Progress) -> None:
        """Write it."""
        self._write(progress)

    def trouble(self, what: str) -> None:
        """Write it too."""
        self._write(Trouble(message=what))

    def close(self) -> None:
        """Do nothing."""

    def _write(self, event: Progress | Trouble) -> None:
        print(msgspec.json.encode(event).decode(), file=self._stream, flush=True)


class _Rate:
    """How fast things went lately."""

    def __init__(self) -> None:
        self._samples: deque[tuple[float, int, int]] = deque([(0.0, 0, 0)])

    def per_s(self, now: float, artifacts: int, received: int) -> tuple[float, float]:
        """Return artifacts and bytes a second, given how many there are by now."""
        samples = self._samples
        if now - samples[-1][0] >= _SAMPLE_S:
            samples.append((now, artifacts, received))
        # The oldest one kept is the last from before the window.
        while len(samples) > 1 and now - samples[1][0] >= _WINDOW_S:
            samples.popleft()
        began, before, held = samples[0]
        span = max(now - began, 1e-3)
        return (artifacts - before) / span, (received - held) / span


class Watch:
    """Is told how a crawl goes, and tells the views; for ``Crawler``.

    Args:
        views: Are told. The first one says what goes wrong.
        received: Returns how many bytes came from the index.
    """

    def __init__(self, views: list[View], received: Callable[[], int]) -> None:
        self._views = views
        self._received = received
        self._began = time.monotonic()
        self._told = [float("-inf")] * len(views)
        self._rate = _Rate()
        self._current = ""
        self._last: Standing | None = None

    def began(self, project: str, name: str) -> None:
        """Keep what is looked at."""
        self._current = f"{project}: {name}" if project else name

    def progressed(self, standing: Standing) -> None:
        """Tell the views that have waited long enough."""
        self._last = standing
        now = time.monotonic()
        due = [n for n, view in enumerate(self._views) if now - self._told[n] >= view.every_s]
        if not due:
            return
        progress = self._progress(standing, is_last=False)
        for number in due:
            self._told[number] = now
            self._views[number].show(progress)

    def trouble(self, what: str) -> None:
        """Say it."""
        self._views[0].trouble(visible(what))

    def close(self) -> None:
        """Show how the crawl ended, if it ever began."""
        if self._last is not None:
            progress = self._progress(self._last, is_last=True)
            for view in self._views:
                view.show(progress)
        for view in self._views:
            view.close()

    def _progress(self, standing: Standing, *, is_last: bool) -> Progress:
        counts = standing.counts
        elapsed, received = time.monotonic() - self._began, self._received()
        artifacts, size = self._rate.per_s(elapsed, standing.artifacts_done, received)
        part = standing.part_done
        left = elapsed * (1 - part) / part if part >= _SURE and not is_last else None
        return Progress(
            is_last=is_last,
            elapsed_s=round(elapsed, 3),
            left_s=None if left is None else round(left, 3),
            projects_done=standing.projects_done,
            projects_known=standing.projects_known,
            artifacts_done=standing.artifacts_done,
            artifacts_known=standing.artifacts_known,
            is_all_known=standing.is_all_known,
            received_bytes=received,
            fetched_bytes=counts.fetched_bytes,
            published_bytes=counts.published_bytes,
            saved_bytes=max(0, counts.published_bytes - counts.fetched_bytes),
            matches=counts.findings,
            incomplete=counts.incomplete,
            failed=counts.failed,
            unread=counts.unread,
            artifacts_per_s=round(artifacts, 3),
            received_bytes_per_s=round(size, 3),
            current=self._current,
        )
