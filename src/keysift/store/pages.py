"""What an index says, written down: its projects, their files, and what changed since.

Nothing is deleted here: what an index has no more keeps its row, with the time we saw that.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Mapping
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa
from msgspec import Struct, structs
from msgspec.structs import astuple
from sqlalchemy import Connection, Row

from keysift.errors import ConfigurationError
from keysift.net.redact import without_credentials
from keysift.sources.project_list import ProjectList
from keysift.sources.project_page import IndexFile, Project
from keysift.store import tables as t
from keysift.store.ledger import now
from keysift.store.stale import mark_project
from keysift.store.types import storable
from keysift.store.upsert import add, identify
from keysift.store.versions import is_prerelease, sort_key

_SEEN: Final = frozenset({"sha256", "size_bytes"})
_SDIST: Final = re.compile(r"\.(tar\.(gz|bz2|xz|Z|zst)|tgz|tbz2?|tar|zip)$", re.IGNORECASE)


class Changes(Struct):
    """What a page told us that is new.

    Attributes:
        added: Files we had not seen.
        replaced: Files whose announced digest is another one now.
        yanked: Files that were yanked.
        unyanked: Files whose yank was taken back.
        deleted: Files that are gone.
        restored: Files that are back.
    """

    added: int = 0
    replaced: int = 0
    yanked: int = 0
    unyanked: int = 0
    deleted: int = 0
    restored: int = 0

    @property
    def total(self) -> int:
        """All of them."""
        return sum(astuple(self))


def list_read(
    connection: Connection,
    registry: int,
    listed: ProjectList,
    wanted: Container[str] | None = None,
) -> frozenset[str]:
    """Write down the list of an index; returns the projects that it has no more.

    They are not taken for removed: the list may be wrong. Their pages tell, which are to be read.

    Args:
        connection: In a transaction.
        registry: Number of the index.
        listed: The whole list.
        wanted: The only projects to write down, besides those that are known; None for all.
    """
    present, projects = now(), listed.projects
    p = t.projects.c
    query = sa.select(p.name, p.listed_serial, p.removed_at.is_(None)).where(
        p.registry_id == registry
    )
    # Serial, and whether it is there: plain values, since there may be a million of them.
    known = {name: (serial, bool(there)) for name, serial, there in connection.execute(query)}
    fresh = (
        _project(registry, name, number, present)
        for name, number in projects.items()
        if (known[name] != (number, True) if name in known else wanted is None or name in wanted)
    )
    add(connection, t.projects, fresh, update=["listed_serial", "removed_at"])
    missing = frozenset(
        name for name, (_, there) in known.items() if there and name not in projects
    )
    unknown = (_project(registry, name, None, present) for name in missing)
    add(connection, t.projects, unknown, update=["listed_serial"])
    cursor = {
        "registry_id": registry,
        "serial": listed.serial,
        # Until they are known to be gone, the list is read again.
        "etag": None if missing else listed.etag,
        "read_at": present,
    }
    add(connection, t.cursors, [cursor], update=["serial", "etag", "read_at"])
    return missing


def list_etag(connection: Connection, registry: int) -> str | None:
    """Return the entity tag of the list of an index when it was last read."""
    query = sa.select(t.cursors.c.etag).where(t.cursors.c.registry_id == registry)
    return connection.execute(query).scalar_one_or_none()


def projects_named(connection: Connection, registry: int, names: Iterable[str]) -> dict[str, int]:
    """Return the numbers of projects, which are written down when they are new."""
    present = now()
    rows = [_project(registry, name, None, present) for name in sorted(set(names))]
    return {name: number for (_, name), number in identify(connection, t.projects, rows).items()}


def project_gone(connection: Connection, registry: int, name: str) -> bool:
    """Write down that an index has a project no more, and none of its files.

    Returns:
        Whether that is news.
    """
    present = now()
    project = connection.execute(
        sa.update(t.projects)
        .where(
            t.projects.c.registry_id == registry,
            t.projects.c.name == name,
            t.projects.c.removed_at.is_(None),
        )
        .values(removed_at=present, serial=None, etag=None)
        .returning(t.projects.c.id)
    ).scalar_one_or_none()
    if project is None:
        return False
    for row in _files(connection, project):
        if row.deleted_at is None:
            _note(connection, row.id, "deleted", None, present, deleted_at=present)
    mark_project(connection, project)
    return True


def page_read(connection: Connection, project: int, page: Project) -> Changes:
    """Write down what the page of a project says now.

    Args:
        connection: In a transaction.
        project: Number of the project.
        page: Its page.
    """
    present = now()
    changes = Changes()
    is_corrected = False
    added = {file.artifact.name: file for file in map(_as_kept, page.files)}
    for row in _files(connection, project):
        file = added.get(row.name)
        if file is not None and _is_same(row, file):
            del added[row.name]
            is_corrected |= _compare(connection, row, file, present, changes)
        elif row.deleted_at is not None:
            pass
        elif file is None:
            _note(connection, row.id, "deleted", None, present, deleted_at=present)
            changes.deleted += 1
        else:
            # An index that puts another file under the same name: what we know is of the old one.
            digest = file.artifact.sha256
            _note(connection, row.id, "replaced", digest, present, deleted_at=present)
            changes.replaced += 1
    _new_files(connection, project, list(added.values()), present)
    changes.added = len(added) - changes.replaced
    connection.execute(
        sa.update(t.projects)
        .where(t.projects.c.id == project)
        .values(
            serial=page.serial,
            etag=page.etag,
            status=page.status,
            read_at=present,
            removed_at=None,
        )
    )
    if changes.total or is_corrected:
        mark_project(connection, project)
    return changes


def _project(registry: int, name: str, serial: int | None, present: datetime) -> dict[str, Any]:
    return {
        "registry_id": registry,
        "name": name,
        "listed_serial": serial,
        "first_seen_at": present,
        "removed_at": None,
    }


def _files(connection: Connection, project: int) -> list[Row[Any]]:
    query = (
        sa.select(t.artifacts)
        .join(t.releases, t.releases.c.id == t.artifacts.c.release_id)
        .where(t.releases.c.project_id == project)
    )
    return list(connection.execute(query))


def _new_files(
    connection: Connection, project: int, files: list[IndexFile], present: datetime
) -> None:
    releases = identify(
        connection,
        t.releases,
        [
            {
                "project_id": project,
                "version": version,
                "sort_key": sort_key(version),
                "is_prerelease": int(is_prerelease(version)),
            }
            for version in {file.artifact.version or "" for file in files}
        ],
    )
    rows = [
        {
            "release_id": releases[(project, file.artifact.version or "")],
            "name": file.artifact.name,
            "kind": kind_of(file.artifact.name),
            "first_seen_at": present,
            "yanked": file.artifact.yanked,
            "state": "pending",
            "attempts": 0,
        }
        | _said(file)
        for file in files
    ]
    add(connection, t.artifacts, rows)


def _said(file: IndexFile) -> dict[str, Any]:
    """Return what a page says of a file that may be said otherwise the next time."""
    artifact = file.artifact
    return {
        "url": _address(file.url),
        "hashes": dict(file.hashes),
        "sha256": artifact.sha256,
        "size_bytes": artifact.size_bytes,
        "uploaded_at": artifact.uploaded,
    }


def _as_kept(file: IndexFile) -> IndexFile:
    """Return what a page says of a file as the store keeps it, to be compared with that."""
    artifact = file.artifact
    kept = structs.replace(
        artifact,
        name=storable(artifact.name),
        version=storable(artifact.version or ""),
        yanked=None if artifact.yanked is None else storable(artifact.yanked),
    )
    hashes = {storable(name): storable(digest.lower()) for name, digest in file.hashes.items()}
    return structs.replace(file, artifact=kept, hashes=hashes)


def _address(url: str) -> str:
    """Return an address without credentials; empty for a link that does not lead into the web.

    Whoever asks for such a file is told so.
    """
    try:
        return without_credentials(url)
    except ConfigurationError:
        return ""


def _is_same(row: Row[Any], file: IndexFile) -> bool:
    """Tell whether a file is the one that a row is about, as far as digests say, or else its size.

    An index that gives neither can put another file in its place without our knowing.
    """
    shared = row.hashes.keys() & file.hashes.keys()
    if shared:
        return all(row.hashes[name] == file.hashes[name] for name in shared)
    return row.size_bytes is None or file.artifact.size_bytes in {None, row.size_bytes}


def _compare(
    connection: Connection, row: Row[Any], file: IndexFile, present: datetime, changes: Changes
) -> bool:
    """Write down what is said otherwise of a file; returns whether it is more than `changes` has.

    That is its address, size, digests or upload.
    """
    news = {
        name: value
        for name, value in _said(file).items()
        # What the index says no more is still true, and what came is known better than it says.
        if value and value != getattr(row, name) and not (row.state == "scanned" and name in _SEEN)
    }
    if news:
        # A file that failed may have failed because of what was said of it.
        again = {"state": "pending", "attempts": 0} if row.state == "failed" else {}
        _change(connection, row.id, news | again)
    yanked = file.artifact.yanked
    if row.deleted_at is not None:
        _note(connection, row.id, "restored", None, present, deleted_at=None)
        changes.restored += 1
    if yanked is not None and row.yanked is None:
        _note(connection, row.id, "yanked", yanked, present, yanked=yanked)
        changes.yanked += 1
    elif yanked is None and row.yanked is not None:
        _note(connection, row.id, "unyanked", None, present, yanked=None)
        changes.unyanked += 1
    elif yanked != row.yanked:
        _change(connection, row.id, {"yanked": yanked})
    return bool(news)


def _note(
    connection: Connection,
    artifact: int,
    kind: str,
    detail: str | None,
    present: datetime,
    **changes: Any,  # noqa: ANN401 (columns of the artifact)
) -> None:
    """Write down an event, and what it changes of the file."""
    connection.execute(
        sa.insert(t.events).values(artifact_id=artifact, kind=kind, detail=detail, seen_at=present)
    )
    _change(connection, artifact, changes)


def _change(connection: Connection, artifact: int, changes: Mapping[str, Any]) -> None:
    connection.execute(sa.update(t.artifacts).where(t.artifacts.c.id == artifact).values(**changes))


def kind_of(name: str) -> str:
    """Return what a file is by its name: ``wheel``, ``egg``, ``sdist`` or ``other``."""
    lower = name.lower()
    if lower.endswith(".whl"):
        return "wheel"
    if lower.endswith(".egg"):
        return "egg"
    return "sdist" if _SDIST.search(lower) else "other"
