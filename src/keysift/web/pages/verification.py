"""What providers said, and what is due. Nobody is asked from here."""

from __future__ import annotations

from collections import Counter
from typing import Final

from litestar import get
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromQuery
from litestar.response import Template

from keysift.errors import ConfigurationError
from keysift.web.charts import VERDICTS
from keysift.web.counts import WAIT_S
from keysift.web.dashboard import Asked, Dashboard
from keysift.web.shown import Column
from keysift.web.templating import page
from keysift.web.verification_view import verification_view

_COLUMNS: Final = (
    Column("Provider"),
    *(Column(word.capitalize(), "number") for word, _ in VERDICTS.values()),
    Column("Due now", "number"),
    Column("In 7 days", "number"),
    Column("In 30 days", "number"),
    Column("Asked today", "number"),
)


@get("/verification", sync_to_thread=True)
def verification_page(
    request: Asked, dashboard: NamedDependency[Dashboard], providers: FromQuery[str] = ""
) -> Template:
    """Show what is due, and what came of asking."""
    verifying = dashboard.settings.verifying
    counted = dashboard.counts.status.get(WAIT_S)
    if counted is None:
        return page(request, "counting.html", title="Verification")
    asked, problem = _asked(dashboard)
    view = verification_view(
        counted.value, counted.at, asked, verifying.limits, is_all=providers == "all"
    )
    return page(
        request,
        "verification.html",
        view=view,
        columns=_COLUMNS,
        words=[word for word, _ in VERDICTS.values()],
        audit=str(verifying.audit),
        problem=problem,
    )


def _asked(dashboard: Dashboard) -> tuple[Counter[str], str]:
    """Return the requests of today, and why they are not known."""
    try:
        made = dashboard.counts.asked.get(WAIT_S)
    except ConfigurationError as error:
        return Counter(), str(error)
    if made is None:
        return Counter(), "The audit log is still being read: reload this page in a moment."
    return made.value, ""


HANDLERS: Final[list[HTTPRouteHandler]] = [verification_page]
