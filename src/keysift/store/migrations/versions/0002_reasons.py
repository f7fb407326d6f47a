"""Why a match is believed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from keysift.store.types import Json

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_COMMENT = "What speaks for and against it: name, points, text; NULL: not kept."


def upgrade() -> None:
    """Change the tables."""
    op.add_column("matches", sa.Column("reasons", Json(), nullable=True, comment=_COMMENT))


def downgrade() -> None:
    """Change them back."""
    op.drop_column("matches", "reasons")
