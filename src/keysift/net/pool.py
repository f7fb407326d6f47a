"""Connections as urllib3 keeps them, which look at where they lead."""

from __future__ import annotations

from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

from keysift.net.reach import Reach


def pool_classes(reach: Reach) -> dict[str, type[HTTPConnectionPool]]:
    """Return the pools of a session by scheme, for ``urllib3.PoolManager``.

    Args:
        reach: Where their connections may lead.
    """

    class PlainConnection(HTTPConnection):
        def connect(self) -> None:
            super().connect()
            _check(reach, self, "http")

    class SecureConnection(HTTPSConnection):
        def connect(self) -> None:
            super().connect()
            _check(reach, self, "https")

    class PlainPool(HTTPConnectionPool):
        ConnectionCls = PlainConnection

    class SecurePool(HTTPSConnectionPool):
        ConnectionCls = SecureConnection

    return {"http": PlainPool, "https": SecurePool}


def _check(reach: Reach, connection: HTTPConnection, scheme: str) -> None:
    """Look at the other end before a request is sent there."""
    host = f"[{connection.host}]" if ":" in connection.host else connection.host
    reach.check_peer(connection.sock.getpeername()[0], f"{scheme}://{host}:{connection.port}")
