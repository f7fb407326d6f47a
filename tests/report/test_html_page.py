"""The page of a report: whole, and deaf to what strangers wrote into it."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import re
from functools import partial
from html.parser import HTMLParser

import pytest

from keysift.report.html import charts
from keysift.report.html.figure import Column, Figure
from keysift.report.html.page import Card, Fact, Page, Section, cell, write_page

HOSTILE = "</script><img src=x onerror=alert(1)>&\u202e\x07"


class _Reader(HTMLParser):
    """Elements with their attributes, and what stands in scripts and styles."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[tuple[str, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        if self.elements:
            self.texts.append((self.elements[-1][0], data))

    def inside(self, tag: str) -> list[str]:
        return [text for name, text in self.texts if name == tag]


def figure(name: str = "types") -> Figure:
    """Return a figure about what strangers wrote."""
    rows = [(HOSTILE, 3), ("plain", 1)]
    return Figure(
        name=name,
        title=f"Types {HOSTILE}",
        reading=f"Most are {HOSTILE}.",
        counts="Secrets, each once.",
        draw=partial(charts.bars, rows, "Secrets"),
        columns=(Column("Type"), Column("Secrets")),
        rows=rows,
    )


def page(*figures: Figure) -> Page:
    """Return a page that says it everywhere."""
    return Page(
        title=f"The state of {HOSTILE}",
        subtitle=HOSTILE,
        notice=None,
        made="keysift",
        cards=[Card(title="Secrets", value="3", note=HOSTILE)],
        sections=[Section(name="what", title="What", text=(HOSTILE,), figures=figures)],
        method=[Fact(name="Ruleset", text=HOSTILE)],
        limits=[HOSTILE],
    )


def written(*figures: Figure) -> str:
    """Return the page with these figures."""
    stream = io.StringIO()
    write_page(page(*figures), stream)
    return stream.getvalue()


@pytest.fixture(scope="module")
def html() -> str:
    """Write a page with one figure."""
    return written(figure())


def read(html: str) -> _Reader:
    """Take a page apart."""
    reader = _Reader()
    reader.feed(html)
    return reader


def test_what_strangers_wrote_is_text(html: str) -> None:
    """It makes no element, no handler, and hides nothing."""
    elements = read(html).elements
    assert "img" not in {name for name, _ in elements}
    assert not [name for _, attrs in elements for name in attrs if name.startswith("on")]
    assert "\u202e" not in html
    assert "\\u202e" in html


def test_only_its_own_scripts_may_run(html: str) -> None:
    """The policy names the digests of all scripts and styles there are."""
    reader = read(html)
    policy = next(
        attrs["content"] or ""
        for name, attrs in reader.elements
        if name == "meta" and attrs.get("http-equiv") == "Content-Security-Policy"
    )
    assert policy.startswith("default-src 'none'; ")
    assert "unsafe" not in policy
    scripts = re.findall(r"<script>(.*?)</script>", html, flags=re.DOTALL)
    styles = re.findall(r"<style>(.*?)</style>", html, flags=re.DOTALL)
    assert len(scripts) == 2
    for text in (*scripts, *styles):
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert f"'sha256-{digest}'" in policy
    # Beside them there are only the data of pictures, which no browser runs.
    kinds = [attrs.get("type") for name, attrs in reader.elements if name == "script"]
    assert kinds.count("application/json") == len(kinds) - 2
    assert not [attrs for _, attrs in reader.elements if "style" in attrs]


def test_nothing_is_fetched(html: str) -> None:
    """No element has an address but those inside the page."""
    sources = {"src", "srcset", "data", "poster", "action", "background", "xlink:href"}
    for name, attrs in read(html).elements:
        assert not sources & attrs.keys(), name
        assert (attrs.get("href") or "#").startswith("#"), name


def test_pictures_come_with_their_numbers(html: str) -> None:
    """Each picture has its data, and a table that says the same."""
    reader = read(html)
    specs = [json.loads(text) for text in reader.inside("script") if text.startswith("{")]
    assert [row["number"] for row in specs[0]["data"]["values"]] == [3, 1]
    assert [attrs["data-value"] for _, attrs in reader.elements if "data-value" in attrs] == [
        "3",
        "1",
    ]
    assert "svg" in {name for name, _ in reader.elements}


def test_names_are_unique_and_links_lead_somewhere(html: str) -> None:
    """Links lead to parts of the page."""
    elements = read(html).elements
    names = [attrs["id"] for name, attrs in elements if "id" in attrs and name != "clippath"]
    assert len(names) == len(set(names))
    for name, attrs in elements:
        if name == "a":
            assert (attrs["href"] or "").removeprefix("#") in names


def test_twenty_figures_stay_below_the_limit() -> None:
    """A report is below 3 MB."""
    assert len(written(*(figure(f"types-{number}") for number in range(20))).encode()) < 3_000_000


@pytest.mark.parametrize(
    ("value", "is_share", "text"),
    [
        (None, False, "n/a"),
        ("a", False, "a"),
        (12345, False, "12,345"),
        (0.1234, True, "12.3%"),
        (1, True, "100.0%"),
        (2.34567, False, "2.346"),
    ],
)
def test_cells(value: str | float | None, is_share: bool, text: str) -> None:  # noqa: FBT001 (a parameter of a test)
    """Numbers are grouped, shares are percentages."""
    assert cell(value, Column("a", is_share=is_share)) == text
