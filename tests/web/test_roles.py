"""Who may do what: nothing is open that does not say so."""

from __future__ import annotations

import re
from typing import Any

import pytest
from litestar import Litestar, get, post
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.response import Template

from keysift.model import Role
from keysift.store import accounts
from keysift.store.database import Store
from keysift.web.dashboard import Asked, Dashboard
from keysift.web.identity import needed, needs
from keysift.web.passwords import hashed
from keysift.web.settings import WebSettings
from tests.web.site import ORIGIN, Site, client, site

_PASSWORD = "correct horse battery"  # noqa: S105 (of nobody)
_PUBLIC = {"/login", "/static"}


def _handlers(application: Litestar) -> list[tuple[str, str, HTTPRouteHandler]]:
    return [
        (method, route.path, handler)
        for route in application.routes
        for handler in getattr(route, "route_handlers", [])
        for method in handler.http_methods
        if method != "OPTIONS"
    ]


def test_only_the_login_and_static_files_are_for_everybody(dashboard: Site) -> None:
    """Who adds a page need not think of it: it wants a role."""
    open_ones = {
        path
        for _, path, handler in _handlers(dashboard.application)
        if needed(handler) is None and not path.startswith("/static/")
    }
    assert open_ones == {"/login"}


def test_whoever_only_reads_changes_nothing(dashboard: Site) -> None:
    """All that changes something wants more than reading; logging out is the exception."""
    changing = [
        (path, needed(handler))
        for method, path, handler in _handlers(dashboard.application)
        if method not in {"GET", "HEAD"} and path not in {"/login", "/logout"}
    ]
    assert all(role in {Role.TRIAGE, Role.REVEAL} for _, role in changing), changing


def test_every_address_asks_who_it_is(dashboard: Site) -> None:
    """Without a login, each handler redirects or refuses; none answers."""
    with client(dashboard) as asking:
        for method, path, _ in _handlers(dashboard.application):
            if path.startswith(("/login", "/static/")):
                continue
            address = re.sub(r"\{\w+:\w+\}", "1", path)
            answer = asking.request(method, address, headers={"origin": ORIGIN})
            assert answer.status_code in {303, 401}, (method, path)
            assert answer.status_code == 401 or answer.headers["location"].startswith("/login")


@get("/probe/triage", opt=needs(Role.TRIAGE), sync_to_thread=False)
def _triage() -> str:
    return "triage"


@post("/probe/reveal", opt=needs(Role.REVEAL), sync_to_thread=False)
def _reveal() -> str:
    return "reveal"


@pytest.mark.parametrize(
    ("role", "statuses"),
    [(Role.READ, (403, 403)), (Role.TRIAGE, (200, 403)), (Role.REVEAL, (200, 201))],
)
def test_each_role_may_do_what_the_ones_before_it_may(
    store: Store, told: WebSettings, role: Role, statuses: tuple[int, int]
) -> None:
    """And nothing beyond."""
    with store.writing() as connection:
        accounts.add(connection, "grace", role, hashed(_PASSWORD))
    of = site(store, told)
    of.application.register(_triage)
    of.application.register(_reveal)
    with client(of) as asking:
        form = {"name": "grace", "password": _PASSWORD}
        asking.post("/login", data=form, headers={"origin": ORIGIN})
        page = asking.get("/").text
        csrf = page.partition('name="_csrf" value="')[2].partition('"')[0]
        answers = (
            asking.get("/probe/triage"),
            asking.post("/probe/reveal", headers={"origin": ORIGIN, "x-csrf-token": csrf}),
        )
    assert tuple(answer.status_code for answer in answers) == statuses
    if role is Role.READ:
        assert "needs the role triage" in answers[0].text


@get("/probe/broken", sync_to_thread=True)
def _broken(request: Asked, dashboard: NamedDependency[Dashboard]) -> Template:
    del request, dashboard
    raise RuntimeError("SELECT the-value-of-a-secret")


def test_a_bug_says_where_it_is_to_whoever_started_it(dashboard: Site) -> None:
    """Nothing of it reaches the browser, and the message reaches nobody: it may hold a value."""
    dashboard.application.register(_broken)
    with client(dashboard) as asking:
        asking.get(f"/login?token={dashboard.token}")
        answer: Any = asking.get("/probe/broken")
    assert answer.status_code == 500
    assert "bug of keysift" in answer.text
    for hidden in ("RuntimeError", "Traceback", "SELECT", "the-value-of-a-secret", ".py"):
        assert hidden not in answer.text
    (report,) = dashboard.reports
    assert "test_roles.py" in report
    assert "RuntimeError" in report
    assert "the-value-of-a-secret" not in report.replace(
        'raise RuntimeError("SELECT the-value-of-a-secret")', ""
    ), "only as a line of code"


def test_a_store_that_fails_is_a_matter_of_time(store: Store, told: WebSettings) -> None:
    """The browser is told to come again, and not where the store is."""
    of = site(store, told)
    with client(of) as asking:
        asking.get(f"/login?token={of.token}")
        with store.writing() as connection:
            connection.exec_driver_sql("DROP TABLE skips")
        answer = asking.get("/")
    assert answer.status_code == 503
    assert answer.headers["retry-after"]
    assert store.name not in answer.text
    assert "skips" not in answer.text
    assert len(of.reports) == 1
