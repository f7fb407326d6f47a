"""Tries a validity table on a server on this machine that plays what providers answer.

The documented answers must be read as documented, and nothing else may be read as an answer at all:
not a provider that is busy, not a page of a firewall, not an answer that breaks off. A table that
would call everything active, or a failure inactive, does not get through.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Final, Self, TypeAlias
from urllib.parse import urlsplit

from msgspec import Struct, field, structs

from keysift.catalogue.validity import Sample, Validity
from keysift.model import Verdict
from keysift.net.asking import MAX_BODY, Asker
from keysift.verify.ask import ask
from keysift.verify.message import Moment, Request
from keysift.verify.request import at, build, host_of

Values: TypeAlias = Mapping[str, bytes]
"""The secret and its other halves, by name."""

MOMENT: Final = Moment(datetime(2026, 3, 2, 12, 34, 56, 789000, UTC), "0123456789abcdef" * 2)
"""When requests are made: what is signed twice must be the same."""

LOGIN: Final = b"<!DOCTYPE html><html><title>Log in</title><form action=/login></form></html>"
FIREWALL: Final = (
    b"<html><h1>Access denied</h1>This request was blocked by the security rules.</html>"
)


class Act(Struct, frozen=True):
    """What the server does when it is asked.

    Attributes:
        name: For people.
        status: Status of its answer.
        headers: Headers of it.
        body: Its body.
        announced: Length that it announces; None for that of the body.
        hangs_up: Whether it closes the connection without an answer.
    """

    name: str
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    announced: int | None = None
    hangs_up: bool = False


_HTML: Final = {"Content-Type": "text/html"}
_JSON: Final = {"Content-Type": "application/json"}

FAILURES: Final = (
    Act("a log-in page with status 200", 200, _HTML, LOGIN),
    Act("an empty answer with status 200", 200),
    Act("an empty JSON object with status 200", 200, _JSON, b"{}"),
    Act("an error with status 200", 200, _JSON, b'{"error": {"message": "try again later"}}'),
    Act("no content", 202),
    Act("a redirect to another host", 302, {"Location": "https://elsewhere.example/"}),
    Act("a redirect to a log-in page", 303, {"Location": "/login"}, LOGIN),
    Act("a bad request", 400, _HTML, b"<h1>Bad Request</h1>"),
    Act("a bad request in JSON", 400, _JSON, b'{"message": "missing a parameter"}'),
    Act("a firewall", 403, _HTML, FIREWALL),
    Act("a refusal that says nothing", 403),
    Act("a page that is not there", 404, _HTML, b"<h1>Not Found</h1>"),
    Act("a path that is not there", 404, _JSON, b'{"message": "no such route"}'),
    Act("a method that is not allowed", 405, _JSON, b'{"message": "use another method"}'),
    Act("a request of the proxy for a password", 407, _HTML),
    Act("an endpoint that is gone", 410, _JSON, b'{"message": "this version was retired"}'),
    Act("too many requests", 429, _JSON | {"Retry-After": "30"}, b'{"message": "slow down"}'),
    Act("an error of the server", 500, _JSON, b'{"message": "something went wrong"}'),
    Act("a bad gateway", 502, _HTML, b"<h1>Bad Gateway</h1>"),
    Act("an unavailable service", 503, _HTML, b"<h1>Service Unavailable</h1>"),
    Act("a hang-up", hangs_up=True),
    Act("a body without end", 200, _JSON, b'{"data": "' + b"x" * MAX_BODY + b'"}'),
)
"""Answers that say nothing about a secret, whatever it is."""


def rehearse(table: Validity, example: Values, other: Values, stage: Stage) -> Iterator[str]:
    """Yield what is wrong with how a table asks and reads answers.

    Args:
        table: How to ask.
        example: A secret.
        other: Another one of the same type.
        stage: The server.
    """
    if table.samples is None:
        return
    meant = build(table, example, MOMENT)
    refused = Verdict.UNKNOWN if table.doubtful else Verdict.INACTIVE
    for sample in table.samples.active:
        dead = table.samples.inactive[0]
        with stage.playing(_act("active", sample), _act("inactive", dead), meant):
            yield from _differs(table, example, stage, "a secret that works", Verdict.ACTIVE)
            yield from _differs(table, other, stage, "another secret", refused)
        yield from _cut(table, example, stage, sample)
        for origin in table.also:
            there = build(at(table, origin), example, MOMENT)
            with stage.playing(_act("active", sample), _act("inactive", dead), there):
                yield from _differs(table, example, stage, f"one of {origin}", Verdict.ACTIVE)
    for sample in table.samples.inactive:
        with stage.playing(_act("inactive", sample)):
            yield from _differs(table, example, stage, "a secret that does not", refused)
    for sample in table.samples.limited:
        with stage.playing(_act("limited", sample)):
            yield from _differs(
                table, example, stage, "one that may not", Verdict.ACTIVE, Verdict.UNKNOWN
            )
    for act in FAILURES:
        if any(_is_same(act, one) for one in (*table.samples.active, *table.samples.inactive)):
            continue
        with stage.playing(act):
            yield from _differs(table, example, stage, act.name, Verdict.UNKNOWN)


def _cut(table: Validity, example: Values, stage: Stage, sample: Sample) -> Iterator[str]:
    """A documented answer of which the end is missing is none."""
    if not sample.body or table.method == "HEAD":
        return
    whole = _act("", sample)
    act = structs.replace(
        whole, body=whole.body[:-1], announced=len(whole.body), name="an answer that breaks off"
    )
    with stage.playing(act):
        yield from _differs(table, example, stage, act.name, Verdict.UNKNOWN)


def _differs(
    table: Validity, values: Values, stage: Stage, what: str, *expected: Verdict
) -> Iterator[str]:
    seconds = (f"https://{host_of(table.second(one))}" for one in table.more)
    origins = dict.fromkeys((build(table, values, MOMENT).origin, *table.also, *seconds))
    outcome = ask(table, values, stage.asker(*origins), MOMENT)
    if outcome.verdict not in expected:
        told = outcome.verdict.value + (f" ({outcome.doubt.value})" if outcome.doubt else "")
        wanted = " or ".join(one.value for one in expected)
        detail = f": {outcome.detail}" if outcome.detail else ""
        yield f"{what} is {told}, not {wanted}{detail}"


def _act(name: str, sample: Sample) -> Act:
    headers = ({} if sample.json is None else _JSON) | sample.headers
    return Act(name, sample.status, headers, sample.body)


def _is_same(act: Act, sample: Sample) -> bool:
    """Tell whether a failure is, to the letter, what the provider documents."""
    return (act.status, act.body) == (sample.status, sample.body)


class Stage:
    """A server on this machine that plays one act at a time."""

    def __init__(self) -> None:
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.02,), daemon=True
        )
        self._thread.start()
        self._askers: dict[tuple[str, ...], Asker] = {}

    @property
    def origin(self) -> str:
        """Where it is."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def asker(self, *origins: str) -> Asker:
        """Return what sends the requests for a provider here instead."""
        if origins not in self._askers:
            self._askers[origins] = Asker(elsewhere=dict.fromkeys(origins, self.origin))
        return self._askers[origins]

    @contextmanager
    def playing(
        self, act: Act, refusal: Act | None = None, to: Request | None = None
    ) -> Iterator[None]:
        """Answer with an act in the block; with a refusal to all requests but one."""

        def chosen(path: str, headers: Message, body: bytes) -> Act:
            is_meant = to is None or (
                (to.url.removeprefix(to.origin), to.body or b"") == (path, body)
                and headers.get("Host") == urlsplit(to.url).netloc
                and all(headers.get(name) == value for name, value in to.headers.items())
            )
            return act if is_meant or refusal is None else refusal

        self._server.chosen = chosen
        yield

    def close(self) -> None:
        """Stop."""
        for asker in self._askers.values():
            asker.close()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class _Server(ThreadingHTTPServer):
    """The server; ``chosen`` says what to do about a path, headers and a body."""

    chosen: Callable[[str, Message, bytes], Act]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1
    """An answer leaves as a whole: its second half would wait for word that the first has come."""
    server: _Server

    def _answer(self) -> None:
        length = int(self.headers.get("Content-Length", 0))
        body = self.rfile.read(length)
        act = self.server.chosen(self.path, self.headers, body)
        if act.hangs_up:
            self.close_connection = True
            return
        self.send_response(act.status)
        for name, value in act.headers.items():
            self.send_header(name, value)
        if act.status not in _BODILESS:
            size = len(act.body) if act.announced is None else act.announced
            self.send_header("Content-Length", str(size))
        if act.announced is not None:
            self.close_connection = True
        self.end_headers()
        if self.command != "HEAD" and act.status not in _BODILESS:
            self.wfile.write(act.body)

    do_GET = do_POST = do_HEAD = _answer  # noqa: N815 (the names are those of the library)

    def log_message(self, *_: object) -> None:
        """Say nothing: requests hold secrets."""


_BODILESS: Final = (204, 304)
