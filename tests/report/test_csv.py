"""CSV: rows that a spreadsheet opens without obeying them."""

from __future__ import annotations

import csv
from io import StringIO
from typing import TYPE_CHECKING

import pytest

from keysift.report.csv import write_csv

from .samples import finding, place, result_of

if TYPE_CHECKING:
    from keysift.report.result import ScanResult


def _rows(result: ScanResult, *, reveal: bool = False) -> list[dict[str, str]]:
    stream = StringIO(newline="")
    write_csv(result, stream, reveal=reveal)
    return list(csv.DictReader(StringIO(stream.getvalue(), newline="")))


def test_one_row_an_occurrence(rich: ScanResult) -> None:
    """Every occurrence has a row with the finding's columns repeated, the worst first."""
    rows = _rows(rich)
    assert len(rows) == 10
    assert [row["detector"] for row in rows[:8]] == ["umbrella-cloud-key"] * 8
    assert rows[0]["uploaded"] == "2023-05-01T10:30:00+00:00"
    assert rows[4]["yanked"] == "yes: leaked a key"
    assert rows[8]["encoding"] == "base64 gzip"


def test_finding_without_a_place_keeps_a_row() -> None:
    """A finding is never lost for want of an occurrence."""
    (row,) = _rows(result_of(finding(occurrences=[])))
    assert row["detector"] == "acme-token"
    assert row["path"] == ""


def test_empty_result_has_a_header_only(empty: ScanResult) -> None:
    """The header is there even when nothing was found."""
    stream = StringIO(newline="")
    write_csv(empty, stream)
    assert stream.getvalue().startswith("severity,confidence,detector")
    assert stream.getvalue().count("\r\n") == 1


@pytest.mark.parametrize("sign", list("=+-@＝＋－＠"))  # noqa: RUF001 (full-width forms)
@pytest.mark.parametrize("blank", ["", " "])
def test_formula_is_text(sign: str, blank: str) -> None:
    """A path that begins like a formula gets an apostrophe, also behind a blank."""
    path = f"{blank}{sign}cmd|' /C calc'!A0"
    (row,) = _rows(result_of(finding(occurrences=[place(path)])))
    assert row["path"] == f"'{path}"


def test_row_is_one_line() -> None:
    """Line breaks, quotes and terminal sequences in names do not break rows."""
    stream = StringIO(newline="")
    write_csv(result_of(finding(occurrences=[place('a\r\n"b",\x1b[2J\u2028.py')])), stream)
    assert stream.getvalue().count("\r\n") == 2
    assert "\x1b" not in stream.getvalue()
    assert '"a\\x0d\\x0a""b"",\\x1b[2J\\u2028.py"' in stream.getvalue()


def test_value_is_a_column_only_when_revealed() -> None:
    """The value column exists with ``reveal`` only, and keeps line breaks."""
    result = result_of(finding(b"an invented\nvalue \xff"))
    assert "value" not in _rows(result)[0]
    assert _rows(result, reveal=True)[0]["value"] == "an invented\nvalue \\xff"
