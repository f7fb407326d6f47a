"""Findings in a real browser: triage by keyboard, reveal, narrow screens, hostile texts."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from litestar import Litestar
from playwright.sync_api import Browser, Page, expect

from keysift.catalogue import Catalogue
from keysift.model import TriageStatus
from keysift.store.database import Store
from keysift.store.disclosures import disclosures
from keysift.store.queries.find import all_of
from keysift.store.queries.wanted import Wanted
from keysift.store.triage import trail
from keysift.web.app import application
from tests.store.samples import SEALER, value
from tests.web.browser import Tab, tab
from tests.web.conftest import Running, logged_in
from tests.web.site import serving, settings
from tests.web.stores import hostile, many

_MANY = 120


@contextmanager
def _running(store: Store, catalogue: Catalogue) -> Iterator[Running]:
    token = secrets.token_urlsafe()

    def make(port: int, hosts: frozenset[str]) -> Litestar:
        return application(store, settings(catalogue, token, port=port, hosts=hosts, sealer=SEALER))

    with serving(make) as origin:
        yield Running(origin, token, store)


@pytest.fixture(scope="module")
def findings(tmp_path_factory: pytest.TempPathFactory, catalogue: Catalogue) -> Iterator[Running]:
    """Serve a store of findings."""
    store = Store(str(tmp_path_factory.mktemp("findings") / "findings.db"))
    many(store, _MANY, projects=6)
    with _running(store, catalogue) as running:
        yield running
    store.close()


@pytest.fixture
def desk(browser: Browser, findings: Running) -> Iterator[Tab]:
    """Return a tab of somebody who may do everything."""
    with logged_in(browser, findings) as opened:
        yield opened


@pytest.fixture
def pocket(browser: Browser, findings: Running) -> Iterator[Tab]:
    """Return the same on a narrow screen."""
    with logged_in(browser, findings, width=360, scheme="dark") as opened:
        yield opened


def _last(store: Store, number: int) -> tuple[TriageStatus, str]:
    with store.reading() as connection:
        last = trail(connection, number)[-1]
    return last.status, last.note


def _press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def test_triage_by_keyboard_alone(desk: Tab, findings: Running) -> None:
    """Findings are found, ticked, decided about and opened without a mouse."""
    page = desk.open("/findings")
    _press(page, "?")
    expect(page.get_by_role("dialog", name="Keys")).to_be_visible()
    desk.check()
    _press(page, "Escape")
    expect(page.get_by_role("dialog", name="Keys")).to_be_hidden()
    _press(page, "/")
    page.keyboard.type("slack project-001")
    _press(page, "Enter")
    page.wait_for_url("**/findings?q=slack+project-001&sort=severity&size=50")
    rows = page.locator("[data-row]")
    assert rows.count() > 2
    ticked = [
        int(rows.nth(index).locator("input[type=checkbox]").get_attribute("value") or "")
        for index in (0, 1)
    ]
    _press(page, "j", "x", "j", "x")
    expect(page.locator("[data-ticked]")).to_have_text("2 ticked")
    desk.check()
    _press(page, "t")
    page.keyboard.type("acc")
    _press(page, "Tab")
    page.keyboard.type("it is /jxt? fine")
    _press(page, "Tab", "Enter")
    expect(page.locator(".flash")).to_have_text("2 findings: accepted.")
    for number in ticked:
        assert _last(findings.store, number) == (TriageStatus.ACCEPTED, "it is /jxt? fine")
    desk.check()
    _press(page, "j", "Enter")
    page.wait_for_url(f"**/findings/{ticked[0]}")
    desk.check()


def test_all_that_match_are_confirmed(desk: Tab, findings: Running) -> None:
    """A decision about all names their number, and asks."""
    query = "/findings?detector=aws-access-key&triage=open"
    page = desk.open(query)
    with findings.store.reading() as connection:
        wanted = Wanted(detector="aws-access-key", triage=(TriageStatus.OPEN,))
        expected = all_of(connection, wanted)
    page.get_by_label(f"all {len(expected)} that match").press("Space")
    page.get_by_label("Decision").select_option("test")
    page.get_by_role("button", name="Decide", exact=True).press("Enter")
    page.wait_for_url("**/findings/triage")
    expect(page.get_by_role("heading", level=1)).to_have_text(
        f"Decide about {len(expected)} findings?"
    )
    desk.check()
    desk.picture("findings-confirm")
    page.get_by_role("button", name="Decide about").press("Enter")
    page.wait_for_url(f"**{query}")
    expect(page.get_by_role("heading", name="Nothing matches")).to_be_visible()
    assert {_last(findings.store, one)[0] for one in expected} == {TriageStatus.TEST}
    desk.check()


def test_without_scripts(browser: Browser, findings: Running) -> None:
    """Tab, Space and Enter are enough, in a browser that runs no scripts."""
    context = browser.new_context(java_script_enabled=False)
    try:
        page = context.new_page()
        page.goto(f"{findings.origin}/login?token={findings.token}")
        page.goto(f"{findings.origin}/findings?detector=private-key")
        box = page.locator("[data-row] input").first
        number = int(box.get_attribute("value") or "")
        box.focus()
        _press(page, "Space")
        page.locator("[data-row] input").last.focus()
        # Over its link, the pages, and "all that match", to the decision.
        for _ in range(20):
            _press(page, "Tab")
            if page.locator("select[name=status]:focus").count():
                break
        page.keyboard.type("rev")
        _press(page, "Tab", "Tab", "Enter")
        expect(page.get_by_role("status")).to_contain_text("1 finding: revoked.")
        assert _last(findings.store, number)[0] is TriageStatus.REVOKED
        page.goto(f"{findings.origin}/findings/{number}")
        expect(page.get_by_text("The same as a table")).to_be_visible()
    finally:
        context.close()


def test_saved_lists(desk: Tab) -> None:
    """What is asked for can be saved under a name, opened again, and deleted."""
    page = desk.open("/findings?severity=high")
    page.get_by_text("Save this list").click()
    page.get_by_label("Name").fill("the worst")
    desk.check()
    page.get_by_label("Name").press("Enter")
    expect(page.get_by_role("link", name="the worst")).to_have_attribute("aria-current", "true")
    desk.picture("findings-filter")
    page.get_by_role("link", name="All", exact=True).click()
    page.get_by_role("link", name="the worst").click()
    page.wait_for_url("**/findings?severity=high")
    page.get_by_role("button", name="Delete the saved list the worst").click()
    expect(page.get_by_role("link", name="the worst")).to_have_count(0)
    desk.check()


def test_a_file_is_downloaded(desk: Tab) -> None:
    """The menu gives a file of all that match."""
    page = desk.open("/findings?confidence=high")
    page.locator("summary", has_text="Export").press("Enter")
    desk.check()
    with page.expect_download() as download:
        page.get_by_role("link", name="CSV", exact=True).click()
    assert download.value.suggested_filename == "keysift-findings.csv"
    # A download leaves the page, as far as the browser is concerned.
    desk.problems.clear()


def test_pages_and_orders(desk: Tab) -> None:
    """The list is sorted by its headers and paged through by its links."""
    page = desk.open("/findings")
    desk.check()
    desk.picture("findings")
    page.get_by_role("link", name="Project", exact=True).press("Enter")
    page.wait_for_url("**/findings?sort=project")
    header = page.get_by_role("columnheader", name="Project")
    expect(header).to_have_attribute("aria-sort", "ascending")
    page.get_by_role("link", name="Next").press("Enter")
    page.wait_for_url("**cursor=**")
    page.get_by_role("link", name="Next").press("Enter")
    expect(page.get_by_text("20 of 120 findings on this page")).to_be_visible()
    page.get_by_role("link", name="Previous").press("Enter")
    expect(page.get_by_text("50 of 120 findings on this page")).to_be_visible()
    desk.check()


def test_revealing_by_keyboard(desk: Tab, findings: Running) -> None:
    """The value is shown once, its page keeps no trace of it, and the entry is there."""
    page = desk.open("/findings/3")
    desk.check()
    desk.picture("finding")
    values = [value(seed).reveal_text() for seed in range(1, _MANY + 1)]
    assert not any(one in page.content() for one in values)
    page.get_by_role("button", name="Reveal the value").press("Enter")
    page.wait_for_url("**/findings/3/reveal#value")
    shown = page.locator("pre.value").first
    expect(shown).to_be_visible()
    assert (shown.text_content() or "").strip() in values
    with findings.store.reading() as connection:
        (entry,) = disclosures(connection, 3)
    assert (entry.viewer.who, entry.viewer.channel) == ("ada", "page")
    desk.check()
    desk.picture("finding-revealed")
    page.get_by_role("link", name="Hide it").press("Enter")
    page.wait_for_url("**/findings/3")
    assert not any(one in page.content() for one in values)
    expect(page.locator("#disclosures")).to_contain_text("ada")
    desk.check()


def test_a_decision_on_the_page_of_a_finding(desk: Tab, findings: Running) -> None:
    """One finding is decided about where all is known of it."""
    page = desk.open("/findings/5")
    page.get_by_label("Decision").select_option("false-positive")
    page.get_by_label("Note").fill("an example\nof two lines")
    page.get_by_role("button", name="Decide").press("Enter")
    expect(page.get_by_role("status")).to_contain_text("Finding 5 is false positive now.")
    assert _last(findings.store, 5)[0] is TriageStatus.FALSE_POSITIVE
    desk.check()


@pytest.mark.parametrize("path", ["/findings", "/findings?severity=high", "/findings/3"])
def test_narrow_screens(pocket: Tab, path: str) -> None:
    """Nothing has to be scrolled sideways on a phone, and nothing bars anybody."""
    pocket.open(path)
    assert not pocket.is_too_wide()
    pocket.check()


def test_hostile_texts(browser: Browser, tmp_path: Path, catalogue: Catalogue) -> None:
    """No text of a package runs, is loaded or breaks a page, whatever it holds."""
    store = Store(str(tmp_path / "hostile.db"))
    last = hostile(store)
    with _running(store, catalogue) as running:
        for width in (1280, 360):
            with tab(browser, running.origin, width=width) as opened:
                opened.page.on("dialog", lambda one: opened.problems.append(one.message))
                opened.log_in(running.token)
                for path in ("/findings", *(f"/findings/{one}" for one in range(1, last + 1))):
                    page = opened.open(path)
                    assert not opened.is_too_wide(), path
                    assert not opened.problems, opened.problems
                    assert page.evaluate("() => document.querySelectorAll('img').length") == 1
                opened.check()
                opened.picture("finding-hostile")
    store.close()
