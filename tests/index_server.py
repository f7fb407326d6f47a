"""A package index on 127.0.0.1: PEP 691 JSON, PEP 503 HTML, and failures on demand."""

from __future__ import annotations

import base64
import hashlib
import html
import json
import threading
from collections import defaultdict
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self, cast

from msgspec import Struct, field

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


class Hosted(Struct, frozen=True, kw_only=True):
    """A file of a project, and what the index says about it.

    Attributes:
        content: The bytes.
        hashes: Announced digests.
        size_bytes: Announced size.
        uploaded: Announced time, in ISO 8601.
        yanked: None, or the reason (may be empty).
        url: Where the index says it is; None for this server.
    """

    content: bytes
    hashes: Mapping[str, str]
    size_bytes: int | None
    uploaded: str | None = None
    yanked: str | None = None
    url: str | None = None


class Request(Struct, frozen=True):
    """A request that arrived."""

    path: str
    headers: Mapping[str, str]


class IndexServer:
    """Serves an index while it is entered.

    Attributes:
        projects: Files by normalised project and file name.
        answers: By path: what to answer next, one for each request; then as usual.
        requests: What arrived so far.
        login: User name and password that all requests must have; None for a public index.
        speaks_json: False for an index from before PEP 691.
    """

    def __init__(self) -> None:
        self.projects: dict[str, dict[str, Hosted]] = {}
        self.answers: dict[str, list[Answer]] = defaultdict(list)
        self.requests: list[Request] = []
        self.login: tuple[str, str] | None = None
        self.speaks_json = True
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
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

    @property
    def url(self) -> str:
        """Address of the index."""
        return f"{self.origin}/simple/"

    def url_with(self, user: str, password: str) -> str:
        """Return the address with credentials."""
        return self.url.replace("://", f"://{user}:{password}@")

    def add(self, project: str, name: str, content: bytes = b"", **said: object) -> str:
        """Add a file; returns its path on this server.

        Args:
            project: Normalised name.
            name: File name.
            content: The bytes.
            **said: What the index says that differs from the truth, or more: see ``Hosted``.
        """
        facts: dict[str, object] = {
            "hashes": {"sha256": hashlib.sha256(content).hexdigest()},
            "size_bytes": len(content),
            **said,
        }
        self.projects.setdefault(project, {})[name] = Hosted(content=content, **facts)  # type: ignore[arg-type] # keywords of Hosted
        return f"/files/{project}/{name}"

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
        files = self.projects.get(project)
        if files is None or (name and name not in files):
            return Answer(404, b"not here")
        if kind == "files":
            return Answer(200, files[name].content)
        if self.speaks_json and JSON in request.headers.get("Accept", ""):
            return Answer(200, self._json(project), {"Content-Type": JSON})
        return Answer(200, self._html(project), {"Content-Type": "text/html; charset=utf-8"})

    def _address(self, project: str, name: str, hosted: Hosted) -> str:
        return hosted.url or f"../../files/{project}/{name}"

    def _json(self, project: str) -> bytes:
        files = []
        for name, hosted in self.projects[project].items():
            entry: dict[str, object] = {
                "filename": name,
                "url": self._address(project, name, hosted),
                "hashes": dict(hosted.hashes),
                "yanked": False if hosted.yanked is None else hosted.yanked or True,
            }
            if hosted.size_bytes is not None:
                entry["size"] = hosted.size_bytes
            if hosted.uploaded is not None:
                entry["upload-time"] = hosted.uploaded
            files.append(entry)
        page = {"meta": {"api-version": "1.1"}, "name": project, "files": files}
        return json.dumps(page).encode()

    def _html(self, project: str) -> bytes:
        links = ['<a href="../">Parent directory</a>']
        for name, hosted in self.projects[project].items():
            digest = next((f"#{kind}={value}" for kind, value in hosted.hashes.items()), "")
            yanked = "" if hosted.yanked is None else f' data-yanked="{html.escape(hosted.yanked)}"'
            address = html.escape(self._address(project, name, hosted) + digest)
            links.append(f'<a href="{address}"{yanked}>{html.escape(name)}</a>')
        return f"<!DOCTYPE html><html><body>{'<br>'.join(links)}</body></html>".encode()


def join_downloads() -> None:
    """Wait until abandoned downloads have ended, before their session is closed."""
    for thread in threading.enumerate():
        if thread.name == "keysift-fetch":
            thread.join(20)
            assert not thread.is_alive()


def _basic(login: tuple[str, str]) -> str:
    return "Basic " + base64.b64encode(":".join(login).encode()).decode()


def _handler(index: IndexServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            headers = cast("Mapping[str, str]", self.headers)
            answer = index.answer(Request(self.path, headers))
            self.send_response(answer.status)
            for name, value in {"Content-Length": str(len(answer.body)), **answer.headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(answer.body[: answer.cut])
            if answer.cut is not None:
                self.close_connection = True

        def log_message(self, *arguments: object) -> None:
            """Say nothing."""

    return Handler
