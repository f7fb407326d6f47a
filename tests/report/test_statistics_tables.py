"""Figures of a report as JSON and Markdown."""

from __future__ import annotations

import io
import json

import jsonschema
import msgspec
import pytest

from keysift.report.html.figure import Column
from keysift.report.html.page import cell
from keysift.report.schema import report_schema
from keysift.report.statistics_document import ReportDocument
from keysift.report.statistics_tables import (
    escaped,
    write_report_json,
    write_report_markdown,
)
from tests.report.figures import comparison, empty, full

HOSTILE = "=1+1|<b>*x*</b>\n# y\u202e"


def test_json_is_what_its_schema_says() -> None:
    """The document has every figure, and can be read back."""
    for found in (empty(), full(HOSTILE)):
        stream = io.StringIO()
        write_report_json(found, stream, comparison=comparison())
        document = json.loads(stream.getvalue())
        jsonschema.validate(document, json.loads(report_schema()))
        assert next(iter(document)) == "schema"
        read = msgspec.convert(document, ReportDocument)
        assert read.headline == found.headline
        assert read.by_year == found.by_year
        assert read.comparison == comparison()


def test_markdown_has_tables_of_one_width() -> None:
    """A name ends neither its cell nor its row."""
    stream = io.StringIO()
    write_report_markdown(full(HOSTILE), stream)
    text = stream.getvalue()
    width = None
    for line in text.splitlines():
        if not line.startswith("|"):
            width = None
            continue
        cells = line.replace("\\|", "").count("|")
        assert width in (None, cells), line
        width = cells
    assert "<b>" not in text.replace("\\<", "")
    assert "\u202e" not in text
    assert text.startswith("# The state of secrets sprawl\n")


@pytest.mark.parametrize(
    ("value", "shown"),
    [(1.8333, "1.833"), (125.0, "125"), (1833.3, "1,833"), (11_000.0, "11,000"), (7, "7")],
)
def test_numbers_have_no_exponent(value: float, shown: str) -> None:
    """However large they are."""
    assert cell(value, Column("Rate")) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a_b*c", "a\\_b\\*c"),
        ("# x", "\\# x"),
        ("1. x", "1\\. x"),
        ("1.5", "1.5"),
        ("50.0% of 2", "50.0% of 2"),
        ("- x", "\\- x"),
        ("a-b (c) 1.5", "a-b (c) 1.5"),
        ("<a>&[b](c)|", "\\<a\\>&amp;\\[b\\](c)\\|"),
        ("a\nb", "a\\\\x0ab"),
    ],
)
def test_markup_is_escaped(text: str, shown: str) -> None:
    """Markdown shows a text as it is."""
    assert escaped(text) == shown
