"""The first tables."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from keysift.store.types import Json, Stamp

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Change the tables."""
    op.create_table(
        "paths",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="Number of the row.",
        ),
        sa.Column("digest", sa.LargeBinary(), nullable=False, comment="128 bits of BLAKE2b."),
        sa.Column("path", sa.Text(), nullable=False, comment="Path of a member."),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_paths")),
        sa.UniqueConstraint("digest", name=op.f("uq_paths_digest")),
        comment="Paths inside artifacts, each once: releases repeat them.",
        sqlite_strict=True,
    )
    op.create_table(
        "registries",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="Number of the row.",
        ),
        sa.Column("url", sa.Text(), nullable=False, comment="Address, without credentials."),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_registries")),
        sa.UniqueConstraint("url", name=op.f("uq_registries_url")),
        comment="Package indexes that were crawled.",
        sqlite_strict=True,
    )
    op.create_table(
        "rulesets",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="Number of the row.",
        ),
        sa.Column("digest", sa.Text(), nullable=False, comment="Digest of the catalogue."),
        sa.Column(
            "version", sa.Text(), nullable=False, comment="Version of keysift that first used it."
        ),
        sa.Column(
            "detectors", Json(), nullable=False, comment="Digest of each detector, by its id."
        ),
        sa.Column(
            "first_used_at", Stamp(), nullable=False, comment="When it was first used (UTC)."
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rulesets")),
        sa.UniqueConstraint("digest", name=op.f("uq_rulesets_digest")),
        comment="What was looked for: catalogues of detectors.",
        sqlite_strict=True,
    )
    op.create_table(
        "secrets",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="Number of the row.",
        ),
        sa.Column("detector", sa.Text(), nullable=False, comment="Id of the detector."),
        sa.Column(
            "fingerprint", sa.Text(), nullable=False, comment="Keyed fingerprint of the value."
        ),
        sa.Column("mask", sa.Text(), nullable=False, comment="What may be shown of the value."),
        sa.Column("first_seen_at", Stamp(), nullable=False, comment="When we first saw it (UTC)."),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_secrets")),
        sa.UniqueConstraint(
            "detector", "fingerprint", name=op.f("uq_secrets_detector_fingerprint")
        ),
        comment="Secrets: a type and a value, the identity of a finding wherever it stands.",
        sqlite_strict=True,
    )
    op.create_table(
        "settings",
        sa.Column("name", sa.Text(), nullable=False, comment="What it is."),
        sa.Column(
            "value",
            sa.Text(),
            nullable=False,
            comment="Its value; never a key, only checks of keys.",
        ),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_settings")),
        comment="What belongs to the store as a whole.",
        sqlite_strict=True,
    )
    op.create_table(
        "blobs",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="Number of the row.",
        ),
        sa.Column(
            "digest",
            sa.LargeBinary(),
            nullable=False,
            comment="BLAKE3 of the content; of a segment of a large file, with its offset behind.",
        ),
        sa.Column(
            "ruleset_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="Ruleset that last scanned it.",
        ),
        sa.ForeignKeyConstraint(
            ["ruleset_id"], ["rulesets.id"], name=op.f("fk_blobs_ruleset_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_blobs")),
        sa.UniqueConstraint("digest", name=op.f("uq_blobs_digest")),
        comment="Contents of files that hold a match; each content once, wherever it stands.",
        sqlite_strict=True,
    )
    op.create_table(
        "cursors",
        sa.Column(
            "registry_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="Which index.",
        ),
        sa.Column(
            "serial",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=True,
            comment="Serial of the list, where the index has serials.",
        ),
        sa.Column(
            "etag", sa.Text(), nullable=True, comment="Entity tag of the list, where it has one."
        ),
        sa.Column("read_at", Stamp(), nullable=False, comment="When the list was last read (UTC)."),
        sa.ForeignKeyConstraint(
            ["registry_id"],
            ["registries.id"],
            name=op.f("fk_cursors_registry_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("registry_id", name=op.f("pk_cursors")),
        comment="How far an index was read: the state of its list of projects.",
        sqlite_strict=True,
    )
    op.create_table(
        "projects",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="Number of the row.",
        ),
        sa.Column(
            "registry_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="Which index has it.",
        ),
        sa.Column("name", sa.Text(), nullable=False, comment="Normalised name."),
        sa.Column(
            "listed_serial",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=True,
            comment="Serial that the list of projects gave when it was last read.",
        ),
        sa.Column(
            "serial",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=True,
            comment="Serial of the project's page when it was last read.",
        ),
        sa.Column("etag", sa.Text(), nullable=True, comment="Entity tag of that page."),
        sa.Column(
            "status",
            sa.Text(),
            nullable=True,
            comment="Status that the index gives: archived, quarantined, …",
        ),
        sa.Column("first_seen_at", Stamp(), nullable=False, comment="When we first saw it (UTC)."),
        sa.Column(
            "read_at",
            Stamp(),
            nullable=True,
            comment="When its page was last read (UTC); empty: not yet.",
        ),
        sa.Column(
            "removed_at",
            Stamp(),
            nullable=True,
            comment="When we saw that the index has it no more (UTC).",
        ),
        sa.ForeignKeyConstraint(
            ["registry_id"],
            ["registries.id"],
            name=op.f("fk_projects_registry_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_projects")),
        sa.UniqueConstraint("registry_id", "name", name=op.f("uq_projects_registry_id_name")),
        comment="Projects of an index.",
        sqlite_strict=True,
    )
    op.create_table(
        "runs",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="Number of the row.",
        ),
        sa.Column(
            "registry_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="Of which index.",
        ),
        sa.Column(
            "ruleset_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="Which ruleset was used.",
        ),
        sa.Column("version", sa.Text(), nullable=False, comment="Version of keysift."),
        sa.Column("wanted", Json(), nullable=False, comment="What was asked for."),
        sa.Column("began_at", Stamp(), nullable=False, comment="When it began (UTC)."),
        sa.Column(
            "ended_at",
            Stamp(),
            nullable=True,
            comment="When it ended (UTC); empty: it runs, or was killed.",
        ),
        sa.Column(
            "counts", Json(), nullable=False, comment="What it did, in numbers, when it ended."
        ),
        sa.ForeignKeyConstraint(
            ["registry_id"], ["registries.id"], name=op.f("fk_runs_registry_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["ruleset_id"], ["rulesets.id"], name=op.f("fk_runs_ruleset_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_runs")),
        comment="Crawls.",
        sqlite_strict=True,
    )
    op.create_table(
        "secret_values",
        sa.Column(
            "secret_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="Of which secret.",
        ),
        sa.Column(
            "name",
            sa.Text(),
            nullable=False,
            comment="Empty for the secret itself, else the name of its other half.",
        ),
        sa.Column(
            "key_id", sa.Text(), nullable=False, comment="Which key opens it: a check, not the key."
        ),
        sa.Column(
            "nonce",
            sa.LargeBinary(),
            nullable=False,
            comment="96 bits, never used twice with a key.",
        ),
        sa.Column("sealed", sa.LargeBinary(), nullable=False, comment="AES-256-GCM of the value."),
        sa.Column("sealed_at", Stamp(), nullable=False, comment="When it was sealed (UTC)."),
        sa.ForeignKeyConstraint(
            ["secret_id"],
            ["secrets.id"],
            name=op.f("fk_secret_values_secret_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("secret_id", "name", name=op.f("pk_secret_values")),
        comment="Values of secrets and of their other halves, sealed; empty with --no-values.",
        sqlite_strict=True,
    )
    op.create_table(
        "triage",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="Number of the row.",
        ),
        sa.Column(
            "secret_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="Which secret.",
        ),
        sa.Column(
            "status",
            sa.Text(),
            nullable=False,
            comment="open, false-positive, test, accepted or revoked.",
        ),
        sa.Column("note", sa.Text(), nullable=False, comment="Why; may be empty."),
        sa.Column("author", sa.Text(), nullable=False, comment="Who decided."),
        sa.Column("decided_at", Stamp(), nullable=False, comment="When (UTC)."),
        sa.CheckConstraint(
            "status IN ('open', 'false-positive', 'test', 'accepted', 'revoked')",
            name=op.f("ck_triage_status"),
        ),
        sa.ForeignKeyConstraint(
            ["secret_id"], ["secrets.id"], name=op.f("fk_triage_secret_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_triage")),
        comment="What people decided about a secret: an audit trail; its last line counts.",
        sqlite_strict=True,
    )
    with op.batch_alter_table("triage", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_triage_secret_id"), ["secret_id"], unique=False)

    op.create_table(
        "verdicts",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="Number of the row.",
        ),
        sa.Column(
            "secret_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="Which secret.",
        ),
        sa.Column("verdict", sa.Text(), nullable=False, comment="active, inactive, unknown, …"),
        sa.Column(
            "detail", sa.Text(), nullable=True, comment="Why it is unknown; what else was learned."
        ),
        sa.Column("checked_at", Stamp(), nullable=False, comment="When (UTC)."),
        sa.CheckConstraint(
            "verdict IN ('unchecked', 'active', 'inactive', 'unknown', 'not_checkable', 'canary')",
            name=op.f("ck_verdicts_verdict"),
        ),
        sa.ForeignKeyConstraint(
            ["secret_id"], ["secrets.id"], name=op.f("fk_verdicts_secret_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_verdicts")),
        comment="What a provider said about a secret, and when: a history.",
        sqlite_strict=True,
    )
    with op.batch_alter_table("verdicts", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_verdicts_secret_id"), ["secret_id"], unique=False)

    op.create_table(
        "matches",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="Number of the row.",
        ),
        sa.Column(
            "blob_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="In which blob.",
        ),
        sa.Column(
            "secret_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="Which secret.",
        ),
        sa.Column(
            "below",
            sa.Text(),
            nullable=False,
            comment="Path below the blob, for archives inside archives; empty for the blob itself.",
        ),
        sa.Column(
            "part",
            sa.Text(),
            nullable=False,
            comment="Part of a structured file; empty for raw bytes.",
        ),
        sa.Column(
            "line",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="Line, from 1.",
        ),
        sa.Column(
            "column",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="Column in characters, from 1.",
        ),
        sa.Column(
            "start",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="Byte offset in the file or part.",
        ),
        sa.Column(
            "end",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="One past its last byte.",
        ),
        sa.Column("encoding", Json(), nullable=False, comment="Encodings undone, outermost first."),
        sa.Column(
            "severity", sa.Text(), nullable=False, comment="critical, high, medium, low or info."
        ),
        sa.Column("confidence", sa.Text(), nullable=False, comment="high, medium or low."),
        sa.Column("proof", sa.Text(), nullable=True, comment="Name of the proof that it passed."),
        sa.Column("facts", Json(), nullable=False, comment="What proofs and patterns learned."),
        sa.Column("parts", Json(), nullable=False, comment="Masks of its other halves, by name."),
        sa.Column(
            "found_by",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="Ruleset that first found it.",
        ),
        sa.Column(
            "confirmed_by",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="Ruleset that last found it; older than the blob's: it finds it no more.",
        ),
        sa.CheckConstraint(
            "confidence IN ('high', 'medium', 'low')", name=op.f("ck_matches_confidence")
        ),
        sa.CheckConstraint(
            "severity IN ('critical', 'high', 'medium', 'low', 'info')",
            name=op.f("ck_matches_severity"),
        ),
        sa.ForeignKeyConstraint(
            ["blob_id"], ["blobs.id"], name=op.f("fk_matches_blob_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["confirmed_by"], ["rulesets.id"], name=op.f("fk_matches_confirmed_by")
        ),
        sa.ForeignKeyConstraint(["found_by"], ["rulesets.id"], name=op.f("fk_matches_found_by")),
        sa.ForeignKeyConstraint(
            ["secret_id"], ["secrets.id"], name=op.f("fk_matches_secret_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_matches")),
        sa.UniqueConstraint(
            "blob_id",
            "secret_id",
            "below",
            "part",
            "start",
            name=op.f("uq_matches_blob_id_secret_id_below_part_start"),
        ),
        comment="Places in a blob where a detector found a secret.",
        sqlite_strict=True,
    )
    with op.batch_alter_table("matches", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_matches_secret_id"), ["secret_id"], unique=False)

    op.create_table(
        "releases",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="Number of the row.",
        ),
        sa.Column(
            "project_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="Of which project.",
        ),
        sa.Column(
            "version", sa.Text(), nullable=False, comment="As its files have it; may be empty."
        ),
        sa.Column(
            "sort_key",
            sa.LargeBinary(),
            nullable=True,
            comment=(
                "Made of the version: bytes that sort as PEP 440 does; NULL: not such a version."
            ),
        ),
        sa.Column(
            "is_prerelease",
            sa.Integer(),
            nullable=False,
            comment="Made of the version: 1 for a pre-release or development release, else 0.",
        ),
        sa.ForeignKeyConstraint(
            ["project_id"], ["projects.id"], name=op.f("fk_releases_project_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_releases")),
        sa.UniqueConstraint("project_id", "version", name=op.f("uq_releases_project_id_version")),
        comment="Versions of projects.",
        sqlite_strict=True,
    )
    op.create_table(
        "artifacts",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="Number of the row.",
        ),
        sa.Column(
            "release_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="Of which release.",
        ),
        sa.Column("name", sa.Text(), nullable=False, comment="File name."),
        sa.Column(
            "kind", sa.Text(), nullable=False, comment="sdist, wheel, egg or other, by its name."
        ),
        sa.Column("url", sa.Text(), nullable=False, comment="Where it is, without credentials."),
        sa.Column(
            "hashes", Json(), nullable=False, comment="Digests the index announces, by algorithm."
        ),
        sa.Column(
            "sha256",
            sa.Text(),
            nullable=True,
            comment="Digest of what was scanned, else as announced; hexadecimal.",
        ),
        sa.Column(
            "size_bytes",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=True,
            comment="Size, when known.",
        ),
        sa.Column(
            "uploaded_at", Stamp(), nullable=True, comment="Upload time the registry gives (UTC)."
        ),
        sa.Column(
            "yanked",
            sa.Text(),
            nullable=True,
            comment="Reason of the yank (may be empty text); NULL: not yanked.",
        ),
        sa.Column("first_seen_at", Stamp(), nullable=False, comment="When we first saw it (UTC)."),
        sa.Column(
            "deleted_at",
            Stamp(),
            nullable=True,
            comment="When we saw that the index has it no more (UTC).",
        ),
        sa.Column(
            "state",
            sa.Text(),
            nullable=False,
            comment="pending: not scanned yet; scanned; failed: see failure.",
        ),
        sa.Column(
            "failure", sa.Text(), nullable=True, comment="Why the last attempt failed, for people."
        ),
        sa.Column(
            "attempts",
            sa.Integer(),
            nullable=False,
            comment="Attempts that failed since the last one.",
        ),
        sa.Column(
            "ruleset_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=True,
            comment="Ruleset of the last scan.",
        ),
        sa.Column("scanned_at", Stamp(), nullable=True, comment="When it was last scanned (UTC)."),
        sa.Column(
            "fetched_bytes",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=True,
            comment="Bytes fetched for that.",
        ),
        sa.Column(
            "files",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=True,
            comment="Files in it.",
        ),
        sa.Column(
            "content_bytes",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=True,
            comment="Bytes of their content that were looked at.",
        ),
        sa.Column(
            "is_complete",
            sa.Integer(),
            nullable=True,
            comment="1 when nothing in it was passed over, else 0.",
        ),
        sa.CheckConstraint(
            "kind IN ('sdist', 'wheel', 'egg', 'other')", name=op.f("ck_artifacts_kind")
        ),
        sa.CheckConstraint(
            "state IN ('pending', 'scanned', 'failed')", name=op.f("ck_artifacts_state")
        ),
        sa.ForeignKeyConstraint(
            ["release_id"],
            ["releases.id"],
            name=op.f("fk_artifacts_release_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["ruleset_id"],
            ["rulesets.id"],
            name=op.f("fk_artifacts_ruleset_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_artifacts")),
        sa.UniqueConstraint(
            "release_id", "name", "sha256", name=op.f("uq_artifacts_release_id_name_sha256")
        ),
        comment="Files of releases, and what became of scanning them: the ledger of the crawl.",
        sqlite_strict=True,
    )
    with op.batch_alter_table("artifacts", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_artifacts_sha256"), ["sha256"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_artifacts_state_is_complete"), ["state", "is_complete"], unique=False
        )

    op.create_table(
        "events",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="Number of the row.",
        ),
        sa.Column(
            "artifact_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="Which file.",
        ),
        sa.Column(
            "kind",
            sa.Text(),
            nullable=False,
            comment="yanked, unyanked, deleted, restored, replaced.",
        ),
        sa.Column(
            "detail",
            sa.Text(),
            nullable=True,
            comment="The reason of a yank; the digest that was replaced.",
        ),
        sa.Column("seen_at", Stamp(), nullable=False, comment="When we saw it (UTC)."),
        sa.CheckConstraint(
            "kind IN ('yanked', 'unyanked', 'deleted', 'restored', 'replaced')",
            name=op.f("ck_events_kind"),
        ),
        sa.ForeignKeyConstraint(
            ["artifact_id"],
            ["artifacts.id"],
            name=op.f("fk_events_artifact_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_events")),
        comment="What the index changed about a file after we first saw it.",
        sqlite_strict=True,
    )
    with op.batch_alter_table("events", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_events_artifact_id"), ["artifact_id"], unique=False)

    op.create_table(
        "occurrences",
        sa.Column(
            "artifact_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="In which artifact.",
        ),
        sa.Column(
            "match_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="Which match.",
        ),
        sa.Column(
            "path_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="Path of the member.",
        ),
        sa.Column(
            "confidence",
            sa.Text(),
            nullable=False,
            comment="Of the match at this path: low where made-up values are usual, such as tests.",
        ),
        sa.CheckConstraint(
            "confidence IN ('high', 'medium', 'low')", name=op.f("ck_occurrences_confidence")
        ),
        sa.ForeignKeyConstraint(
            ["artifact_id"],
            ["artifacts.id"],
            name=op.f("fk_occurrences_artifact_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["match_id"], ["matches.id"], name=op.f("fk_occurrences_match_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["path_id"], ["paths.id"], name=op.f("fk_occurrences_path_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("artifact_id", "match_id", "path_id", name=op.f("pk_occurrences")),
        comment="Where a match stands: the member of an artifact that is its blob.",
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("occurrences", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_occurrences_match_id_confidence"),
            ["match_id", "confidence"],
            unique=False,
        )

    op.create_table(
        "skips",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="Number of the row.",
        ),
        sa.Column(
            "artifact_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="In which artifact.",
        ),
        sa.Column(
            "path", sa.Text(), nullable=False, comment="Path inside it; empty for all of it."
        ),
        sa.Column("reason", sa.Text(), nullable=False, comment="Why, as in the JSON report."),
        sa.Column("detail", sa.Text(), nullable=False, comment="What exactly, for people."),
        sa.Column(
            "size_bytes",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=True,
            comment="Size, when known.",
        ),
        sa.ForeignKeyConstraint(
            ["artifact_id"], ["artifacts.id"], name=op.f("fk_skips_artifact_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_skips")),
        comment="What was not looked at. Could not look is never clean.",
        sqlite_strict=True,
    )
    with op.batch_alter_table("skips", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_skips_artifact_id"), ["artifact_id"], unique=False)


def downgrade() -> None:
    """Change them back."""
    with op.batch_alter_table("skips", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_skips_artifact_id"))

    op.drop_table("skips")
    with op.batch_alter_table("occurrences", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_occurrences_match_id_confidence"))

    op.drop_table("occurrences")
    with op.batch_alter_table("events", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_events_artifact_id"))

    op.drop_table("events")
    with op.batch_alter_table("artifacts", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_artifacts_state_is_complete"))
        batch_op.drop_index(batch_op.f("ix_artifacts_sha256"))

    op.drop_table("artifacts")
    op.drop_table("releases")
    with op.batch_alter_table("matches", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_matches_secret_id"))

    op.drop_table("matches")
    with op.batch_alter_table("verdicts", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_verdicts_secret_id"))

    op.drop_table("verdicts")
    with op.batch_alter_table("triage", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_triage_secret_id"))

    op.drop_table("triage")
    op.drop_table("secret_values")
    op.drop_table("runs")
    op.drop_table("projects")
    op.drop_table("cursors")
    op.drop_table("blobs")
    op.drop_table("settings")
    op.drop_table("secrets")
    op.drop_table("rulesets")
    op.drop_table("registries")
    op.drop_table("paths")
