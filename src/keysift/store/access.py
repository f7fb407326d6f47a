"""Tokens with which programs use the API of the dashboard.

Only their SHA-256 is kept. A fast digest is right here, and wrong for passwords: a token has 256
random bits, so that guessing is hopeless at any speed, and each request costs microseconds.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, Final

import sqlalchemy as sa
from msgspec import Struct
from sqlalchemy import Connection, Row
from sqlalchemy.exc import IntegrityError

from keysift.errors import UsageError
from keysift.model import Role, Secret
from keysift.store import tables as t
from keysift.store.ledger import now

_BYTES: Final = 32
_PREFIX: Final = "keysift_"
_FRESH: Final = timedelta(minutes=1)
"""How old ``last_used_at`` gets before it is written again: not with each request."""


class AccessToken(Struct, frozen=True, kw_only=True):
    """A token, without the token.

    Attributes:
        name: What it is for.
        scopes: What it may do.
        made_at: When it was made (UTC).
        expires_at: From when on it is refused; None: never.
        last_used_at: When it was last used, give or take a minute; None: it was not.
        revoked_at: When it was revoked; None: it was not.
    """

    name: str
    scopes: frozenset[Role]
    made_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None
    revoked_at: datetime | None

    def is_good(self, present: datetime) -> bool:
        """Tell whether it is taken at a time."""
        return self.revoked_at is None and (self.expires_at is None or present < self.expires_at)


def add(
    connection: Connection, name: str, scopes: Iterable[Role], expires_at: datetime | None
) -> Secret:
    """Make a token, and return it: this once.

    Args:
        connection: In a transaction that writes.
        name: What it is for.
        scopes: What it may do; reading is always among it.
        expires_at: From when on it is refused; None: never.

    Raises:
        UsageError: There is one of that name.
    """
    token = Secret(f"{_PREFIX}{secrets.token_urlsafe(_BYTES)}".encode())
    wanted = {Role.READ, *scopes}
    row = {
        "name": name,
        "digest": _digest(token),
        "scopes": [one.value for one in Role if one in wanted],
        "made_at": now(),
        "expires_at": expires_at,
    }
    try:
        connection.execute(sa.insert(t.access_tokens).values(row))
    except IntegrityError:
        raise UsageError(f"{name}: there is a token of that name, or was one") from None
    return token


def revoke(connection: Connection, name: str) -> None:
    """Have a token refused from now on. Its row stays: its name is in audit trails.

    Raises:
        UsageError: There is none of that name that still counts.
    """
    table = t.access_tokens
    change = (
        sa.update(table)
        .where(table.c.name == name, table.c.revoked_at.is_(None))
        .values(revoked_at=now())
    )
    if connection.execute(change).rowcount == 0:
        raise UsageError(f"{name}: there is no token of that name to revoke")


def tokens(connection: Connection) -> list[AccessToken]:
    """Return all tokens, by name."""
    query = sa.select(t.access_tokens).order_by(t.access_tokens.c.name)
    return [_token(row) for row in connection.execute(query)]


def found(connection: Connection, token: Secret) -> AccessToken | None:
    """Return what a token is; None when there is none such, or it is taken no more."""
    query = sa.select(t.access_tokens).where(t.access_tokens.c.digest == _digest(token))
    row = connection.execute(query).one_or_none()
    if row is None:
        return None
    known = _token(row)
    return known if known.is_good(now()) else None


def is_noted(token: AccessToken) -> bool:
    """Tell whether it is known well enough that a token is used just now."""
    return token.last_used_at is not None and now() - token.last_used_at < _FRESH


def note(connection: Connection, token: AccessToken) -> None:
    """Write down that a token is used now.

    Args:
        connection: In a transaction that writes.
        token: Which one.
    """
    table = t.access_tokens
    connection.execute(
        sa.update(table).where(table.c.name == token.name).values(last_used_at=now())
    )


def _digest(token: Secret) -> bytes:
    return hashlib.sha256(token.reveal()).digest()


def _token(row: Row[Any]) -> AccessToken:
    return AccessToken(
        name=row.name,
        scopes=frozenset(Role(word) for word in row.scopes),
        made_at=row.made_at,
        expires_at=row.expires_at,
        last_used_at=row.last_used_at,
        revoked_at=row.revoked_at,
    )
