"""The pages of the dashboard, a module each."""

from __future__ import annotations

from litestar import Router

from keysift.web.pages import (
    api,
    coverage,
    crawl,
    finding,
    findings,
    login,
    overview,
    projects,
    verification,
)

_MODULES = (login, overview, findings, finding, projects, coverage, verification, crawl, api)


def router() -> Router:
    """Return what answers for all pages.

    It is one router: given to the application one by one, Litestar 2.25 registers handlers of the
    same path twice, and those that run in a thread are not awaited then.
    """
    return Router(
        "/", route_handlers=[handler for module in _MODULES for handler in module.HANDLERS]
    )
