"""The application: pages, API and static files behind what keeps others out.

From the outside in: ``gate`` looks at the host and at where a request comes from, Litestar routes,
``recognise`` finds out who asks and checks the form's token, ``identity`` whether they may, and the
handler answers. ``headers`` are added to whatever comes out.
"""

from __future__ import annotations

from litestar import Litestar
from litestar.datastructures import State
from litestar.di import Provide

from keysift.store.database import Store
from keysift.web import api, pages
from keysift.web.dashboard import Dashboard
from keysift.web.errors import failed
from keysift.web.figures import Figures
from keysift.web.gate import Gate
from keysift.web.headers import secure
from keysift.web.identity import authorise
from keysift.web.recognise import Recognise
from keysift.web.settings import WebSettings
from keysift.web.statics import static_files, version
from keysift.web.templating import templates


def application(store: Store, settings: WebSettings, figures: Figures | None = None) -> Litestar:
    """Return the dashboard of a store.

    Args:
        store: Of what was found. It stays open as long as the application is used.
        settings: What the dashboard is told.
        figures: Adds up what lists show, as long as it is used; None: nothing does.
    """
    return of_dashboard(Dashboard(store, settings, figures))


def of_dashboard(dashboard: Dashboard) -> Litestar:
    """Return the application of a dashboard."""
    settings = dashboard.settings
    static = f"/static/{version()}"
    made = Litestar(
        [pages.router(), api.router(settings.cookie), static_files(static)],
        before_send=[secure],
        debug=False,
        dependencies={"dashboard": Provide(lambda: dashboard, sync_to_thread=False)},
        exception_handlers={Exception: failed},
        guards=[authorise],
        include_in_schema=False,
        # It logs messages of exceptions, in which a value could be.
        logging_config=None,
        middleware=[Recognise(dashboard)],
        # The document of the API is its own: ``keysift.web.api.document``.
        openapi_config=None,
        pdb_on_exception=False,
        request_max_body_size=settings.limits.body_bytes,
        state=State({"dashboard": dashboard}),
        template_config=templates(lambda name: f"{static}/{name}"),
    )
    made.asgi_handler = Gate(made.asgi_handler, settings)
    return made
