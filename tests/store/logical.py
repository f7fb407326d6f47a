"""What a store says, without the numbers of rows and the times at which we saw things."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from keysift.store import tables as t


def logical(connection: Connection) -> dict[str, list[tuple[Any, ...]]]:
    """Return everything that two crawls of the same index must agree on."""
    where = (
        t.artifacts.join(t.releases, t.releases.c.id == t.artifacts.c.release_id)
        .join(t.projects, t.projects.c.id == t.releases.c.project_id)
        .outerjoin(t.rulesets, t.rulesets.c.id == t.artifacts.c.ruleset_id)
    )
    name = (t.projects.c.name, t.releases.c.version, t.artifacts.c.name)
    places = (
        t.occurrences.join(t.matches, t.matches.c.id == t.occurrences.c.match_id)
        .join(t.secrets, t.secrets.c.id == t.matches.c.secret_id)
        .join(t.blobs, t.blobs.c.id == t.matches.c.blob_id)
        .join(t.paths, t.paths.c.id == t.occurrences.c.path_id)
    )
    artifact = t.artifacts.c.id
    queries = {
        "projects": sa.select(
            t.projects.c.name,
            t.projects.c.serial,
            t.projects.c.etag,
            t.projects.c.status,
            t.projects.c.removed_at.is_(None),
        ),
        "artifacts": sa.select(
            *name,
            *(
                t.artifacts.c[column]
                for column in (
                    "kind",
                    "url",
                    "sha256",
                    "size_bytes",
                    "uploaded_at",
                    "yanked",
                    "state",
                    "failure",
                    "fetched_bytes",
                    "files",
                    "content_bytes",
                    "is_complete",
                )
            ),
            t.artifacts.c.deleted_at.is_(None),
            t.rulesets.c.digest,
        ).select_from(where),
        "events": sa.select(*name, t.events.c.kind, t.events.c.detail).select_from(
            where.join(t.events, t.events.c.artifact_id == artifact)
        ),
        "skips": sa.select(*name, t.skips.c.path, t.skips.c.reason, t.skips.c.detail).select_from(
            where.join(t.skips, t.skips.c.artifact_id == artifact)
        ),
        "occurrences": sa.select(
            *name,
            t.paths.c.path,
            t.secrets.c.detector,
            t.secrets.c.fingerprint,
            t.secrets.c.mask,
            t.blobs.c.digest,
            *(
                t.matches.c[column]
                for column in ("below", "part", "line", "column", "start", "end", "severity")
            ),
            t.matches.c.confidence,
            t.occurrences.c.confidence,
        ).select_from(where.join(places, t.occurrences.c.artifact_id == artifact)),
        "values": sa.select(t.secrets.c.fingerprint, t.values.c.name).select_from(
            t.secrets.join(t.values, t.values.c.secret_id == t.secrets.c.id)
        ),
    }
    return {
        label: sorted((tuple(row) for row in connection.execute(query)), key=repr)
        for label, query in queries.items()
    }
