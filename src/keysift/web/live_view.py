"""How far the crawl is, as values. All of it comes from the store: a crawl may run anywhere."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from msgspec import Struct

from keysift.store.queries.runs import Run, Standing
from keysift.web.overview_view import share
from keysift.web.pace import WINDOW, Pace
from keysift.web.runs_view import ShownRun, shown_runs, span

_MINUTE_S: Final = 60.0


class LiveView(Struct, frozen=True, kw_only=True):
    """How far the crawl is.

    Attributes:
        at: When it was counted (UTC).
        run: The last crawl; None: there was none.
        standing: How far crawls have come.
        share: Which part of the known files is done, in percent.
        pace: How fast it goes, in words; empty: not known.
        left: How long it takes yet, in words; empty: not known.
        sentence: All of it in one sentence, for people who listen.
    """

    at: datetime
    run: ShownRun | None
    standing: Standing
    share: str
    pace: str
    left: str
    sentence: str

    @property
    def is_running(self) -> bool:
        """Whether a crawl goes on."""
        return _is_running(self.run)


def live_view(
    run: Run | None, standing: Standing, pace: Pace, at: datetime, *, is_crawled: bool
) -> LiveView:
    """Return how far the crawl is.

    Args:
        run: The last crawl; None: there was none.
        standing: How far crawls have come.
        pace: How fast it went lately.
        at: When that was counted.
        is_crawled: Whether a crawl holds the store.
    """
    shown = None if run is None else shown_runs([run], is_crawled=is_crawled)[0]
    speed = pace.per_minute() if _is_running(shown) else None
    words = "" if speed is None else _speed(speed, pace)
    left = ""
    if speed:
        left = span(standing.pending / speed * _MINUTE_S)
    return LiveView(
        at=at,
        run=shown,
        standing=standing,
        share=share(standing.done, standing.known),
        pace=words,
        left=left if standing.pending else "",
        sentence=_sentence(shown, standing),
    )


def _speed(speed: float, pace: Pace) -> str:
    if speed:
        return f"{speed:,.0f} files a minute" if speed >= 1 else "less than a file a minute"
    if pace.watched() >= WINDOW:
        return f"nothing in the last {span(WINDOW.total_seconds())}"
    return ""


def _is_running(run: ShownRun | None) -> bool:
    return run is not None and run.state == "running"


def _sentence(run: ShownRun | None, standing: Standing) -> str:
    done = f"{standing.done:,} of {standing.known:,} known files are done"
    if run is None:
        return "There was no crawl yet."
    if run.state == "ended":
        return f"No crawl runs. {done}."
    return f"{'A crawl runs' if _is_running(run) else 'The crawl was killed'}. {done}."
