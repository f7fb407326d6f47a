"""Logging in and out, and how long that lasts."""

from __future__ import annotations

from typing import Any

import pytest
from httpx import Response
from litestar.testing import TestClient
from msgspec.structs import replace

from keysift.model import Role
from keysift.store import accounts
from keysift.store.database import Store
from keysift.web.passwords import hashed
from keysift.web.settings import Limits, WebSettings
from tests.web.site import ORIGIN, Site, client, site

_OURS = {"origin": ORIGIN}
_PASSWORD = "correct horse battery"  # noqa: S105 (of nobody)


def _post(asking: TestClient[Any], path: str = "/login", **form: str) -> Response:
    return asking.post(path, data=form, headers=_OURS)


def _log_in(asking: TestClient[Any], of: Site) -> Response:
    return asking.get(f"/login?token={of.token}")


def _csrf(asking: TestClient[Any]) -> str:
    return asking.get("/").text.partition('name="_csrf" value="')[2].partition('"')[0]


def _who(asking: TestClient[Any]) -> str | None:
    answer = asking.get("/api/v1/me")
    return str(answer.json()["name"]) if answer.status_code == 200 else None


@pytest.fixture
def team(store: Store, told: WebSettings) -> Site:
    """Return a dashboard with an account that may triage."""
    with store.writing() as connection:
        accounts.add(connection, "grace", Role.TRIAGE, hashed(_PASSWORD))
    return site(store, told)


def test_nobody_sees_a_page_before(asking: TestClient[Any]) -> None:
    """Each page leads to the login, and back to itself."""
    answer = asking.get("/findings?sort=severity&q=a b")
    assert answer.status_code == 303
    assert answer.headers["location"] == "/login?next=%2Ffindings%3Fsort%3Dseverity%26q%3Da%2520b"
    assert asking.get("/").headers["location"] == "/login"


def test_the_token_becomes_a_session(asking: TestClient[Any], dashboard: Site) -> None:
    """The token leaves the address, and is told to nobody by it."""
    answer = _log_in(asking, dashboard)
    assert answer.status_code == 303
    assert answer.headers["location"] == "/"
    assert answer.headers["referrer-policy"] == "no-referrer"
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith("keysift-8765=")
    assert {"HttpOnly", "SameSite=strict", "Path=/"} <= set(cookie.split("; "))
    assert "Max-Age" not in cookie
    assert "Domain" not in cookie
    assert dashboard.token not in cookie
    assert _who(asking) == "ada"


def test_over_tls_the_cookie_is_bound_to_the_host(dashboard: Site, told: WebSettings) -> None:
    """It is never sent in the clear, and no other host can set it."""
    secure = site(dashboard.dashboard.store, replace(told, is_tls=True))
    with client(secure) as asking:
        cookie = _log_in(asking, secure).headers["set-cookie"]
    assert cookie.startswith("__Host-keysift-8765=")
    assert "Secure" in cookie.split("; ")


@pytest.mark.parametrize("given", ["", "x", "\u00e9", "x" * 10_000])
def test_another_token_does_not(asking: TestClient[Any], dashboard: Site, given: str) -> None:
    """Neither in the address nor in the form; what was given is not shown again."""
    for wrong in (given, dashboard.token[:-1], dashboard.token + "x", dashboard.token.swapcase()):
        dashboard.clock.now += 10_000
        answer = _post(asking, token=wrong)
        assert answer.status_code == 403
        assert "set-cookie" not in answer.headers
        assert len(wrong) < 5 or wrong not in answer.text
        if wrong:
            dashboard.clock.now += 10_000
            assert asking.get("/login", params={"token": wrong}).status_code == 403
    assert _who(asking) is None


def test_a_session_is_a_new_one_at_each_login(asking: TestClient[Any], dashboard: Site) -> None:
    """A cookie that somebody else put into the browser never becomes a session."""
    asking.cookies.set("keysift-8765", "chosen-by-an-attacker")
    answer = _log_in(asking, dashboard)
    first = answer.cookies["keysift-8765"]
    assert first != "chosen-by-an-attacker"
    second = _log_in(asking, dashboard).cookies["keysift-8765"]
    assert second != first
    asking.cookies.clear()
    asking.cookies.set("keysift-8765", first)
    assert _who(asking) is None, "the one before ended"


def test_no_session_begins_without_a_login(asking: TestClient[Any], dashboard: Site) -> None:
    """Visitors leave nothing in memory."""
    for _ in range(5):
        asking.get("/login")
        asking.get("/")
        asking.cookies.set("keysift-8765", "nothing")
    assert len(dashboard.dashboard.sessions) == 0


def test_a_session_ends_when_it_is_not_used(asking: TestClient[Any], dashboard: Site) -> None:
    """Each use prolongs it, to a point."""
    limits = Limits()
    _log_in(asking, dashboard)
    dashboard.clock.now += limits.idle_s
    assert _who(asking) == "ada"
    dashboard.clock.now += limits.idle_s + 1
    assert _who(asking) is None


def test_a_session_ends_at_last(asking: TestClient[Any], dashboard: Site) -> None:
    """However much it is used."""
    limits = Limits()
    _log_in(asking, dashboard)
    begun = dashboard.clock.now
    while dashboard.clock.now + limits.idle_s < begun + limits.session_s:
        dashboard.clock.now += limits.idle_s
        assert _who(asking) == "ada"
    dashboard.clock.now = begun + limits.session_s + 1
    assert _who(asking) is None


def test_the_oldest_session_makes_room(dashboard: Site, told: WebSettings) -> None:
    """However often somebody logs in, memory is bounded."""
    small = site(dashboard.dashboard.store, replace(told, limits=Limits(sessions=2)))
    with client(small) as asking:
        cookies = []
        for _ in range(3):
            asking.cookies.clear()
            cookies.append(_log_in(asking, small).cookies["keysift-8765"])
        assert len(small.dashboard.sessions) == 2
        asking.cookies.clear()
        asking.cookies.set("keysift-8765", cookies[0])
        assert _who(asking) is None


def test_logging_out(asking: TestClient[Any], dashboard: Site) -> None:
    """The session ends on the server, not only in the browser."""
    cookie = _log_in(asking, dashboard).cookies["keysift-8765"]
    answer = _post(asking, "/logout", _csrf=_csrf(asking))
    assert answer.status_code == 303
    assert "Max-Age=0" in answer.headers["set-cookie"]
    asking.cookies.clear()
    asking.cookies.set("keysift-8765", cookie)
    assert _who(asking) is None


@pytest.mark.parametrize(
    "form", [{}, {"_csrf": ""}, {"_csrf": "x" * 43}, {"csrf": "right"}, {"_csrf": "\u00e9"}]
)
def test_forms_without_the_token_of_the_session_change_nothing(
    asking: TestClient[Any], dashboard: Site, form: dict[str, str]
) -> None:
    """Even if they come from our own origin."""
    _log_in(asking, dashboard)
    assert _post(asking, "/logout", **form).status_code == 403
    assert _who(asking) == "ada"


def test_the_token_of_another_session_does_not_count(
    asking: TestClient[Any], dashboard: Site
) -> None:
    """Who has a session of their own cannot lend its token to an attack on another."""
    _log_in(asking, dashboard)
    foreign = _csrf(asking)
    with client(dashboard) as other:
        _log_in(other, dashboard)
        assert _post(other, "/logout", _csrf=foreign).status_code == 403
        right = other.post("/logout", headers=_OURS | {"x-csrf-token": _csrf(other)})
        assert right.status_code == 303, "scripts send it as a header"


@pytest.mark.parametrize(
    "target",
    [
        "//evil.invalid",
        "/\\evil.invalid",
        "https://evil.invalid",
        "evil.invalid",
        "javascript:alert(1)",
        "/a\r\nset-cookie: x=y",
        "/\tevil",
        "",
    ],
)
def test_the_login_leads_to_our_own_pages_only(
    asking: TestClient[Any], dashboard: Site, target: str
) -> None:
    """An address of somebody else's making cannot send people on."""
    for answer in (
        _post(asking, token=dashboard.token, next=target),
        asking.get("/login", params={"token": dashboard.token, "next": target}),
    ):
        assert answer.headers["location"] == "/"
    shown = asking.get("/login", params={"next": target}).text
    assert 'name="next" value="/"' in shown


def test_the_login_leads_where_one_wanted(asking: TestClient[Any], dashboard: Site) -> None:
    """With the filters of the list."""
    answer = _post(asking, token=dashboard.token, next="/findings?sort=id&q=a%20b")
    assert answer.headers["location"] == "/findings?sort=id&q=a%20b"


def test_links_from_elsewhere_work(asking: TestClient[Any]) -> None:
    """Browsers keep the cookie back then; asked again by our own page, they send it."""
    headers = {
        "sec-fetch-site": "cross-site",
        "sec-fetch-mode": "navigate",
        "sec-fetch-dest": "document",
    }
    answer = asking.get('/findings?q="><script>', headers=headers)
    assert answer.status_code == 200
    assert 'content="0; url=/findings?q=%22%3E%3Cscript%3E"' in answer.text
    own = asking.get("/findings", headers=headers | {"sec-fetch-site": "same-origin"})
    assert own.status_code == 303, "no second time"


def test_an_account_logs_in(team: Site) -> None:
    """With its name and password, and has its role."""
    with client(team) as asking:
        assert 'autocomplete="current-password"' in asking.get("/login").text
        assert _post(asking, name="grace", password=_PASSWORD).status_code == 303
        assert asking.get("/api/v1/me").json() == {
            "name": "grace",
            "source": "account",
            "roles": ["read", "triage"],
        }


@pytest.mark.parametrize(
    ("name", "password"),
    [("grace", "wrong"), ("nobody", _PASSWORD), ("grace", ""), ("Grace", _PASSWORD)],
)
def test_wrong_credentials_get_the_same_answer(team: Site, name: str, password: str) -> None:
    """Whether there is such an account is not told."""
    with client(team) as asking:
        answer = _post(asking, name=name, password=password)
        other = _post(asking, name="somebody", password="something")  # noqa: S106 (a guess)
    assert answer.status_code == other.status_code == 403
    assert answer.text == other.text


def test_unknown_accounts_take_as_long(team: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """A password is hashed whether there is an account or not, and once."""
    from keysift.web import passwords  # noqa: PLC0415

    verified: list[bool] = []
    hasher = passwords._HASHER

    class Counting:
        def verify(self, kept: str, password: bytes) -> bool:
            verified.append(True)
            return hasher.verify(kept, password)

    monkeypatch.setattr(passwords, "_HASHER", Counting())
    with client(team) as asking:
        for name in ("grace", "nobody"):
            verified.clear()
            _post(asking, name=name, password="something else")  # noqa: S106 (a guess)
            assert verified == [True], name


def test_an_account_that_is_removed_is_out_at_once(team: Site) -> None:
    """So is one with a new password; one with another role has that."""
    store = team.dashboard.store
    with client(team) as asking:
        _post(asking, name="grace", password=_PASSWORD)
        with store.writing() as connection:
            accounts.set_role(connection, "grace", Role.READ)
        assert asking.get("/api/v1/me").json()["roles"] == ["read"]
        with store.writing() as connection:
            accounts.set_password(connection, "grace", hashed(_PASSWORD + "!"))
        assert _who(asking) is None
        _post(asking, name="grace", password=_PASSWORD + "!")
        assert _who(asking) == "grace"
        with store.writing() as connection:
            accounts.remove(connection, "grace")
        assert _who(asking) is None


def test_attempts_become_ever_slower(asking: TestClient[Any], dashboard: Site) -> None:
    """After a few, even the right token has to wait; ``Retry-After`` says how long."""
    waits = []
    for _ in range(12):
        answer = _post(asking, token="wrong")  # noqa: S106 (a guess)
        if answer.status_code == 429:
            wait_s = int(answer.headers["retry-after"])
            waits.append(wait_s)
            assert _post(asking, token=dashboard.token).status_code == 429
            dashboard.clock.now += wait_s
        else:
            assert answer.status_code == 403
    assert waits == sorted(waits)
    assert waits[-1] >= 4 * waits[0]
    dashboard.clock.now += 1_000
    assert _post(asking, token=dashboard.token).status_code == 303


def test_others_need_not_wait(asking: TestClient[Any], dashboard: Site) -> None:
    """Who guesses slows down their own address."""
    for _ in range(10):
        _post(asking, token="wrong")  # noqa: S106 (a guess)
    assert _post(asking, token=dashboard.token).status_code == 429
    with client(dashboard, "192.0.2.7") as other:
        assert _post(other, token=dashboard.token).status_code == 303


def test_an_attack_does_not_lock_an_account(team: Site) -> None:
    """Guesses from many addresses slow those addresses down, and not the owner's."""
    for number in range(20):
        with client(team, f"198.51.100.{number}") as attacker:
            _post(attacker, name="grace", password="guess")  # noqa: S106 (a guess)
    with client(team, "198.51.100.3") as attacker:
        assert _post(attacker, name="grace", password="guess").status_code == 429  # noqa: S106 (the same)
    with client(team, "192.0.2.7") as owner:
        assert _post(owner, name="grace", password=_PASSWORD).status_code == 303


def test_a_login_is_reported_to_nobody(asking: TestClient[Any], dashboard: Site) -> None:
    """Neither tokens nor passwords are written down anywhere."""
    _log_in(asking, dashboard)
    _post(asking, name="ada", password=_PASSWORD)
    assert dashboard.reports == []
    assert dashboard.token not in repr(dashboard.dashboard.settings)


def test_bodies_are_bounded(asking: TestClient[Any]) -> None:
    """What is larger than any form of ours is not read."""
    answer = _post(asking, token="x" * 1_100_000)
    assert answer.status_code == 413
