"""Text in pages: whatever it is, it is only text."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from html import unescape
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import UndefinedError
from markupsafe import Markup

from keysift.web.templating import day, environment, exact, hostile, moment, number, share

_ENVIRONMENT = environment(lambda name: f"/static/{name}")


def _rendered(template: str, **context: object) -> str:
    return _ENVIRONMENT.from_string(template).render(**context)


class _Parser(HTMLParser):
    """Keeps what it meets."""

    def __init__(self, *, convert_charrefs: bool) -> None:
        super().__init__(convert_charrefs=convert_charrefs)
        self.tags: list[str] = []
        self.text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep a tag."""
        self.tags.append(f"{tag} {attrs}")

    def handle_data(self, data: str) -> None:
        """Keep text."""
        self.text.append(data)


def _texts(html: str) -> tuple[list[str], str]:
    """Return the tags in some HTML, and its text."""
    parser = _Parser(convert_charrefs=True)
    parser.feed(html)
    parser.close()
    return parser.tags, "".join(parser.text)


@given(st.text())
def test_no_text_becomes_markup_or_moves_other_text(text: str) -> None:
    """By itself, without a filter that somebody could forget."""
    tags, shown = _texts(_rendered("<p>{{ text }}</p>", text=text))
    assert tags == ["p []"]
    assert all(char.isprintable() for char in shown)
    if text.isprintable():
        assert shown == text


@given(st.text())
def test_no_text_leaves_an_attribute(text: str) -> None:
    """Neither shown nor exactly as it is."""
    for template in ('<a title="{{ text }}">', '<a title="{{ text | exact }}">'):
        tags, _ = _texts(_rendered(template, text=text))
        assert len(tags) == 1
        assert tags[0].startswith("a [('title',")


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"])))
def test_what_is_sent_back_is_the_same(text: str) -> None:
    """A field that shows what somebody searched for keeps every character of it."""
    assert unescape(exact(text)) == text


@given(st.text(max_size=50))
def test_what_is_not_visible_is_marked(text: str) -> None:
    """And only that."""
    tags, shown = _texts(hostile(text))
    assert len(tags) == sum(not char.isprintable() for char in text)
    assert set(tags) <= {"span [('class', 'escape')]"}
    assert all(char.isprintable() for char in shown)


@given(st.text())
def test_json_in_a_page_stays_in_its_element(text: str) -> None:
    """Data of charts may hold anything."""
    html = _rendered('<script type="application/json">{{ x | tojson }}</script>', x={text: [text]})
    inside = html.removeprefix('<script type="application/json">').removesuffix("</script>")
    assert "<" not in inside
    assert ">" not in inside


def test_a_name_that_is_missing_is_an_error() -> None:
    """Not an empty place in a page."""
    with pytest.raises(UndefinedError):
        _rendered("{{ missing }}")


def test_every_template_compiles() -> None:
    """Also those that no test shows yet."""
    names = _ENVIRONMENT.list_templates()
    assert "base.html" in names
    for name in names:
        source, _, _ = _ENVIRONMENT.loader.get_source(_ENVIRONMENT, name)  # type: ignore[union-attr]  # it has one
        _ENVIRONMENT.get_template(name)
        assert "| safe" not in source, name
        assert "|safe" not in source, name
        assert "autoescape" not in source, name


def test_numbers_and_times() -> None:
    """As all pages show them."""
    when = datetime(2026, 1, 2, 0, 30, tzinfo=timezone(timedelta(hours=2)))
    assert number(1_234_567) == "1,234,567"
    assert share(1, 3) == "33.3 %"
    assert share(0, 0) == "\N{EN DASH}"
    assert day(when) == "2026-01-01"
    assert moment(when.astimezone(UTC)) == "2026-01-01 22:30"
    assert day(None) == moment(None) == "\N{EN DASH}"
    assert isinstance(hostile("a"), Markup)
