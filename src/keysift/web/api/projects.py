"""Projects that have findings, and the releases of one."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Final

from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath
from msgspec import UNSET, Meta, Struct

from keysift.report.escape import well_formed
from keysift.store.queries import contents
from keysift.store.queries.find_projects import (
    ListedProject,
    SortProjects,
    count_projects,
    find_projects,
)
from keysift.web.api.given import absent, number_of, query_of
from keysift.web.api.operations import reads
from keysift.web.api.paging import Page, PageQuery, cursors, shown
from keysift.web.dashboard import Asked, Dashboard


class ProjectsQuery(PageQuery, frozen=True):
    """Which projects, and which part of their list.

    Attributes:
        search: Words, each of which must be in the name.
        sort: By what they are sorted; `worst` compares critical findings, then high ones, ….
        descending: The largest first; without it, all but names.
        count: Whether to count them all.
    """

    search: Annotated[str, Meta(max_length=500)] = ""
    sort: SortProjects = SortProjects.WORST
    descending: bool | None = None
    count: bool = False


class ProjectSummary(Struct, kw_only=True):
    """A project with findings; those that are outdated do not count.

    Attributes:
        id: Its number.
        name: Normalised name.
        index: Address of its index, without credentials.
        findings: Its findings.
        severities: How many of each severity.
        active: How many their providers accept.
        open: How many nobody decided about.
        present: How many its newest release still has.
        releases: Its releases, with or without a finding.
        last_uploaded: Latest upload of any of its files (UTC); null when the index does not say.
        removed: Whether the index has it no more.
    """

    id: int
    name: str
    index: str
    findings: int
    severities: dict[str, int]
    active: int
    open: int
    present: int
    releases: int
    last_uploaded: datetime | None
    removed: bool


class ReleaseDocument(Struct, kw_only=True):
    """A release of a project.

    Attributes:
        version: As its files have it; may be empty.
        uploaded: Upload of its first file (UTC); null when the index does not say.
        newest: Whether it is what pip would take.
        artifacts: Number of its files.
        findings: Number of findings in them that are not outdated.
    """

    version: str
    uploaded: datetime | None
    newest: bool
    artifacts: int
    findings: int


class ProjectDocument(Struct, kw_only=True):
    """A project with its releases.

    Attributes:
        id: Its number.
        name: Normalised name.
        index: Address of its index, without credentials.
        status: What the index says of it, such as archived; null: nothing.
        first_seen: When we first saw it (UTC).
        read: When its page was last read (UTC); null: not yet.
        removed: When we saw that the index has it no more (UTC); null: it has it.
        releases: Those that have files, the newest first.
    """

    id: int
    name: str
    index: str
    status: str | None
    first_seen: datetime
    read: datetime | None
    removed: datetime | None
    releases: list[ReleaseDocument]


@reads("/projects", query=ProjectsQuery)
def projects(request: Asked, dashboard: NamedDependency[Dashboard]) -> Page[ProjectSummary]:
    """Projects that have findings, page by page."""
    asked = query_of(request, ProjectsQuery)
    with dashboard.store.reading() as connection:
        with cursors():
            page = find_projects(
                connection,
                asked.search,
                asked.sort,
                descending=asked.descending,
                cursor=asked.cursor,
                limit=asked.limit,
            )
        total = count_projects(connection, asked.search) if asked.count else UNSET
    return shown(page, _summary, total)


@reads("/projects/{number:str}")
def project(dashboard: NamedDependency[Dashboard], number: FromPath[str]) -> ProjectDocument:
    """A project with its releases.

    `GET /findings?project_id=…` lists its findings.
    """
    with dashboard.store.reading() as connection:
        row = contents.project(connection, number_of(number, "project"))
        if row is None:
            raise absent("project")
        releases = contents.releases_of(connection, row.id)
    return ProjectDocument(
        id=row.id,
        name=row.name,
        index=row.index,
        status=row.status,
        first_seen=row.first_seen_at,
        read=row.read_at,
        removed=row.removed_at,
        releases=[
            ReleaseDocument(
                version=well_formed(one.version),
                uploaded=one.uploaded_at,
                newest=one.is_newest,
                artifacts=one.artifacts,
                findings=one.findings,
            )
            for one in releases
        ],
    )


def _summary(row: ListedProject) -> ProjectSummary:
    return ProjectSummary(
        id=row.id,
        name=row.name,
        index=row.index,
        findings=row.findings,
        severities={grade.value: number for grade, number in row.severities.items()},
        active=row.active,
        open=row.open,
        present=row.present,
        releases=row.releases,
        last_uploaded=row.last_uploaded_at,
        removed=row.is_removed,
    )


HANDLERS: Final[list[HTTPRouteHandler]] = [projects, project]
