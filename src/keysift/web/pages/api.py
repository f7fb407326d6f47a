"""The API, for people: its operations and problems, from the OpenAPI document."""

from __future__ import annotations

from typing import Final

from litestar import get
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.response import Template

from keysift.web.api import described
from keysift.web.api.document import TOKEN
from keysift.web.dashboard import Asked, Dashboard
from keysift.web.described import groups, problems
from keysift.web.shown import Column
from keysift.web.templating import page


@get("/api", sync_to_thread=True)
def api_page(request: Asked, dashboard: NamedDependency[Dashboard]) -> Template:
    """Show what the API can do."""
    document = described(dashboard.settings.cookie)
    return page(
        request,
        "api.html",
        groups=groups(document, TOKEN),
        columns=[Column(name) for name in ("Name", "In", "Values", "Meaning")],
        problems=problems(),
        problem_columns=[Column("Status", kind="number"), Column("Word"), Column("Meaning")],
    )


HANDLERS: Final[list[HTTPRouteHandler]] = [api_page]
