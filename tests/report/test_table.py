"""Tables fit the terminal."""

from __future__ import annotations

from io import StringIO

import pytest

from keysift.report.page import Page, Style, cells
from keysift.report.table import Column, clip, write_table

_COLUMNS = (
    Column("N", is_number=True),
    Column("NAME", narrowest=8),
    Column("EMPTY", narrowest=8),
    Column("TEXT", narrowest=6),
)


def table(width: int, *rows: tuple[str, str, str]) -> list[str]:
    """Return the lines of a table with a number, a name and a text a row."""
    stream = StringIO()
    plain = Style.PLAIN
    write_table(
        Page(stream, color=False, width=width),
        _COLUMNS,
        [((one, plain), (two, plain), ("", plain), (three, plain)) for one, two, three in rows],
    )
    return stream.getvalue().splitlines()


def test_a_table_that_fits_is_not_shortened() -> None:
    """Columns are as wide as their texts; one without text is left out."""
    assert table(80, ("1", "a", "x"), ("12", "bcdef", "y")) == [
        " N  NAME   TEXT",
        " 1  a      x",
        "12  bcdef  y",
    ]


@pytest.mark.parametrize("width", [40, 60, 100])
def test_a_table_keeps_the_width(width: int) -> None:
    """The columns with most to give are shortened until every line fits."""
    lines = table(width, ("7", "n" * 50, "語" * 40))
    assert all(cells(line) <= width for line in lines)
    assert lines[1].count("…") == 2


def test_nothing_is_shortened_beyond_use() -> None:
    """A terminal that is too narrow wraps the lines itself."""
    assert table(40, ("9" * 40, "n" * 50, "t" * 50))[1] == f"{'9' * 40}  nnnnnnn…  ttttt…"


def test_clipped_text_is_as_wide_as_asked() -> None:
    """Wide characters are not cut in half."""
    assert (clip("abcdef", 4), clip("語語語", 4), clip("abc", 3)) == ("abc…", "語…", "abc")
