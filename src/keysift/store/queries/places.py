"""Occurrences as values, and what the store looked at altogether."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import sqlalchemy as sa
from msgspec import Struct
from sqlalchemy import ColumnElement, Connection, Row, Select

from keysift.model import Confidence, Severity
from keysift.store import tables as t
from keysift.store.queries import parts
from keysift.store.queries.describe import BATCH
from keysift.store.queries.keyset import Key, Ordered, Page, positions
from keysift.store.queries.values import Place


def places(connection: Connection, secrets: Sequence[int]) -> Iterator[Place]:
    """Yield every occurrence of these secrets, secret after secret.

    Those of a secret are in the order of index, project, release (as in ``Life``), file, path and
    offset. Of a secret that is found no more they are those that were known before.

    Args:
        connection: From ``Store.reading``.
        secrets: Numbers of secrets; as many as one likes.
    """
    for start in range(0, len(secrets), BATCH):
        batch = secrets[start : start + BATCH]
        order = {number: position for position, number in enumerate(batch)}
        found: dict[int, list[Place]] = {}
        for row in connection.execute(_places(connection, batch)):
            found.setdefault(row.secret_id, []).append(_place(row))
        for number in sorted(found, key=order.__getitem__):
            yield from found[number]


def newest_places(
    connection: Connection, secret: int, *, limit: int, offset: int = 0
) -> list[Place]:
    """Return some occurrences of a secret, those in the newest release of each project first.

    Otherwise they are in the order of ``places``.

    Args:
        connection: From ``Store.reading``.
        secret: Number of the secret.
        limit: At most so many.
        offset: How many to pass over.
    """
    query = _places(connection, [secret], newest_first=True).limit(limit).offset(offset)
    return [_place(row) for row in connection.execute(query)]


def places_page(
    connection: Connection, secret: int, cursor: str | None = None, limit: int = 50
) -> Page[Place]:
    """Return a page of the occurrences of a secret.

    They are in the order in which their artifacts were first seen: it does not change when a
    release is added, so that all pages have all of them once.

    Args:
        connection: From ``Store.reading``.
        secret: Its number.
        cursor: ``next`` or ``previous`` of a page of the same list; None: the first page.
        limit: Occurrences of the page.

    Raises:
        UsageError: The cursor is none of this list, or the limit is too large.
    """
    counting = parts.counting([secret], outdated=True).subquery("counting")
    keys = [t.occurrences.c[name] for name in ("artifact_id", "match_id", "path_id")]
    ordered = Ordered(
        f"occurrences-{secret}",
        tuple(Key(key, is_descending=False) for key in keys),
        is_nullable=False,
        conditions=(t.occurrences.c.match_id.in_(sa.select(counting.c.id)),),
    )
    page = positions(connection, ordered, cursor, limit)
    query = _places(connection, [secret]).order_by(None).where(sa.tuple_(*keys).in_(page.rows))
    rows = connection.execute(query.order_by(*keys)) if page.rows else ()
    return Page(tuple(map(_place, rows)), page.next, page.previous)


def _places(
    connection: Connection, secrets: Sequence[int], *, newest_first: bool = False
) -> Select[Any]:
    counting = parts.counting(secrets, outdated=True).cte("counting")
    version = parts.bytewise(connection, t.releases.c.version)
    key, uploaded = t.releases.c.sort_key, t.artifacts.c.uploaded_at
    releases: tuple[ColumnElement[Any], ...] = (
        (key.is_(None), key.desc(), uploaded.desc().nulls_last(), version.desc())
        if newest_first
        else (key.is_not(None), key, uploaded.nulls_first(), version)
    )
    order = (
        t.registries.c.id,
        parts.bytewise(connection, t.projects.c.name),
        *releases,
        parts.bytewise(connection, t.artifacts.c.name),
        parts.bytewise(connection, t.paths.c.path),
        t.matches.c.start,
        t.matches.c.id,
    )
    return (
        sa.select(
            counting.c.secret_id,
            t.registries.c.url.label("index"),
            t.projects.c.name.label("project"),
            t.releases.c.version,
            t.artifacts.c.name.label("artifact"),
            *(t.artifacts.c[name] for name in ("kind", "sha256", "uploaded_at", "yanked")),
            t.artifacts.c.deleted_at,
            t.paths.c.path,
            *(t.matches.c[name] for name in ("below", "part", "line", "column", "start", "end")),
            *(t.matches.c[name] for name in ("encoding", "severity", "proof", "facts")),
            t.occurrences.c.confidence,
        )
        .join(t.matches, t.matches.c.id == counting.c.id)
        .join(t.occurrences, t.occurrences.c.match_id == counting.c.id)
        .join(t.paths, t.paths.c.id == t.occurrences.c.path_id)
        .join(t.artifacts, t.artifacts.c.id == t.occurrences.c.artifact_id)
        .join(t.releases, t.releases.c.id == t.artifacts.c.release_id)
        .join(t.projects, t.projects.c.id == t.releases.c.project_id)
        .join(t.registries, t.registries.c.id == t.projects.c.registry_id)
        .order_by(*order)
    )


def _place(row: Row[Any]) -> Place:
    facts = dict(row._mapping)  # noqa: SLF001 (public, by its documentation)
    below = facts.pop("below")
    facts |= {
        "path": row.path + below,
        "part": row.part or None,
        "encoding": tuple(row.encoding),
        "severity": Severity(row.severity),
        "confidence": Confidence(row.confidence),
    }
    return Place(**facts)


class Looked(Struct, frozen=True, kw_only=True):
    """How much of what the indexes list was looked at.

    Attributes:
        scanned: Files that were scanned.
        incomplete: Those of them in which something could not be looked at.
        failed: Files whose scan failed.
        pending: Files that were not scanned yet.
    """

    scanned: int = 0
    incomplete: int = 0
    failed: int = 0
    pending: int = 0

    @property
    def is_complete(self) -> bool:
        """Whether nothing was passed over."""
        return not (self.incomplete or self.failed or self.pending)


def looked(connection: Connection) -> Looked:
    """Return how much was looked at, files that were deleted since included.

    What was deleted before it could be looked at is not listed any more, and not waited for.
    """
    a = t.artifacts.c
    query = (
        sa.select(a.state, a.is_complete, sa.func.count().label("number"))
        .where(sa.or_(a.state == "scanned", a.deleted_at.is_(None)))
        .group_by(a.state, a.is_complete)
    )
    counts = dict.fromkeys(("scanned", "incomplete", "failed", "pending"), 0)
    for row in connection.execute(query):
        counts[row.state] += row.number
        if row.state == "scanned" and not row.is_complete:
            counts["incomplete"] += row.number
    return Looked(**counts)
