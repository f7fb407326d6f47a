"""People who may log in to the dashboard. Passwords come here as what was made of them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from msgspec import Struct
from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from keysift.errors import UsageError
from keysift.model import Role
from keysift.store import tables as t
from keysift.store.ledger import now


class Account(Struct, frozen=True, kw_only=True):
    """Somebody who may log in.

    Attributes:
        name: What they log in with.
        role: What they may do.
        password: Argon2id of their password; shown by nothing.
        made_at: When the account was made (UTC).
        changed_at: When its password was last set (UTC).
    """

    name: str
    role: Role
    password: str
    made_at: datetime
    changed_at: datetime

    def __repr__(self) -> str:
        return f"Account(name={self.name!r}, role={self.role})"


def add(connection: Connection, name: str, role: Role, password: str) -> None:
    """Add an account.

    Args:
        connection: In a transaction that writes.
        name: What they log in with.
        role: What they may do.
        password: What was made of their password.

    Raises:
        UsageError: There is one of that name.
    """
    present = now()
    row = {
        "name": name,
        "role": role.value,
        "password": password,
        "made_at": present,
        "changed_at": present,
    }
    try:
        connection.execute(sa.insert(t.accounts).values(row))
    except IntegrityError:
        raise UsageError(f"{name}: there is an account of that name") from None


def remove(connection: Connection, name: str) -> None:
    """Remove an account; whoever is logged in with it no longer is.

    Raises:
        UsageError: There is none of that name.
    """
    _one(connection.execute(sa.delete(t.accounts).where(t.accounts.c.name == name)), name)


def set_role(connection: Connection, name: str, role: Role) -> None:
    """Let an account do more, or less, from its next request on.

    Raises:
        UsageError: There is none of that name.
    """
    change = sa.update(t.accounts).where(t.accounts.c.name == name).values(role=role.value)
    _one(connection.execute(change), name)


def set_password(connection: Connection, name: str, password: str) -> None:
    """Set the password of an account; whoever is logged in with it no longer is.

    Raises:
        UsageError: There is none of that name.
    """
    change = sa.update(t.accounts).where(t.accounts.c.name == name)
    _one(connection.execute(change.values(password=password, changed_at=now())), name)


def account(connection: Connection, name: str) -> Account | None:
    """Return an account; None when there is none of that name."""
    row = connection.execute(sa.select(t.accounts).where(t.accounts.c.name == name)).one_or_none()
    return None if row is None else _account(row)


def accounts(connection: Connection) -> list[Account]:
    """Return all accounts, by name."""
    query = sa.select(t.accounts).order_by(t.accounts.c.name)
    return [_account(row) for row in connection.execute(query)]


def _account(row: sa.Row[Any]) -> Account:
    return Account(
        name=row.name,
        role=Role(row.role),
        password=row.password,
        made_at=row.made_at,
        changed_at=row.changed_at,
    )


def _one(result: sa.CursorResult[object], name: str) -> None:
    if result.rowcount == 0:
        raise UsageError(f"{name}: there is no account of that name")
