"""Dashboards and browsers for the tests."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from litestar import Litestar
from litestar.testing import TestClient
from playwright.sync_api import Browser

from keysift.catalogue import Catalogue, load
from keysift.catalogue.cache import Cache
from keysift.demo.fill import fill
from keysift.store.database import Store
from keysift.store.sealing import KEY_BYTES, Sealer
from keysift.store.summaries import refresh
from keysift.web.app import application
from keysift.web.settings import WebSettings
from tests.web.browser import Scheme, Tab, browser, tab
from tests.web.gallery import add_gallery
from tests.web.site import Site, client, serving, settings, site

__all__ = ["browser"]

_PROJECTS = 300


@pytest.fixture(scope="session")
def catalogue(shared_cache: Path) -> Catalogue:
    """Return all detectors."""
    return load(cache=Cache(shared_cache))


@pytest.fixture
def token() -> str:
    """Return a start token."""
    return secrets.token_urlsafe()


@pytest.fixture
def told(catalogue: Catalogue, token: str) -> WebSettings:
    """Return what a dashboard is told."""
    return settings(catalogue, token)


@pytest.fixture(scope="session")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """Return an empty store that no test changes."""
    store = Store(str(tmp_path_factory.mktemp("empty") / "empty.db"))
    yield store
    store.close()


@pytest.fixture
def dashboard(empty: Store, told: WebSettings) -> Site:
    """Return the dashboard of an empty store."""
    return site(empty, told)


@pytest.fixture
def asking(dashboard: Site) -> Iterator[TestClient[Any]]:
    """Return what asks it, as nobody yet."""
    with client(dashboard) as asking:
        yield asking


class Running:
    """A dashboard on a port, with a made-up store that all tests of a process share.

    Attributes:
        origin: Its scheme, host and port.
        token: The token that was printed at its start.
        store: Its store; what one test changes, the others see.
    """

    def __init__(self, origin: str, token: str, store: Store) -> None:
        self.origin = origin
        self.token = token
        self.store = store


@pytest.fixture(scope="session")
def running(tmp_path_factory: pytest.TempPathFactory, catalogue: Catalogue) -> Iterator[Running]:
    """Serve a made-up store."""
    store = Store(str(tmp_path_factory.mktemp("demo") / "demo.db"))
    sealer = Sealer(secrets.token_bytes(KEY_BYTES))
    fill(store, projects=_PROJECTS, sealer=sealer)
    refresh(store)
    token = secrets.token_urlsafe()

    def make(port: int, hosts: frozenset[str]) -> Litestar:
        told = settings(catalogue, token, port=port, hosts=hosts, sealer=sealer)
        made = application(store, told)
        add_gallery(made)
        return made

    with serving(make) as origin:
        yield Running(origin, token, store)
    store.close()


@contextmanager
def logged_in(
    browser: Browser, running: Running, *, width: int = 1280, scheme: Scheme = "light"
) -> Iterator[Tab]:
    """Give a tab of whoever started a dashboard; its size and colours are those of ``tab``."""
    with tab(browser, running.origin, width=width, scheme=scheme) as opened:
        opened.log_in(running.token)
        yield opened


@pytest.fixture
def visitor(browser: Browser, running: Running) -> Iterator[Tab]:
    """Return a tab in which nobody has logged in."""
    with tab(browser, running.origin) as opened:
        yield opened


@pytest.fixture
def starter(visitor: Tab, running: Running) -> Tab:
    """Return a tab of whoever started the dashboard, on its first page."""
    visitor.log_in(running.token)
    return visitor


@pytest.fixture
def phone(browser: Browser, running: Running) -> Iterator[Tab]:
    """Return the same on a narrow screen."""
    with logged_in(browser, running, width=360) as opened:
        yield opened
