"""What was looked at, and what was skipped and why."""

from __future__ import annotations

from typing import Final

from litestar import get
from litestar.handlers import HTTPRouteHandler
from litestar.response import Template

from keysift.web.dashboard import Asked
from keysift.web.templating import page


@get("/coverage", sync_to_thread=True)
def coverage_page(request: Asked) -> Template:
    """Show the page."""
    return page(request, "coverage.html")


HANDLERS: Final[list[HTTPRouteHandler]] = [coverage_page]
