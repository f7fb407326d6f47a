"""Where the checks of secrets stand, the figures of a report, and which crawls there were."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final

from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from msgspec import Struct

from keysift._version import __version__
from keysift.report.statistics_document import ReportDocument, report_document
from keysift.report.status_document import StatusDocument, status_document
from keysift.statistics.measure import Plan, measure
from keysift.store.asked import last_asking
from keysift.store.queries import contents
from keysift.store.queries.choose import Filters
from keysift.store.queries.status import status
from keysift.web.api.given import query_of
from keysift.web.api.operations import reads
from keysift.web.api.paging import Page, PageQuery, cursors, shown
from keysift.web.dashboard import Asked, Dashboard


class RunDocument(Struct, kw_only=True):
    """A crawl.

    Attributes:
        id: Its number.
        index: Address of the index, without credentials.
        version: Version of keysift.
        ruleset: Digest of the detectors.
        began: When it began (UTC).
        ended: When it ended (UTC); null: it runs, or was killed.
        counts: What it did, in numbers.
    """

    id: int
    index: str
    version: str
    ruleset: str
    began: datetime
    ended: datetime | None
    counts: dict[str, Any]


@reads("/verification")
def verification(dashboard: NamedDependency[Dashboard]) -> StatusDocument:
    """Where the checks of secrets stand: the document of `keysift status --confidence low`."""

    def count() -> StatusDocument:
        planner = dashboard.settings.verifying.planner
        with dashboard.store.reading() as connection:
            since = last_asking(connection)
            made = status(connection, Filters(), planner, datetime.now(UTC), since)
        return status_document(made, __version__)

    return dashboard.counted.get("verification", count)


@reads("/statistics")
def statistics(dashboard: NamedDependency[Dashboard]) -> ReportDocument:
    """The figures of a report: the document of `keysift report --format json`."""

    def count() -> ReportDocument:
        with dashboard.store.reading() as connection:
            found = measure(connection, dashboard.settings.catalogue, Plan())
        return report_document(found)

    return dashboard.counted.get("statistics", count)


@reads("/runs", query=PageQuery)
def runs(request: Asked, dashboard: NamedDependency[Dashboard]) -> Page[RunDocument]:
    """Crawls, page by page, the newest first."""
    asked = query_of(request, PageQuery)
    with dashboard.store.reading() as connection, cursors():
        page = contents.runs_page(connection, asked.cursor, asked.limit)
    return shown(page, _run)


def _run(row: contents.RunRow) -> RunDocument:
    return RunDocument(
        id=row.id,
        index=row.index,
        version=row.version,
        ruleset=row.ruleset,
        began=row.began_at,
        ended=row.ended_at,
        counts=row.counts,
    )


HANDLERS: Final[list[HTTPRouteHandler]] = [verification, statistics, runs]
