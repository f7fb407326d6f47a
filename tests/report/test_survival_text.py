"""A study as text: a table, a plot, and what they do not say."""

from __future__ import annotations

import io
import re

import pytest
from msgspec.structs import replace

from keysift.report.page import cells
from keysift.report.survival_axis import axis, duration, span
from keysift.report.survival_text import write_survival_text
from keysift.statistics.study import Plan, Study, study
from tests.report.test_text import compare
from tests.statistics.studies import by_detector, few, whole

EARLY = ((1, True), (7, True), (30, False))
LATE = ((100, True), (200, True), (300, False))


def text(found: Study, *, color: bool = False, width: int = 100) -> str:
    """Return what is written."""
    stream = io.StringIO()
    write_survival_text(found, stream, color=color, width=width)
    return stream.getvalue()


def test_one_curve() -> None:
    """The whole report of eight secrets that died alike and four that live, with its limits."""
    found = study([*few(8, *EARLY), *few(4, (1, True), (90, True)), *few(3, (90, False))], Plan())
    compare("survival", text(found, width=70))


def test_many_curves() -> None:
    """The whole report of three types, as it was accepted."""
    compare("survival-by", text(by_detector()))


@pytest.mark.parametrize("width", [40, 80, 100, 160])
def test_lines_fit_the_terminal(width: int) -> None:
    """Of the plot, and of the table as far as its columns can be left out."""
    lines = text(by_detector(), width=width).splitlines()
    assert max(map(cells, lines)) <= max(width, 72)
    plot = [line for line in lines if line[5:6] in "┤│└" and line[5:6]]
    assert len(plot) == 18
    assert all(cells(line) <= width for line in plot)


def test_curves_are_told_apart_without_colours() -> None:
    """Each has a letter, in the table and along its line."""
    lines = text(by_detector()).splitlines()
    table = [line for line in lines if line[:2] in {"A ", "B ", "C "}]
    assert [line.split()[1] for line in table] == ["Slow", "Middling", "Quick"]
    plot = "".join(line for line in lines if line[5:6] in "┤│" and line[5:6])
    assert {"A", "B", "C"} <= set(plot)
    assert "\x1b" not in "".join(lines)


def test_colours_are_for_terminals() -> None:
    """Painted, the report says the same."""
    painted = text(by_detector(), color=True)
    assert "\x1b[94m" in painted
    plain = re.sub(r"\x1b\[[0-9;]*m", "", painted)
    assert plain == text(by_detector())


def test_a_stream_that_knows_only_ascii_gets_ascii() -> None:
    """What is drawn, and all that is said."""
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding="ascii")
    write_survival_text(whole(), stream, color=False, width=100)
    stream.flush()
    drawn = raw.getvalue().decode("ascii")
    assert "100% |" in drawn
    assert "::" in drawn


def test_nothing_was_asked_yet() -> None:
    """The report says what to do."""
    first, empty, *advice, last = text(study(few(3), Plan())).splitlines()
    assert first == "3 secrets; no provider was asked yet whether they work."
    assert empty == ""
    assert " ".join(advice) == (
        "No curve yet: it needs secrets that a provider was asked about soon after they were "
        "published, or more than once. `keysift verify` asks; repeat it as time goes by."
    )
    assert last == "Left out: 3 without an answer of a provider."
    assert "No curve yet" in text(study(few(3, (90, False)), Plan()))
    assert text(study([], Plan())).startswith("0 secrets; ")


def test_limits_are_said() -> None:
    """Late beginnings, early ends, small groups, missing uploads, canaries."""
    found = study(
        [
            *(replace(one, has_upload=False) for one in few(12, *LATE, detector="late")),
            *few(3, *EARLY, detector="small"),
            *(replace(one, is_canary=True) for one in few(1, (1, True))),
            *few(2, (90, True), detector="late"),
        ],
        Plan(by="detector", name=lambda one: one.detector),
    )
    written = " ".join(text(found).split())
    assert "A late 14 12 0 2 100 d 244 d" in written
    assert "B small* 3 3 0 0 18 d" in written
    assert "FROM: before this age too few were watched" in written
    assert "does not say when 12 secrets were published" in written
    assert "1 canary" in written
    assert "2 that worked when asked about for the only time" in written
    assert "*: begins with fewer than 10 secrets" in written
    assert "half of these are no more than 100 days apart" in written


def test_a_curve_may_end_early_or_not_be() -> None:
    """Where nobody was under observation it says so; a group without a curve has a row alone."""
    found = study(
        [
            *few(20, (1, True), (30, True), detector="early"),
            *few(2, (90, True), (95, True), detector="early"),
            *few(12, (90, False), detector="dead"),
        ],
        Plan(by="detector", name=lambda one: one.detector),
    )
    written = text(found)
    assert "early: ends at 30 days, nobody was watched just after." in " ".join(written.split())
    assert re.search(r"^ +dead +12 +0 +0 +12$", written, re.MULTILINE)
    assert "none yet  ? to ?" in written


def test_names_are_shown_safely() -> None:
    """The name of a provider is data."""
    found = study(
        few(12, *EARLY, detector="x\x1b[2J"), Plan(by="detector", name=lambda one: one.detector)
    )
    assert "\x1b" not in text(found)


@pytest.mark.parametrize(
    ("days", "long", "short"),
    [
        (0.25, "6 hours", "6 h"),
        (1 / 24, "1 hour", "1 h"),
        (1, "1 day", "1 d"),
        (3.5, "3.5 days", "3.5 d"),
        (212.4, "212 days", "212 d"),
        (900, "2.5 years", "2.5 y"),
    ],
)
def test_ages_are_words(days: float, long: str, short: str) -> None:
    """With the digits that matter."""
    assert (duration(days), duration(days, short=True)) == (long, short)


def test_an_interval_may_be_open() -> None:
    """An end that is not reached is not invented."""
    assert span((3, None)) == "3 days to ?"


@pytest.mark.parametrize(
    ("end", "unit", "ticks"),
    [
        (12, "days", 7),
        (120, "days", 7),
        (400, "months", 7),
        (3000, "years", 9),
        (20000, "years", 6),
    ],
)
def test_an_axis_counts_in_fitting_units(end: float, unit: str, ticks: int) -> None:
    """Days, months or years, and no more ticks than there is room for."""
    found = axis(study(few(2, (1, True), (end, True)), Plan()), 9)
    assert (found.unit, found.end, len(found.ticks)) == (unit, end, ticks)
