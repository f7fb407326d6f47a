"""A real browser, headless, for the tests of the dashboard: Chromium, driven by Playwright.

A page that logs an error, breaks its own Content-Security-Policy or asks for what is not there
fails the test. With ``KEYSIFT_SCREENSHOTS=DIRECTORY`` pictures are kept, to be looked at.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Error,
    Page,
    Request,
    Response,
    sync_playwright,
)

_NAMES: Final = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_FLAGS: Final = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
_SERIOUS: Final = frozenset({"serious", "critical"})
# The browser gave the request up itself, as when the next page is opened before the icon of this
# one has come. What a server or a policy refuses has other names (``ERR_BLOCKED_BY_CSP``).
_GIVEN_UP: Final = "net::ERR_ABORTED"
_HEIGHT: Final = 800
_PATIENCE_MS: Final = 300_000

Scheme = Literal["light", "dark"]


def chromium() -> str:
    """Return where the browser is; on Debian, root installs it when it is not there.

    Raises:
        RuntimeError: There is none, and it could not be installed.
    """
    found = _found()
    if found is None and hasattr(os, "geteuid") and os.geteuid() == 0 and shutil.which("apt-get"):
        for command in (["update"], ["install", "-y", "chromium"]):
            subprocess.run(["apt-get", *command], check=False, capture_output=True)  # noqa: S607 (a system has one)
        found = _found()
    if found is None:
        raise RuntimeError(
            "the tests of the dashboard need Chromium: apt-get install chromium, or put "
            f"{' or '.join(_NAMES)} into PATH"
        )
    return found


def _found() -> str | None:
    return next(filter(None, map(shutil.which, _NAMES)), None)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Start a browser, one for each test process."""
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium(), args=list(_FLAGS))
        yield started
        started.close()


class Tab:
    """A page in a browser that knows nobody yet, and what went wrong in it.

    Attributes:
        page: Playwright's.
        origin: Of the dashboard.
        problems: What went wrong so far: each is a failure of the test, unless it takes it away.
    """

    def __init__(self, context: BrowserContext, origin: str) -> None:
        self.page: Page = context.new_page()
        # A slow machine is no failure.
        self.page.set_default_timeout(_PATIENCE_MS)
        self.origin = origin
        self.problems: list[str] = []
        self.page.on("console", self._said)
        self.page.on("pageerror", self._failed)
        self.page.on("requestfailed", self._not_loaded)
        self.page.on("response", self._answered)

    def open(self, path: str) -> Page:
        """Open a page of the dashboard, and wait for its scripts and charts."""
        self.page.goto(f"{self.origin}{path}", wait_until="load")
        self.page.wait_for_function(
            "() => document.querySelector('[data-chart]:not([data-drawn])') === null"
        )
        return self.page

    def log_in(self, token: str) -> Page:
        """Log in as whoever started the dashboard."""
        return self.open(f"/login?token={token}")

    def check(self) -> None:
        """Fail for what went wrong so far, and for barriers (axe: serious and critical)."""
        assert not self.problems, "\n".join(self.problems)
        barriers = self.barriers()
        assert not barriers, "\n".join(barriers)

    def barriers(self) -> list[str]:
        """Return what keeps people with disabilities out, a line each."""
        found: list[dict[str, Any]] = Axe().run(self.page).response["violations"]
        return [
            f"{one['id']}: {one['help']}: {node['html']} {node['failureSummary']}"
            for one in found
            if one["impact"] in _SERIOUS
            for node in one["nodes"]
        ]

    def is_too_wide(self) -> bool:
        """Tell whether the page has to be scrolled sideways."""
        wide: bool = self.page.evaluate(
            "() => document.documentElement.scrollWidth > document.documentElement.clientWidth"
        )
        return wide

    def picture(self, name: str) -> None:
        """Keep pictures of the page, in both themes and two widths, if they are wanted."""
        folder = os.environ.get("KEYSIFT_SCREENSHOTS")
        if not folder:
            return
        Path(folder).mkdir(parents=True, exist_ok=True)
        before = self.page.viewport_size
        schemes: tuple[Scheme, ...] = ("light", "dark")
        for width in (360, 1280):
            for scheme in schemes:
                self.page.emulate_media(color_scheme=scheme)
                self.page.set_viewport_size({"width": width, "height": _HEIGHT})
                self.page.wait_for_timeout(300)
                self.page.screenshot(path=f"{folder}/{name}-{width}-{scheme}.png", full_page=True)
        if before is not None:
            self.page.set_viewport_size(before)

    def _said(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.problems.append(f"console: {message.text}")

    def _failed(self, error: Error) -> None:
        self.problems.append(f"script: {error}")

    def _not_loaded(self, request: Request) -> None:
        if request.failure != _GIVEN_UP:
            self.problems.append(f"not loaded: {request.url}: {request.failure}")

    def _answered(self, response: Response) -> None:
        if response.status >= 400:
            self.problems.append(f"{response.status}: {response.url}")


@contextmanager
def tab(
    browser: Browser, origin: str, *, width: int = 1280, scheme: Scheme = "light"
) -> Iterator[Tab]:
    """Give a tab of a browser that knows nobody yet.

    Args:
        browser: The browser.
        origin: Of the dashboard.
        width: Of the window, in pixels.
        scheme: What the person prefers.
    """
    context = browser.new_context(
        viewport={"width": width, "height": _HEIGHT}, color_scheme=scheme, reduced_motion="reduce"
    )
    try:
        yield Tab(context, origin)
    finally:
        context.close()
