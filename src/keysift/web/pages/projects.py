"""Projects, and which of their releases carry what."""

from __future__ import annotations

from typing import Final

from litestar import get
from litestar.handlers import HTTPRouteHandler
from litestar.response import Template

from keysift.web.dashboard import Asked
from keysift.web.templating import page


@get("/projects", sync_to_thread=True)
def projects_page(request: Asked) -> Template:
    """Show the page."""
    return page(request, "projects.html")


HANDLERS: Final[list[HTTPRouteHandler]] = [projects_page]
