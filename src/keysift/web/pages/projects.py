"""Projects: which have findings, and which releases of a project carry what."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Final

from litestar import get
from litestar.di import NamedDependency
from litestar.exceptions import NotFoundException
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, FromQuery, QueryParameter
from litestar.response import Template

from keysift.errors import UsageError
from keysift.store.queries.carried import carried
from keysift.store.queries.find_projects import SortProjects, count_projects, find_projects
from keysift.store.queries.projects import (
    Looked,
    count_known,
    known,
    list_known,
    looked,
    newest,
)
from keysift.store.stale import stale_projects
from keysift.web.charts import SEVERITIES
from keysift.web.dashboard import Asked, Dashboard
from keysift.web.links import address, exactly
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
_SORTED: Final = (
    ("Project", SortProjects.NAME),
    ("Severities", SortProjects.WORST),
    ("Findings", SortProjects.FINDINGS),
    ("Open", SortProjects.OPEN),
    ("Working", SortProjects.ACTIVE),
    ("In newest", SortProjects.PRESENT),
    ("Newest release", None),
    ("Last upload", SortProjects.LAST_UPLOAD),
    ("Looked at", None),
)
_TEXTS: Final = frozenset({"Project", "Severities", "Newest release", "Looked at"})


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
    is_all = clean == "1"
    order, is_rising = _order(sort)
    said = {"name": name, "clean": "1" if is_all else ""}
    with dashboard.store.reading() as connection:
        if is_all:
            found = list_known(connection, name, cursor=at or None)
            number = count_known(connection, name)
            rows = {one.id: one for one in found.rows}
        else:
            listed = find_projects(
                connection, name, order, descending=not is_rising, cursor=at or None
            )
            number = count_projects(connection, name)
            rows = known(connection, [one.id for one in listed.rows])
        numbers = [one.id for one in (found if is_all else listed).rows]
        files, versions = looked(connection, numbers), newest(connection, numbers)
        stale = stale_projects(connection)
    return page(
        request,
        "projects.html",
        projects=[(rows[one], files.get(one, Looked()), versions.get(one, "")) for one in numbers],
        columns=_plain() if is_all else _columns(order, is_rising=is_rising, said=said),
        pager=pager(PATH, found if is_all else listed, "project", number, **said, sort=sort),
        name=name,
        is_all=is_all,
        sort=sort,
        stale=stale,
        severities=tuple(SEVERITIES),
    )


@get(f"{PATH}/{{project:int}}", sync_to_thread=True)
def project_page(
    request: Asked,
    dashboard: NamedDependency[Dashboard],
    project: FromPath[int],
    page_number: Annotated[int, QueryParameter(name="page", ge=1, le=_PAGES)] = 1,
) -> Template:
    """Show a project."""
    if not 0 < project <= _LARGEST:
        raise NotFoundException
    with dashboard.store.reading() as connection:
        found = known(connection, [project]).get(project)
        if found is None:
            raise NotFoundException
        held = carried(connection, project)
        files = looked(connection, [project]).get(project, Looked())
        version = newest(connection, [project]).get(project, "")
    return page(
        request,
        "project.html",
        project=found,
        looked=files,
        newest=version,
        view=project_view(held, dashboard.settings.catalogue, project, page_number),
        severities=tuple(SEVERITIES),
        release_columns=_RELEASES,
        findings_link=address("/findings", project=exactly(found.name)),
        coverage_link=address("/coverage", project=found.name),
    )


def _order(sort: str) -> tuple[SortProjects, bool]:
    """Return what to sort by, and whether the smallest comes first."""
    if not sort:
        return SortProjects.WORST, False
    try:
        return SortProjects(sort.removeprefix("-")), not sort.startswith("-")
    except ValueError:
        raise UsageError("sort: projects cannot be sorted by that") from None


def _plain() -> list[Column]:
    return [
        Column(name, "" if name in _TEXTS else "number", sorted="ascending" if not place else "")
        for place, (name, _) in enumerate(_SORTED)
    ]


def _columns(order: SortProjects, *, is_rising: bool, said: Mapping[str, str]) -> list[Column]:
    columns = []
    for name, by in _SORTED:
        kind: Column = Column(name, "" if name in _TEXTS else "number")
        if by is not None:
            found = sortable(
                name,
                by.value,
                PATH,
                now=order.value,
                is_rising=is_rising,
                text=by is SortProjects.NAME,
                wanted=said,
            )
            kind = Column(name, kind.kind, found.link, found.sorted)
        columns.append(kind)
    return columns


HANDLERS: Final[list[HTTPRouteHandler]] = [projects_page, project_page]
