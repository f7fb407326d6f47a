"""Who asks: an access token, a person whom the proxy names, or somebody with a session.

It runs before each handler, and refuses what would change something without the token of its
session (CSRF). Litestar's check of that compares a cookie with a form, and belongs to no session.
"""

from __future__ import annotations

from typing import Final

from litestar.concurrency import sync_to_thread
from litestar.enums import RequestEncodingType, ScopeType
from litestar.middleware import ASGIMiddleware
from litestar.types import ASGIApp, Receive, Scope, Send

from keysift.web.dashboard import Asked, Dashboard
from keysift.web.identity import Identity, needed
from keysift.web.refusals import ForbiddenError
from keysift.web.sessions import Session

CSRF_FIELD: Final = "_csrf"
CSRF_HEADER: Final = "x-csrf-token"

_SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})


class Recognise(ASGIMiddleware):
    """Finds out who asks."""

    scopes = (ScopeType.HTTP,)

    def __init__(self, dashboard: Dashboard) -> None:
        self._dashboard = dashboard

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        """Say who asks, and let the handler answer."""
        request: Asked = scope["litestar_app"].request_class(scope, receive)
        who, session = await self._recognised(request)
        scope["user"], scope["auth"] = who, session
        if request.method not in _SAFE and session is not None and needed(request.route_handler):
            await _check(request, session)
        await next_app(scope, receive, send)

    async def _recognised(self, request: Asked) -> tuple[Identity | None, Session | None]:
        cookie = request.cookies.get(self._dashboard.settings.cookie)
        session = self._dashboard.sessions.find(cookie) if cookie else None
        return (None, None) if session is None else (session.who, session)


async def _check(request: Asked, session: Session) -> None:
    sent = request.headers.get(CSRF_HEADER)
    if sent is None and request.content_type[0] == RequestEncodingType.URL_ENCODED:
        field = (await request.form()).get(CSRF_FIELD)
        sent = field if isinstance(field, str) else None
    if sent is None or not session.is_ours(sent):
        raise ForbiddenError(
            "The form is of an older login. Go back, reload the page and send it again."
        )
