"""A dashboard that runs: for test clients in this process, and for browsers on a port."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from threading import Thread
from time import sleep
from typing import Any

import uvicorn
from litestar import Litestar
from litestar.testing import TestClient
from msgspec import Struct, field
from msgspec.structs import replace

from keysift.catalogue import Catalogue
from keysift.catalogue.validities import load_validities
from keysift.model import Secret
from keysift.store.database import Store
from keysift.verify.plan import Planner
from keysift.web.app import of_dashboard
from keysift.web.dashboard import Dashboard
from keysift.web.settings import WebSettings
from keysift.web.verifying import Verifying

HOST = "127.0.0.1:8765"
ORIGIN = f"http://{HOST}"


class Clock:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        """Return the time."""
        return self.now


class Site(Struct, eq=False):
    """A dashboard, and what it said.

    Attributes:
        dashboard: What its handlers work with.
        application: What answers.
        token: The token that was printed at its start.
        clock: Of its sessions and of the login.
        reports: What whoever started it was told.
    """

    dashboard: Dashboard
    application: Litestar
    token: str
    clock: Clock
    reports: list[str] = field(default_factory=list)


@cache
def asking(catalogue: Catalogue) -> Verifying:
    """Return how providers are asked, with an audit log that is not there."""
    planner = Planner(catalogue, load_validities())
    return Verifying(planner=planner, audit=Path("no-such-directory"))


def settings(catalogue: Catalogue, token: str, **changes: Any) -> WebSettings:  # noqa: ANN401 (of any kind)
    """Return what a dashboard for tests is told.

    Args:
        catalogue: All detectors.
        token: The start token.
        **changes: Other settings than usual.
    """
    usual = WebSettings(
        token=Secret(token.encode()),
        hosts=frozenset({HOST}),
        port=8765,
        starter="ada",
        catalogue=catalogue,
        verifying=asking(catalogue),
        report=lambda _: None,
    )
    return replace(usual, **changes)


def site(store: Store, told: WebSettings) -> Site:
    """Return a dashboard of a store."""
    clock = Clock()
    reports: list[str] = []
    told = replace(told, report=reports.append)
    dashboard = Dashboard(store, told, clock=clock)
    token = told.token.reveal_text()
    return Site(dashboard, of_dashboard(dashboard), token, clock, reports)


@contextmanager
def client(of: Site, address: str = "127.0.0.1") -> Iterator[TestClient[Any]]:
    """Give what asks a dashboard as a browser would: it follows no redirect.

    Args:
        of: The dashboard.
        address: From where it asks.
    """
    application = _from(of.application, address)
    with TestClient(application, base_url=ORIGIN) as asking:
        asking.follow_redirects = False
        yield asking


def _from(application: Litestar, address: str) -> Callable[..., Any]:
    async def asked(scope: Any, receive: Any, send: Any) -> None:  # noqa: ANN401 (of ASGI)
        if scope["type"] == "lifespan":
            # Several clients may ask one application, which begins and ends nothing.
            for event in ("startup", "shutdown"):
                await receive()
                await send({"type": f"lifespan.{event}.complete"})
            return
        scope["client"] = (address, 50_000)
        await application(scope, receive, send)

    return asked


@contextmanager
def serving(make: Callable[[int, frozenset[str]], Litestar]) -> Iterator[str]:
    """Serve an application on a port of this machine, and give its origin.

    Args:
        make: Makes it, knowing its port and the hosts it is to answer.
    """
    # With the protocol, as `keysift serve` does: answers in two parts do not wait then.
    with socket.socket(proto=socket.IPPROTO_TCP) as bound:
        bound.bind(("127.0.0.1", 0))
        bound.listen()
        port = bound.getsockname()[1]
        host = f"127.0.0.1:{port}"
        config = uvicorn.Config(
            make(port, frozenset({host})),
            http="h11",
            ws="none",
            lifespan="on",
            log_config=None,
            access_log=False,
            proxy_headers=False,
            timeout_graceful_shutdown=1,
        )
        server = uvicorn.Server(config)
        thread = Thread(target=server.run, kwargs={"sockets": [bound]}, daemon=True)
        thread.start()
        while not server.started and thread.is_alive():
            sleep(0.01)
        try:
            yield f"http://{host}"
        finally:
            server.should_exit = True
            thread.join()
