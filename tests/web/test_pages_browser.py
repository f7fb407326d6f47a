"""The overview and the pages of projects, coverage, verification and crawls, in a real browser."""

from __future__ import annotations

import secrets
from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from litestar import Litestar
from playwright.sync_api import Browser, expect

from keysift.catalogue import Catalogue
from keysift.catalogue.validities import load_validities
from keysift.store import ledger
from keysift.store import tables as t
from keysift.store.database import Store
from keysift.verify.plan import Planner
from keysift.web.app import application
from keysift.web.verifying import Verifying
from tests.store.samples import artifact_number
from tests.web.browser import Tab
from tests.web.conftest import Running, logged_in
from tests.web.filled import fill
from tests.web.site import serving, settings
from tests.web.stores import hostile, many

_PAGES = {
    "overview": "/",
    "projects": "/projects",
    "all-projects": "/projects?clean=1",
    "project": "/projects/1",
    "coverage": "/coverage",
    "failed": "/coverage?state=failed",
    "artifact": "/coverage/artifacts/1",
    "verification": "/verification",
    "crawl": "/crawl",
}
_CHARTS = {"overview": 4, "project": 1, "coverage": 1, "failed": 1, "verification": 1}


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory, catalogue: Catalogue) -> Iterator[Running]:
    """Serve a store with findings, gaps, crawls and hostile texts."""
    folder = tmp_path_factory.mktemp("pages")
    store = Store(str(folder / "pages.db"))
    fill(store)
    many(store, 60, projects=4)
    hostile(store)
    token = secrets.token_urlsafe()
    verifying = Verifying(planner=Planner(catalogue, load_validities()), audit=folder / "audit")

    def make(port: int, hosts: frozenset[str]) -> Litestar:
        told = settings(catalogue, token, port=port, hosts=hosts, verifying=verifying)
        return application(store, told)

    with serving(make) as origin:
        yield Running(origin, token, store)
    store.close()


@pytest.fixture
def desk(browser: Browser, pages: Running) -> Iterator[Tab]:
    """Return a tab of somebody who has logged in."""
    with logged_in(browser, pages) as opened:
        yield opened


@pytest.fixture
def pocket(browser: Browser, pages: Running) -> Iterator[Tab]:
    """Return the same on a narrow screen, by night."""
    with logged_in(browser, pages, width=360, scheme="dark") as opened:
        yield opened


@pytest.mark.parametrize("name", _PAGES)
def test_pages_have_no_barriers(desk: Tab, name: str) -> None:
    """Nor errors, nor a chart that is not drawn."""
    page = desk.open(_PAGES[name])
    assert page.locator("[data-chart] svg").count() == _CHARTS.get(name, 0)
    assert not desk.is_too_wide()
    desk.picture(name)
    desk.check()


@pytest.mark.parametrize("name", _PAGES)
def test_pages_fit_a_narrow_screen(pocket: Tab, name: str) -> None:
    """In the other theme, too."""
    pocket.open(_PAGES[name])
    assert not pocket.is_too_wide()
    pocket.check()


def test_a_bar_leads_to_its_findings(desk: Tab) -> None:
    """By the mouse on the chart, and by its table for everybody else."""
    page = desk.open("/")
    page.locator("[data-chart=types] .mark-rect path").first.click()
    page.wait_for_url("**/findings?*")
    page.go_back()
    table = page.locator("[data-chart=types] details")
    table.locator("summary").press("Enter")
    table.get_by_role("link").first.press("Enter")
    page.wait_for_url("**/findings?*")
    desk.check()


def test_the_crawl_is_watched(desk: Tab, pages: Running) -> None:
    """What changes in the store is shown without a reload, and told in a sentence."""
    page = desk.page
    page.clock.install()
    desk.open("/crawl")
    done = page.locator("[data-live] dd").first
    before = done.inner_text()
    with pages.store.writing() as connection:
        number = artifact_number(connection, "demo-6.0.tar.gz")
        changes = {"state": "scanned", "is_complete": 1, "scanned_at": ledger.now()}
        connection.execute(
            sa.update(t.artifacts).where(t.artifacts.c.id == number).values(**changes)
        )
    for _ in range(40):
        page.clock.run_for(5_000)
        page.wait_for_timeout(100)
        if done.inner_text() != before:
            break
    expect(done).not_to_have_text(before)
    expect(page.get_by_role("status")).to_contain_text("known files are done")
    desk.check()


def test_the_crawl_is_seen_without_scripts(browser: Browser, pages: Running) -> None:
    """Whoever has none reloads the page."""
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{pages.origin}/login?token={pages.token}")
    page.goto(f"{pages.origin}/crawl")
    expect(page.get_by_text("Files done")).to_be_visible()
    context.close()


def test_a_matrix_is_scrolled_in_its_own_box(pocket: Tab) -> None:
    """The page stays where it is, and the box takes the keyboard."""
    page = pocket.open("/projects/1")
    box = page.locator(".scroll:has(.matrix)")
    box.focus()
    expect(box).to_be_focused()
    assert not pocket.is_too_wide()
