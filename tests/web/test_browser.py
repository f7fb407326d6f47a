"""Pages that all others are made like, in a real browser."""

from __future__ import annotations

from litestar import Litestar, get

from keysift.model import Role
from keysift.store import accounts
from keysift.web.passwords import hashed
from tests.web.browser import Tab
from tests.web.conftest import Running
from tests.web.site import serving


def test_the_address_that_is_printed_logs_in(starter: Tab) -> None:
    """One click is enough, and the token does not stay in the address."""
    assert starter.page.title() == "Overview – keysift"  # noqa: RUF001 (the dash of titles)
    assert starter.page.url == f"{starter.origin}/"
    starter.check()
    starter.picture("overview")


def test_the_login_page(visitor: Tab, running: Running) -> None:
    """Whoever comes without a token can give it, and gets where they wanted."""
    page = visitor.open("/crawl?x=1")
    visitor.picture("login")
    visitor.check()
    page.get_by_label("Token").fill(running.token)
    page.keyboard.press("Enter")
    page.wait_for_url(f"{visitor.origin}/crawl?x=1")


def test_everything_that_pages_are_made_of(starter: Tab) -> None:
    """Macros and charts keep to the policy of the page, whatever stands in them."""
    starter.open("/gallery")
    starter.picture("gallery")
    starter.check()


def test_a_narrow_screen(phone: Tab) -> None:
    """At 360 pixels nothing has to be scrolled sideways but tables and code in their own boxes."""
    for path in ("/", "/gallery"):
        phone.open(path)
        assert not phone.is_too_wide(), path
    phone.check()


def test_the_theme_is_remembered(starter: Tab) -> None:
    """The switch of the user's menu, by keyboard; charts are drawn anew."""
    page = starter.open("/gallery")
    before = page.evaluate("() => getComputedStyle(document.body).backgroundColor")
    fill = (
        "() => document.querySelector('[data-chart=lines] .mark-line path').getAttribute('stroke')"
    )
    drawn = page.evaluate(fill)
    page.locator("details.user summary").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("() => document.activeElement.textContent") == "Switch to dark theme"
    page.keyboard.press("Enter")
    page.wait_for_function(f"(before) => ({fill})() !== before", arg=drawn)
    page.keyboard.press("Escape")
    assert page.locator("details.user").get_attribute("open") is None
    starter.open("/")
    assert page.locator("html").get_attribute("data-theme") == "dark"
    assert page.evaluate("() => getComputedStyle(document.body).backgroundColor") != before
    starter.check()


def test_charts_tell_and_give_away_their_figures(starter: Tab) -> None:
    """By hovering, as a table, as a picture and as rows; formulas stay text in spreadsheets."""
    page = starter.open("/gallery")
    chart = page.locator("[data-chart=bars]")
    assert chart.locator(".chart-drawing").get_attribute("aria-label") == (
        "Findings by severity. Secrets, each counted once, of high and medium confidence."
    )
    chart.locator(".mark-rect path").nth(1).hover()
    assert "480" in page.locator(".chart-tip").inner_text()
    chart.get_by_text("The same as a table").click()
    assert chart.get_by_role("cell", name="480").is_visible()
    with page.expect_download() as saved:
        chart.get_by_role("button", name="Save as SVG").click()
    assert saved.value.suggested_filename == "keysift-bars.svg"
    assert saved.value.path().read_text("utf-8").startswith("<svg")
    with page.expect_download() as saved:
        chart.get_by_role("button", name="Save as CSV").click()
    rows = saved.value.path().read_bytes().decode()
    assert rows.startswith("Severity,Findings\ncritical,120\nhigh,480\n".replace("\n", "\r\n"))
    assert "<script>" in rows
    starter.check()


def test_a_chart_links_to_the_findings_it_counts(starter: Tab) -> None:
    """A click on a bar leads to a page of ours."""
    page = starter.open("/gallery")
    page.locator("[data-chart=bars] .mark-rect path").first.click()
    page.wait_for_url(f"{starter.origin}/findings")
    starter.check()


def test_links_skip_to_the_content(starter: Tab) -> None:
    """Whoever uses the keyboard need not pass the menu on each page."""
    page = starter.open("/findings")
    page.keyboard.press("Tab")
    assert page.evaluate("() => document.activeElement.textContent") == "Skip to the content"
    page.keyboard.press("Enter")
    assert page.evaluate("() => document.activeElement.id") == "main"


def test_logging_in_and_out_with_an_account(visitor: Tab, running: Running) -> None:
    """By keyboard alone; a wrong password says so, and nothing of what was typed."""
    password = "correct horse battery"  # noqa: S105 (of nobody)
    with running.store.writing() as connection:
        accounts.add(connection, "grace", Role.TRIAGE, hashed(password))
    page = visitor.open("/projects")
    visitor.picture("login-accounts")
    page.keyboard.type("grace")
    page.keyboard.press("Tab")
    page.keyboard.type("something else")
    page.keyboard.press("Enter")
    page.get_by_role("alert").wait_for()
    assert sorted(visitor.problems) == [
        f"403: {visitor.origin}/login",
        "console: Failed to load resource: the server responded with a status of 403 (Forbidden)",
    ]
    visitor.problems.clear()
    visitor.check()
    page.keyboard.type("grace")
    page.keyboard.press("Tab")
    page.keyboard.type(password)
    page.keyboard.press("Enter")
    page.wait_for_url(f"{visitor.origin}/projects")
    assert "grace" in page.locator("details.user").inner_text()
    page.locator("details.user summary").click()
    page.get_by_role("button", name="Log out").click()
    page.wait_for_url(f"{visitor.origin}/login")
    visitor.open("/projects")
    assert "/login" in page.url
    with running.store.writing() as connection:
        accounts.remove(connection, "grace")
    visitor.check()


def test_a_link_on_another_site_opens_a_page(starter: Tab, running: Running) -> None:
    """The browser keeps the cookie back at first, and then does not."""
    page = starter.page
    with serving(lambda _port, _hosts: _linking(f"{running.origin}/coverage")) as elsewhere:
        page.goto(elsewhere.replace("127.0.0.1", "localhost"))
        page.get_by_role("link").click()
        page.wait_for_url(f"{running.origin}/coverage")
    assert page.get_by_role("heading", name="Coverage").is_visible()


def test_a_form_on_another_site_does_nothing(starter: Tab, running: Running) -> None:
    """Whatever it sends."""
    page = starter.page
    with serving(lambda _port, _hosts: _posting(f"{running.origin}/logout")) as elsewhere:
        page.goto(elsewhere.replace("127.0.0.1", "localhost"))
        page.get_by_role("button").click()
        page.wait_for_url(f"{running.origin}/logout")
    assert "does not come from a page of the dashboard" in page.content()
    starter.open("/")
    assert page.url == f"{starter.origin}/", "still logged in"


def test_a_page_of_ours_cannot_be_framed(starter: Tab, running: Running) -> None:
    """Nobody can lay something else over its buttons."""
    page = starter.page
    with serving(lambda _port, _hosts: _framing(f"{running.origin}/")) as elsewhere:
        page.goto(elsewhere.replace("127.0.0.1", "localhost"))
        page.wait_for_timeout(500)
        frames = [frame.content() for frame in page.frames[1:]]
    assert not any("Overview" in content for content in frames)


def _elsewhere(body: str) -> Litestar:
    @get("/", media_type="text/html", sync_to_thread=False)
    def shown() -> str:
        return f"<!doctype html><title>Elsewhere</title>{body}"

    return Litestar([shown], openapi_config=None, logging_config=None)


def _linking(address: str) -> Litestar:
    return _elsewhere(f'<a href="{address}">look</a>')


def _posting(address: str) -> Litestar:
    return _elsewhere(f'<form method="post" action="{address}"><button>win</button></form>')


def _framing(address: str) -> Litestar:
    return _elsewhere(f'<iframe src="{address}"></iframe>')
