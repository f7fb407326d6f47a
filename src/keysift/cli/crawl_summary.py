"""The end of a crawl, for people: what was looked at, what is new, what failed, what to do next."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Final, TextIO

from keysift.report.escape import visible
from keysift.report.page import Margin, Page, Style
from keysift.report.summary import count, human_bytes

if TYPE_CHECKING:
    from keysift.crawl.standing import Standing

_MARGIN: Final = Margin(0, 12)
_REASONS: Final = 3


def write_crawl_summary(
    standing: Standing,
    stream: TextIO,
    *,
    color: bool,
    width: int,
    is_stopped: bool,
    store: str | None = None,
) -> None:
    """Write what a crawl did.

    Args:
        standing: How it ended.
        stream: Where to.
        color: Whether to use colours.
        width: Columns.
        is_stopped: Whether it was stopped before its end.
        store: Where it was written to, when other commands do not look there by themselves.
    """
    page = Page(stream, color=color, width=width)
    counts = standing.counts
    looked = [
        f"{count(counts.projects, 'project')}",
        f"{count(counts.pages, 'had', 'had')} changed",
    ]
    _row(page, "Looked at", looked)
    _row(page, "New", [count(counts.added, "file"), count(counts.changed, "other change")])
    scanned = [count(counts.artifacts, "artifact"), *_fetched(standing)]
    _row(page, "Scanned", scanned)
    if counts.findings:
        _row(page, "Found", [count(counts.findings, "match", "matches")], Style.ALARM)
    if counts.incomplete:
        what = f"{count(counts.incomplete, 'artifact')} only in part"
        _row(page, "Incomplete", [what], Style.WARNING)
    _write_failures(page, standing)
    page.raw()
    _write_conclusion(page, standing, store, is_stopped=is_stopped)


def _fetched(standing: Standing) -> list[str]:
    counts = standing.counts
    if not counts.published_bytes:
        return []
    fetched, published = counts.fetched_bytes, counts.published_bytes
    pieces = [f"{human_bytes(fetched)} fetched of {human_bytes(published)} published"]
    if fetched < published:
        pieces.append(f"{1 - fetched / published:.0%} saved")
    return pieces


def _write_failures(page: Page, standing: Standing) -> None:
    counts = standing.counts
    if not counts.failed + counts.unread:
        return
    what = [count(counts.failed, "artifact")] if counts.failed else []
    what += [count(counts.unread, "project page")] if counts.unread else []
    _row(page, "Failed", what, Style.WARNING)
    for reason, number in standing.reasons.most_common(_REASONS):
        _row(page, "", [f"{number:,} {visible(reason)}"], Style.FAINT)
    left = len(standing.reasons) - _REASONS
    if left > 0:
        _row(page, "", [f"and {count(left, 'other reason')}"], Style.FAINT)


def _write_conclusion(
    page: Page, standing: Standing, store: str | None, *, is_stopped: bool
) -> None:
    counts = standing.counts
    if is_stopped:
        page.paragraph("! Stopped. Run the same command again to go on.", Style.WARNING)
    elif counts.failed + counts.unread:
        text = "✗ Some could not be had. Run the same command again to try them again."
        page.paragraph(text, Style.ALARM)
        page.paragraph("What failed for good is tried again with --retry-failed.", indent=2)
    elif not counts.artifacts:
        page.paragraph("✓ Nothing new to scan.", Style.GOOD)
    else:
        page.paragraph("✓ Everything is scanned.", Style.GOOD)
    if counts.findings:
        option = "" if store is None else f" --store {shlex.quote(visible(store))}"
        page.paragraph(f"See what was found: keysift findings{option}", indent=2)


def _row(page: Page, label: str, pieces: list[str], style: Style = Style.PLAIN) -> None:
    page.labelled(label, " · ".join(pieces).split(), style, margin=_MARGIN)
