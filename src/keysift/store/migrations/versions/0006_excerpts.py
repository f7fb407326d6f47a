"""The lines around a secret stand among its values, under a name of their own."""

from __future__ import annotations

from alembic import op

from keysift.store.types import SQLITE

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_TABLE = "Values of secrets and of their other halves"
_NAME = "Empty for the secret itself, else the name of its other half"


def upgrade() -> None:
    """Say so in the database, where it keeps remarks."""
    _say(", and the lines around them", ", or :excerpt for the lines around it")


def downgrade() -> None:
    """Say what was said before."""
    _say("", "")


def _say(table: str, name: str) -> None:
    if op.get_bind().dialect.name != SQLITE:
        op.create_table_comment(
            "secret_values", f"{_TABLE}{table}, sealed; empty with --no-values."
        )
        op.alter_column("secret_values", "name", comment=f"{_NAME}{name}.")
