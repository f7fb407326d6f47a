"""Pages that all others are made like, in a real browser."""

from __future__ import annotations

from tests.web.browser import Tab
from tests.web.conftest import Running


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
