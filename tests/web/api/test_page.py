"""The page about the API shows what the document has."""

from __future__ import annotations

from keysift.web.problems import Word
from tests.web.api.shapes import DOCUMENT, OPERATIONS
from tests.web.browser import Tab


def test_it_shows_every_operation_and_problem(starter: Tab) -> None:
    """By its address and anchor; opened, it says what the operation takes."""
    page = starter.open("/api")
    starter.picture("api")
    for method, path in OPERATIONS:
        shown = page.locator(f"#{DOCUMENT['paths'][path][method]['operationId']} > summary")
        assert shown.inner_text().startswith(f"{method.upper()} {path}")
    for word in Word:
        assert page.locator(f"#{word.value}").count() == 1
    page.locator("#findings > summary").click()
    assert "min_severity" in page.locator("#findings").inner_text()
    starter.picture("api-opened")
    starter.check()


def test_it_fits_a_narrow_screen(phone: Tab) -> None:
    """Nothing has to be scrolled sideways, opened or not."""
    page = phone.open("/api")
    page.locator("#findings > summary").click()
    assert not phone.is_too_wide()
    phone.picture("api")
    phone.check()
