"""Projects: which have findings, and which releases of a project carry what."""

from __future__ import annotations

from typing import Annotated, Any, Final

from litestar import get
from litestar.di import NamedDependency
from litestar.exceptions import NotFoundException
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, FromQuery, Parameter
from litestar.response import Template

from keysift.errors import UsageError
from keysift.store.queries import projects as query
from keysift.store.queries.carried import carried
from keysift.store.stale import stale_projects
from keysift.web.charts import SEVERITIES
from keysift.web.cursors import read
from keysift.web.dashboard import Asked, Dashboard
from keysift.web.links import address
from keysift.web.lists import pager, sortable
from keysift.web.project_view import project_view
from keysift.web.shown import Column
from keysift.web.templating import page

PATH: Final = "/projects"

_LARGEST: Final = 2**63 - 1
_PAGES: Final = 1_000_000
_RELEASES: Final = (
    Column("Release"),
    Column("Uploaded"),
    Column("Findings", "number"),
    Column("Files"),
)


@get(PATH, sync_to_thread=True)
def projects_page(
    request: Asked,
    dashboard: NamedDependency[Dashboard],
    name: FromQuery[str] = "",
    clean: FromQuery[str] = "",
    sort: FromQuery[str] = "",
    at: FromQuery[str] = "",
) -> Template:
    """List projects."""
    wanted = _wanted(name, sort, is_clean=clean == "1")
    said = {"name": name, "clean": "1" if wanted.clean else ""}
    with dashboard.store.reading() as connection:
        place = read(at, query.keys(wanted))
        listed, found = query.list_projects(connection, wanted, place)
        number = query.count_projects(connection, wanted)
        stale = stale_projects(connection)
    return page(
        request,
        "projects.html",
        projects=listed,
        columns=_columns(wanted, said),
        pager=pager(
            PATH, found, "project", number, query.COUNTED, **said, sort=sort
        ),
        wanted=wanted,
        sort=sort,
        stale=stale,
        severities=tuple(SEVERITIES),
    )


@get(f"{PATH}/{{project:int}}", sync_to_thread=True)
def project_page(
    request: Asked,
    dashboard: NamedDependency[Dashboard],
    project: FromPath[int],
    page_number: Annotated[int, Parameter(query="page", ge=1, le=_PAGES)] = 1,
) -> Template:
    """Show a project."""
    if not 0 < project <= _LARGEST:
        raise NotFoundException
    with dashboard.store.reading() as connection:
        found = query.find_project(connection, project)
        if found is None:
            raise NotFoundException
        held = carried(connection, project)
    view = project_view(held, dashboard.settings.catalogue, project, page_number)
    return page(
        request,
        "project.html",
        project=found,
        view=view,
        severities=tuple(SEVERITIES),
        release_columns=_RELEASES,
        # A name may hold what a glob gives a meaning; indexes of Python have none like that.
        findings_link=address("/findings", project=found.name),
        coverage_link=address("/coverage", project=found.name),
    )


def _wanted(name: str, sort: str, *, is_clean: bool) -> query.Wanted:
    order = sort.removeprefix("-") or "critical"
    if order not in query.ORDERS:
        raise UsageError("sort: projects cannot be sorted by that")
    return query.Wanted(
        name=name.strip(),
        clean=is_clean,
        order=order,
        is_rising=bool(sort) and not sort.startswith("-"),
    )


def _columns(wanted: query.Wanted, said: dict[str, str]) -> list[Column]:
    if wanted.clean:
        names = ("Severities", "Findings", "Open", "Working", "In newest")
        numbers = [Column(one, "" if one == "Severities" else "number") for one in names]
        return [
            Column("Project", sorted="ascending"),
            *numbers,
            Column("Newest release"),
            Column("Last upload"),
            Column("Looked at"),
        ]

    def sorting(name: str, order: str, **more: Any) -> Column:  # noqa: ANN401 (of sortable)
        return sortable(
            name, order, PATH, now=wanted.order, is_rising=wanted.is_rising, wanted=said, **more
        )

    severities = sorting("Severities", "critical")
    return [
        sorting("Project", "name", text=True),
        Column(severities.name, "", severities.link, severities.sorted),
        sorting("Findings", "findings"),
        sorting("Open", "open"),
        sorting("Working", "active"),
        sorting("In newest", "present"),
        Column("Newest release"),
        sorting("Last upload", "upload"),
        Column("Looked at"),
    ]


HANDLERS: Final[list[HTTPRouteHandler]] = [projects_page, project_page]
