"""A package index on 127.0.0.1: PEP 691 JSON, PEP 503 HTML, ranges, and failures on demand."""

from __future__ import annotations

import base64
import hashlib
import re
import sys
import threading
from collections import defaultdict
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self, cast

from msgspec import Struct, field

from tests import index_pages
from tests.index_pages import Hosted

JSON = "application/vnd.pypi.simple.v1+json"


class Answer(Struct, frozen=True):
    """What to answer instead of what is there.

    Attributes:
        status: HTTP status.
        body: The whole body.
        headers: More headers.
        cut: Send only this many bytes of the body and hang up.
    """

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    cut: int | None = None


class Request(Struct, frozen=True):
    """A request that arrived."""

    path: str
    headers: Mapping[str, str]


class IndexServer:
    """Serves an index while it is entered.

    Attributes:
        projects: Files by normalised project and file name.
        serials: The last change of each project, as PyPI counts them.
        statuses: Status of a project (PEP 792), where it has one.
        answers: By path: what to answer next, one for each request; then as usual.
        requests: What arrived so far.
        login: User name and password that all requests must have; None for a public index.
        speaks_json: False for an index from before PEP 691.
        gives_serials: False for an index that does not count its changes.
        gives_etags: False for an index whose pages are always sent whole.
        gives_ranges: False for a server that sends files whole.
    """

    def __init__(self) -> None:
        self.projects: dict[str, dict[str, Hosted]] = {}
        self.serials: dict[str, int] = {}
        self.statuses: dict[str, str] = {}
        self.answers: dict[str, list[Answer]] = defaultdict(list)
        self.requests: list[Request] = []
        self.login: tuple[str, str] | None = None
        self.speaks_json = True
        self.gives_serials = True
        self.gives_etags = True
        self.gives_ranges = True
        self._serial = 0
        self._server = _Server(("127.0.0.1", 0), _handler(self))
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

    @property
    def url(self) -> str:
        """Address of the index."""
        return f"{self.origin}/simple/"

    def url_with(self, user: str, password: str) -> str:
        """Return the address with credentials."""
        return self.url.replace("://", f"://{user}:{password}@")

    def add(
        self,
        project: str,
        name: str,
        content: bytes | Callable[[], bytes] = b"",
        **said: object,
    ) -> str:
        """Add a file, or replace it; returns its path on this server.

        Args:
            project: Normalised name.
            name: File name.
            content: The bytes, or what makes them. Say ``hashes`` and ``size_bytes`` too if they
                shall not be made now.
            **said: What the index says that differs from the truth, or more: see ``Hosted``.
        """
        if "hashes" not in said or "size_bytes" not in said:
            body = content if isinstance(content, bytes) else content()
            said = {
                "hashes": {"sha256": hashlib.sha256(body).hexdigest()},
                "size_bytes": len(body),
                **said,
            }
        hosted = Hosted(content=content, **said)  # type: ignore[arg-type] # keywords of Hosted
        self.projects.setdefault(project, {})[name] = hosted
        self.changed(project)
        return f"/files/{project}/{name}"

    def remove(self, project: str, name: str | None = None) -> None:
        """Remove a file, or a project with all that it has."""
        if name is None:
            del self.projects[project]
        else:
            del self.projects[project][name]
        self.changed(project)

    def changed(self, project: str) -> None:
        """Count a change of a project; to be called after changing ``projects`` or ``statuses``."""
        self._serial += 1
        if project in self.projects:
            self.serials[project] = self._serial
        else:
            self.serials.pop(project, None)

    def paths(self) -> list[str]:
        """Return the paths that were asked for, in order."""
        return [request.path for request in self.requests]

    def answer(self, request: Request) -> Answer:
        """Return the answer to a request."""
        self.requests.append(request)
        if self.answers[request.path]:
            return self.answers[request.path].pop(0)
        if self.login is not None and request.headers.get("Authorization") != _basic(self.login):
            return Answer(401)
        kind, _, rest = request.path.strip("/").partition("/")
        project, _, name = rest.partition("/")
        if kind == "simple" and not rest:
            serials = self.serials if self.gives_serials else dict.fromkeys(self.projects)
            return self._page(
                request,
                self._serial,
                as_json=lambda: index_pages.list_json(serials, self._meta(self._serial)),
                as_html=lambda: index_pages.list_html(serials),
            )
        files = self.projects.get(project)
        if files is None or (name and name not in files):
            return Answer(404, b"not here")
        if kind == "files":
            return self._file(request, files[name].body())
        serial, status = self.serials[project], self.statuses.get(project)
        return self._page(
            request,
            serial,
            as_json=lambda: index_pages.project_json(project, files, status, self._meta(serial)),
            as_html=lambda: index_pages.project_html(project, files, status),
        )

    def _page(
        self,
        request: Request,
        serial: int,
        *,
        as_json: Callable[[], bytes],
        as_html: Callable[[], bytes],
    ) -> Answer:
        is_json = self.speaks_json and JSON in request.headers.get("Accept", "")
        body = as_json() if is_json else as_html()
        headers = {"Content-Type": JSON if is_json else "text/html; charset=utf-8"}
        if self.gives_serials:
            headers["X-PyPI-Last-Serial"] = str(serial)
        if self.gives_etags:
            headers["ETag"] = f'"{hashlib.sha256(body).hexdigest()[:20]}"'
            if request.headers.get("If-None-Match") == headers["ETag"]:
                return Answer(304, b"", headers)
        return Answer(200, body, headers)

    def _meta(self, serial: int) -> dict[str, object]:
        meta: dict[str, object] = {"api-version": "1.4"}
        return {**meta, "_last-serial": serial} if self.gives_serials else meta

    def _file(self, request: Request, body: bytes) -> Answer:
        """Return a file, or the one range of it that was asked for (RFC 9110, section 14)."""
        if not self.gives_ranges:
            return Answer(200, body)
        headers = {"Accept-Ranges": "bytes"}
        wanted = re.fullmatch(r"bytes=(\d*)-(\d*)", request.headers.get("Range", ""))
        if wanted is None or wanted[0] == "bytes=-":
            return Answer(200, body, headers)
        if wanted[1]:
            start, end = int(wanted[1]), min(int(wanted[2] or len(body)), len(body) - 1)
        else:
            start, end = max(len(body) - int(wanted[2]), 0), len(body) - 1
        if start > end:
            return Answer(416, b"", {**headers, "Content-Range": f"bytes */{len(body)}"})
        headers["Content-Range"] = f"bytes {start}-{end}/{len(body)}"
        return Answer(206, body[start : end + 1], headers)


def join_downloads() -> None:
    """Wait until abandoned downloads have ended, before their session is closed."""
    for thread in threading.enumerate():
        if thread.name == "keysift-fetch":
            thread.join(20)
            assert not thread.is_alive()


def _basic(login: tuple[str, str]) -> str:
    return "Basic " + base64.b64encode(":".join(login).encode()).decode()


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing of clients that hang up, and what is usual of the rest."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)  # type: ignore[arg-type] # handed through


def _handler(index: IndexServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            headers = cast("Mapping[str, str]", self.headers)
            answer = index.answer(Request(self.path, headers))
            self.send_response(answer.status)
            length = {} if answer.status == 304 else {"Content-Length": str(len(answer.body))}
            for name, value in {**length, **answer.headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(answer.body[: answer.cut])
            if answer.cut is not None:
                self.close_connection = True

        def log_message(self, *arguments: object) -> None:
            """Say nothing."""

    return Handler
