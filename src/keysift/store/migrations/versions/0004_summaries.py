"""A cache of what a list of findings is sorted and filtered by; every project is to be added up."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from alembic import op

from keysift.store.types import SQLITE, Bytewise, Stamp, Words

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_LONG = sa.BigInteger().with_variant(sa.Integer(), SQLITE)

_KINDS = [
    *("is_outdated", "severity", "confidence", "verdict", "triage", "still_present"),
    "detector",
]
_COVERAGE = ["state", "is_complete", "deleted_at", "id"]
_TABLES = ("tallies", "haystacks", "summaries", "lives", "stale_projects")
_ORDERS = (
    "confidence",
    "detector",
    "first_uploaded_at",
    "last_uploaded_at",
    "projects",
    "releases",
    "artifacts",
    "places",
    "still_present",
    "project",
    "verdict",
    "checked_at",
    "privilege",
    "triage",
)
"""Columns of ``summaries`` by which findings are sorted."""


def upgrade() -> None:
    """Change the tables."""
    _add_tables()
    op.create_index(op.f("ix_lives_project_id"), "lives", ["project_id"])
    for column in _ORDERS:
        columns = [column, "urgency", "secret_id"]
        op.create_index(op.f(f"ix_summaries_{'_'.join(columns)}"), "summaries", columns)
    op.create_index(op.f("ix_summaries_urgency_secret_id"), "summaries", ["urgency", "secret_id"])
    op.create_index("ix_summaries_kinds", "summaries", _KINDS)
    op.drop_index(op.f("ix_artifacts_state_is_complete"), "artifacts")
    op.create_index(op.f(f"ix_artifacts_{'_'.join(_COVERAGE)}"), "artifacts", _COVERAGE)
    op.create_index(op.f("ix_skips_reason_artifact_id"), "skips", ["reason", "artifact_id"])
    _mark_all()


def _mark_all() -> None:
    marks = sa.table(
        "stale_projects",
        sa.column("project_id"),
        sa.column("changes"),
        sa.column("since", Stamp()),
    )
    present = sa.literal(datetime.now(UTC), Stamp())
    number: sa.ColumnClause[Any] = sa.column("id")
    projects = sa.select(number, sa.literal(1), present).select_from(sa.table("projects"))
    op.execute(sa.insert(marks).from_select(["project_id", "changes", "since"], projects))


def _add_tables() -> None:
    op.create_table(
        "stale_projects",
        sa.Column("project_id", _LONG, nullable=False, comment="Which project."),
        sa.Column("changes", _LONG, nullable=False, comment="How often since then."),
        sa.Column("since", Stamp(), nullable=False, comment="When it first changed (UTC)."),
        sa.ForeignKeyConstraint(
            ["project_id"],
            ["projects.id"],
            name=op.f("fk_stale_projects_project_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("project_id", name=op.f("pk_stale_projects")),
        comment="Projects whose findings changed since they were last added up.",
        sqlite_strict=True,
    )
    op.create_table(
        "lives",
        sa.Column("secret_id", _LONG, nullable=False, comment="Which secret."),
        sa.Column("project_id", _LONG, nullable=False, comment="In which project."),
        sa.Column("introduced_in", _LONG, nullable=False, comment="First release that has it."),
        sa.Column("last_seen_in", _LONG, nullable=False, comment="Last release that has it."),
        sa.Column(
            "removed_in",
            _LONG,
            nullable=True,
            comment="First release after that which does not; NULL: none, or not known.",
        ),
        sa.Column(
            "still_present",
            sa.Integer(),
            nullable=True,
            comment="1: the newest release has it, not yanked nor deleted; 0: no; NULL: not known.",
        ),
        sa.Column(
            "present_in",
            _LONG,
            nullable=True,
            comment="That newest release; NULL: it does not have it.",
        ),
        sa.Column(
            "first_uploaded_at",
            Stamp(),
            nullable=True,
            comment="Earliest upload of a file that has it (UTC).",
        ),
        sa.Column(
            "last_uploaded_at",
            Stamp(),
            nullable=True,
            comment="Latest upload of a file that has it (UTC).",
        ),
        sa.Column("releases", _LONG, nullable=False, comment="Releases that have it."),
        sa.Column("artifacts", _LONG, nullable=False, comment="Files that have it."),
        sa.Column(
            "yanked",
            _LONG,
            nullable=False,
            comment="Those of them that are yanked, and not deleted.",
        ),
        sa.Column(
            "deleted", _LONG, nullable=False, comment="Those of them that the index has no more."
        ),
        sa.Column("places", _LONG, nullable=False, comment="Occurrences."),
        sa.Column(
            "kinds", Words(), nullable=False, comment="Kinds of these files: sorted, with commas."
        ),
        sa.Column(
            "present_kinds",
            Words(),
            nullable=False,
            comment="Kinds of those of the newest release that are neither yanked nor deleted.",
        ),
        sa.ForeignKeyConstraint(
            ["introduced_in"], ["releases.id"], name=op.f("fk_lives_introduced_in")
        ),
        sa.ForeignKeyConstraint(
            ["last_seen_in"], ["releases.id"], name=op.f("fk_lives_last_seen_in")
        ),
        sa.ForeignKeyConstraint(
            ["project_id"], ["projects.id"], name=op.f("fk_lives_project_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["present_in"], ["releases.id"], name=op.f("fk_lives_present_in")),
        sa.ForeignKeyConstraint(["removed_in"], ["releases.id"], name=op.f("fk_lives_removed_in")),
        sa.ForeignKeyConstraint(
            ["secret_id"], ["secrets.id"], name=op.f("fk_lives_secret_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("secret_id", "project_id", name=op.f("pk_lives")),
        comment="Cache: secrets in projects; `Life` in `keysift.store.queries.values` says more.",
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    op.create_table(
        "summaries",
        sa.Column("secret_id", _LONG, nullable=False, comment="Which secret."),
        sa.Column("detector", Bytewise(), nullable=False, comment="Id of the detector."),
        sa.Column(
            "severity",
            sa.Integer(),
            nullable=False,
            comment="The worst of its matches: 0 info, 1 low, 2 medium, 3 high, 4 critical.",
        ),
        sa.Column(
            "confidence",
            sa.Integer(),
            nullable=False,
            comment="The best over its occurrences: 0 low, 1 medium, 2 high.",
        ),
        sa.Column(
            "urgency",
            sa.Integer(),
            nullable=False,
            comment="Both in one number, which tells equals apart: 3 * severity + confidence.",
        ),
        sa.Column(
            "is_outdated",
            sa.Integer(),
            nullable=False,
            comment="1 when the ruleset that looked last finds it no more, else 0.",
        ),
        sa.Column(
            "first_uploaded_at",
            Stamp(),
            nullable=True,
            comment="Earliest upload that has it (UTC).",
        ),
        sa.Column(
            "last_uploaded_at", Stamp(), nullable=True, comment="Latest upload that has it (UTC)."
        ),
        sa.Column("projects", _LONG, nullable=False, comment="Projects that have it."),
        sa.Column("releases", _LONG, nullable=False, comment="Releases that have it."),
        sa.Column("artifacts", _LONG, nullable=False, comment="Files that have it."),
        sa.Column("places", _LONG, nullable=False, comment="Occurrences."),
        sa.Column(
            "kinds", Words(), nullable=False, comment="Kinds of these files: sorted, with commas."
        ),
        sa.Column(
            "still_present",
            sa.Integer(),
            nullable=True,
            comment="1: in any of its projects; 0: in none; NULL: in none as far as is known.",
        ),
        sa.Column(
            "project",
            Bytewise(),
            nullable=False,
            comment="Name of the project that was last to have it.",
        ),
        sa.Column(
            "version",
            Words(),
            nullable=False,
            comment="The last release of that project that has it.",
        ),
        sa.Column(
            "verdict",
            sa.Integer(),
            nullable=False,
            comment="That stands: 0 inactive, 1 not_checkable, 2 unchecked, 3 unknown, 4 canary, "
            "5 active.",
        ),
        sa.Column(
            "checked_at", Stamp(), nullable=True, comment="When that was (UTC); NULL: unchecked."
        ),
        sa.Column(
            "privilege",
            sa.Integer(),
            nullable=True,
            comment="0 low, 1 medium, 2 high, 3 admin; NULL: not known.",
        ),
        sa.Column(
            "is_canary",
            sa.Integer(),
            nullable=False,
            comment="1 when it was ever known to be one, else 0.",
        ),
        sa.Column(
            "triage",
            sa.Integer(),
            nullable=False,
            comment="The last decision: 0 false-positive, 1 test, 2 revoked, 3 accepted, 4 open.",
        ),
        sa.ForeignKeyConstraint(
            ["secret_id"], ["secrets.id"], name=op.f("fk_summaries_secret_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("secret_id", name=op.f("pk_summaries")),
        comment="Cache: findings in sum, a row for each secret that stands anywhere.",
        sqlite_strict=True,
    )
    op.create_table(
        "haystacks",
        sa.Column("secret_id", _LONG, nullable=False, comment="Which secret."),
        sa.Column(
            "text",
            Words(),
            nullable=False,
            comment="Detector, mask, projects and paths (in sdists: below the first folder), in "
            "lower case, a line each.",
        ),
        sa.ForeignKeyConstraint(
            ["secret_id"], ["secrets.id"], name=op.f("fk_haystacks_secret_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("secret_id", name=op.f("pk_haystacks")),
        comment="Cache: what a search looks through, a text for each secret that stands anywhere.",
        sqlite_strict=True,
    )
    op.create_table(
        "tallies",
        sa.Column("project_id", _LONG, nullable=False, comment="Which project."),
        sa.Column("name", Bytewise(), nullable=False, comment="Its name."),
        sa.Column("findings", _LONG, nullable=False, comment="Findings that are not outdated."),
        sa.Column("critical", _LONG, nullable=False, comment="Those of severity critical."),
        sa.Column("high", _LONG, nullable=False, comment="Those of severity high."),
        sa.Column("medium", _LONG, nullable=False, comment="Those of severity medium."),
        sa.Column("low", _LONG, nullable=False, comment="Those of severity low."),
        sa.Column("info", _LONG, nullable=False, comment="Those of severity info."),
        sa.Column("active", _LONG, nullable=False, comment="Those that their providers accept."),
        sa.Column("open", _LONG, nullable=False, comment="Those that nobody decided about."),
        sa.Column(
            "present", _LONG, nullable=False, comment="Those that its newest release still has."
        ),
        sa.Column("releases", _LONG, nullable=False, comment="Its releases."),
        sa.Column(
            "last_uploaded_at",
            Stamp(),
            nullable=True,
            comment="Latest upload of any of its files (UTC).",
        ),
        sa.ForeignKeyConstraint(
            ["project_id"], ["projects.id"], name=op.f("fk_tallies_project_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("project_id", name=op.f("pk_tallies")),
        comment="Cache: projects in sum, a row for each that has a finding which is not outdated.",
        sqlite_strict=True,
    )


def downgrade() -> None:
    """Change them back."""
    op.drop_index(op.f("ix_skips_reason_artifact_id"), "skips")
    op.drop_index(op.f(f"ix_artifacts_{'_'.join(_COVERAGE)}"), "artifacts")
    op.create_index(op.f("ix_artifacts_state_is_complete"), "artifacts", ["state", "is_complete"])
    for table in _TABLES:
        op.drop_table(table)
