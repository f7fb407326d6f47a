"""What a crawl has to do, read from the store: which pages to read, which files to scan."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa
from msgspec import Struct
from sqlalchemy import Connection, Row

from keysift.crawl.task import Job
from keysift.model import Artifact
from keysift.sources.project_page import IndexFile, package_url
from keysift.sources.pypi import grouped
from keysift.store import tables as t

_PAGE: Final = 500


class Wish(Struct, frozen=True, kw_only=True):
    """What the user asked a crawl for.

    Attributes:
        names: Normalised names of projects; None for all that the index lists.
        releases: How many releases of each project, the newest; None for all.
        since_serial: Only projects that changed after this serial.
        since: Only files that were uploaded from then on.
        rescan: Whether to scan again what another ruleset scanned.
        retry_failed: Whether to try again what failed for good.
    """

    names: tuple[str, ...] | None = None
    releases: int | None = None
    since_serial: int | None = None
    since: datetime | None = None
    rescan: bool = False
    retry_failed: bool = False


class Candidate(Struct, frozen=True):
    """A project that a crawl is to look at.

    Attributes:
        number: Of the project.
        name: Normalised.
        etag: Of its page when it was last read.
        is_current: Whether the list of projects says that its page has not changed since.
        was_read: Whether its page was ever read.
    """

    number: int
    name: str
    etag: str | None
    is_current: bool
    was_read: bool


def candidates(
    connection: Connection, registry: int, wish: Wish, rulesets: Collection[int], after: str = ""
) -> list[Candidate]:
    """Return the next projects that a crawl has something to do with, in the order of their names.

    Args:
        connection: To the store.
        registry: Number of the index.
        wish: What is asked for.
        rulesets: Numbers of those whose scans need not be done again.
        after: Name of the last one that was returned.

    Returns:
        Some hundreds, fewer only at the end; none when there are no more.
    """
    p = t.projects.c
    query = (
        sa.select(
            *(p.id, p.name, p.etag, p.read_at),
            sa.func.coalesce(_IS_CURRENT, sa.false()).label("current"),
        )
        .where(*_conditions(registry, wish, rulesets, after))
        .order_by(p.name)
        .limit(_PAGE)
    )
    for part in _in_parts(query, wish, after):
        found = [
            Candidate(row.id, row.name, row.etag, bool(row.current), row.read_at is not None)
            for row in connection.execute(part)
        ]
        if found:
            return found
    return []


def count(connection: Connection, registry: int, wish: Wish, rulesets: Collection[int]) -> int:
    """Return how many projects ``candidates`` will return in all, as the store is now."""
    query = (
        sa.select(sa.func.count())
        .select_from(t.projects)
        .where(*_conditions(registry, wish, rulesets, ""))
    )
    return sum(connection.execute(part).scalar_one() for part in _in_parts(query, wish))


def _in_parts(query: sa.Select[Any], wish: Wish, after: str = "") -> Iterator[sa.Select[Any]]:
    """Yield a query about projects as it is for all of them, or for some of the names at a time.

    A statement takes some thousands of values at most.
    """
    if wish.names is None:
        yield query
        return
    every = sorted(name for name in set(wish.names) if name > after)
    for start in range(0, len(every), _PAGE):
        yield query.where(t.projects.c.name.in_(every[start : start + _PAGE]))


_IS_CURRENT: Final = sa.and_(
    t.projects.c.read_at.is_not(None), t.projects.c.serial >= t.projects.c.listed_serial
)


def _conditions(
    registry: int, wish: Wish, rulesets: Collection[int], after: str
) -> list[sa.ColumnElement[bool]]:
    """Return what is true of the projects that a crawl has something to do with."""
    p = t.projects.c
    conditions = [
        p.registry_id == registry,
        p.name > after,
        sa.or_(_IS_CURRENT.is_not(sa.true()), _has_work(wish, rulesets)),
    ]
    if wish.names is None:
        conditions.append(p.removed_at.is_(None))
    if wish.since_serial is not None:
        conditions.append(p.listed_serial > wish.since_serial)
    return conditions


def _has_work(wish: Wish, rulesets: Collection[int]) -> sa.ColumnElement[bool]:
    """Tell of a project whether it has files to scan, as far as their state says."""
    a = t.artifacts.c
    states = [a.state == "pending"]
    if wish.retry_failed:
        states.append(a.state == "failed")
    if wish.rescan:
        states.append(sa.and_(a.state == "scanned", a.ruleset_id.not_in(rulesets)))
    return (
        sa.select(a.id)
        .join(t.releases, t.releases.c.id == a.release_id)
        .where(t.releases.c.project_id == t.projects.c.id, a.deleted_at.is_(None), sa.or_(*states))
        .exists()
    )


def jobs(
    connection: Connection, project: Candidate, wish: Wish, rulesets: Collection[int]
) -> list[Job]:
    """Return the files of a project that are to be scanned, the oldest first."""
    a = t.artifacts.c
    query = (
        sa.select(t.artifacts, t.releases.c.version)
        .join(t.releases, t.releases.c.id == a.release_id)
        .where(t.releases.c.project_id == project.number, a.deleted_at.is_(None))
    )
    rows = {row.name: row for row in connection.execute(query)}
    files = {name: _file(project.name, row) for name, row in rows.items()}
    return [
        Job(rows[file.artifact.name].id, file)
        for release in reversed(grouped(files.values())[: wish.releases])
        for file in release.files
        if _is_wanted(rows[file.artifact.name], wish, rulesets)
    ]


def _is_wanted(row: Row[Any], wish: Wish, rulesets: Collection[int]) -> bool:
    if wish.since is not None and (row.uploaded_at is None or row.uploaded_at < wish.since):
        return False
    if row.state == "scanned":
        return wish.rescan and row.ruleset_id not in rulesets
    return row.state == "pending" or wish.retry_failed


def _file(project: str, row: Row[Any]) -> IndexFile:
    version = row.version or None
    artifact = Artifact(
        target=f"pypi:{project}",
        name=row.name,
        project=project,
        version=version,
        purl=package_url(project, version, row.name),
        sha256=row.hashes.get("sha256"),
        size_bytes=row.size_bytes,
        uploaded=row.uploaded_at,
        yanked=row.yanked,
    )
    return IndexFile(artifact=artifact, url=row.url, hashes=row.hashes)
