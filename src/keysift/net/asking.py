"""One request to a provider, with bounds on where it leads, how long it takes and what comes back.

Nothing is followed, nothing is repeated, and no credentials but those of the request are sent. The
answer is whole or there is none.
"""

from __future__ import annotations

import heapq
import socket
import threading
import time
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import partial
from http.client import HTTPResponse, IncompleteRead
from io import BufferedIOBase
from itertools import count
from typing import TYPE_CHECKING, ClassVar, Final
from urllib.parse import urlsplit

import requests
import urllib3
from msgspec import Struct
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.util.retry import Retry

from keysift.errors import IndexUnavailableError
from keysift.model import CannotAskError, Doubt
from keysift.net.failure import FAILURES
from keysift.net.pool import GuardedAdapter
from keysift.net.reach import PrivateAddressError, Reach
from keysift.net.session import user_agent

if TYPE_CHECKING:
    from urllib3.response import HTTPResponse as PooledResponse

CONNECT_TIMEOUT_S: Final = 10.0
READ_TIMEOUT_S: Final = 15.0
"""For the next bytes of an answer."""

TOTAL_TIMEOUT_S: Final = 30.0
"""For all of an answer, however steadily it trickles."""

MAX_BODY: Final = 1024 * 1024
"""Bytes of a body, unpacked. Answers about oneself are short."""

_CHUNK: Final = 64 * 1024
_NEVER: Final = Retry(0, read=False, redirect=False)
_GZIP_OR_ZLIB: Final = 32 + zlib.MAX_WBITS


class Reply(Struct, frozen=True):
    """A whole answer.

    Attributes:
        status: Its status.
        headers: Headers by lower-case name; several of one name are joined by commas.
        body: The body, unpacked.
    """

    status: int
    headers: dict[str, str]
    body: bytes


class Asker:
    """Sends requests to providers; may be used by many threads.

    Proxies and certificates are found as requests does; netrc and cookies are not used.

    Args:
        allow_private: Whether addresses of private networks may be asked.
        elsewhere: Origins that are asked in the place of others: a provider's own installation,
            or the server of a test. They may be private.
        connections: To one host at the same time.
        total_s: Seconds that an answer may take.
    """

    def __init__(
        self,
        *,
        allow_private: bool = False,
        elsewhere: Mapping[str, str] | None = None,
        connections: int = 8,
        total_s: float = TOTAL_TIMEOUT_S,
    ) -> None:
        self._elsewhere = dict(elsewhere or {})
        self._reach = None if allow_private else Reach(None)
        self._total_s = total_s
        self._watch = _Watch()
        self._environment = requests.Session()
        self._headers = {
            "User-Agent": user_agent(),
            "Accept": "application/json",
            # A bomb would be small on the wire.
            "Accept-Encoding": "identity",
        }
        self._guarded = self._adapter(self._reach, connections)
        self._open = self._adapter(None, connections)

    def ask(self, method: str, url: str, headers: Mapping[str, str], body: bytes | None) -> Reply:
        """Send one request.

        Args:
            method: GET, POST or HEAD.
            url: The address.
            headers: Headers; ours are added.
            body: The body.

        Raises:
            CannotAskError: There was no whole answer, or none may be asked for there. The message
                never holds the address.
        """
        sent = {**self._headers, **headers}
        try:
            url, host = self._led(url)
            if host is not None:
                sent["Host"] = host
            adapter = self._guarded if host is None else self._open
            request = requests.Request(method, url, headers=sent, data=body).prepare()
            known = self._environment.merge_environment_settings(url, {}, True, None, None)
            if adapter is self._guarded and self._reach is not None:
                self._reach.check_url(url)
            with self._watch.limit(self._total_s) as limit:
                response = adapter.send(
                    request,
                    stream=True,
                    timeout=(CONNECT_TIMEOUT_S, READ_TIMEOUT_S),
                    verify=known["verify"] or True,
                    cert=known["cert"],
                    proxies=known["proxies"],
                )
                return _read(response, limit)
        except (*FAILURES, IndexUnavailableError, OSError) as error:
            # `from None`: what these say may repeat the address, and that the secret.
            raise _translated(error) from None

    def led(self, url: str) -> str:
        """Return where the request for an address goes."""
        return self._led(url)[0]

    def close(self) -> None:
        """Close all connections."""
        self._guarded.close()
        self._open.close()
        self._watch.close()

    def _adapter(self, reach: Reach | None, connections: int) -> GuardedAdapter:
        return GuardedAdapter(
            partial(_pool_classes, self._watch),
            reach,
            pool_connections=256,
            pool_maxsize=connections,
            pool_block=True,
            max_retries=_NEVER,
        )

    def _led(self, url: str) -> tuple[str, str | None]:
        """Return where a request goes and, when it is led elsewhere, the host that it is for."""
        parts = urlsplit(url)
        origin = f"{parts.scheme}://{parts.netloc}"
        other = self._elsewhere.get(origin)
        return (url, None) if other is None else (other + url.removeprefix(origin), parts.netloc)


def _read(response: requests.Response, limit: _Limit) -> Reply:
    """Read an answer to its end, or give it up with its connection."""
    raw = response.raw
    try:
        body = _unpacked(raw, limit)
    except BaseException:
        response.close()
        raise
    raw.release_conn()
    # urllib3 joins those of one name by commas.
    return Reply(raw.status, {name.lower(): raw.headers[name] for name in raw.headers}, body)


def _unpacked(response: urllib3.BaseHTTPResponse, limit: _Limit) -> bytes:
    encoding = response.headers.get("Content-Encoding", "identity").strip().lower()
    if encoding not in {"", "identity", "gzip", "x-gzip", "deflate"}:
        raise CannotAskError(Doubt.UNEXPECTED_RESPONSE, "its encoding was not asked for")
    unpack = None if encoding in {"", "identity"} else zlib.decompressobj(_GZIP_OR_ZLIB)
    body = bytearray()
    received = 0
    while chunk := response.read(_CHUNK, decode_content=False):
        received += len(chunk)
        if limit.is_over:
            raise CannotAskError(Doubt.TIMEOUT, "its answer takes too long")
        if unpack is None:
            body += chunk
        else:
            try:
                body += unpack.decompress(chunk, MAX_BODY + 1 - len(body))
            except zlib.error:
                raise CannotAskError(
                    Doubt.UNEXPECTED_RESPONSE, "its answer cannot be unpacked"
                ) from None
        if len(body) > MAX_BODY or received > MAX_BODY:
            raise CannotAskError(Doubt.TOO_LARGE, f"its answer is longer than {MAX_BODY} bytes")
    if unpack is not None and received and not unpack.eof:
        raise CannotAskError(Doubt.NETWORK, "its answer breaks off")
    return bytes(body)


def _translated(error: Exception) -> CannotAskError:
    match error:
        case PrivateAddressError():
            return CannotAskError(Doubt.BLOCKED, "its address is one of a private network")
        case requests.exceptions.SSLError() | urllib3.exceptions.SSLError():
            return CannotAskError(Doubt.TLS, "it does not prove who it is (TLS certificate)")
        case requests.exceptions.ProxyError():
            return CannotAskError(Doubt.NETWORK, "it cannot be reached through the proxy")
        case requests.exceptions.Timeout() | urllib3.exceptions.TimeoutError() | TimeoutError():
            return CannotAskError(Doubt.TIMEOUT, "it does not answer in time")
        case requests.exceptions.ConnectionError() | urllib3.exceptions.HTTPError() | OSError():
            return CannotAskError(Doubt.NETWORK, "it cannot be reached, or breaks off")
        case _:
            return CannotAskError(Doubt.UNEXPECTED_RESPONSE, "its answer cannot be read")


class _Limit:
    """When one answer has to be there.

    Attributes:
        until: On the clock of ``time.monotonic``.
        sockets: What is closed then.
    """

    def __init__(self, until: float) -> None:
        self.until = until
        self.sockets: list[socket.socket] = []

    @property
    def is_over(self) -> bool:
        """Whether it is too late."""
        return time.monotonic() > self.until


class _Watch:
    """Shuts the connections of answers that take too long.

    A time-out for reading lets a server send a byte of a header now and then, for ever.
    """

    def __init__(self) -> None:
        self._condition = threading.Condition()
        self._order = count()
        self._limits: list[tuple[float, int, _Limit]] = []
        self._own = threading.local()
        self._thread: threading.Thread | None = None
        self._is_closed = False

    @contextmanager
    def limit(self, seconds: float) -> Iterator[_Limit]:
        """Bound what this thread does on the network within the block."""
        limit = _Limit(time.monotonic() + seconds)
        self._own.limit = limit
        with self._condition:
            heapq.heappush(self._limits, (limit.until, next(self._order), limit))
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, daemon=True)
                self._thread.start()
            self._condition.notify()
        try:
            yield limit
        except (urllib3.exceptions.HTTPError, OSError):
            if limit.is_over:
                raise CannotAskError(Doubt.TIMEOUT, "its answer takes too long") from None
            raise
        finally:
            self._own.limit = None
            with self._condition:
                limit.sockets.clear()

    def add(self, sock: socket.socket) -> None:
        """Note what this thread waits for."""
        limit = getattr(self._own, "limit", None)
        if limit is not None:
            with self._condition:
                limit.sockets.append(sock)

    def close(self) -> None:
        """End the thread."""
        with self._condition:
            self._is_closed = True
            self._condition.notify()

    def _run(self) -> None:
        with self._condition:
            while not self._is_closed:
                now = time.monotonic()
                while self._limits and self._limits[0][0] <= now:
                    for sock in heapq.heappop(self._limits)[2].sockets:
                        with suppress(OSError):
                            sock.shutdown(socket.SHUT_RDWR)
                self._condition.wait(self._limits[0][0] - now if self._limits else None)


class _Lines:
    """Reads lines, and remembers the last one."""

    def __init__(self, file: BufferedIOBase) -> None:
        self._file = file
        self.last = b""

    def readline(self, limit: int = -1) -> bytes:
        self.last = self._file.readline(limit)
        return self.last

    def close(self) -> None:
        self._file.close()


class _WholeHead(HTTPResponse):
    """An answer whose headers end; the library takes the end of the connection for theirs."""

    def begin(self) -> None:
        file = self.fp
        lines = _Lines(file)
        self.fp = lines  # type: ignore[assignment] # what reading headers needs of it
        try:
            super().begin()
        finally:
            if self.fp is not None:  # it is closed
                self.fp = file
        if lines.last.strip(b"\r\n") or not lines.last:
            raise IncompleteRead(b"")


class _Watched(HTTPConnection):
    """A connection that looks at where it leads before anything is sent, and can be shut."""

    reach: ClassVar[Reach | None]
    watch: ClassVar[_Watch]
    response_class = _WholeHead
    _twin: socket.socket | None = None

    def _new_conn(self) -> socket.socket:
        sock = super()._new_conn()
        if self.reach is not None:
            try:
                self.reach.check_peer(sock.getpeername()[0], "https://provider")
            except BaseException:
                sock.close()
                raise
        # A second handle of the connection, which TLS does not take over.
        self._twin = sock.dup()
        self.watch.add(self._twin)
        return sock

    def getresponse(self) -> PooledResponse:  # type: ignore[override] # as urllib3 does
        if self._twin is not None:
            self.watch.add(self._twin)
        return super().getresponse()

    def close(self) -> None:
        twin, self._twin = self._twin, None
        if twin is not None:
            twin.close()
        super().close()


def _pool_classes(watch: _Watch, reach: Reach | None) -> dict[str, type[HTTPConnectionPool]]:
    """Return the pools for ``urllib3.PoolManager``: they look at where they lead."""

    class PlainConnection(_Watched, HTTPConnection):
        pass

    class SecureConnection(_Watched, HTTPSConnection):
        pass

    PlainConnection.reach = SecureConnection.reach = reach
    PlainConnection.watch = SecureConnection.watch = watch

    class PlainPool(HTTPConnectionPool):
        ConnectionCls = PlainConnection

    class SecurePool(HTTPSConnectionPool):
        ConnectionCls = SecureConnection

    return {"http": PlainPool, "https": SecurePool}
