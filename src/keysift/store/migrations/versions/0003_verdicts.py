"""What asking a provider told, and with which question; the history cannot be changed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from keysift.store.types import SQLITE, Json

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_COLUMNS = {
    "doubt": (sa.Text, "Why it is unknown, as a word: network, rate_limited, …; else NULL."),
    "facts": (Json, "What the provider told of it: user, account, scopes, …; NULL: nothing."),
    "powers": (Json, "What it may do, as words; NULL: not known."),
    "warnings": (Json, "Why it may do more than it needs, as words; NULL: not known."),
    "privilege": (sa.Text, "low, medium, high or admin; NULL: not known."),
    "detector": (sa.Text, "Digest of the detector then; NULL: before that was kept."),
    "validity": (sa.Text, "Version of the question that was asked; NULL: none was."),
}

_SQLITE = """
CREATE TRIGGER verdicts_are_history BEFORE UPDATE ON verdicts
BEGIN SELECT RAISE(ABORT, 'verdicts are a history: add a row'); END
"""
_POSTGRESQL = (
    """
CREATE FUNCTION verdicts_are_history() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'verdicts are a history: add a row'; END $$
""",
    """
CREATE TRIGGER verdicts_are_history BEFORE UPDATE ON verdicts
FOR EACH ROW EXECUTE FUNCTION verdicts_are_history()
""",
)


def upgrade() -> None:
    """Change the tables."""
    for name, (kind, comment) in _COLUMNS.items():
        op.add_column("verdicts", sa.Column(name, kind(), nullable=True, comment=comment))
    if op.get_bind().dialect.name == SQLITE:
        op.execute(_SQLITE)
        return
    for statement in _POSTGRESQL:
        op.execute(statement)


def downgrade() -> None:
    """Change them back."""
    if op.get_bind().dialect.name == SQLITE:
        op.execute("DROP TRIGGER verdicts_are_history")
    else:
        op.execute("DROP TRIGGER verdicts_are_history ON verdicts")
        op.execute("DROP FUNCTION verdicts_are_history")
    for name in _COLUMNS:
        op.drop_column("verdicts", name)
