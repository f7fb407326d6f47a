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
        is_running: Whether it goes on.
        standing: How far crawls have come.
        share: Which part of the known files is done, in percent.
        pace: How fast it goes, in words; empty: not known.
        left: How long it takes yet, in words; empty: not known.
        sentence: All of it in one sentence, for people who listen.
    """

    at: datetime
    run: ShownRun | None
    is_running: bool
    standing: Standing
    share: str
    pace: str
    left: str
    sentence: str


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
    is_running = is_crawled and run is not None and run.ended_at is None
    speed = pace.per_minute() if is_running else None
    words = "" if speed is None else _speed(speed, pace)
    left = ""
    if speed:
        left = span(standing.pending / speed * _MINUTE_S)
    return LiveView(
        at=at,
        run=None if run is None else shown_runs([run], is_crawled=is_crawled)[0],
        is_running=is_running,
        standing=standing,
        share=share(standing.done, standing.known),
        pace=words,
        left=left if standing.pending else "",
        sentence=_sentence(run, standing, is_running=is_running),
    )


def _speed(speed: float, pace: Pace) -> str:
    if speed:
        return f"{speed:,.0f} files a minute" if speed >= 1 else "less than a file a minute"
    if pace.watched() >= WINDOW:
        return f"nothing in the last {span(WINDOW.total_seconds())}"
    return ""


def _sentence(run: Run | None, standing: Standing, *, is_running: bool) -> str:
    done = f"{standing.done:,} of {standing.known:,} known files are done"
    if run is None:
        return "There was no crawl yet."
    if run.ended_at is not None:
        return f"No crawl runs. {done}."
    return f"{'A crawl runs' if is_running else 'The crawl was killed'}. {done}."
