"""Who asks: a program with an access token, somebody the proxy names, or somebody with a session.

It runs before each handler, and refuses what would change something without the token of its
session (CSRF). Litestar's check of that compares a cookie with a form, and belongs to no session.
"""

from __future__ import annotations

from typing import Final

from litestar.concurrency import sync_to_thread
from litestar.datastructures import Cookie, MutableScopeHeaders
from litestar.enums import RequestEncodingType, ScopeType
from litestar.middleware import ASGIMiddleware
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from keysift.model import Role, Secret
from keysift.store import access, accounts
from keysift.web.addresses import from_proxy
from keysift.web.dashboard import Asked, Dashboard
from keysift.web.identity import Identity, Source, needed
from keysift.web.local import API
from keysift.web.refusals import ForbiddenError
from keysift.web.sessions import Session
from keysift.web.settings import Proxying

CSRF_FIELD: Final = "_csrf"
CSRF_HEADER: Final = "x-csrf-token"

_SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})
_BEARER: Final = "bearer "


class Recognise(ASGIMiddleware):
    """Finds out who asks.

    Args:
        dashboard: What knows sessions, accounts and tokens.
    """

    scopes = (ScopeType.HTTP,)

    def __init__(self, dashboard: Dashboard) -> None:
        self._dashboard = dashboard

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        """Say who asks, and let the handler answer."""
        request: Asked = scope["litestar_app"].request_class(scope, receive)
        scope["user"], scope["auth"] = None, None
        if needed(request.route_handler) is None and request.url.path.startswith("/static/"):
            await next_app(scope, receive, send)
            return
        authorization = request.headers.get("authorization", "")
        if authorization.lower().startswith(_BEARER):
            if request.url.path.startswith(API):
                token = Secret(authorization[len(_BEARER) :].strip().encode("utf-8", "replace"))
                scope["user"] = await sync_to_thread(self._by_token, token)
            # A browser sends no such header, so that there is no form to be checked.
            await next_app(scope, receive, send)
            return
        cookie = await self._by_session(request, scope)
        if request.method not in _SAFE and needed(request.route_handler) is not None:
            await _check(request)
        await next_app(scope, receive, send if cookie is None else _setting(send, cookie))

    def _by_token(self, token: Secret) -> Identity | None:
        store = self._dashboard.store
        with store.reading() as connection:
            known = access.found(connection, token)
        if known is None:
            return None
        if not access.is_noted(known):
            with store.writing() as connection:
                access.note(connection, known)
        return Identity(known.name, known.scopes, Source.ACCESS_TOKEN)

    async def _by_session(self, request: Asked, scope: Scope) -> Cookie | None:
        """Say who asks and in which session; return the cookie of a session that had to begin."""
        dashboard = self._dashboard
        value = request.cookies.get(dashboard.settings.cookie)
        session = dashboard.sessions.find(value) if value else None
        named = _named(request, dashboard.settings.proxying)
        cookie = None
        if named is not None and (session is None or session.who != named):
            if request.method in _SAFE and request.url.path.startswith(API):
                # A program keeps no cookies: it would begin a session with each request.
                scope["user"] = named
                return None
            value, session = dashboard.sessions.begin(named)
            cookie = dashboard.cookie(value)
        elif session is not None and named is None:
            session = await self._standing(session)
        if session is not None:
            scope["user"], scope["auth"] = session.who, session
        return cookie

    async def _standing(self, session: Session) -> Session | None:
        """Return a session without the proxy's word for it, if it still counts."""
        match session.who.source:
            case Source.START_TOKEN:
                return session
            case Source.ACCOUNT:
                return await sync_to_thread(self._still, session)
            case _:
                # Whom the proxy names no more is nobody any more.
                return None

    def _still(self, session: Session) -> Session | None:
        """Return the session of an account, with the role that it has now, if it still counts."""
        with self._dashboard.store.reading() as connection:
            known = accounts.account(connection, session.who.name)
        if known is None or known.changed_at.isoformat() != session.stamp:
            return None
        session.who = Identity(known.name, known.role.included, Source.ACCOUNT)
        return session


def _named(request: Asked, proxying: Proxying) -> Identity | None:
    """Return whom the proxy names. The header counts from nowhere else.

    Raises:
        ForbiddenError: It names several people, or somebody who may do nothing.
    """
    header = proxying.user_header
    if header is None or not from_proxy(request.scope, proxying):
        return None
    # On their way, headers of the same name may become one with commas.
    names = [name.strip() for name in ",".join(request.headers.getall(header, [])).split(",")]
    if not any(names):
        return None
    if len(names) != 1:
        raise ForbiddenError("The proxy names several people; it must send its header once.")
    if proxying.roles_header is None:
        return Identity(names[0], proxying.role.included, Source.PROXY)
    groups = ",".join(request.headers.getall(proxying.roles_header, [])).split(",")
    known = [proxying.roles[group.strip()] for group in groups if group.strip() in proxying.roles]
    if not known:
        raise ForbiddenError("None of your groups may use this dashboard.")
    role: Role = max(known, key=lambda one: one.rank)
    return Identity(names[0], role.included, Source.PROXY)


async def _check(request: Asked) -> None:
    session: Session | None = request.scope["auth"]
    if session is None:
        # Nobody: the guard says so.
        return
    sent = request.headers.get(CSRF_HEADER)
    if sent is None and request.content_type[0] == RequestEncodingType.URL_ENCODED:
        field = (await request.form()).get(CSRF_FIELD)
        sent = field if isinstance(field, str) else None
    if sent is None or not session.is_ours(sent):
        raise ForbiddenError(
            "The form is of an older login. Go back, reload the page and send it again."
        )


def _setting(send: Send, cookie: Cookie) -> Send:
    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableScopeHeaders.from_message(message)
            headers.add("set-cookie", cookie.to_header(header=""))
        await send(message)

    return sending
