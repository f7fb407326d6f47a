"""A package index on 127.0.0.1: PEP 691 JSON, PEP 503 HTML, ranges, and failures on demand."""

from __future__ import annotations

import base64
import hashlib
import html
import json
import re
import threading
from collections import defaultdict
from collections.abc import Callable, Mapping
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
        content: The bytes, or what makes them when they are asked for.
        hashes: Announced digests.
        size_bytes: Announced size.
        uploaded: Announced time, in ISO 8601.
        yanked: None, or the reason (may be empty).
        url: Where the index says it is; None for this server.
    """

    content: bytes | Callable[[], bytes]
    hashes: Mapping[str, str]
    size_bytes: int | None
    uploaded: str | None = None
    yanked: str | None = None
    url: str | None = None

    def body(self) -> bytes:
        """Return the bytes."""
        return self.content if isinstance(self.content, bytes) else self.content()


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
            return self._page(request, self._serial, self._list_json, self._list_html)
        files = self.projects.get(project)
        if files is None or (name and name not in files):
            return Answer(404, b"not here")
        if kind == "files":
            return self._file(request, files[name].body())
        return self._page(
            request,
            self.serials.get(project, self._serial),
            lambda: self._json(project),
            lambda: self._html(project),
        )

    def _page(
        self,
        request: Request,
        serial: int,
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

    def _list_json(self) -> bytes:
        projects: list[dict[str, object]] = [{"name": name} for name in self.projects]
        if self.gives_serials:
            projects = [
                {"name": name, "_last-serial": self.serials[name]} for name in self.projects
            ]
        return json.dumps({"meta": self._meta(self._serial), "projects": projects}).encode()

    def _list_html(self) -> bytes:
        links = [
            f'<a href="/simple/{html.escape(name)}/">{html.escape(name)}</a>'
            for name in self.projects
        ]
        return f"<!DOCTYPE html><html><body>{'<br>'.join(links)}</body></html>".encode()

    def _meta(self, serial: int) -> dict[str, object]:
        meta: dict[str, object] = {"api-version": "1.4"}
        return {**meta, "_last-serial": serial} if self.gives_serials else meta

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
        page = {"meta": self._meta(self.serials[project]), "name": project, "files": files}
        if project in self.statuses:
            page["project-status"] = {"status": self.statuses[project]}
        return json.dumps(page).encode()

    def _html(self, project: str) -> bytes:
        status = self.statuses.get(project)
        meta = f'<meta name="pypi:project-status" content="{status}">' if status else ""
        links = ['<a href="../">Parent directory</a>']
        for name, hosted in self.projects[project].items():
            digest = next((f"#{kind}={value}" for kind, value in hosted.hashes.items()), "")
            yanked = "" if hosted.yanked is None else f' data-yanked="{html.escape(hosted.yanked)}"'
            address = html.escape(self._address(project, name, hosted) + digest)
            links.append(f'<a href="{address}"{yanked}>{html.escape(name)}</a>')
        return f"<!DOCTYPE html><html>{meta}<body>{'<br>'.join(links)}</body></html>".encode()


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
