"""A run of asking for people: what still works first, then what changed, then numbers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final

from keysift.model import Verdict
from keysift.report.escape import visible
from keysift.report.outcome_text import DOUBTS, outcome_lines
from keysift.report.page import Margin, Page, Style
from keysift.report.summary import count
from keysift.report.verification import AnswerRow, Verification

if TYPE_CHECKING:
    from typing import TextIO

SHOWN: Final = 50
"""Secrets of a kind that are shown one by one."""

_MARGIN: Final = Margin(2, 12)


def write_verification_text(
    run: Verification, stream: TextIO, *, color: bool, width: int, verbose: bool = False
) -> None:
    """Write what came of a run.

    Args:
        run: The run.
        stream: Where to.
        color: Whether it may be coloured.
        width: Columns.
        verbose: Whether every secret is shown, whatever came of it.
    """
    page = Page(stream, color=color, width=width)
    active = [row for row in run.rows if row.outcome.verdict is Verdict.ACTIVE]
    active.sort(key=_urgency)
    _write_rows(page, run, "still works", "still work", active, verbose=verbose)
    dead = [row for row in run.rows if row.is_changed and row.outcome.verdict is Verdict.INACTIVE]
    _write_rows(page, run, "works no more", "work no more", dead, verbose=verbose)
    if verbose:
        shown = {id(row) for row in (*active, *dead)}
        rest = [row for row in run.rows if id(row) not in shown]
        _write_rows(page, run, "other", "others", rest, verbose=True)
    for line, style in _numbers(run):
        page.paragraph(line, style)


def _urgency(row: AnswerRow) -> tuple[int, int]:
    privilege = row.outcome.privilege
    return (0 if privilege is None else -1 - privilege.rank, row.id or 0)


def _write_rows(
    page: Page,
    run: Verification,
    one: str,
    many: str,
    rows: Sequence[AnswerRow],
    *,
    verbose: bool,
) -> None:
    if not rows:
        return
    title = f"{count(len(rows), 'secret')} {one if len(rows) == 1 else many}"
    page.line((title, Style.STRONG))
    page.raw()
    shown = rows if verbose else rows[:SHOWN]
    for row in shown:
        _write_row(page, run, row)
    if len(shown) < len(rows):
        page.line((f"and {len(rows) - len(shown):,} more: --verbose shows all", Style.FAINT))
        page.raw()


def _write_row(page: Page, run: Verification, row: AnswerRow) -> None:
    text = run.detectors.get(row.detector)
    number = "" if row.id is None else f"{row.id}  "
    page.line(
        (number, Style.FAINT),
        (visible(row.mask), Style.STRONG),
        (f"  {row.detector}", Style.PLAIN),
        (f"  {row.outcome.verdict.value}", _VERDICTS[row.outcome.verdict]),
    )
    for label, words, style in outcome_lines(row.outcome):
        page.labelled(label, words.split(), style, margin=_MARGIN)
    if row.outcome.verdict is Verdict.ACTIVE and text is not None and text.revoke:
        page.labelled("revoke", [visible(text.revoke)], Style.LINK, margin=_MARGIN)
    page.raw()


_VERDICTS: Final = {
    Verdict.ACTIVE: Style.ALARM,
    Verdict.INACTIVE: Style.GOOD,
    Verdict.UNKNOWN: Style.WARNING,
    Verdict.NOT_CHECKABLE: Style.FAINT,
    Verdict.CANARY: Style.WARNING,
    Verdict.UNCHECKED: Style.FAINT,
}


def _numbers(run: Verification) -> Iterator[tuple[str, Style]]:
    asked = len(run.rows)
    verdicts = Counter(row.outcome.verdict for row in run.rows)
    words = [f"{verdicts[one]:,} {_WORDS[one]}" for one in _WORDS if verdicts[one]]
    line = f"{count(asked, 'secret')} checked with {count(run.requests, 'request')}"
    yield f"{line}{': ' if words else ''}{', '.join(words)}.", Style.STRONG
    doubts = Counter(row.outcome.doubt for row in run.rows if row.outcome.doubt is not None)
    if doubts:
        reasons = ", ".join(f"{number:,} {DOUBTS[one]}" for one, number in doubts.most_common())
        yield f"No clear answer: {reasons}.", Style.WARNING
    for one in run.postponed:
        line = f"{visible(one.provider)}: {count(one.secrets, 'secret')} not asked about"
        yield f"{line}: {one.why}. The next run asks.", Style.WARNING
    for number, why in run.unasked.values():
        yield f"{count(number, 'secret')} not asked about: {why}.", Style.FAINT


_WORDS: Final = {
    Verdict.ACTIVE: "still working",
    Verdict.INACTIVE: "working no more",
    Verdict.UNKNOWN: "without a clear answer",
    Verdict.NOT_CHECKABLE: "not checkable",
    Verdict.CANARY: "canaries",
}
