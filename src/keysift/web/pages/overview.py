"""The first page: what the store holds, at a glance."""

from __future__ import annotations

from typing import Final

from litestar import get
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.response import Template

from keysift.store.queries.runs import list_runs
from keysift.web.counts import WAIT_S
from keysift.web.dashboard import Asked, Dashboard
from keysift.web.overview_view import overview
from keysift.web.runs_view import COLUMNS, shown_runs
from keysift.web.templating import page

_RUNS: Final = 5
_PATIENCE_S: Final = 0.5


@get("/", sync_to_thread=True)
def overview_page(request: Asked, dashboard: NamedDependency[Dashboard]) -> Template:
    """Show what the store holds."""
    counted = dashboard.counts.figures.get(WAIT_S)
    looked = dashboard.counts.covered.get(WAIT_S)
    # It goes through the whole history of checks: the page does not wait long for that.
    due = dashboard.counts.status.get(_PATIENCE_S)
    with dashboard.store.reading() as connection:
        runs = list_runs(connection, limit=_RUNS).rows
    if counted is None or looked is None:
        return page(request, "counting.html", title="Overview")
    shown = overview(
        counted.at,
        counted.value,
        looked.value,
        None if due is None else due.value,
        shown_runs(runs, is_crawled=dashboard.store.is_crawled()),
        dashboard.settings.catalogue,
    )
    return page(request, "overview.html", overview=shown, run_columns=COLUMNS)


HANDLERS: Final[list[HTTPRouteHandler]] = [overview_page]
