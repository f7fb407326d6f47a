"""What the dashboard is told by whoever starts it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from ipaddress import IPv4Network, IPv6Network
from typing import Final, TypeAlias

from msgspec import Struct

from keysift.catalogue import Catalogue
from keysift.model import Role, Secret
from keysift.store.sealing import Sealer
from keysift.web.verifying import Verifying

Network: TypeAlias = IPv4Network | IPv6Network

TOKEN_CHARACTERS: Final = 20
"""A start token has at least so many; ours have 43, with 256 random bits."""


class Proxying(Struct, frozen=True, kw_only=True):
    """A proxy in front of the dashboard that knows who asks.

    Attributes:
        networks: Where it connects from. Its headers count from nowhere else.
        is_only_way: Whether nobody else may connect, since that would not be encrypted.
        user_header: In which header it names the person; None: it names nobody.
        roles_header: In which header it lists the person's groups, with commas.
        roles: Role that each group has; people of none of them are not let in.
        role: Role of everybody the proxy names, when there is no ``roles_header``.
    """

    networks: tuple[Network, ...] = ()
    is_only_way: bool = False
    user_header: str | None = None
    roles_header: str | None = None
    roles: Mapping[str, Role] = {}
    role: Role = Role.READ


class Limits(Struct, frozen=True, kw_only=True):
    """How long and how much.

    Attributes:
        idle_s: A session ends when it was not used for so long.
        session_s: A session ends so long after its login, used or not.
        sessions: So many are kept; a new one ends the one that was not used for longest.
        body_bytes: Largest body of a request.
    """

    idle_s: float = 60 * 60.0
    session_s: float = 12 * 60 * 60.0
    sessions: int = 1_000
    body_bytes: int = 1_000_000


class WebSettings(Struct, frozen=True, kw_only=True):
    """What the dashboard is told.

    Attributes:
        token: Who presents it is the person who started the dashboard.
        hosts: Values of the ``Host`` header that are answered, in lower case, with port.
        port: Where it listens; tells its cookies from those of others on the same host.
        starter: What to call the person who started it.
        catalogue: All detectors, for what they say about findings.
        is_tls: Whether people reach it over TLS, ours or that of a proxy.
        proxying: The proxy in front of it.
        limits: How long and how much.
        sealer: What opens values; None: there is no key, and nothing is revealed.
        verifying: How providers are asked.
        advice: Advice of providers for narrower secrets, by detector id; may lack some.
        report: Told, for whoever started it, what went wrong. Never gets a value.
        notice: A sentence to show on each page, such as that the data are made up.
    """

    token: Secret
    hosts: frozenset[str]
    port: int
    starter: str
    catalogue: Catalogue
    is_tls: bool = False
    proxying: Proxying = Proxying()
    limits: Limits = Limits()
    sealer: Sealer | None = None
    verifying: Verifying
    advice: Mapping[str, str] = {}
    report: Callable[[str], None]
    notice: str = ""

    @property
    def cookie(self) -> str:
        """Name of the session's cookie. Cookies are not told apart by port, so the name is."""
        prefix = "__Host-" if self.is_tls else ""
        return f"{prefix}keysift-{self.port}"
