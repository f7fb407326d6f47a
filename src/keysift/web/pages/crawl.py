"""Crawls: those that ended, and how far the one is that runs."""

from __future__ import annotations

from typing import Final

from litestar import get
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromQuery
from litestar.response import Template

from keysift.store.queries.runs import list_runs
from keysift.web.dashboard import Asked, Dashboard
from keysift.web.lists import pager
from keysift.web.live_view import LiveView, live_view
from keysift.web.runs_view import COLUMNS, shown_runs
from keysift.web.templating import page

PATH: Final = "/crawl"

_PATIENCE_S: Final = 3.0


@get(PATH, sync_to_thread=True)
def crawl_page(
    request: Asked, dashboard: NamedDependency[Dashboard], at: FromQuery[str] = ""
) -> Template:
    """Show crawls."""
    with dashboard.store.reading() as connection:
        found = list_runs(connection, at or None)
    return page(
        request,
        "crawl.html",
        live=_live(dashboard),
        runs=shown_runs(found.rows, is_crawled=dashboard.store.is_crawled()),
        run_columns=COLUMNS,
        pager=pager(PATH, found, "crawl", None),
    )


@get(f"{PATH}/live", sync_to_thread=True)
def live_fragment(request: Asked, dashboard: NamedDependency[Dashboard]) -> Template:
    """Show how far the crawl is: the part of the page that changes."""
    shown = page(request, "live.html", live=_live(dashboard))
    shown.headers["cache-control"] = "no-store"
    return shown


def _live(dashboard: Dashboard) -> LiveView | None:
    """Return how far the crawl is; None: that is still being counted."""
    standing = dashboard.counts.standing.get(_PATIENCE_S)
    if standing is None:
        return None
    with dashboard.store.reading() as connection:
        runs = list_runs(connection, limit=1).rows
    return live_view(
        runs[0] if runs else None,
        standing.value,
        dashboard.counts.pace,
        standing.at,
        is_crawled=dashboard.store.is_crawled(),
    )


HANDLERS: Final[list[HTTPRouteHandler]] = [crawl_page, live_fragment]
