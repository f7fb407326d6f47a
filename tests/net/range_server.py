"""A server on 127.0.0.1 that gives files in ranges (RFC 9110, section 14), and lies on demand."""

from __future__ import annotations

import re
import sys
import threading
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self, TypeAlias, cast

from msgspec import Struct, field


class Reply(Struct):
    """What is sent.

    Attributes:
        status: HTTP status.
        headers: All of them but the length.
        body: The whole body.
        cut: Send only this many bytes of it and hang up.
    """

    status: int
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)
    cut: int | None = None


Twist: TypeAlias = Callable[[int, Reply], None]
"""Changes a reply; is told how many requests were there before."""


class RangeServer:
    """Serves files while it is entered.

    Attributes:
        files: By path.
        etag: Sent with each reply, unless it is None.
        has_ranges: False for a server that always sends the whole file.
        twist: What to change in replies.
        login: The header of authorization that all requests must have, if any.
        asked: Headers of the requests so far.
        busiest: Most requests that were there at the same time.
    """

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.etag: str | None = '"first"'
        self.has_ranges = True
        self.twist: Twist | None = None
        self.login: str | None = None
        self.asked: list[Mapping[str, str]] = []
        self.busiest = 0
        self._busy = 0
        self._lock = threading.Lock()
        self._server = _Server(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True
        )

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def origin(self) -> str:
        """Scheme, host and port."""
        return f"http://127.0.0.1:{self._server.server_port}"

    def add(self, path: str, content: bytes) -> str:
        """Add a file; returns its address."""
        self.files[path] = content
        return self.origin + path

    def ranges(self) -> list[str]:
        """Return the ranges that were asked for, without their unit."""
        return [headers.get("Range", "").removeprefix("bytes=") for headers in self.asked]

    def reply(self, path: str, headers: Mapping[str, str]) -> Reply:
        """Return what is to be sent."""
        with self._lock:
            number = len(self.asked)
            self.asked.append(headers)
            self._busy += 1
            self.busiest = max(self.busiest, self._busy)
        reply = self._honest(path, headers)
        if self.twist is not None:
            self.twist(number, reply)
        return reply

    def done(self) -> None:
        """Note that a reply was sent."""
        with self._lock:
            self._busy -= 1

    def _honest(self, path: str, headers: Mapping[str, str]) -> Reply:
        if self.login is not None and headers.get("Authorization") != self.login:
            return Reply(401, b"")
        if path not in self.files:
            return Reply(404, b"not here")
        content = self.files[path]
        said = {} if self.etag is None else {"ETag": self.etag}
        wanted = re.fullmatch(r"bytes=(\d*)-(\d*)", headers.get("Range", ""))
        is_other = headers.get("If-Range", self.etag) != self.etag
        if wanted is None or is_other or not self.has_ranges:
            return Reply(200, content, said)
        first, last = wanted[1], wanted[2]
        start = int(first) if first else max(0, len(content) - int(last))
        stop = min(int(last) + 1, len(content)) if first else len(content)
        if start >= stop:
            return Reply(416, b"", {**said, "Content-Range": f"bytes */{len(content)}"})
        said["Content-Range"] = f"bytes {start}-{stop - 1}/{len(content)}"
        return Reply(206, content[start:stop], said)


class _Server(ThreadingHTTPServer):
    def handle_error(self, *arguments: object) -> None:
        """Complain, but not of clients that hang up."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(*arguments)  # type: ignore[arg-type] # handed through


def _handler(server: RangeServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            reply = server.reply(self.path, cast("Mapping[str, str]", self.headers))
            # Before the last byte is out: what the client does then is a request of its own.
            server.done()
            self.send_response(reply.status)
            for name, value in {"Content-Length": str(len(reply.body)), **reply.headers}.items():
                self.send_header(name, value)
            self.end_headers()
            try:
                self.wfile.write(reply.body[: reply.cut])
            except ConnectionError:
                self.close_connection = True  # Who wants a part hangs up on the whole.
            if reply.cut is not None:
                self.close_connection = True

        def log_message(self, *arguments: object) -> None:
            """Say nothing."""

    return Handler
