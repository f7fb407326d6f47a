"""Artifacts: what was looked at, what was not, and why."""

from __future__ import annotations

from datetime import datetime
from enum import Enum
from typing import Annotated, Final

from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath
from msgspec import UNSET, Meta, Struct

from keysift.model import SkipReason
from keysift.report.describe import skip_document
from keysift.report.document import SkipDocument
from keysift.report.escape import well_formed
from keysift.report.listing_document import LookedDocument
from keysift.report.listing_json import looked_document
from keysift.sources.project_page import package_url
from keysift.store.overview import reached
from keysift.store.queries import contents
from keysift.store.queries.places import looked
from keysift.web.api.findings import Kind
from keysift.web.api.given import absent, number_of, query_of
from keysift.web.api.operations import reads
from keysift.web.api.paging import Page, PageQuery, cursors, shown
from keysift.web.dashboard import Asked, Dashboard

_WHAT: Final = "artifact"


class State(Enum):
    """What became of scanning an artifact."""

    PENDING = "pending"
    SCANNED = "scanned"
    FAILED = "failed"


class ArtifactsQuery(PageQuery, frozen=True):
    """Which artifacts, and which part of their list.

    Attributes:
        project: Of the project with this normalised name.
        state: What became of scanning them.
        kind: What they are, by their name.
        complete: Whether nothing in them was passed over; of those that were scanned.
        reason: Something in them was not looked at for this reason.
        count: Whether to count them all.
    """

    project: Annotated[str, Meta(max_length=500)] | None = None
    state: State | None = None
    kind: Kind | None = None
    complete: bool | None = None
    reason: SkipReason | None = None
    count: bool = False


class ArtifactDocument(Struct, kw_only=True):
    """A file of a release, and what became of scanning it.

    Attributes:
        id: Its number.
        artifact: Package URL.
        index: Address of the index, without credentials.
        project: Normalised name.
        version: The release; may be empty.
        name: File name.
        kind: sdist, wheel, egg or other, by its name.
        sha256: Digest of what was scanned, else as announced; null: not known.
        size_bytes: Size; null: not known.
        uploaded: When the index received it (UTC); null: it does not say.
        yanked: The reason of the yank, which may be empty; null: not yanked.
        deleted: When we saw that the index has it no more (UTC); null: it has it.
        state: What became of scanning it.
        failure: Why the last attempt failed; null: it did not.
        scanned: When it was last scanned (UTC); null: it was not.
        files: Files in it; null: it was not scanned.
        bytes: Bytes of their content that were looked at; null: it was not scanned.
        complete: Whether nothing in it was passed over; null: it was not scanned.
    """

    id: int
    artifact: str
    index: str
    project: str
    version: str
    name: str
    kind: Kind
    sha256: str | None
    size_bytes: int | None
    uploaded: datetime | None
    yanked: str | None
    deleted: datetime | None
    state: State
    failure: str | None
    scanned: datetime | None
    files: int | None
    bytes: int | None
    complete: bool | None


class WholeArtifact(Struct, kw_only=True):
    """An artifact with what was not looked at in it.

    Attributes:
        artifact: The artifact, as lists have it.
        skipped: How much was not looked at, by reason.
    """

    artifact: ArtifactDocument
    skipped: dict[str, int]


class CoverageSummary(Struct, kw_only=True):
    """How much of what the indexes list was looked at.

    Attributes:
        looked: Artifacts, as in `keysift.findings/1`.
        projects: Projects that are `read`, `unread` and `removed`.
        artifacts: Artifacts that are `scanned` (of these `incomplete`), `failed` and `pending`;
            those that the index has no more are `deleted`, and counted nowhere else.
        skipped: How much was not looked at, by reason, the most frequent first.
    """

    looked: LookedDocument
    projects: dict[str, int]
    artifacts: dict[str, int]
    skipped: dict[str, int]


@reads("/artifacts", query=ArtifactsQuery)
def artifacts(request: Asked, dashboard: NamedDependency[Dashboard]) -> Page[ArtifactDocument]:
    """Artifacts, page by page, in the order in which they were first seen."""
    asked = query_of(request, ArtifactsQuery)
    wanted = contents.WantedArtifacts(
        project=asked.project,
        state=None if asked.state is None else asked.state.value,
        kind=None if asked.kind is None else asked.kind.value,
        is_complete=asked.complete,
        reason=asked.reason,
    )
    with dashboard.store.reading() as connection:
        with cursors():
            page = contents.artifacts_page(connection, wanted, asked.cursor, asked.limit)
        total = contents.count_artifacts(connection, wanted) if asked.count else UNSET
    return shown(page, _artifact, total)


@reads("/artifacts/{number:str}")
def artifact(dashboard: NamedDependency[Dashboard], number: FromPath[str]) -> WholeArtifact:
    """An artifact, and how much of it was not looked at."""
    with dashboard.store.reading() as connection:
        row = contents.artifact(connection, number_of(number, _WHAT))
        if row is None:
            raise absent(_WHAT)
        skipped = contents.skipped(connection, row.id)
    return WholeArtifact(artifact=_artifact(row), skipped=skipped)


@reads("/artifacts/{number:str}/skips", query=PageQuery)
def skips(
    request: Asked, dashboard: NamedDependency[Dashboard], number: FromPath[str]
) -> Page[SkipDocument]:
    """What was not looked at in an artifact, and why, page by page."""
    asked = query_of(request, PageQuery)
    with dashboard.store.reading() as connection:
        row = contents.artifact(connection, number_of(number, _WHAT))
        if row is None:
            raise absent(_WHAT)
        with cursors():
            page = contents.skips_page(connection, row.id, asked.cursor, asked.limit)
    return shown(page, skip_document)


@reads("/coverage")
def coverage(dashboard: NamedDependency[Dashboard]) -> CoverageSummary:
    """How much of what the indexes list was looked at, and what was not."""
    with dashboard.store.reading() as connection:
        far = reached(connection)
        return CoverageSummary(
            looked=looked_document(looked(connection)),
            projects=far.projects,
            artifacts=far.artifacts,
            skipped=far.skips,
        )


def _artifact(row: contents.ArtifactRow) -> ArtifactDocument:
    return ArtifactDocument(
        id=row.id,
        artifact=well_formed(package_url(row.project, row.version, row.name)),
        index=row.index,
        project=row.project,
        version=well_formed(row.version),
        name=well_formed(row.name),
        kind=Kind(row.kind),
        sha256=row.sha256,
        size_bytes=row.size_bytes,
        uploaded=row.uploaded_at,
        yanked=None if row.yanked is None else well_formed(row.yanked),
        deleted=row.deleted_at,
        state=State(row.state),
        failure=None if row.failure is None else well_formed(row.failure),
        scanned=row.scanned_at,
        files=row.files,
        bytes=row.content_bytes,
        complete=row.is_complete,
    )


HANDLERS: Final[list[HTTPRouteHandler]] = [artifacts, artifact, skips, coverage]
