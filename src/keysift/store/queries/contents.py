"""What is in one project and in one artifact, and which crawls there were."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from msgspec import Struct
from sqlalchemy import ColumnElement, Connection, Row, Select

from keysift.model import Skip, SkipReason
from keysift.store import tables as t
from keysift.store.queries import parts
from keysift.store.queries.keyset import Key, Ordered, Page, positions


class ProjectRow(Struct, frozen=True, kw_only=True):
    """A project, as its index has it.

    Attributes:
        id: Its number.
        index: Address of the index, without credentials.
        name: Normalised name.
        status: What the index says of it, such as archived; None: nothing.
        first_seen_at: When we first saw it (UTC).
        read_at: When its page was last read; None: not yet.
        removed_at: When we saw that the index has it no more.
    """

    id: int
    index: str
    name: str
    status: str | None
    first_seen_at: datetime
    read_at: datetime | None
    removed_at: datetime | None


class ReleaseRow(Struct, frozen=True, kw_only=True):
    """A release of a project.

    Attributes:
        version: As its files have it; may be empty.
        uploaded_at: Upload of its first file (UTC); None when the index does not say.
        is_newest: Whether it is what pip would take.
        artifacts: Number of its files.
        findings: Number of secrets in them that the ruleset which looked last still finds.
    """

    version: str
    uploaded_at: datetime | None
    is_newest: bool
    artifacts: int
    findings: int


class ArtifactRow(Struct, frozen=True, kw_only=True):
    """A file of a release, and what became of scanning it.

    Attributes:
        id: Its number.
        index: Address of the index, without credentials.
        project: Normalised name.
        version: The release.
        name: File name.
        kind: sdist, wheel, egg or other.
        sha256: Digest, when known.
        size_bytes: Size, when known.
        uploaded_at: When the index received it (UTC).
        yanked: None when not yanked, else the reason the index gives.
        deleted_at: When we saw that the index has it no more.
        state: pending, scanned or failed.
        failure: Why the last attempt failed.
        scanned_at: When it was last scanned.
        files: Files in it.
        content_bytes: Bytes of their content that were looked at.
        is_complete: Whether nothing in it was passed over; None: it was not scanned.
    """

    id: int
    index: str
    project: str
    version: str
    name: str
    kind: str
    sha256: str | None
    size_bytes: int | None
    uploaded_at: datetime | None
    yanked: str | None
    deleted_at: datetime | None
    state: str
    failure: str | None
    scanned_at: datetime | None
    files: int | None
    content_bytes: int | None
    is_complete: bool | None


class WantedArtifacts(Struct, frozen=True, kw_only=True):
    """Which files are wanted; what is None does not filter.

    Attributes:
        project: Of the project with this normalised name.
        state: pending, scanned or failed.
        kind: sdist, wheel, egg or other.
        is_complete: Whether nothing in them was passed over.
        reason: Something in them was not looked at for this reason.
    """

    project: str | None = None
    state: str | None = None
    kind: str | None = None
    is_complete: bool | None = None
    reason: SkipReason | None = None


class RunRow(Struct, frozen=True, kw_only=True):
    """A crawl.

    Attributes:
        id: Its number.
        index: Address of the index, without credentials.
        version: Version of keysift.
        ruleset: Digest of the detectors.
        began_at: When it began (UTC).
        ended_at: When it ended; None: it runs, or was killed.
        counts: What it did, in numbers.
    """

    id: int
    index: str
    version: str
    ruleset: str
    began_at: datetime
    ended_at: datetime | None
    counts: dict[str, Any]


def project(connection: Connection, number: int) -> ProjectRow | None:
    """Return a project by its number; None: there is none."""
    p = t.projects.c
    query = (
        sa.select(p.id, t.registries.c.url, p.name, p.status, p.first_seen_at, p.read_at)
        .add_columns(p.removed_at)
        .join(t.registries, t.registries.c.id == p.registry_id)
        .where(p.id == number)
    )
    row = connection.execute(query).one_or_none()
    if row is None:
        return None
    facts = dict(row._mapping)  # noqa: SLF001 (public, by its documentation)
    return ProjectRow(index=facts.pop("url"), **facts)


def releases_of(connection: Connection, number: int) -> list[ReleaseRow]:
    """Return the releases of a project that have files, the newest first, as ``Life`` has them."""
    of_project = sa.select(t.projects.c.id).where(t.projects.c.id == number)
    ordered = parts.releases(connection, of_project)
    current = t.matches.c.confirmed_by == t.blobs.c.ruleset_id
    held = (
        sa.select(
            t.artifacts.c.release_id,
            sa.func.count(t.artifacts.c.id.distinct()).label("artifacts"),
            sa.func.count(sa.case((current, t.matches.c.secret_id)).distinct()).label("findings"),
        )
        .outerjoin(t.occurrences, t.occurrences.c.artifact_id == t.artifacts.c.id)
        .outerjoin(t.matches, t.matches.c.id == t.occurrences.c.match_id)
        .outerjoin(t.blobs, t.blobs.c.id == t.matches.c.blob_id)
        .join(t.releases, t.releases.c.id == t.artifacts.c.release_id)
        .where(t.releases.c.project_id == number)
        .group_by(t.artifacts.c.release_id)
        .subquery("held")
    )
    query = (
        sa.select(
            *(ordered.c[name] for name in ("version", "first_upload", "is_newest")),
            held.c.artifacts,
            held.c.findings,
        )
        .join(held, held.c.release_id == ordered.c.id)
        .order_by(ordered.c.position.desc(), ordered.c.id.desc())
    )
    return [
        ReleaseRow(
            version=row.version,
            uploaded_at=row.first_upload,
            is_newest=bool(row.is_newest),
            artifacts=row.artifacts,
            findings=row.findings,
        )
        for row in connection.execute(query)
    ]


def artifact(connection: Connection, number: int) -> ArtifactRow | None:
    """Return a file by its number; None: there is none."""
    row = connection.execute(artifacts().where(t.artifacts.c.id == number)).one_or_none()
    return None if row is None else artifact_row(row)


def artifacts() -> Select[Any]:
    """Return the query for files; ``artifact_row`` makes values of its rows."""
    names = ("id", "name", "kind", "sha256", "size_bytes", "uploaded_at", "yanked", "deleted_at")
    more = ("state", "failure", "scanned_at", "files", "content_bytes", "is_complete")
    return (
        sa.select(
            t.registries.c.url.label("index"),
            t.projects.c.name.label("project"),
            t.releases.c.version,
            *(t.artifacts.c[name] for name in (*names, *more)),
        )
        .select_from(t.artifacts)
        .join(t.releases, t.releases.c.id == t.artifacts.c.release_id)
        .join(t.projects, t.projects.c.id == t.releases.c.project_id)
        .join(t.registries, t.registries.c.id == t.projects.c.registry_id)
    )


def artifact_row(row: Row[Any]) -> ArtifactRow:
    """Return a row of ``artifacts`` as a value."""
    facts = dict(row._mapping)  # noqa: SLF001 (public, by its documentation)
    complete = facts.pop("is_complete")
    return ArtifactRow(**facts, is_complete=None if complete is None else bool(complete))


def skipped(connection: Connection, number: int) -> dict[str, int]:
    """Return how much of a file was not looked at, by reason, the most frequent first."""
    count = sa.func.count()
    reason = t.skips.c.reason
    query = (
        sa.select(reason, count)
        .where(t.skips.c.artifact_id == number)
        .group_by(reason)
        .order_by(count.desc(), reason)
    )
    return {row[0]: row[1] for row in connection.execute(query)}


def skips_page(
    connection: Connection, number: int, cursor: str | None = None, limit: int = 50
) -> Page[Skip]:
    """Return a page of what was not looked at in a file.

    Args:
        connection: From ``Store.reading``.
        number: Of the file.
        cursor: ``next`` or ``previous`` of a page of the same list; None: the first page.
        limit: Rows of the page.

    Raises:
        UsageError: The cursor is none of this list, or the limit is too large.
    """
    of_file = t.skips.c.artifact_id == number
    page = _by_number(connection, f"skips-{number}", t.skips.c.id, (of_file,), cursor, limit)
    query = sa.select(t.skips, t.artifacts.c.name).join(
        t.artifacts, t.artifacts.c.id == t.skips.c.artifact_id
    )
    rows = connection.execute(query.where(t.skips.c.id.in_(page.rows)).order_by(t.skips.c.id))
    return Page(tuple(map(_skip, rows)), page.next, page.previous)


def artifacts_page(
    connection: Connection,
    wanted: WantedArtifacts,
    cursor: str | None = None,
    limit: int = 50,
) -> Page[ArtifactRow]:
    """Return a page of files, in the order in which they were first seen; as ``skips_page``."""
    chosen = _chosen(wanted)
    page = _by_number(connection, "artifacts", t.artifacts.c.id, chosen, cursor, limit)
    query = artifacts().where(t.artifacts.c.id.in_(page.rows)).order_by(t.artifacts.c.id)
    return Page(tuple(map(artifact_row, connection.execute(query))), page.next, page.previous)


def count_artifacts(connection: Connection, wanted: WantedArtifacts) -> int:
    """Return how many files are wanted."""
    query = sa.select(sa.func.count()).select_from(t.artifacts).where(*_chosen(wanted))
    number: int = connection.execute(query).scalar_one()
    return number


def runs_page(connection: Connection, cursor: str | None = None, limit: int = 50) -> Page[RunRow]:
    """Return a page of crawls, the newest first; as ``skips_page``."""
    page = _by_number(connection, "runs", t.runs.c.id, (), cursor, limit, is_descending=True)
    names = ("id", "version", "began_at", "ended_at", "counts")
    query = (
        sa.select(
            t.registries.c.url.label("index"),
            t.rulesets.c.digest.label("ruleset"),
            *(t.runs.c[name] for name in names),
        )
        .select_from(t.runs)
        .join(t.registries, t.registries.c.id == t.runs.c.registry_id)
        .join(t.rulesets, t.rulesets.c.id == t.runs.c.ruleset_id)
        .where(t.runs.c.id.in_(page.rows))
        .order_by(t.runs.c.id.desc())
    )
    rows = tuple(RunRow(**row) for row in connection.execute(query).mappings())
    return Page(rows, page.next, page.previous)


def _chosen(wanted: WantedArtifacts) -> tuple[ColumnElement[bool], ...]:
    a = t.artifacts.c
    chosen = [
        column == value
        for column, value in ((a.state, wanted.state), (a.kind, wanted.kind))
        if value is not None
    ]
    if wanted.is_complete is not None:
        chosen.append(a.is_complete == int(wanted.is_complete))
    if wanted.project is not None:
        projects = sa.select(t.projects.c.id).where(t.projects.c.name == wanted.project)
        releases = sa.select(t.releases.c.id).where(t.releases.c.project_id.in_(projects))
        chosen.append(a.release_id.in_(releases))
    if wanted.reason is not None:
        skips = sa.select(t.skips.c.artifact_id).where(t.skips.c.reason == wanted.reason.value)
        chosen.append(a.id.in_(skips))
    return tuple(chosen)


def _by_number(  # noqa: PLR0913 (what a page is)
    connection: Connection,
    name: str,
    column: sa.Column[int],
    conditions: tuple[ColumnElement[bool], ...],
    cursor: str | None,
    limit: int,
    *,
    is_descending: bool = False,
) -> Page[Any]:
    """Return the numbers of a page of rows that are sorted by their number."""
    ordered = Ordered(name, (Key(column, is_descending),), False, conditions)
    page = positions(connection, ordered, cursor, limit)
    return Page(tuple(row[0] for row in page.rows), page.next, page.previous)


def _skip(row: Row[Any]) -> Skip:
    return Skip(
        artifact=row.name,
        path=row.path,
        reason=SkipReason(row.reason),
        detail=row.detail,
        size_bytes=row.size_bytes,
    )
