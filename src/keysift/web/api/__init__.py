"""The JSON API, ``/api/v1``: a module for each kind of thing."""

from __future__ import annotations

from litestar import Router

from keysift.web.api import me

PATH = "/api/v1"


def router() -> Router:
    """Return what answers for the API."""
    return Router(PATH, route_handlers=[*me.HANDLERS], include_in_schema=True)
