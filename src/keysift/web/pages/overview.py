"""The first page: what the store holds, at a glance."""

from __future__ import annotations

from typing import Final

from litestar import get
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.response import Template

from keysift.store.overview import overview
from keysift.web.dashboard import Asked, Dashboard
from keysift.web.templating import page


@get("/", sync_to_thread=True)
def overview_page(request: Asked, dashboard: NamedDependency[Dashboard]) -> Template:
    """Show what the store holds."""
    return page(request, "overview.html", overview=overview(dashboard.store))


HANDLERS: Final[list[HTTPRouteHandler]] = [overview_page]
