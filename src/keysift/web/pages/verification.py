"""What providers said, and what is due."""

from __future__ import annotations

from typing import Final

from litestar import get
from litestar.handlers import HTTPRouteHandler
from litestar.response import Template

from keysift.web.dashboard import Asked
from keysift.web.templating import page


@get("/verification", sync_to_thread=True)
def verification_page(request: Asked) -> Template:
    """Show the page."""
    return page(request, "verification.html")


HANDLERS: Final[list[HTTPRouteHandler]] = [verification_page]
