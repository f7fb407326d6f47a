"""Logging in, with the token printed at the start or as an account, and out."""

from __future__ import annotations

from hmac import compare_digest
from typing import Any, Final

from litestar import get, post
from litestar.datastructures import Cookie
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromQuery, URLEncodedBody
from litestar.response import Redirect, Response
from msgspec import Struct

from keysift.model import Role
from keysift.web.addresses import client
from keysift.web.dashboard import Asked, Dashboard
from keysift.web.identity import Identity, Source, public
from keysift.web.local import safe_target
from keysift.web.refusals import TooOftenError
from keysift.web.templating import page

_WRONG: Final = "That is not right. The address with the token is where the dashboard was started."


class Credentials(Struct, frozen=True):
    """What the form of the login sends.

    Attributes:
        token: The token printed at the start, or empty.
        name: Name of an account.
        password: Its password.
        next: Which page to go to.
    """

    token: str = ""
    name: str = ""
    password: str = ""
    next: str = "/"


@get("/login", opt=public(), sync_to_thread=True)
def login_page(
    request: Asked,
    dashboard: NamedDependency[Dashboard],
    token: FromQuery[str] = "",
    next: FromQuery[str] = "/",  # noqa: A002 (name of the parameter)
) -> Response[Any]:
    """Show the form; or log in with the token of the address, which then leaves it."""
    if token:
        return _login(request, dashboard, Credentials(token=token, next=next))
    return _form(request, next)


@post("/login", opt=public(), status_code=303, sync_to_thread=True)
def login(
    request: Asked, dashboard: NamedDependency[Dashboard], data: URLEncodedBody[Credentials]
) -> Response[Any]:
    """Log in."""
    return _login(request, dashboard, data)


@post("/logout", status_code=303, sync_to_thread=False)
def logout(request: Asked, dashboard: NamedDependency[Dashboard]) -> Response[Any]:
    """Log out."""
    _end(request, dashboard)
    answer: Response[Any] = Redirect("/login", status_code=303)
    answer.cookies.append(_cookie(dashboard, "", max_age=0))
    # What this page left in the browser is of no use to the next person there.
    answer.headers["clear-site-data"] = '"cache"'
    return answer


def _login(request: Asked, dashboard: Dashboard, given: Credentials) -> Response[Any]:
    address = client(request.scope, dashboard.settings.proxying)
    wait_s = dashboard.throttle.wait(address, given.name)
    if wait_s > 0:
        raise TooOftenError("Too many attempts. Wait a little.", wait_s=wait_s)
    who = _by_token(dashboard, given.token)
    if who is None:
        dashboard.throttle.failed(address, given.name)
        return _form(request, given.next, status_code=403, problem=_WRONG)
    dashboard.throttle.succeeded(address)
    # Whatever session there was ends: nobody else can have prepared the one that begins.
    _end(request, dashboard)
    value, _ = dashboard.sessions.begin(who)
    answer: Response[Any] = Redirect(safe_target(given.next), status_code=303)
    answer.cookies.append(_cookie(dashboard, value))
    answer.headers["referrer-policy"] = "no-referrer"
    return answer


def _by_token(dashboard: Dashboard, token: str) -> Identity | None:
    given = token.encode("utf-8", "surrogateescape")
    if not compare_digest(given, dashboard.settings.token.reveal()):
        return None
    return Identity(dashboard.settings.starter, Role.REVEAL.included, Source.START_TOKEN)


def _form(request: Asked, target: str, *, status_code: int = 200, problem: str = "") -> Response[Any]:
    return page(
        request, "login.html", status_code=status_code, target=safe_target(target), problem=problem
    )


def _end(request: Asked, dashboard: Dashboard) -> None:
    value = request.cookies.get(dashboard.settings.cookie)
    if value:
        dashboard.sessions.end(value)


def _cookie(dashboard: Dashboard, value: str, *, max_age: int | None = None) -> Cookie:
    return Cookie(
        key=dashboard.settings.cookie,
        value=value,
        path="/",
        max_age=max_age,
        httponly=True,
        secure=dashboard.settings.is_tls,
        samesite="strict",
    )


HANDLERS: Final[list[HTTPRouteHandler]] = [login_page, login, logout]
