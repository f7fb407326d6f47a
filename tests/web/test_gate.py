"""Before routing: which hosts are answered, and which pages may ask."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import anyio
import pytest
from litestar.testing import TestClient
from litestar.types import HTTPRequestEvent, Message
from msgspec.structs import replace

from keysift.web.settings import WebSettings
from tests.web.site import HOST, ORIGIN, Site, client, site

_OURS = {"origin": ORIGIN, "sec-fetch-site": "same-origin"}


@pytest.mark.parametrize(
    "host",
    [
        "evil.invalid",
        "evil.invalid:8765",
        "127.0.0.1",
        "127.0.0.1:80",
        "127.0.0.1:8765.evil.invalid",
        "x127.0.0.1:8765",
        "",
    ],
)
@pytest.mark.parametrize("path", ["/login", "/nothing", "/api/v1/me", "/static/x/keysift.css"])
def test_other_hosts_are_refused(asking: TestClient[Any], host: str, path: str) -> None:
    """A name of somebody else that points to this machine gets nothing (DNS rebinding)."""
    answer = asking.get(path, headers={"host": host})
    assert answer.status_code == 421
    assert "keysift.css" not in answer.text


def test_hosts_are_compared_without_regard_to_case(dashboard: Site, told: WebSettings) -> None:
    """``LOCALHOST`` is the same host."""
    told = replace(told, hosts=frozenset({"localhost:8765"}))
    with client(site(dashboard.dashboard.store, told)) as asking:
        assert asking.get("/login", headers={"host": "LocalHost:8765"}).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"origin": "http://evil.invalid"},
        {"origin": "null"},
        {"origin": f"https://{HOST}"},
        {"origin": "http://127.0.0.1:9999"},
        {"origin": f"{ORIGIN}.evil.invalid"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"sec-fetch-site": "none"},
        {"origin": ORIGIN, "sec-fetch-site": "cross-site"},
        {"origin": "http://evil.invalid", "sec-fetch-site": "same-origin"},
    ],
)
@pytest.mark.parametrize("path", ["/login", "/logout", "/api/v1/me"])
def test_pages_of_others_change_nothing(
    asking: TestClient[Any], dashboard: Site, headers: dict[str, str], path: str
) -> None:
    """A form on another page gets nowhere, even with the right token in it."""
    answer = asking.post(path, data={"token": dashboard.token}, headers=headers)
    assert answer.status_code == 403
    assert "does not come from a page of the dashboard" in answer.text
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize("headers", [{"origin": ORIGIN}, {"sec-fetch-site": "same-origin"}, _OURS])
def test_our_own_pages_do(
    asking: TestClient[Any], dashboard: Site, headers: dict[str, str]
) -> None:
    """Browsers say where a form comes from in one way or the other."""
    answer = asking.post("/login", data={"token": dashboard.token}, headers=headers)
    assert answer.status_code == 303


@pytest.mark.parametrize("site_of_page", ["cross-site", "same-site"])
@pytest.mark.parametrize(
    ("mode", "destination", "status"),
    [
        ("navigate", "document", 200),
        ("navigate", "iframe", 403),
        ("no-cors", "script", 403),
        ("no-cors", "image", 403),
        ("cors", "empty", 403),
    ],
)
def test_pages_of_others_may_only_link_here(
    asking: TestClient[Any], site_of_page: str, mode: str, destination: str, status: int
) -> None:
    """They can neither embed a page nor load it as something else."""
    headers = {
        "sec-fetch-site": site_of_page,
        "sec-fetch-mode": mode,
        "sec-fetch-dest": destination,
    }
    assert asking.get("/login", headers=headers).status_code == status


@pytest.mark.parametrize("method", ["TRACE", "CONNECT", "FOO"])
def test_odd_methods_are_refused(asking: TestClient[Any], method: str) -> None:
    """What no handler knows does not reach one."""
    assert asking.request(method, "/login").status_code == 405


def test_head_says_what_get_would(asking: TestClient[Any]) -> None:
    """The same headers, and no body."""
    get, head = asking.get("/login"), asking.head("/login")
    assert head.status_code == 200
    assert head.content == b""
    assert head.headers["content-length"] == get.headers["content-length"]
    assert asking.head("/").status_code == 303


def test_options_says_what_there_is(asking: TestClient[Any]) -> None:
    """It changes nothing, and allows no other site anything."""
    answer = asking.options("/findings", headers={"origin": "http://evil.invalid"})
    assert answer.status_code == 204
    assert answer.headers["allow"] == "GET, OPTIONS"
    assert not [name for name in answer.headers if name.startswith("access-control")]


def test_two_hosts_are_refused(dashboard: Site) -> None:
    """Else one part of the way could look at one, and another part at the other."""
    sent: list[Message] = []
    hosts = [(b"host", HOST.encode()), (b"host", b"evil.invalid")]
    scope: Any = {
        "type": "http",
        "method": "GET",
        "path": "/login",
        "headers": hosts,
        "client": None,
    }

    async def ask() -> None:
        async def receive() -> HTTPRequestEvent:
            return {"type": "http.request", "body": b"", "more_body": False}

        async def send(message: Message) -> None:
            sent.append(message)

        await dashboard.application.asgi_handler(scope, receive, send)

    # In a thread of its own: in this one a browser of other tests may have a loop that runs.
    with ThreadPoolExecutor(1) as pool:
        pool.submit(anyio.run, ask).result()
    assert sent[0]["type"] == "http.response.start"
    assert sent[0]["status"] == 421
