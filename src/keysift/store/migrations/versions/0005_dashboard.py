"""Accounts, access tokens, disclosed values and saved views of the dashboard."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from keysift.store.types import SQLITE, Json, Stamp, Words

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_LONG = sa.BigInteger().with_variant(sa.Integer(), SQLITE)

_TABLES = ("views", "disclosures", "access_tokens", "accounts")

_SQLITE = """
CREATE TRIGGER disclosures_{event} BEFORE {event} ON disclosures
BEGIN SELECT RAISE(ABORT, 'disclosures are only ever added'); END
"""
_POSTGRESQL = (
    """
CREATE FUNCTION disclosures_are_history() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'disclosures are only ever added'; END $$
""",
    """
CREATE TRIGGER disclosures_are_history BEFORE UPDATE OR DELETE ON disclosures
FOR EACH ROW EXECUTE FUNCTION disclosures_are_history()
""",
    """
CREATE TRIGGER disclosures_stay BEFORE TRUNCATE ON disclosures
FOR EACH STATEMENT EXECUTE FUNCTION disclosures_are_history()
""",
)


def upgrade() -> None:
    """Change the tables."""
    _add_tables()
    if op.get_bind().dialect.name == SQLITE:
        for event in ("UPDATE", "DELETE"):
            op.execute(_SQLITE.format(event=event))
        return
    for statement in _POSTGRESQL:
        op.execute(statement)


def _text(name: str, comment: str) -> sa.Column[str]:
    return sa.Column(name, Words(), nullable=False, comment=comment)


def _when(name: str, comment: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, Stamp(), nullable=nullable, comment=comment)


def _number() -> sa.Column[int]:
    return sa.Column("id", _LONG, nullable=False, comment="Number of the row.")


def _add_tables() -> None:
    op.create_table(
        "accounts",
        _number(),
        _text("name", "What they log in with."),
        _text("role", "read, triage or reveal; each has the former."),
        _text("password", "Argon2id of the password, with its salt."),
        _when("made_at", "When the account was made (UTC)."),
        _when("changed_at", "When its password was last set (UTC)."),
        sa.CheckConstraint("role IN ('read', 'triage', 'reveal')", name=op.f("ck_accounts_role")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_accounts")),
        sa.UniqueConstraint("name", name=op.f("uq_accounts_name")),
        comment="People who may log in to the dashboard with a password.",
        sqlite_strict=True,
    )
    op.create_table(
        "access_tokens",
        _number(),
        _text("name", "What it is for."),
        sa.Column(
            "digest",
            sa.LargeBinary(),
            nullable=False,
            comment="SHA-256 of the token; it has 256 random bits, so that no guess reaches it.",
        ),
        sa.Column(
            "scopes", Json(), nullable=False, comment="What it may do: read, triage, reveal."
        ),
        _when("made_at", "When it was made (UTC)."),
        _when("expires_at", "From when on it is refused (UTC); NULL: never.", nullable=True),
        _when("last_used_at", "When it was last used, give or take a minute (UTC).", nullable=True),
        _when("revoked_at", "When it was revoked (UTC); NULL: it was not.", nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_access_tokens")),
        sa.UniqueConstraint("digest", name=op.f("uq_access_tokens_digest")),
        sa.UniqueConstraint("name", name=op.f("uq_access_tokens_name")),
        comment="Tokens with which programs use the API of the dashboard.",
        sqlite_strict=True,
    )
    op.create_table(
        "disclosures",
        _number(),
        sa.Column("secret_id", _LONG, nullable=False, comment="Number of the secret, then."),
        _text("detector", "Its detector."),
        _text("fingerprint", "Its fingerprint."),
        _text("who", "Who asked for the value."),
        _text("source", "How they were recognised: start token, account, proxy or access token."),
        _text("address", "From where: IPv4, or /64 of IPv6."),
        _text("channel", "Where it was shown: page or api."),
        _when("disclosed_at", "When (UTC)."),
        sa.CheckConstraint("channel IN ('page', 'api')", name=op.f("ck_disclosures_channel")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_disclosures")),
        comment="Values that the dashboard showed: who saw them. Rows are only ever added.",
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_disclosures_secret_id"), "disclosures", ["secret_id"])
    op.create_table(
        "views",
        _number(),
        _text("author", "Who saved it."),
        _text("name", "What they call it."),
        _text("query", "What stands behind the ? in its address."),
        _when("saved_at", "When it was last saved (UTC)."),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_views")),
        sa.UniqueConstraint("author", "name", name=op.f("uq_views_author_name")),
        comment="Lists of findings that people saved: what was chosen, and how it was sorted.",
        sqlite_strict=True,
    )


def downgrade() -> None:
    """Change them back."""
    for table in _TABLES:
        op.drop_table(table)
    if op.get_bind().dialect.name != SQLITE:
        op.execute("DROP FUNCTION disclosures_are_history")
