"""Programs with access tokens, and people whom a proxy names."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from ipaddress import ip_network
from typing import Any

import pytest
from httpx import Response
from litestar.testing import TestClient
from msgspec.structs import replace

from keysift.model import Role
from keysift.store import access
from keysift.store.database import Store
from keysift.web.settings import Proxying, WebSettings
from tests.web.site import HOST, ORIGIN, Site, client, site

_PROXY = "10.0.0.5"
_GROUPS = {"security": Role.REVEAL, "developers": Role.READ}


def _token(store: Store, *scopes: Role, days: int | None = None) -> dict[str, str]:
    expires = None if days is None else datetime.now(UTC) + timedelta(days=days)
    with store.writing() as connection:
        made = access.add(connection, f"token {len(access.tokens(connection))}", scopes, expires)
    return {"authorization": f"Bearer {made.reveal_text()}"}


@pytest.fixture
def open_site(store: Store, told: WebSettings) -> Site:
    """Return a dashboard whose store may be changed."""
    return site(store, told)


def test_a_token_uses_the_api(open_site: Site) -> None:
    """It has its scopes, and reading; who it is stands in audit trails."""
    headers = _token(open_site.dashboard.store, Role.REVEAL)
    with client(open_site) as asking:
        answer = asking.get("/api/v1/me", headers=headers)
        assert answer.json() == {
            "name": "token 0",
            "source": "access token",
            "roles": ["read", "reveal"],
        }
        assert "set-cookie" not in answer.headers


def test_a_token_opens_no_page(open_site: Site) -> None:
    """Pages are for people."""
    headers = _token(open_site.dashboard.store, Role.REVEAL)
    with client(open_site) as asking:
        assert asking.get("/", headers=headers).status_code == 303


@pytest.mark.parametrize(
    "value", ["Bearer ", "Bearer x", "bearer \u00e9", "Basic YTpi", "Bearer  a b", "keysift_x"]
)
def test_other_tokens_do_not(asking: TestClient[Any], value: str) -> None:
    """The answer is one for programs, and says how to log in."""
    answer = asking.get("/api/v1/me", headers={b"authorization": value.encode()})
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == "Bearer"
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["status"] == 401


def test_tokens_end(open_site: Site) -> None:
    """When they are revoked, and when their time is over."""
    store = open_site.dashboard.store
    late, revoked, good = _token(store, days=-1), _token(store), _token(store, days=1)
    with store.writing() as connection:
        access.revoke(connection, "token 1")
    with client(open_site) as asking:
        answers = [asking.get("/api/v1/me", headers=one) for one in (late, revoked, good)]
    assert [answer.status_code for answer in answers] == [401, 401, 200]


def test_the_use_of_a_token_is_noted(open_site: Site) -> None:
    """But not with each request, since that writes."""
    store = open_site.dashboard.store
    headers = _token(store)

    def used() -> datetime | None:
        with store.reading() as connection:
            return access.tokens(connection)[0].last_used_at

    assert used() is None
    with client(open_site) as asking:
        asking.get("/api/v1/me", headers=headers)
        first = used()
        asking.get("/api/v1/me", headers=headers)
    assert first is not None
    assert used() == first


def test_cookies_and_tokens_are_not_mixed(open_site: Site) -> None:
    """A wrong token is not helped by a session: the program would not notice."""
    with client(open_site) as asking:
        asking.get(f"/login?token={open_site.token}")
        assert asking.get("/api/v1/me").status_code == 200
        assert asking.get("/api/v1/me", headers={"authorization": "Bearer x"}).status_code == 401


def _behind(store: Store, told: WebSettings, **changes: Any) -> Site:  # noqa: ANN401 (of Proxying)
    usual = Proxying(networks=(ip_network("10.0.0.0/24"),), user_header="X-Forwarded-User")
    return site(store, replace(told, proxying=replace(usual, **changes)))


def _ask(of: Site, address: str, headers: Any, path: str = "/api/v1/me") -> Response:  # noqa: ANN401 (as httpx takes them)
    with client(of, address) as asking:
        return asking.get(path, headers=headers)


def test_the_proxy_names_people(empty: Store, told: WebSettings) -> None:
    """They need no login, and get a session for their forms."""
    behind = _behind(empty, told)
    headers = {"x-forwarded-user": "grace"}
    assert _ask(behind, _PROXY, headers).json() == {
        "name": "grace",
        "source": "proxy",
        "roles": ["read"],
    }
    answer = _ask(behind, _PROXY, headers, "/")
    assert answer.status_code == 200
    assert "keysift-8765=" in answer.headers["set-cookie"]
    assert "set-cookie" not in _ask(behind, _PROXY, headers).headers, "programs keep no cookies"


@pytest.mark.parametrize("address", ["10.0.1.5", "127.0.0.1", "192.0.2.1", "::1", "unknown"])
def test_the_header_counts_from_nowhere_else(empty: Store, told: WebSettings, address: str) -> None:
    """Anybody could send it."""
    behind = _behind(empty, told)
    headers = {"x-forwarded-user": "grace", "x-forwarded-for": _PROXY}
    assert _ask(behind, address, headers).status_code == 401
    assert _ask(behind, address, headers, "/").status_code == 303


def test_the_header_counts_only_when_it_is_asked_for(empty: Store, told: WebSettings) -> None:
    """A proxy that is not said to name people names nobody."""
    behind = _behind(empty, told, user_header=None)
    assert _ask(behind, _PROXY, {"x-forwarded-user": "grace"}).status_code == 401


def test_several_names_are_refused(empty: Store, told: WebSettings) -> None:
    """Then the proxy passes on what its clients send."""
    behind = _behind(empty, told)
    headers = [("x-forwarded-user", "mallory"), ("x-forwarded-user", "grace")]
    assert _ask(behind, _PROXY, headers).status_code == 403


@pytest.mark.parametrize("name", ["", "  "])
def test_an_empty_name_is_nobody(empty: Store, told: WebSettings, name: str) -> None:
    """Such as proxies send for those who have not logged in."""
    assert _ask(_behind(empty, told), _PROXY, {"x-forwarded-user": name}).status_code == 401


def test_a_mapped_address_is_the_proxy_too(empty: Store, told: WebSettings) -> None:
    """A socket of both families shows IPv4 as IPv6."""
    behind = _behind(empty, told)
    answer = _ask(behind, f"::ffff:{_PROXY}", {"x-forwarded-user": "grace"})
    assert answer.status_code == 200


@pytest.mark.parametrize(
    ("groups", "roles"),
    [
        ("developers", ["read"]),
        ("others, security,developers", ["read", "triage", "reveal"]),
    ],
)
def test_groups_give_roles(empty: Store, told: WebSettings, groups: str, roles: list[str]) -> None:
    """The highest of them counts."""
    behind = _behind(empty, told, roles_header="X-Groups", roles=_GROUPS)
    headers = {"x-forwarded-user": "grace", "x-groups": groups}
    assert _ask(behind, _PROXY, headers).json()["roles"] == roles


@pytest.mark.parametrize("groups", [None, "", "Security", "security;developers"])
def test_people_of_no_known_group_are_not_let_in(
    empty: Store, told: WebSettings, groups: str | None
) -> None:
    """Being somebody is not enough."""
    behind = _behind(empty, told, roles_header="X-Groups", roles=_GROUPS)
    headers = {"x-forwarded-user": "grace"} | ({} if groups is None else {"x-groups": groups})
    assert _ask(behind, _PROXY, headers).status_code == 403


def test_a_session_belongs_to_whom_the_proxy_names(empty: Store, told: WebSettings) -> None:
    """Another person at the same browser gets another one; nobody gets none."""
    behind = _behind(empty, told)
    with client(behind, _PROXY) as asking:
        asking.get("/", headers={"x-forwarded-user": "grace"})
        assert asking.cookies
        name = asking.get("/api/v1/me", headers={"x-forwarded-user": "ada"}).json()["name"]
        assert name == "ada"
        assert asking.get("/api/v1/me").status_code == 401


def test_people_whom_the_proxy_names_need_the_token_of_forms_too(
    empty: Store, told: WebSettings
) -> None:
    """Their browsers log in by themselves, for pages of others as well."""
    behind = _behind(empty, told)
    headers = {"x-forwarded-user": "grace", "origin": ORIGIN}
    with client(behind, _PROXY) as asking:
        page = asking.get("/", headers=headers).text
        csrf = page.partition('name="_csrf" value="')[2].partition('"')[0]
        assert asking.post("/logout", headers=headers).status_code == 403
        assert asking.post("/logout", data={"_csrf": csrf}, headers=headers).status_code == 303


def test_only_the_proxy_may_connect_when_it_ends_tls(empty: Store, told: WebSettings) -> None:
    """What comes past it would not be encrypted."""
    behind = _behind(empty, told, is_only_way=True)
    assert _ask(behind, _PROXY, {}, "/login").status_code == 200
    assert _ask(behind, "10.0.9.9", {}, "/login").status_code == 403


def test_the_address_behind_the_proxy_is_the_one_that_waits(
    empty: Store, told: WebSettings
) -> None:
    """The last one that is not a proxy's: what stands before it is made up."""
    behind = _behind(empty, told)
    headers = {"origin": ORIGIN, "host": HOST, "x-forwarded-for": "1.2.3.4, 192.0.2.1, 10.0.0.6"}

    def attempt(forwarded: str, token: str) -> int:
        with client(behind, _PROXY) as asking:
            sent = headers | {"x-forwarded-for": forwarded}
            return asking.post("/login", data={"token": token}, headers=sent).status_code

    for number in range(8):
        attempt(f"1.2.3.{number}, 192.0.2.1, 10.0.0.6", "wrong")
    assert attempt("9.9.9.9, 192.0.2.1", behind.token) == 429
    assert attempt("192.0.2.2", behind.token) == 303


def test_addresses_of_one_network_of_ipv6_wait_together(dashboard: Site) -> None:
    """Whoever has one of them has all 2**64."""
    for number in range(8):
        with client(dashboard, f"2001:db8::{number}") as attacker:
            attacker.post("/login", data={"token": "wrong"}, headers={"origin": ORIGIN})
    with client(dashboard, "2001:db8::ffff") as attacker:
        answer = attacker.post("/login", data={"token": "x"}, headers={"origin": ORIGIN})
    assert answer.status_code == 429
