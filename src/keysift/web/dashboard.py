"""What handlers work with: the store, who is logged in, and what the dashboard was told."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, TypeAlias

from litestar.connection import Request
from litestar.datastructures import Cookie, State
from litestar.exceptions import NotAuthorizedException

from keysift.store.database import Store
from keysift.store.disclosures import Channel, Viewer
from keysift.web.addresses import client
from keysift.web.counted import Counted
from keysift.web.counts import Counts
from keysift.web.figures import Figures
from keysift.web.identity import Identity
from keysift.web.sessions import Session, Sessions
from keysift.web.settings import WebSettings
from keysift.web.throttle import Throttle

Asked: TypeAlias = Request[Identity | None, Session | None, State]
"""A request: ``user`` is who asks, ``auth`` their session; either may be missing."""


class Dashboard:
    """What handlers work with, and get as their argument ``dashboard``.

    Args:
        store: Of what was found.
        settings: What the dashboard was told.
        figures: Adds up what lists show; None: nothing does.
        clock: Seconds that never go back.

    Attributes:
        store: The same.
        settings: The same.
        sessions: Who has logged in.
        throttle: Who has to wait before the next login.
        figures: What adds up what lists show; None: nothing does.
        counts: Numbers about the whole store.
        counted: What else takes long to count.
    """

    def __init__(
        self,
        store: Store,
        settings: WebSettings,
        figures: Figures | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.store = store
        self.settings = settings
        self.sessions = Sessions(settings.limits, clock)
        self.throttle = Throttle(clock)
        self.figures = figures
        self.counts = Counts(store, settings)
        self.counted = Counted(store, clock)

    def cookie(self, value: str, *, max_age: int | None = None) -> Cookie:
        """Return the cookie of a session, which browsers forget when they are closed.

        Args:
            value: Names the session.
            max_age: In seconds; 0 makes browsers forget it now.
        """
        return Cookie(
            key=self.settings.cookie,
            value=value,
            path="/",
            max_age=max_age,
            httponly=True,
            secure=self.settings.is_tls,
            samesite="strict",
        )


def asking(request: Asked) -> Identity:
    """Return who asks.

    Raises:
        NotAuthorizedException: Nobody was recognised.
    """
    if request.user is None:
        raise NotAuthorizedException
    return request.user


def viewer(request: Asked, dashboard: Dashboard, channel: Channel) -> Viewer:
    """Return who is to be shown a value, for the entry about it.

    Args:
        request: Theirs.
        dashboard: Knows the proxy in front of it.
        channel: How they see it: page or api.

    Raises:
        NotAuthorizedException: Nobody was recognised.
    """
    who = asking(request)
    return Viewer(
        who=who.name,
        source=who.source.value,
        address=client(request.scope, dashboard.settings.proxying),
        channel=channel,
    )


def dashboard_of(request: Request[Any, Any, Any]) -> Dashboard:
    """Return the dashboard that got a request."""
    dashboard: Dashboard = request.app.state["dashboard"]
    return dashboard
