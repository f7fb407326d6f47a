"""Where the dashboard listens, and by which names people reach it; refuses what is not safe."""

from __future__ import annotations

import argparse
import os
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from ipaddress import IPv4Address, IPv6Address, ip_address
from pathlib import Path
from typing import Final

from msgspec import Struct

from keysift.errors import ConfigurationError

_LOOPBACK: Final = ("127.0.0.1", "localhost", "[::1]")
_DEFAULT_PORTS: Final = {"http": 80, "https": 443}


class Place(Struct, frozen=True, kw_only=True):
    """Where the dashboard is.

    Attributes:
        socket: That listens.
        port: Its port.
        origin: Scheme, host and port that people use.
        hosts: Values of the ``Host`` header that are answered.
    """

    socket: socket.socket
    port: int
    origin: str
    hosts: frozenset[str]

    @property
    def is_tls(self) -> bool:
        """Whether people reach it over TLS."""
        return self.origin.startswith("https:")


@contextmanager
def listen(options: argparse.Namespace) -> Iterator[Place]:
    """Listen where the options say, until the end.

    Raises:
        ConfigurationError: It is not safe, or the address cannot be had.
    """
    address = _address(options.host)
    _check(options, address)
    with _bound(options, address) as bound:
        port: int = bound.getsockname()[1]
        yield Place(
            socket=bound, port=port, origin=_origin(options, port), hosts=_hosts(options, port)
        )


def _address(host: str) -> IPv4Address | IPv6Address:
    try:
        return ip_address(host.strip("[]"))
    except ValueError:
        pass
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise ConfigurationError(f"--host {host}: there is no such address") from None
    return ip_address(str(found[0][4][0]).partition("%")[0])


def _check(options: argparse.Namespace, address: IPv4Address | IPv6Address) -> None:
    if bool(options.tls_certificate) != bool(options.tls_key):
        raise ConfigurationError("--tls-certificate and --tls-key need each other")
    if options.tls_certificate:
        _check_certificate(Path(options.tls_certificate), Path(options.tls_key))
    is_safe = address.is_loopback or options.tls_certificate or options.trusted_proxy
    if not is_safe:
        raise ConfigurationError(
            f"--host {options.host}: other machines could reach the dashboard, and read along. "
            "Give it --tls-certificate and --tls-key, or put it behind a proxy that ends TLS and "
            "name its address with --trusted-proxy; or leave --host out"
        )
    if options.trusted_proxy and not options.host_name:
        raise ConfigurationError(
            "--trusted-proxy needs --host-name: the name by which people reach the proxy"
        )
    if address.is_unspecified and not options.host_name:
        raise ConfigurationError(
            f"--host {options.host} needs --host-name: the name by which people reach it"
        )


def _check_certificate(certificate: Path, key: Path) -> None:
    for path in (certificate, key):
        try:
            path.read_bytes()
        except OSError as error:
            raise ConfigurationError(f"{path}: {error.strerror}") from error
    try:
        # Without a way to ask for a password: there may be nobody to ask.
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(certificate, key, password="")
    except (ssl.SSLError, OSError, ValueError):
        raise ConfigurationError(
            f"{certificate} and {key} are not a certificate and its key, as PEM and without a "
            "password"
        ) from None


@contextmanager
def _bound(
    options: argparse.Namespace, address: IPv4Address | IPv6Address
) -> Iterator[socket.socket]:
    family = socket.AF_INET6 if address.version == 6 else socket.AF_INET
    # With the protocol said, asyncio sends what is small at once: else each answer in two parts
    # waits 40 ms for its reader (Nagle's algorithm).
    with socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP) as made:
        # Elsewhere than on Windows, where it lets two programs have the same port.
        if os.name != "nt":
            made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            made.bind((str(address), options.port))
            # Who connects before the server is ready waits for it.
            made.listen()
        except OSError as error:
            raise ConfigurationError(
                f"{_shown(address)}:{options.port}: {(error.strerror or 'cannot be had').lower()}; "
                "--port names another one, and with 0 any that is free"
            ) from None
        yield made


def _shown(address: IPv4Address | IPv6Address) -> str:
    return f"[{address}]" if address.version == 6 else str(address)


def _scheme(options: argparse.Namespace) -> str:
    return "https" if options.tls_certificate or options.trusted_proxy else "http"


def _origin(options: argparse.Namespace, port: int) -> str:
    scheme = _scheme(options)
    if options.host_name:
        name: str = options.host_name[0]
        is_complete = options.trusted_proxy or ":" in name or port == _DEFAULT_PORTS[scheme]
        return f"{scheme}://{name}" if is_complete else f"{scheme}://{name}:{port}"
    address = _address(options.host)
    return f"{scheme}://{_shown(address)}:{port}"


def _hosts(options: argparse.Namespace, port: int) -> frozenset[str]:
    address = _address(options.host)
    names = {name.lower() for name in options.host_name}
    if not address.is_unspecified:
        names.add(_shown(address))
    if address.is_loopback or address.is_unspecified:
        names |= set(_LOOPBACK)
    hosts = {f"{name}:{port}" for name in names}
    # Browsers leave out the usual port; a proxy listens on one that we do not know.
    if options.trusted_proxy or port == _DEFAULT_PORTS[_scheme(options)]:
        hosts |= names
    return frozenset(hosts | {name for name in names if name.rpartition(":")[2].isdecimal()})
