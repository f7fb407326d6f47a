"""Logging in, with the token printed at the start or as an account, and out."""

from __future__ import annotations

from hmac import compare_digest
from typing import Any, Final

from litestar import get, post
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromQuery, URLEncodedBody
from litestar.response import Redirect, Response
from msgspec import Struct

from keysift.model import Role
from keysift.store.accounts import account, accounts
from keysift.web.addresses import client
from keysift.web.dashboard import Asked, Dashboard, dashboard_of
from keysift.web.identity import Identity, Source, public
from keysift.web.local import safe_target
from keysift.web.passwords import is_right
from keysift.web.refusals import TooOftenError
from keysift.web.templating import page

_WRONG: Final = "That is not right."


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
    answer.cookies.append(dashboard.cookie("", max_age=0))
    # What this page left in the browser is of no use to the next person there.
    answer.headers["clear-site-data"] = '"cache"'
    return answer


def _login(request: Asked, dashboard: Dashboard, given: Credentials) -> Response[Any]:
    address = client(request.scope, dashboard.settings.proxying)
    wait_s = dashboard.throttle.wait(address, given.name)
    if wait_s > 0:
        raise TooOftenError("Too many attempts. Wait a little.", wait_s=wait_s)
    # Counted before it is looked at: attempts that are made at the same time count too.
    dashboard.throttle.tried(address, given.name)
    found = _by_password(dashboard, given) if given.name else _by_token(dashboard, given.token)
    if found is None:
        return _form(request, given.next, 403, _WRONG)
    dashboard.throttle.succeeded(address, given.name)
    # Whatever session there was ends: nobody else can have prepared the one that begins.
    _end(request, dashboard)
    who, stamp = found
    value, _ = dashboard.sessions.begin(who, stamp=stamp)
    answer: Response[Any] = Redirect(safe_target(given.next), status_code=303)
    answer.cookies.append(dashboard.cookie(value))
    answer.headers["referrer-policy"] = "no-referrer"
    return answer


def _by_token(dashboard: Dashboard, token: str) -> tuple[Identity, str] | None:
    given = token.strip().encode("utf-8", "surrogateescape")
    if not compare_digest(given, dashboard.settings.token.reveal()):
        return None
    return Identity(dashboard.settings.starter, Role.REVEAL.included, Source.START_TOKEN), ""


def _by_password(dashboard: Dashboard, given: Credentials) -> tuple[Identity, str] | None:
    with dashboard.store.reading() as connection:
        known = account(connection, given.name)
    if not is_right(given.password, None if known is None else known.password) or known is None:
        return None
    return Identity(known.name, known.role.included, Source.ACCOUNT), known.changed_at.isoformat()


def _form(request: Asked, target: str, status: int = 200, problem: str = "") -> Response[Any]:
    with dashboard_of(request).store.reading() as connection:
        has_accounts = bool(accounts(connection))
    return page(
        request,
        "login.html",
        status,
        target=safe_target(target),
        problem=problem,
        has_accounts=has_accounts,
    )


def _end(request: Asked, dashboard: Dashboard) -> None:
    value = request.cookies.get(dashboard.settings.cookie)
    if value:
        dashboard.sessions.end(value)


HANDLERS: Final[list[HTTPRouteHandler]] = [login_page, login, logout]
