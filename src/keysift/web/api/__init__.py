"""The JSON API, ``/api/v1``: a module for each kind of thing."""

from __future__ import annotations

from functools import cache
from typing import Any, Final

from litestar import Router
from litestar.di import Provide
from litestar.handlers import HTTPRouteHandler

from keysift.web.api import artifacts, checks, finding, findings, me, openapi, people, projects
from keysift.web.api.document import PATH
from keysift.web.api.document import openapi as document_of
from keysift.web.api.given import check_names

HANDLERS: Final[tuple[HTTPRouteHandler, ...]] = tuple(
    handler
    for module in (findings, finding, projects, artifacts, checks, people, me, openapi)
    for handler in module.HANDLERS
)
"""All of the API."""


@cache
def described(cookie: str) -> dict[str, Any]:
    """Return the OpenAPI document of the API.

    Args:
        cookie: Name of the cookie of sessions.
    """
    return document_of(HANDLERS, cookie)


def router(cookie: str) -> Router:
    """Return what answers for the API.

    Args:
        cookie: Name of the cookie of sessions.
    """
    return Router(
        PATH,
        before_request=check_names,
        dependencies={
            "document": Provide(lambda: described(cookie), sync_to_thread=True),
        },
        route_handlers=HANDLERS,
    )
