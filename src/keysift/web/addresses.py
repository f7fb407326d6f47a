"""Where a request comes from, and whether it is the proxy that we were told of."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from litestar.datastructures import Headers
from litestar.types import HTTPScope

from keysift.web.settings import Network, Proxying


def from_proxy(scope: HTTPScope, proxying: Proxying) -> bool:
    """Tell whether it is the proxy that connects."""
    peer = _parsed(scope["client"][0]) if scope["client"] else None
    return peer is not None and _is_among(peer, proxying.networks)


def client(scope: HTTPScope, proxying: Proxying) -> str:
    """Return who is to be blamed for a request: an address, of IPv6 the network of 64 bits.

    Behind the proxy it is the last address in ``X-Forwarded-For`` that is not a proxy's: what
    stands before it may be made up.
    """
    if not scope["client"]:
        return "unknown"
    address = _parsed(scope["client"][0])
    if address is None:
        return "unknown"
    forwarded = ",".join(Headers.from_scope(scope).getall("x-forwarded-for", []))
    for text in reversed(forwarded.split(",")):
        if not _is_among(address, proxying.networks):
            break
        before = _parsed(text.strip())
        if before is None:
            break
        address = before
    if isinstance(address, IPv6Address):
        # Whoever has one address of a /64 has all of them.
        return str(ip_network(f"{address}/64", strict=False))
    return str(address)


def _is_among(address: IPv4Address | IPv6Address, networks: tuple[Network, ...]) -> bool:
    return any(address in network for network in networks)


def _parsed(text: str) -> IPv4Address | IPv6Address | None:
    try:
        address = ip_address(text)
    except ValueError:
        return None
    if isinstance(address, IPv6Address):
        # A socket of both families shows IPv4 addresses so.
        return address.ipv4_mapped or ip_address(int(address))
    return address
