"""Which addresses a session may lead to.

An index says where its files are, and answers with redirects. One on the web must not make us ask
the services of the network that we stand in (server-side request forgery). An index that is itself
at a private address, as those of companies and tests are, may lead anywhere.
"""

from __future__ import annotations

import ipaddress
import socket
from typing import Final
from urllib.parse import urlsplit

from keysift.errors import IndexUnavailableError
from keysift.net.redact import origin

_INNER: Final = tuple(
    map(
        ipaddress.ip_network,
        (
            # Services of clouds for their own machines (Azure, Oracle): no registry has the first.
            "168.63.129.16/32",
            "192.0.0.0/24",
            # Once for sites (RFC 3879), and for translators within a network (RFC 8215).
            "fec0::/10",
            "64:ff9b:1::/48",
        ),
    )
)

_EMBEDDING: Final = (
    # Translators and tunnels (RFC 6052, 3056, 2765, 4291).
    (ipaddress.IPv6Network("64:ff9b::/96"), 0),
    (ipaddress.IPv6Network("2002::/16"), 80),
    (ipaddress.IPv6Network("::ffff:0:0:0/96"), 0),
    (ipaddress.IPv6Network("::ffff:0:0/96"), 0),
    (ipaddress.IPv6Network("::/96"), 0),
)
"""Networks of IPv6 whose addresses lead to one of IPv4: how many bits follow that."""


class PrivateAddressError(IndexUnavailableError):
    """An index on the web leads to a private, loopback or link-local address."""


class Reach:
    """What may be asked on behalf of one index.

    The first connection to the index decides whether it is at a private address; its name may be
    looked up as another one later, so that does not change any more.

    Args:
        index_url: Its address; None for one on the web.
    """

    def __init__(self, index_url: str | None) -> None:
        self._index_host = urlsplit(index_url).hostname if index_url else None
        self._is_index_private: bool | None = None if self._index_host else False

    def check_url(self, url: str) -> None:
        """Refuse a private address that stands in a URL, before anything is sent.

        The only check there is behind a proxy, which looks up the other names itself.

        Raises:
            PrivateAddressError: The host is such an address.
        """
        host = urlsplit(url).hostname or ""
        if _is_local_name(host) or is_private(host):
            self._refuse(url)

    def check_peer(self, address: str, url: str) -> None:
        """Refuse a connection to a private address, whatever name was looked up for it.

        Args:
            address: What we are connected to.
            url: What was asked for.

        Raises:
            PrivateAddressError: It is such an address.
        """
        if self._is_index_private is None and urlsplit(url).hostname == self._index_host:
            self._is_index_private = is_private(address)
        elif is_private(address):
            self._refuse(url)

    def _refuse(self, url: str) -> None:
        """Refuse a private address, unless the index is at one."""
        if self._is_index_private is None:
            # Files are asked for before, or without, any page of the index.
            self._is_index_private = _leads_inside(self._index_host or "")
        if not self._is_index_private:
            raise PrivateAddressError(
                f"{origin(url)} is a private address, to which an index on the web may not lead"
            )


def _leads_inside(host: str) -> bool:
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        # Only a proxy knows the name.
        return False
    return all(is_private(str(address[0])) for *_, address in found)


def is_private(text: str) -> bool:
    """Tell whether an address is one of IP that the web does not reach.

    That is what the registries of IANA call not globally reachable (private, loopback, link-local,
    shared, reserved and more), multicast, and where clouds tell their machines about themselves.
    What is not an address is not private.
    """
    address = _address(text)
    if address is None:
        return False
    if isinstance(address, ipaddress.IPv6Address):
        address = _embedded(address) or address
    is_inner = any(address in network for network in _INNER)
    return is_inner or not address.is_global or address.is_multicast


def _embedded(address: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    """Return the address of IPv4 that one of IPv6 leads to; None when it leads to itself."""
    if int(address) <= 1:
        return None
    for network, after in _EMBEDDING:
        if address in network:
            return ipaddress.IPv4Address(int(address) >> after & 0xFFFFFFFF)
    return None


def _address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """Return the address that a text is, also one of IPv4 as it was once written (127.1, 0x7f.1).

    Proxies take these for addresses, as systems do.
    """
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        pass
    try:
        return ipaddress.IPv4Address(socket.inet_aton(text))
    except (OSError, ValueError):
        return None


def _is_local_name(host: str) -> bool:
    """Tell the names of this machine (RFC 6761, section 6.3)."""
    return f".{host.rstrip('.')}".endswith(".localhost")
