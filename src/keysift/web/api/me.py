"""Who asks, and what they may do."""

from __future__ import annotations

from typing import Final

from litestar import get
from litestar.exceptions import NotAuthorizedException
from litestar.handlers import HTTPRouteHandler
from msgspec import Struct

from keysift.model import Role
from keysift.web.dashboard import Asked


class Me(Struct, frozen=True):
    """Who asks.

    Attributes:
        name: What decisions and audit trails call them.
        source: How they were recognised.
        roles: What they may do.
    """

    name: str
    source: str
    roles: list[str]


@get("/me", summary="Who asks, and what they may do", sync_to_thread=False)
def me(request: Asked) -> Me:
    """Return who asks."""
    who = request.user
    if who is None:
        raise NotAuthorizedException
    return Me(who.name, who.source.value, [one.value for one in Role if one in who.roles])


HANDLERS: Final[list[HTTPRouteHandler]] = [me]
