"""What is looked at before a request is even routed: where it comes from, and for which host.

Litestar's own check of hosts comes after routing, so that it misses what no route answers, and it
says its refusal in JSON. What a browser tells of the page that asks (``Sec-Fetch-Site``,
``Origin``) it does not look at.
"""

from __future__ import annotations

from typing import Final

from litestar.datastructures import Headers
from litestar.enums import ScopeType
from litestar.response.base import ASGIResponse
from litestar.types import ASGIApp, HTTPScope, Message, Receive, Scope, Send

from keysift.web.addresses import from_proxy
from keysift.web.settings import WebSettings

_SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})
_METHODS: Final = _SAFE | {"POST", "PUT", "PATCH", "DELETE"}


class Gate:
    """Refuses what is not for us, or comes from somebody else's page.

    Args:
        application: What answers the rest.
        settings: Which hosts are answered, and whether over TLS or by a proxy only.
    """

    def __init__(self, application: ASGIApp, settings: WebSettings) -> None:
        self._application = application
        self._hosts = settings.hosts
        self._scheme = "https" if settings.is_tls else "http"
        self._proxying = settings.proxying

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] != ScopeType.HTTP:
            await self._application(scope, receive, send)
            return
        refusal = self._refusal(scope)
        if refusal is not None:
            status, text = refusal
            answer = ASGIResponse(
                body=f"{text}\n".encode(), status_code=status, media_type="text/plain"
            )
            await answer(scope, receive, send)
        elif scope["method"] == "HEAD":
            # What GET would say, without the body.
            asked: HTTPScope = {**scope, "method": "GET"}
            await self._application(asked, receive, _without_body(send))
        else:
            await self._application(scope, receive, send)

    def _refusal(self, scope: HTTPScope) -> tuple[int, str] | None:
        headers = Headers.from_scope(scope)
        method = str(scope["method"])
        if self._proxying.is_only_way and not from_proxy(scope, self._proxying):
            return 403, "The dashboard answers the proxy in front of it, and nobody else."
        hosts = headers.getall("host", [])
        if len(hosts) != 1 or hosts[0].lower() not in self._hosts:
            # A page of somebody else whose name points to this machine (DNS rebinding).
            return 421, "This address is not one that the dashboard was told to answer."
        if method not in _METHODS:
            return 405, "There is no such method here."
        if "\0" in scope["path"]:
            # No file and no thing of ours has such a name, and the system's calls refuse it.
            return 404, "There is nothing here."
        if method in _SAFE:
            return None if _may_read(headers) else (403, "Pages of others may not load this.")
        if _has_token(headers) or self._is_ours(headers, hosts[0]):
            return None
        return 403, "This request does not come from a page of the dashboard."

    def _is_ours(self, headers: Headers, host: str) -> bool:
        """Tell whether a browser says that one of our pages makes the request.

        Browsers send ``Origin`` with all that changes something; who sends neither is no browser.
        """
        site, origin = headers.get("sec-fetch-site"), headers.get("origin")
        if site is None and origin is None:
            return False
        if site not in {None, "same-origin"}:
            return False
        return origin is None or origin.lower() == f"{self._scheme}://{host.lower()}"


def _may_read(headers: Headers) -> bool:
    """Let other sites link here, and nothing else: https://web.dev/articles/fetch-metadata."""
    if headers.get("sec-fetch-site", "none") in {"none", "same-origin"}:
        return True
    return (
        headers.get("sec-fetch-mode") == "navigate" and headers.get("sec-fetch-dest") == "document"
    )


def _has_token(headers: Headers) -> bool:
    """Tell requests that no page of others can make: browsers add no such header by themselves."""
    return headers.get("authorization", "").lower().startswith("bearer ")


def _without_body(send: Send) -> Send:
    async def sending(message: Message) -> None:
        if message["type"] == "http.response.body":
            message = {**message, "body": b""}
        await send(message)

    return sending
