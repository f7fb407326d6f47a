"""Numbers of a running crawl for Prometheus, on the loopback interface only.

The format is Prometheus' text exposition format, version 0.0.4; names and units follow its naming
practices (base units, ``_total`` for what only grows).
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar, Final, Literal

from msgspec import Struct

from keysift.cli.crawl_progress import Progress
from keysift.errors import UsageError

CONTENT_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"
PATH: Final = "/metrics"
HOST: Final = "127.0.0.1"

_POLL_S: Final = 0.1
_CLIENT_S: Final = 10.0


class Metric(Struct, frozen=True):
    """One number.

    Attributes:
        name: Without the prefix ``keysift_crawl_``.
        kind: A counter only grows.
        help: What it is.
        value: Takes it from what is known; None when it is not known.
    """

    name: str
    kind: Literal["counter", "gauge"]
    help: str
    value: Callable[[Progress], float | None]

    @property
    def full_name(self) -> str:
        """With the prefix."""
        return f"keysift_crawl_{self.name}"


METRICS: Final = (
    Metric(
        "projects_done_total",
        "counter",
        "Projects looked at, without a file left to scan.",
        lambda now: now.projects_done,
    ),
    Metric(
        "projects_known",
        "gauge",
        "Projects that there is something to do with.",
        lambda now: now.projects_known,
    ),
    Metric(
        "projects_unread_total",
        "counter",
        "Projects whose page could not be read.",
        lambda now: now.unread,
    ),
    Metric(
        "artifacts_done_total",
        "counter",
        "Files scanned or failed.",
        lambda now: now.artifacts_done,
    ),
    Metric(
        "artifacts_known",
        "gauge",
        "Files to scan, of the projects looked at so far.",
        lambda now: now.artifacts_known,
    ),
    Metric(
        "artifacts_failed_total",
        "counter",
        "Files that could not be scanned.",
        lambda now: now.failed,
    ),
    Metric(
        "artifacts_incomplete_total",
        "counter",
        "Files of which something could not be looked at.",
        lambda now: now.incomplete,
    ),
    Metric("matches_total", "counter", "Matches in the files scanned.", lambda now: now.matches),
    Metric(
        "received_bytes_total",
        "counter",
        "Bytes that came from the index: files, also unfinished ones, and pages.",
        lambda now: now.received_bytes,
    ),
    Metric(
        "fetched_bytes_total",
        "counter",
        "Bytes fetched of the files scanned.",
        lambda now: now.fetched_bytes,
    ),
    Metric(
        "published_bytes_total",
        "counter",
        "Bytes of the files scanned as they are published.",
        lambda now: now.published_bytes,
    ),
    Metric("elapsed_seconds", "gauge", "Seconds since the crawl began.", lambda now: now.elapsed_s),
    Metric(
        "remaining_seconds",
        "gauge",
        "Seconds until its end, as far as can be told.",
        lambda now: now.left_s,
    ),
)
"""What is shown, for the documentation too."""


def exposition(progress: Progress) -> str:
    """Return all numbers in the text format; those that are not known are left out."""
    lines = []
    for metric in METRICS:
        value = metric.value(progress)
        if value is not None:
            lines.append(f"# HELP {metric.full_name} {metric.help}")
            lines.append(f"# TYPE {metric.full_name} {metric.kind}")
            lines.append(f"{metric.full_name} {value}")
    return "\n".join(lines) + "\n"


class Metrics:
    """Serves the numbers while a crawl runs; a view of its progress.

    Args:
        port: Where; 0 for any that is free.

    Attributes:
        url: Where they are.

    Raises:
        UsageError: Something else listens there.
    """

    every_s: ClassVar[float] = 0.0

    def __init__(self, port: int) -> None:
        self._now = Progress()
        try:
            self._server = _Server((HOST, port), _handler(self))
        except OSError as error:
            raise UsageError(
                f"--metrics {port}: {(error.strerror or str(error)).lower()}"
            ) from None
        self.url = f"http://{HOST}:{self._server.server_port}{PATH}"
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(_POLL_S,), name="keysift-metrics", daemon=True
        )
        self._thread.start()

    def show(self, progress: Progress) -> None:
        """Serve this from now on."""
        self._now = progress

    def trouble(self, what: str) -> None:
        """Do nothing."""

    def close(self) -> None:
        """Serve nothing more."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def text(self) -> str:
        """Return what is served."""
        return exposition(self._now)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing of clients that hang up, and what is usual of the rest."""
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)  # type: ignore[arg-type] # handed through


def _handler(metrics: Metrics) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        timeout = _CLIENT_S

        def do_GET(self) -> None:
            if self.path.partition("?")[0] != PATH:
                self.send_error(404)
                return
            body = metrics.text().encode()
            self.send_response(200)
            self.send_header("Content-Type", CONTENT_TYPE)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *arguments: object) -> None:
            """Say nothing."""

    return Handler
