"""One project: which of its releases carries which findings, and how each release was looked at."""

from __future__ import annotations

from datetime import datetime
from enum import Enum
from typing import Any, Final

import sqlalchemy as sa
from msgspec import Struct, field
from sqlalchemy import Connection, Select

from keysift.model import Severity, TriageStatus, Verdict
from keysift.store import tables as t
from keysift.store.queries import parts
from keysift.store.queries.covered import STATE, State
from keysift.store.queries.standing import TRIAGE, VERDICTS

FINDINGS: Final = 200
"""So many findings of a project are told apart, the worst ones."""

_SEVERITIES: Final = sorted(Severity, key=lambda one: one.rank)


class Held(Enum):
    """How a release carries a finding.

    ``LISTED``: a file that is there, and not yanked. ``YANKED``: yanked files only. ``DELETED``:
    only files that the index has no more.
    """

    LISTED = "listed"
    YANKED = "yanked"
    DELETED = "deleted"


class File(Struct, frozen=True, kw_only=True):
    """A file of a release.

    Attributes:
        id: Its number.
        name: Its name.
        kind: sdist, wheel, egg or other.
        state: What became of it.
        size_bytes: Its size, when known.
        uploaded_at: When it was uploaded (UTC).
        yanked: Reason of its yank; None: it is not yanked.
        findings: Findings in it that are told apart.
    """

    id: int
    name: str
    kind: str
    state: State
    size_bytes: int | None
    uploaded_at: datetime | None
    yanked: str | None
    findings: int


class Release(Struct, kw_only=True):
    """A release.

    Attributes:
        id: Its number.
        version: As its files have it; may be empty.
        uploaded_at: Its first upload (UTC).
        is_newest: Whether pip would take it.
        is_looked_at: Whether any file of it was.
        is_unknown: Whether there is a file of it that was not.
        files: Its files, by name.
        held: The findings it carries, and how.
    """

    id: int
    version: str
    uploaded_at: datetime | None
    is_newest: bool
    is_looked_at: bool
    is_unknown: bool
    files: list[File] = field(default_factory=list)
    held: dict[int, Held] = field(default_factory=dict)


class Finding(Struct, frozen=True, kw_only=True):
    """A finding of the project.

    Attributes:
        id: Number of the secret.
        detector: Id of its type.
        mask: What may be shown of it.
        severity: The worst of its matches.
        verdict: The verdict that stands.
        triage: The last decision.
        is_present: Whether the newest release has it; None: not known.
    """

    id: int
    detector: str
    mask: str
    severity: Severity
    verdict: Verdict
    triage: TriageStatus
    is_present: bool | None


class Carried(Struct, frozen=True, kw_only=True):
    """Which releases of a project carry which findings.

    Attributes:
        releases: In their order, the oldest first.
        findings: The worst first.
    """

    releases: list[Release]
    findings: list[Finding]


def carried(connection: Connection, project: int) -> Carried:
    """Return which releases of a project carry which findings.

    Args:
        connection: From ``Store.reading``.
        project: Its number.
    """
    releases = {one.id: one for one in _releases(connection, project)}
    findings = _findings(connection, project)
    secrets = [one.id for one in findings]
    numbers: dict[int, set[int]] = {}
    for row in connection.execute(_places(project, secrets)):
        numbers.setdefault(row.artifact_id, set()).add(row.secret_id)
    for row in connection.execute(_files(project)):
        release = releases[row.release_id]
        own = numbers.get(row.id, set())
        release.files.append(
            File(
                id=row.id,
                name=row.name,
                kind=row.kind,
                state=State(row.became),
                size_bytes=row.size_bytes,
                uploaded_at=row.uploaded_at,
                yanked=row.yanked,
                findings=len(own),
            )
        )
        how = _held(row)
        for secret in own:
            before = release.held.get(secret)
            release.held[secret] = how if before is None else _better(before, how)
    return Carried(releases=list(releases.values()), findings=findings)


def _releases(connection: Connection, project: int) -> list[Release]:
    those = sa.select(t.projects.c.id).where(t.projects.c.id == project)
    ordered = parts.releases(connection, those)
    query = sa.select(ordered).order_by(ordered.c.position, ordered.c.id)
    return [
        Release(
            id=row.id,
            version=row.version,
            uploaded_at=row.first_upload,
            is_newest=row.is_newest == 1,
            is_looked_at=row.is_looked_at == 1,
            is_unknown=row.is_unknown == 1,
        )
        for row in connection.execute(query)
    ]


def _findings(connection: Connection, project: int) -> list[Finding]:
    summary = t.summaries.c
    query = (
        sa.select(
            *(summary[name] for name in ("secret_id", "detector", "severity", "verdict", "triage")),
            t.secrets.c.mask,
            t.lives.c.still_present,
        )
        .join(t.lives, t.lives.c.secret_id == summary.secret_id)
        .join(t.secrets, t.secrets.c.id == summary.secret_id)
        .where(t.lives.c.project_id == project, summary.is_outdated == 0)
        .order_by(summary.urgency.desc(), summary.secret_id)
        .limit(FINDINGS)
    )
    return [
        Finding(
            id=row.secret_id,
            detector=row.detector,
            mask=row.mask,
            severity=_SEVERITIES[row.severity],
            verdict=VERDICTS[row.verdict],
            triage=TRIAGE[row.triage],
            is_present=None if row.still_present is None else row.still_present == 1,
        )
        for row in connection.execute(query)
    ]


def _of_project(project: int) -> Select[Any]:
    return (
        sa.select(t.artifacts.c.id)
        .join(t.releases, t.releases.c.id == t.artifacts.c.release_id)
        .where(t.releases.c.project_id == project)
    )


def _places(project: int, secrets: list[int]) -> Select[Any]:
    counting = parts.counting(secrets).cte("counting")
    return (
        sa.select(t.occurrences.c.artifact_id, counting.c.secret_id)
        .join(counting, counting.c.id == t.occurrences.c.match_id)
        .where(t.occurrences.c.artifact_id.in_(_of_project(project)))
        .distinct()
    )


def _files(project: int) -> Select[Any]:
    names = ("id", "release_id", "name", "kind", "size_bytes", "uploaded_at", "yanked")
    return (
        sa.select(*(t.artifacts.c[name] for name in (*names, "deleted_at")), STATE.label("became"))
        .join(t.releases, t.releases.c.id == t.artifacts.c.release_id)
        .where(t.releases.c.project_id == project)
        .order_by(t.artifacts.c.name, t.artifacts.c.id)
    )


def _held(row: sa.Row[Any]) -> Held:
    if row.deleted_at is not None:
        return Held.DELETED
    return Held.LISTED if row.yanked is None else Held.YANKED


def _better(one: Held, other: Held) -> Held:
    order = list(Held)
    return min(one, other, key=order.index)
