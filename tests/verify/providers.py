"""Providers on this machine, each with a host of its own and a table that asks it."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TypeAlias

from msgspec import Struct, field

from keysift.catalogue.validity import Validity
from keysift.verify.credential import Credential, Question
from keysift.verify.engine import Queue
from tests.verify.tables import table

Answer: TypeAlias = tuple[int, dict[str, str], bytes]

ACTIVE: Answer = (200, {}, b'{"login": "grace"}')
INACTIVE: Answer = (401, {}, b'{"error": "unauthorized"}')


class Providers(Struct):
    """A server that plays all providers.

    Attributes:
        origin: Where it is.
        asked: Requests that came, by host and secret.
        answer: What it does, by host, secret and how often that was asked; None: it hangs up.
        moments: When each request came, by host.
    """

    origin: str
    asked: Counter[tuple[str, str]] = field(default_factory=Counter)
    answer: Callable[[str, str, int], Answer | None] = lambda _host, _secret, _times: ACTIVE
    moments: dict[str, list[float]] = field(default_factory=dict)

    def elsewhere(self, *names: str) -> dict[str, str]:
        """Return where an ``Asker`` finds them."""
        return {f"https://api.{name}.example": self.origin for name in names}


def validity(name: str, **changes: object) -> Validity:
    """Return the table of a provider."""
    return table(detectors=[f"{name}-token"], url=f"https://api.{name}.example/v1/me", **changes)


def question(name: str, key: int, **changes: object) -> Question:
    """Return the question whether a secret works."""
    value = f"{name}-secret-{key}".encode()
    credential = Credential(key, f"{name}-token", f"{key:032x}", {"secret": value})
    return Question(credential, validity(name, **changes), name)


def queue(name: str, size: int, **changes: object) -> Queue:
    """Return so many questions for a provider."""
    return Queue(size, (question(name, key, **changes) for key in range(size)))


@contextmanager
def serving() -> Iterator[Providers]:
    """Run the server in the block."""
    providers = Providers("")
    lock = threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1

        def do_GET(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            name = self.headers.get("Host", "").removeprefix("api.").removesuffix(".example")
            secret = self.headers.get("Authorization", "").removeprefix("Bearer ")
            with lock:
                providers.asked[name, secret] += 1
                times = providers.asked[name, secret]
                providers.moments.setdefault(name, []).append(time.monotonic())
            played = providers.answer(name, secret, times)
            if played is None:
                self.close_connection = True
                return
            status, headers, body = played
            self.send_response(status)
            for header, text in headers.items():
                self.send_header(header, text)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_POST = do_GET  # noqa: N815 (the names are those of the library)

        def log_message(self, *_: object) -> None:
            """Say nothing: requests hold secrets."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    providers.origin = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield providers
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
