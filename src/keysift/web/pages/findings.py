"""The list of findings."""

from __future__ import annotations

from typing import Final

from litestar import get
from litestar.handlers import HTTPRouteHandler
from litestar.response import Template

from keysift.web.dashboard import Asked
from keysift.web.templating import page


@get("/findings", sync_to_thread=True)
def findings_page(request: Asked) -> Template:
    """Show the page."""
    return page(request, "findings.html")


HANDLERS: Final[list[HTTPRouteHandler]] = [findings_page]
