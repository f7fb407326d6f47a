"""A study of survival for people: what counts, a table, a plot, and what it does not say."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final

from keysift.report.escape import visible
from keysift.report.page import Page, Style, cells
from keysift.report.summary import count
from keysift.report.survival_axis import axis, duration, span
from keysift.report.survival_plot import ASCII, LINES, MARGIN, WIDEST, letter, style, write_plot
from keysift.report.table import Column, write_table
from keysift.statistics.study import AGES, FEWEST, OTHERS, Group, Study
from keysift.survival import GRACE_DAYS, Curve, LeftOut

if TYPE_CHECKING:
    from typing import TextIO

_TICK: Final = 9
"""Cells that a tick with its number wants."""

_NAMES: Final = ("1 day", "7 days", "30 days", "90 days", "1 year", "2 years", "5 years")
"""What ``AGES`` are called."""

_SHORT: Final = dict(zip(AGES, ("1 d", "7 d", "30 d", "90 d", "1 y", "2 y", "5 y"), strict=True))

_LEAST: Final = (730.0, 7.0, 90.0, 1.0, 1825.0, 30.0, 365.0)
"""Which of these a narrow table leaves out first."""

_NOTHING: Final = (
    "No curve yet: it needs secrets that a provider was asked about soon after they were "
    "published, or more than once. `keysift verify` asks; repeat it as time goes by."
)


def write_survival_text(study: Study, stream: TextIO, *, color: bool, width: int) -> None:
    """Write what was counted, the table, the plot, and the limits of it all."""
    page = Page(stream, color=color, width=width)
    page.paragraph(headline(study), Style.STRONG)
    if all(group.curve is None for group in study.shown):
        page.raw()
        page.paragraph(_NOTHING)
    else:
        page.raw()
        _groups(page, study)
        page.raw()
        if not study.groups and study.whole.curve is not None:
            _ages(page, study.whole.curve)
            page.raw()
        _plot(page, study, is_ascii=not _encodes(stream, LINES.band))
        page.raw()
    for note in notes(study):
        page.paragraph(note, Style.FAINT)


def headline(study: Study) -> str:
    """Return how many secrets a study rests on, of how many, and the time in which they were asked.

    Numbers are those of all secrets, whether they are in groups or not.
    """
    watched, secrets = study.whole.watched, count(study.secrets, "secret")
    if study.first_answer is None or study.last_answer is None:
        return f"{secrets}; no provider was asked yet whether they work."
    period = f"{study.first_answer:%Y-%m-%d} to {study.last_answer:%Y-%m-%d}"
    return f"{watched:,} of {secrets} count, asked about from {period} (UTC)."


def notes(study: Study) -> Iterator[str]:
    """Yield what was left out, how the numbers are to be read, and what is missing."""
    missing = ", ".join(f"{number:,} {why}" for number, why in _missing(study) if number)
    if missing:
        yield f"Left out: {missing}."
    if study.without_upload:
        yield (
            f"The index does not say when {count(study.without_upload, 'secret')} were published; "
            "they count from when we first saw them."
        )
    curves = [(group, group.curve) for group in study.shown if group.curve is not None]
    if not curves:
        return
    gap = study.whole.gap
    apart = "" if gap is None else f" (half of these are no more than {duration(gap)} apart)"
    yield (
        f"Ages count from the first upload. A secret died between two checks{apart}; deaths are "
        "spread over these gaps. One that lives counts up to its last check."
    )
    if any(curve.begin for _, curve in curves):
        yield (
            "FROM: before this age too few were watched; the row is about secrets that were alive "
            "at it."
        )
    for group, curve in curves:
        if curve.is_cut:
            yield f"{_name(group)}: ends at {duration(curve.end)}, nobody was watched just after."
    if any(curve.is_thin for _, curve in curves):
        yield f"*: begins with fewer than {FEWEST} secrets; look at the interval."
    test = study.comparison
    if test is not None:
        says = "differ" if test.p < 1 - study.level else "may be alike"
        yield (
            f"Groups {says}: log-rank test, chi squared {test.statistic:.1f} with "
            f"{count(test.degrees, 'degree')} of freedom, p {_probability(test.p)}."
        )


def _missing(study: Study) -> Iterator[tuple[int, str]]:
    left_out, late = study.whole.left_out, f"more than {GRACE_DAYS:.0f} days after publication"
    yield left_out[LeftOut.UNASKED], "without an answer of a provider"
    dead = f"that did not work when first asked about, {late} (since when nobody knows)"
    yield left_out[LeftOut.LATE], dead
    yield study.whole.once, f"that worked when asked about for the only time, {late}"
    yield left_out[LeftOut.UNBORN], "that did not work before they were published"
    yield study.canaries, "canary" if study.canaries == 1 else "canaries"


def _groups(page: Page, study: Study) -> None:
    ages = list(AGES) if study.groups else []
    columns, rows = _table(study, ages)
    for age in _LEAST:
        if not ages or _width(columns, rows) <= page.width:
            break
        ages.remove(age)
        columns, rows = _table(study, ages)
    write_table(page, columns, rows)


def _table(
    study: Study, ages: Sequence[float]
) -> tuple[list[Column], list[list[tuple[str, Style]]]]:
    columns = [
        Column(""),
        Column((study.by or "group").upper(), narrowest=8),
        *(Column(title, is_number=True) for title in ("ASKED", "REVOKED", "ACTIVE", "LEFT OUT")),
        Column("FROM", is_number=True),
        Column("MEDIAN", is_number=True),
        Column(f"{study.level * 100:g}% INTERVAL"),
        *(Column(_SHORT[age], is_number=True) for age in ages),
    ]
    rows = []
    for number, group in enumerate(study.shown):
        mark = letter(number) if study.groups and group.curve is not None else ""
        texts = [*_row(group), *_shares(group, ages)]
        rows.append([(mark, style(number)), *((text, Style.PLAIN) for text in texts)])
    return columns, rows


def _width(columns: Sequence[Column], rows: Sequence[Sequence[tuple[str, Style]]]) -> int:
    """Return how wide a table is when its names are shortened to twelve cells."""
    widths = []
    for number, column in enumerate(columns):
        widest = max(cells(row[number][0]) for row in rows)
        if widest:
            widths.append(12 if column.narrowest else max(widest, cells(column.title)))
    return sum(widths) + 2 * (len(widths) - 1)


def _row(group: Group) -> list[str]:
    curve = group.curve
    out = group.asked - group.watched
    counts = [f"{number:,}" for number in (group.asked, group.revoked, group.active, out)]
    if curve is None:
        return [_name(group), *counts, "", "", ""]
    median = curve.median
    return [
        _name(group) + "*" * curve.is_thin,
        *counts,
        duration(curve.begin, short=True) if curve.begin else "",
        "none yet" if median.age is None else duration(median.age, short=True),
        span((median.lower, median.upper), short=True),
    ]


def _shares(group: Group, ages: Sequence[float]) -> list[str]:
    found = [None if group.curve is None else group.curve.at(age) for age in ages]
    return ["" if one is None else f"{one.survival:.0%}" for one in found]


def _ages(page: Page, curve: Curve) -> None:
    """Write survival at some ages, with its band: there is room for it when there is one curve."""
    columns = [
        Column("AGE", is_number=True),
        Column("ALIVE", is_number=True),
        Column(f"{curve.level * 100:g}% BAND", is_number=True),
        Column("WATCHED", is_number=True),
    ]
    rows = []
    for age, name in zip(AGES, _NAMES, strict=True):
        found = curve.at(age)
        if found is not None:
            # Before anybody died there is nothing to make a band of.
            band = f"{found.lower:.1%} to {found.upper:.1%}" if found.lower < 1 else ""
            at_risk = f"{curve.at_risk(age):,}"
            texts = (name, f"{found.survival:.1%}", band, at_risk)
            rows.append([(text, Style.PLAIN) for text in texts])
    write_table(page, columns, rows)


def _plot(page: Page, study: Study, *, is_ascii: bool) -> None:
    room = min(page.width, WIDEST) - MARGIN
    ages = axis(study, room // _TICK)
    curves = [group.curve for group in study.shown]
    write_plot(page, curves, ages, ASCII if is_ascii else LINES)


def _name(group: Group) -> str:
    if group.name == OTHERS and group.merged > 1:
        return f"{group.merged} {OTHERS}"
    return visible(group.name) or "all"


def _probability(p: float) -> str:
    return "below 0.0001" if p < 0.0001 else f"{p:.2g}"


def _encodes(stream: TextIO, text: str) -> bool:
    try:
        text.encode(getattr(stream, "encoding", None) or "utf-8")
    except (UnicodeEncodeError, LookupError):
        return False
    return True
