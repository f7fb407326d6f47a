"""Who asks, what they may do, and which keysift answers."""

from __future__ import annotations

from typing import Final

from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from msgspec import Struct

from keysift._version import __version__
from keysift.model import Role
from keysift.web.api.operations import reads
from keysift.web.dashboard import Asked, Dashboard, asking


class Me(Struct, frozen=True):
    """Who asks.

    Attributes:
        name: What decisions and audit trails call them.
        source: How they were recognised.
        roles: What they may do.
    """

    name: str
    source: str
    roles: list[Role]


class Version(Struct, frozen=True, kw_only=True):
    """Which keysift answers.

    Attributes:
        version: Version of keysift.
        ruleset: Digest of its detectors.
        api: Version of the API.
    """

    version: str
    ruleset: str
    api: int = 1


@reads("/me")
def me(request: Asked) -> Me:
    """Who asks, and what they may do."""
    who = asking(request)
    return Me(who.name, who.source.value, [one for one in Role if one in who.roles])


@reads("/version")
def version(dashboard: NamedDependency[Dashboard]) -> Version:
    """Which keysift answers."""
    return Version(version=__version__, ruleset=dashboard.settings.catalogue.digest)


HANDLERS: Final[list[HTTPRouteHandler]] = [me, version]
