"""Who asks, and what they may do: roles are needed, and everything needs one unless it says so."""

from __future__ import annotations

from enum import Enum
from typing import Any, Final

from litestar.connection import ASGIConnection
from litestar.exceptions import NotAuthorizedException
from litestar.handlers import BaseRouteHandler
from msgspec import Struct

from keysift.model import Role
from keysift.web.refusals import ForbiddenError

_ROLE: Final = "role"
_PUBLIC: Final = "public"


class Source(Enum):
    """How somebody was recognised; the word goes into audit trails."""

    START_TOKEN = "start token"  # noqa: S105 (a word, not a token)
    ACCOUNT = "account"
    PROXY = "proxy"
    ACCESS_TOKEN = "access token"  # noqa: S105 (the same)


class Identity(Struct, frozen=True):
    """Somebody who was recognised.

    Attributes:
        name: What to call them, in decisions too.
        roles: What they may do.
        source: How they were recognised.
    """

    name: str
    roles: frozenset[Role]
    source: Source

    @property
    def role(self) -> str:
        """The highest of the roles, as a word; "nothing" without one."""
        return max(self.roles, key=lambda one: one.rank).value if self.roles else "nothing"

    def may(self, role: Role | str) -> bool:
        """Tell whether they have a role; templates give its word."""
        return (Role(role) if isinstance(role, str) else role) in self.roles


def needs(role: Role) -> dict[str, Any]:
    """Return the ``opt`` of a handler that wants more than ``Role.READ``, which all want."""
    return {_ROLE: role}


def public() -> dict[str, Any]:
    """Return the ``opt`` of a handler that answers everybody."""
    return {_PUBLIC: True}


def needed(handler: BaseRouteHandler) -> Role | None:
    """Return the role that a handler wants; None: it answers everybody."""
    if handler.opt.get(_PUBLIC, False):
        return None
    role: Role = handler.opt.get(_ROLE, Role.READ)
    return role


def authorise(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
    """Let those through who have the role that a handler wants: a guard of the whole application.

    Raises:
        NotAuthorizedException: Nobody was recognised.
        ForbiddenError: They lack the role.
    """
    role = needed(handler)
    if role is None or connection.scope.get("method") == "OPTIONS":
        return
    who: Identity | None = connection.scope.get("user")
    if who is None:
        raise NotAuthorizedException
    if not who.may(role):
        raise ForbiddenError(f"This needs the role {role}, which you do not have.")
