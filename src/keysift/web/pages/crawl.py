"""How far the crawl is."""

from __future__ import annotations

from typing import Final

from litestar import get
from litestar.handlers import HTTPRouteHandler
from litestar.response import Template

from keysift.web.dashboard import Asked
from keysift.web.templating import page


@get("/crawl", sync_to_thread=True)
def crawl_page(request: Asked) -> Template:
    """Show the page."""
    return page(request, "crawl.html")


HANDLERS: Final[list[HTTPRouteHandler]] = [crawl_page]
