"""Figures of a report as CSV: all of them, in one shape."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import Any

from msgspec import to_builtins
from msgspec.structs import replace

from keysift.report.statistics_csv import COLUMNS, write_report_csv
from keysift.statistics.values import Comparison, Difference, Share, Statistics
from tests.report.figures import comparison, empty, full

HOSTILE = "=1+1|<b>*x*</b>\n# y\u202e"

_NAMES = frozenset({"name", "title", "year", "kind", "reason", "digest"})
"""Fields that name a row, and fields of texts."""


def written(found: Statistics, changed: Comparison | None = None) -> list[list[str]]:
    """Return the rows of the CSV, the header first."""
    stream = io.StringIO(newline="")
    write_report_csv(found, stream, comparison=changed)
    return list(csv.reader(io.StringIO(stream.getvalue())))


def test_rows_have_one_shape() -> None:
    """Each number has a table, a group, a measure and a unit; no two are called the same."""
    header, *rows = written(full(HOSTILE), comparison())
    assert tuple(header) == COLUMNS
    assert {len(row) for row in rows} == {len(COLUMNS)}
    assert len({tuple(row[:3]) for row in rows}) == len(rows)
    assert all(row[0] and row[2] and row[3] and row[4] != "" for row in rows)


def test_a_share_has_its_denominator_and_its_interval() -> None:
    """The number is that of the numerator."""
    found = full()
    share = found.headline.projects
    (row,) = (one for one in written(found) if one[:3] == ["headline", "", "projects"])
    numbers = (share.count, share.of, share.share, share.lower, share.upper)
    assert row[3:] == ["projects", *map(str, numbers)]


def test_units_say_what_is_counted() -> None:
    """By the measure, else by the table."""
    units = {tuple(row[:3]): row[3] for row in written(full())}
    assert units["headline", "", "secrets"] == "secrets"
    assert units["headline", "", "oldest_active"] == "time"
    assert units["coverage.artifacts", "", "scanned"] == "artifacts"
    assert units["coverage.artifacts", "", "scanned_bytes"] == "bytes"
    assert units["by_year", "2017", "verdicts.active"] == "secrets"
    assert units["by_year", "2017", "projects_by_verdict.active"] == "projects"
    assert units["removal", "", "removed"] == "lives"
    assert units["removal.curve", "", "median"] == "days"
    assert units["releases", "", "median"] == "releases"


def test_every_number_of_the_document_is_there() -> None:
    """Whatever a report gets besides is in the CSV as well."""
    found = full()
    rows = written(found)
    told = {cell for row in rows[1:] for cell in row}
    missing = [number for number in numbers(to_builtins(found)) if str(number) not in told]
    assert not missing


def numbers(document: Any) -> Iterator[int | float]:  # noqa: ANN401 (any document)
    """Yield the numbers in a document, years and ages that name rows aside."""
    if isinstance(document, dict):
        for name, value in document.items():
            if name not in _NAMES | {"merged", "age", "lower", "upper", "within"}:
                yield from numbers(value)
    elif isinstance(document, list):
        for value in document:
            yield from numbers(value)
    elif isinstance(document, int | float) and not isinstance(document, bool):
        yield document


def test_nothing_is_computed_by_a_spreadsheet() -> None:
    """Names come from strangers."""
    cells = [cell for row in written(full(HOSTILE)) for cell in row]
    assert not [cell for cell in cells if cell.lstrip().startswith(("=", "@", "+", "-"))]
    assert not [cell for cell in cells if "\u202e" in cell or "\n" in cell]


def test_what_is_not_known_has_no_row() -> None:
    """Neither has what an anonymised report does not tell."""
    found = full()
    hidden = replace(found, headline=replace(found.headline, active=None))
    measures = {tuple(row[:3]) for row in written(hidden)}
    assert ("headline", "", "active") not in measures
    assert ("headline", "", "active") in {tuple(row[:3]) for row in written(found)}


def test_an_empty_store_has_rows_too() -> None:
    """A share of nothing has no value."""
    rows = {tuple(row[:3]): row for row in written(empty())}
    assert rows["headline", "", "secrets"][4] == "0"
    assert empty().headline.projects == Share(0, 0, None, None, None) or rows


def test_a_comparison_is_a_table_of_its_own() -> None:
    """Before, after and the difference are three rows, in the unit of the figure."""
    changed = comparison()
    rows = {tuple(row[:3]): row[3:5] for row in written(full(), changed)}
    for one in (*changed.headline, *changed.groups):
        name = ".".join(part for part in (one.table, one.group, one.measure) if part)
        for measure in ("before", "after", "difference"):
            value = getattr(one, measure)
            told = rows.get(("comparison", name, measure))
            assert told is None if value is None else told and told[1] == str(value)
    shares = replace(
        changed,
        headline=(
            Difference(table="headline", group="", measure="share_projects", before=0.1, after=0.2),
            Difference(table="headline", group="", measure="projects", before=1, after=2),
        ),
    )
    rows = {tuple(row[:3]): row[3:5] for row in written(full(), shares)}
    assert rows["comparison", "headline.share_projects", "before"] == ["share", "0.1"]
    assert rows["comparison", "headline.projects", "after"] == ["projects", "2"]
