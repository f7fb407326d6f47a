"""The figures of a report as text: JSON, and Markdown that tells the story of the HTML report.

None has a value of a secret, or a mask of one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from keysift.report.escape import visible
from keysift.report.html.figure import Figure
from keysift.report.html.page import Page, cell, is_numeric
from keysift.report.html_report import report_page
from keysift.report.statistics_document import encoded, report_document

if TYPE_CHECKING:
    from typing import TextIO

    from keysift.statistics.values import Comparison, Statistics

_MARKUP: Final = re.compile(r"[\\`*_\[\]<>|~]|^[#+=]|^-(?!\d)|^\d+(?=[.)](?:\s|$))")
"""What Markdown may give a meaning inside a line, or at its beginning (CommonMark 2.4, GFM)."""

_SHOWN: Final = 25
"""Rows of a table in Markdown; the other formats have all of them."""


def write_report_json(
    found: Statistics, stream: TextIO, *, comparison: Comparison | None = None
) -> None:
    """Write figures as one indented JSON document, ``keysift.report/1``."""
    stream.write(encoded(report_document(found, comparison)).decode() + "\n")


def write_report_markdown(
    found: Statistics, stream: TextIO, *, comparison: Comparison | None = None
) -> None:
    """Write a report in GitHub's Markdown: the headline, then a table for each figure."""
    stream.write("\n\n".join(_blocks(report_page(found, comparison))) + "\n")


def _blocks(page: Page) -> Iterator[str]:
    yield f"# {escaped(page.title)}"
    yield escaped(page.subtitle)
    if page.notice is not None:
        yield f"> **{escaped(page.notice)}**"
    yield _table(
        ("Figure", "Value", "Of what"), [(one.title, one.value, one.note) for one in page.cards]
    )
    for section in page.sections:
        yield f"## {escaped(section.title)}"
        for paragraph in section.text:
            yield escaped(paragraph)
        for figure in section.figures:
            yield from _figure(figure)
    yield "## Method and limits"
    yield _table(("About", "Fact"), [(one.name, one.text) for one in page.method])
    yield "\n".join(f"- {escaped(limit)}" for limit in page.limits)
    yield escaped(page.made)


def _figure(figure: Figure) -> Iterator[str]:
    yield f"### {escaped(figure.title)}"
    yield escaped(figure.reading)
    titles = tuple(column.title for column in figure.columns)
    numeric = [is_numeric(place, figure.rows) for place in range(len(titles))]
    rows = [
        tuple(cell(value, column) for value, column in zip(row, figure.columns, strict=True))
        for row in figure.rows[:_SHOWN]
    ]
    yield _table(titles, rows, numeric)
    left = len(figure.rows) - len(rows)
    if left:
        yield f"{left:,} more rows are in the other formats."
    yield f"_{escaped(figure.counts)}_"


def _table(
    titles: tuple[str, ...], rows: list[tuple[str, ...]], numeric: list[bool] | None = None
) -> str:
    marks = ["---:" if number else "---" for number in numeric or [False] * len(titles)]
    lines = [titles, tuple(marks)]
    text = [_line(tuple(map(escaped, lines[0]))), _line(lines[1])]
    text += [_line(tuple(map(escaped, row))) for row in rows]
    return "\n".join(text)


def _line(cells: tuple[str, ...]) -> str:
    return f"| {' | '.join(cells)} |"


def escaped(text: str) -> str:
    """Return a text that Markdown gives no meaning, on one line, with nothing invisible in it."""
    plain = visible(text).replace("&", "&amp;")
    return _MARKUP.sub(_literal, plain)


def _literal(found: re.Match[str]) -> str:
    # A number before a full stop begins a list; the full stop is what can be escaped.
    text = found[0]
    return f"{text}\\" if text.isdecimal() else f"\\{text}"
