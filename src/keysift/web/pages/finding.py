"""One finding: everything about it, and what can be done."""

from __future__ import annotations

from typing import Final

from litestar import get
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath
from litestar.response import Template

from keysift.web.dashboard import Asked, Dashboard
from keysift.web.refusals import UnknownError
from keysift.web.templating import page


@get("/findings/{number:int}", sync_to_thread=True)
def finding_page(
    request: Asked, dashboard: NamedDependency[Dashboard], number: FromPath[int]
) -> Template:
    """Show the page of a finding."""
    if number < 1:
        raise UnknownError("There is no such finding.")
    del dashboard
    return page(request, "finding.html", number=number)


HANDLERS: Final[list[HTTPRouteHandler]] = [finding_page]
