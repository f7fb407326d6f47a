"""One artifact: what is known of the file, what was passed over in it, and what it carries."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa
from msgspec import Struct
from sqlalchemy import Connection, Row

from keysift.model import Confidence, Severity
from keysift.store import tables as t
from keysift.store.queries import parts
from keysift.store.queries.covered import STATE, State

SHOWN: Final = 500
"""So many skips and places are shown of one file."""

_SEVERITIES: Final = sorted(Severity, key=lambda one: one.rank)


class Passed(Struct, frozen=True, kw_only=True):
    """Something that was not looked at.

    Attributes:
        path: Path inside the file; empty for all of it.
        reason: The word in every report.
        detail: What exactly, for people.
        size_bytes: Its size, when known.
    """

    path: str
    reason: str
    detail: str
    size_bytes: int | None


class Spot(Struct, frozen=True, kw_only=True):
    """A place of a finding in the file.

    Attributes:
        secret: Number of the finding.
        detector: Id of its type.
        mask: What may be shown of it.
        severity: Of the match.
        confidence: Of the match at this path.
        path: Path inside the file.
        below: Path below that, for archives inside archives.
        part: Part of a structured file.
        line: From 1.
        column: From 1.
    """

    secret: int
    detector: str
    mask: str
    severity: Severity
    confidence: Confidence
    path: str
    below: str
    part: str
    line: int
    column: int


class Event(Struct, frozen=True, kw_only=True):
    """What the index changed about the file.

    Attributes:
        kind: yanked, unyanked, deleted, restored, replaced.
        detail: The reason of a yank; the digest that was replaced.
        seen_at: When we saw it (UTC).
    """

    kind: str
    detail: str | None
    seen_at: datetime


class Artifact(Struct, frozen=True, kw_only=True):
    """A file of a release.

    Attributes:
        id: Its number.
        name: Its name.
        kind: sdist, wheel, egg or other.
        project: Name of its project.
        project_id: Number of that.
        registry: Address of the index.
        version: Its release.
        url: Where it is, without credentials.
        hashes: Digests that the index announces, by algorithm.
        sha256: Digest of what was scanned, else as announced.
        size_bytes: Its size, when known.
        uploaded_at: When it was uploaded (UTC).
        first_seen_at: When we first saw it (UTC).
        yanked: Reason of its yank; None: it is not yanked.
        deleted_at: When we saw that the index has it no more (UTC).
        state: What became of it.
        failure: Why the last attempt failed.
        attempts: Attempts that failed since the last one that did not.
        scanned_at: When it was last scanned (UTC).
        ruleset: Digest of what was looked for then.
        ruleset_version: Version of keysift that first used that.
        fetched_bytes: What was fetched of it.
        files: Files in it.
        content_bytes: Content that was looked at.
        skips: What was not looked at, the first of it.
        skipped: How often something was not looked at.
        spots: Where findings stand, the first of them.
        placed: How many such places there are.
        events: What the index changed, the first change first.
    """

    id: int
    name: str
    kind: str
    project: str
    project_id: int
    registry: str
    version: str
    url: str
    hashes: dict[str, str]
    sha256: str | None
    size_bytes: int | None
    uploaded_at: datetime | None
    first_seen_at: datetime
    yanked: str | None
    deleted_at: datetime | None
    state: State
    failure: str | None
    attempts: int
    scanned_at: datetime | None
    ruleset: str | None
    ruleset_version: str | None
    fetched_bytes: int | None
    files: int | None
    content_bytes: int | None
    skips: list[Passed]
    skipped: int
    spots: list[Spot]
    placed: int
    events: list[Event]


def find_artifact(connection: Connection, artifact: int) -> Artifact | None:
    """Return a file; None: there is none of that number.

    Args:
        connection: From ``Store.reading``.
        artifact: Its number.
    """
    found = connection.execute(_query().where(t.artifacts.c.id == artifact))
    row = found.mappings().one_or_none()
    if row is None:
        return None
    facts: dict[str, Any] = {
        name: value for name, value in row.items() if name in Artifact.__struct_fields__
    }
    skips, skipped = _skips(connection, artifact)
    spots, placed = _spots(connection, artifact)
    return Artifact(
        **facts,
        state=State(row["became"]),
        skips=skips,
        skipped=skipped,
        spots=spots,
        placed=placed,
        events=_events(connection, artifact),
    )


_OWN: Final = (
    *("id", "name", "kind", "url", "hashes", "sha256", "size_bytes", "uploaded_at"),
    *("first_seen_at", "yanked", "deleted_at", "failure", "attempts", "scanned_at"),
    *("fetched_bytes", "files", "content_bytes"),
)


def _query() -> sa.Select[Any]:
    return (
        sa.select(
            *(t.artifacts.c[name] for name in _OWN),
            STATE.label("became"),
            t.projects.c.name.label("project"),
            t.projects.c.id.label("project_id"),
            t.registries.c.url.label("registry"),
            t.releases.c.version,
            t.rulesets.c.digest.label("ruleset"),
            t.rulesets.c.version.label("ruleset_version"),
        )
        .join(t.releases, t.releases.c.id == t.artifacts.c.release_id)
        .join(t.projects, t.projects.c.id == t.releases.c.project_id)
        .join(t.registries, t.registries.c.id == t.projects.c.registry_id)
        .outerjoin(t.rulesets, t.rulesets.c.id == t.artifacts.c.ruleset_id)
    )


def _skips(connection: Connection, artifact: int) -> tuple[list[Passed], int]:
    own = t.skips.c.artifact_id == artifact
    names = ("path", "reason", "detail", "size_bytes")
    query = sa.select(*(t.skips.c[name] for name in names)).where(own).order_by(t.skips.c.id)
    rows = connection.execute(query.limit(SHOWN)).mappings()
    count = sa.select(sa.func.count()).select_from(t.skips).where(own)
    return [Passed(**row) for row in rows], connection.execute(count).scalar_one()


def _spots(connection: Connection, artifact: int) -> tuple[list[Spot], int]:
    of_file = sa.select(t.occurrences.c.match_id).where(t.occurrences.c.artifact_id == artifact)
    secrets = sa.select(t.matches.c.secret_id).where(t.matches.c.id.in_(of_file))
    numbers = list(connection.scalars(secrets.distinct()))
    counting = parts.counting(numbers).cte("counting")
    placed = (
        sa.select(
            counting.c.secret_id,
            counting.c.severity,
            t.secrets.c.detector,
            t.secrets.c.mask,
            t.occurrences.c.confidence,
            t.paths.c.path,
            *(t.matches.c[name] for name in ("below", "part", "line", "column")),
        )
        .join(t.occurrences, t.occurrences.c.match_id == counting.c.id)
        .join(t.matches, t.matches.c.id == counting.c.id)
        .join(t.secrets, t.secrets.c.id == counting.c.secret_id)
        .join(t.paths, t.paths.c.id == t.occurrences.c.path_id)
        .where(t.occurrences.c.artifact_id == artifact)
    )
    worst_first = placed.order_by(
        counting.c.severity.desc(), counting.c.secret_id, t.paths.c.id, t.matches.c.id
    )
    rows = connection.execute(worst_first.limit(SHOWN))
    count = sa.select(sa.func.count()).select_from(placed.subquery())
    return [_spot(row) for row in rows], connection.execute(count).scalar_one()


def _spot(row: Row[Any]) -> Spot:
    return Spot(
        secret=row.secret_id,
        detector=row.detector,
        mask=row.mask,
        severity=_SEVERITIES[row.severity],
        confidence=Confidence(row.confidence),
        path=row.path,
        below=row.below,
        part=row.part,
        line=row.line,
        column=row.column,
    )


def _events(connection: Connection, artifact: int) -> list[Event]:
    names = ("kind", "detail", "seen_at")
    query = sa.select(*(t.events.c[name] for name in names)).order_by(t.events.c.id)
    rows = connection.execute(query.where(t.events.c.artifact_id == artifact)).mappings()
    return [Event(**row) for row in rows]
