"""What is said when something goes wrong: what to do, and nothing of how the inside looks."""

from __future__ import annotations

import traceback
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import quote

from litestar.connection import Request
from litestar.exceptions import HTTPException, ValidationException
from litestar.response import Redirect, Response

from keysift.errors import StoreError, UsageError
from keysift.web.dashboard import dashboard_of
from keysift.web.local import API, safe_target
from keysift.web.problems import problem_response
from keysift.web.refusals import RefusalError
from keysift.web.templating import page

_SENTENCES: Final = {
    400: "The request makes no sense as it is.",
    401: "Log in first.",
    403: "You may not do this.",
    404: "There is nothing here.",
    405: "This address does not answer that method.",
    413: "The request is too large.",
    429: "Too many attempts. Wait a little.",
    503: "The store cannot be read at the moment. Try again in a little while.",
}
_BUG: Final = "This is a bug of keysift. Whoever started the dashboard sees where it is."


def failed(request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
    """Answer a request that failed."""
    status, sentence, headers = _said(request, error)
    if request.url.path.startswith(API):
        return problem_response(error, status, sentence, headers)
    if status == HTTPStatus.UNAUTHORIZED and request.method in {"GET", "HEAD"}:
        return _to_login(request)
    shown = page(
        request,
        "error.html",
        status_code=status,
        title=HTTPStatus(status).phrase,
        sentence=sentence,
        is_login=status == HTTPStatus.UNAUTHORIZED,
    )
    shown.headers.update(headers)
    return shown


def _said(request: Request[Any, Any, Any], error: Exception) -> tuple[int, str, dict[str, str]]:
    """Return status, a sentence for people, and headers."""
    if isinstance(error, ValidationException):
        # What was sent is left out: it may be hostile, or a password.
        wrong = {
            str(one["key"]) for one in error.extra or () if isinstance(one, dict) and "key" in one
        }
        where = f" Look at: {', '.join(sorted(wrong))}." if wrong else ""
        return 400, _SENTENCES[400] + where, {}
    if isinstance(error, HTTPException):
        status = error.status_code
        default = _SENTENCES.get(status, HTTPStatus(status).phrase)
        # Details of Litestar's own errors are for programmers.
        own = error.detail if isinstance(error, RefusalError) else ""
        return status, own or default, dict(error.headers or {})
    if isinstance(error, UsageError):
        return 400, str(error), {}
    report = dashboard_of(request).settings.report
    if isinstance(error, StoreError):
        report(str(error))
        return 503, _SENTENCES[503], {"retry-after": "10"}
    report(_where(error))
    return 500, _BUG, {}


def _to_login(request: Request[Any, Any, Any]) -> Response[Any]:
    target = safe_target(request.url.path + (f"?{request.url.query}" if request.url.query else ""))
    if request.headers.get("sec-fetch-site") in {"cross-site", "same-site"}:
        # Somebody followed a link from another site, and so the browser kept the cookie back
        # (SameSite=Strict). Asked again by a page of ours, it sends it.
        return page(request, "again.html", target=target)
    where = "/login" if target == "/" else f"/login?next={quote(target, safe='')}"
    return Redirect(where, status_code=303)


def _where(error: BaseException) -> str:
    """Return where a crash was: lines of code, without messages, which could hold a secret."""
    said: list[str] = []
    cause: BaseException | None = error
    while cause is not None:
        said += traceback.format_tb(cause.__traceback__)
        said.append(f"{type(cause).__qualname__}\n")
        cause = cause.__cause__ or (None if cause.__suppress_context__ else cause.__context__)
    return "".join(said) + "this is a bug of keysift, please report it"
