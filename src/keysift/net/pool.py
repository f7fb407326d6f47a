"""Connections as urllib3 keeps them, which look at where they lead and wait for their turn."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ClassVar

from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

from keysift.net.politeness import Politeness
from keysift.net.reach import Reach

if TYPE_CHECKING:
    from urllib3._base_connection import BaseHTTPConnection


class PolitePool(HTTPConnectionPool):
    """The connections of one session to one host, which count among those of all processes.

    A connection is taken for a request and given back when its answer has been read or closed.

    Attributes:
        politeness: What they count in; None to count nothing.
    """

    politeness: ClassVar[Politeness | None] = None

    def _get_conn(self, timeout: float | None = None) -> BaseHTTPConnection:
        # urllib3 calls ``_put_conn`` for every call of this one, also for those that fail.
        if self.politeness is not None:
            self.politeness.begin(self.host)
        return super()._get_conn(timeout)

    def _put_conn(self, conn: BaseHTTPConnection | None) -> None:
        if self.politeness is not None:
            self.politeness.end(self.host)
        super()._put_conn(conn)

    def pause(self, seconds: float) -> None:
        """Send the host no request for some time, from no process."""
        if self.politeness is not None:
            self.politeness.pause(self.host, seconds)


class GuardedAdapter(HTTPAdapter):
    """Transport over pools of our own, which look at where their connections lead.

    Args:
        pools: Returns the pools by scheme for what they may reach; None for anywhere.
        reach: Where connections may lead that go through no proxy.
        options: Those of ``HTTPAdapter``.
    """

    def __init__(
        self,
        pools: Callable[[Reach | None], dict[str, type[HTTPConnectionPool]]],
        reach: Reach | None,
        **options: Any,  # noqa: ANN401 (the options are those of requests)
    ) -> None:
        self._pools = pools
        self._guard = reach
        super().__init__(**options)

    def init_poolmanager(
        self,
        connections: int,
        maxsize: int,
        block: bool = False,  # noqa: FBT001, FBT002 (the signature is that of requests)
        **options: Any,  # noqa: ANN401 (the same)
    ) -> None:
        """Make the pools for what is not asked through a proxy."""
        super().init_poolmanager(connections, maxsize, block, **options)
        self.poolmanager.pool_classes_by_scheme = self._pools(self._guard)

    def proxy_manager_for(
        self,
        proxy: str,
        **options: Any,  # noqa: ANN401 (the signature is that of requests)
    ) -> Any:  # noqa: ANN401 (the same)
        """Make the pools for what is asked through a proxy, which is where the user says."""
        is_new = proxy not in self.proxy_manager
        manager = super().proxy_manager_for(proxy, **options)
        if is_new and not proxy.lower().startswith("socks"):
            manager.pool_classes_by_scheme = self._pools(None)
        return manager


def pool_classes(
    politeness: Politeness | None, reach: Reach | None
) -> dict[str, type[HTTPConnectionPool]]:
    """Return the pools of a session by scheme, for ``urllib3.PoolManager``.

    Args:
        politeness: What their connections count in.
        reach: Where they may lead; None for a proxy, which is where the user says.
    """

    class PlainConnection(HTTPConnection):
        def connect(self) -> None:
            super().connect()
            _check(reach, self, "http")

    class SecureConnection(HTTPSConnection):
        def connect(self) -> None:
            super().connect()
            _check(reach, self, "https")

    class PlainPool(PolitePool):
        ConnectionCls = PlainConnection

    class SecurePool(PolitePool, HTTPSConnectionPool):
        ConnectionCls = SecureConnection

    PlainPool.politeness = SecurePool.politeness = politeness
    return {"http": PlainPool, "https": SecurePool}


def _check(reach: Reach | None, connection: HTTPConnection, scheme: str) -> None:
    """Look at the other end before a request is sent there."""
    if reach is not None:
        host = f"[{connection.host}]" if ":" in connection.host else connection.host
        reach.check_peer(connection.sock.getpeername()[0], f"{scheme}://{host}:{connection.port}")
