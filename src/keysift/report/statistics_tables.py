"""The figures of a report as text: JSON, CSV and Markdown. They tell the story of the HTML report.

None has a value of a secret, or a mask of one.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from keysift.report.csv import cell as defused
from keysift.report.escape import visible
from keysift.report.html.figure import Cell, Figure
from keysift.report.html.page import Page, cell, is_numeric
from keysift.report.html_report import report_page
from keysift.report.statistics_document import encoded, report_document

if TYPE_CHECKING:
    from typing import TextIO

    from keysift.statistics.values import Comparison, Statistics

COLUMNS: Final = ("figure", "row", "measure", "value")
"""Of the CSV: the name of a figure, what a row is about, the title of a column, its value."""

_MARKUP: Final = re.compile(r"[\\`*_\[\]<>|~]|^[#+=]|^-(?!\d)|^\d+(?=[.)])")
"""What Markdown may give a meaning inside a line, or at its beginning (CommonMark 2.4, GFM)."""

_SHOWN: Final = 25
"""Rows of a table in Markdown; the other formats have all of them."""


def write_report_json(
    found: Statistics, stream: TextIO, *, comparison: Comparison | None = None
) -> None:
    """Write figures as one indented JSON document, ``keysift.report/1``."""
    stream.write(encoded(report_document(found, comparison)).decode() + "\n")


def write_report_csv(
    found: Statistics, stream: TextIO, *, comparison: Comparison | None = None
) -> None:
    """Write a header, then a row for each number of each figure.

    The stream must not translate line ends (``newline=""``). Shares are from 0 to 1.
    """
    page = report_page(found, comparison)
    writer = csv.writer(stream)
    writer.writerow(COLUMNS)
    for figure in _figures(page):
        for number, row in enumerate(figure.rows):
            key = _key(figure, row, number)
            for column, value in zip(figure.columns[1:], row[1:], strict=True):
                if value is not None:
                    shown = defused(value) if isinstance(value, str) else value
                    writer.writerow((figure.name, defused(key), column.title, shown))


def write_report_markdown(
    found: Statistics, stream: TextIO, *, comparison: Comparison | None = None
) -> None:
    """Write a report in GitHub's Markdown: the headline, then a table for each figure."""
    stream.write("\n\n".join(_blocks(report_page(found, comparison))) + "\n")


def _figures(page: Page) -> Iterator[Figure]:
    for section in page.sections:
        yield from section.figures


def _key(figure: Figure, row: tuple[Cell, ...], number: int) -> str:
    """Return what a row is about; where several rows say the same, with their number."""
    name = _text(row[0])
    if sum(_text(other[0]) == name for other in figure.rows) > 1:
        return f"{name} #{number + 1}"
    return name


def _text(value: Cell) -> str:
    return "not known" if value is None else f"{value}"


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
