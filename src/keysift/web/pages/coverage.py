"""Coverage: what was looked at, what was not, and why."""

from __future__ import annotations

from typing import Annotated, Final

from litestar import get
from litestar.di import NamedDependency
from litestar.exceptions import NotFoundException
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, FromQuery, QueryParameter
from litestar.response import Template

from keysift.errors import UsageError
from keysift.model import SkipReason
from keysift.report.summary import human_bytes
from keysift.store.queries.artifact import SHOWN, find_artifact
from keysift.store.queries.find_artifacts import (
    Scan,
    WantedArtifacts,
    count_artifacts,
    find_artifacts,
)
from keysift.web import coverage_view as view
from keysift.web.counts import WAIT_S
from keysift.web.dashboard import Asked, Dashboard
from keysift.web.lists import pager
from keysift.web.project_view import SCANS, STATES, type_name
from keysift.web.shown import Column
from keysift.web.templating import page

PATH: Final = "/coverage"

_LARGEST: Final = 2**63 - 1
_COLUMNS: Final = (
    Column("File"),
    Column("Project"),
    Column("What became of it"),
    Column("Size", "number"),
    Column("Uploaded", "number"),
    Column("Scanned", "number"),
)
_REASON_COLUMNS: Final = (
    Column("Reason"),
    Column("What it means"),
    Column("Times", "number"),
    Column("Files", "number"),
    Column("Size", "number"),
)
_SKIPS: Final = (Column("Path"), Column("Reason"), Column("Detail"), Column("Size", "number"))
_SPOTS: Final = (Column("Finding"), Column("Severity"), Column("Where"))


@get(PATH, sync_to_thread=True)
def coverage_page(  # noqa: PLR0913, PLR0917 (parameters of the address)
    request: Asked,
    dashboard: NamedDependency[Dashboard],
    became: Annotated[str, QueryParameter(name="state")] = "",
    reason: FromQuery[str] = "",
    project: FromQuery[str] = "",
    deleted: FromQuery[str] = "",
    at: FromQuery[str] = "",
) -> Template:
    """Show what was looked at, and list files."""
    looked = dashboard.counts.covered.get(WAIT_S)
    if looked is None:
        return page(request, "counting.html", title="Coverage")
    project = project.strip()
    wanted = WantedArtifacts(
        scans=_scans(became),
        reason=_reason(reason),
        project=project or None,
        deleted=deleted == "1",
    )
    with dashboard.store.reading() as connection:
        found = find_artifacts(connection, wanted, cursor=at or None)
        number = count_artifacts(connection, wanted)
    said = {"state": became, "reason": reason, "project": project, "deleted": deleted}
    return page(
        request,
        "coverage.html",
        at=looked.at,
        looked=looked.value,
        content_size=human_bytes(looked.value.content_bytes),
        states=view.state_figures(looked.value),
        reasons=view.shown_reasons(looked.value),
        chart=view.reasons_chart(looked.value),
        artifacts=found.rows,
        words=SCANS,
        pager=pager(PATH, found, "file", number, **said),
        columns=_COLUMNS,
        reason_columns=_REASON_COLUMNS,
        wanted=said,
        state_choices=[("", "any"), *((one.value, words) for one, words in SCANS.items())],
        reason_choices=[
            ("", "any"),
            *((one.value, view.in_words(one.value)) for one in SkipReason),
        ],
        in_words=view.in_words,
    )


@get(f"{PATH}/artifacts/{{artifact:int}}", sync_to_thread=True)
def artifact_page(
    request: Asked, dashboard: NamedDependency[Dashboard], artifact: FromPath[int]
) -> Template:
    """Show a file."""
    if not 0 < artifact <= _LARGEST:
        raise NotFoundException
    with dashboard.store.reading() as connection:
        found = find_artifact(connection, artifact)
    if found is None:
        raise NotFoundException
    catalogue = dashboard.settings.catalogue
    return page(
        request,
        "artifact.html",
        artifact=found,
        words=STATES,
        gaps=sum(view.is_gap(one.reason) for one in found.skips),
        names={one.detector: type_name(catalogue, one.detector) for one in found.spots},
        in_words=view.in_words,
        meaning=view.meaning,
        is_gap=view.is_gap,
        most=SHOWN,
        skip_columns=_SKIPS,
        spot_columns=_SPOTS,
    )


def _scans(word: str) -> tuple[Scan, ...]:
    if not word:
        return ()
    try:
        return (Scan(word),)
    except ValueError:
        raise UsageError("state: there is no such state of a file") from None


def _reason(word: str) -> SkipReason | None:
    if not word:
        return None
    try:
        return SkipReason(word)
    except ValueError:
        raise UsageError("reason: nothing is passed over for such a reason") from None


HANDLERS: Final[list[HTTPRouteHandler]] = [coverage_page, artifact_page]
