"""The state of secrets sprawl as one HTML file: figures of a store, told as a story."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from keysift.report.html.changed import changed
from keysift.report.html.lives import holders, lasting, places
from keysift.report.html.method import LIMITS, coverage, facts, nothing
from keysift.report.html.page import Card, Page, Section, write_page
from keysift.report.html.when import introduced, types, working
from keysift.report.html.words import around, between, day, median, of, percent
from keysift.report.summary import count

if TYPE_CHECKING:
    from typing import TextIO

    from keysift.statistics.values import Comparison, Statistics


def write_report(
    found: Statistics, stream: TextIO, *, comparison: Comparison | None = None
) -> None:
    """Write a report: one file, below 3 MB, which fetches nothing.

    Args:
        found: The figures.
        stream: Where to; UTF-8.
        comparison: What changed since an earlier report; None: nobody asked.

    Raises:
        UsageError: Altair, vl-convert or Jinja is not installed.
    """
    write_page(report_page(found, comparison), stream)


def report_page(found: Statistics, comparison: Comparison | None = None) -> Page:
    """Return a report as values.

    Args:
        found: The figures.
        comparison: As above.
    """
    period, made = found.period, found.made
    return Page(
        title=_title(found),
        subtitle=(
            f"{count(found.coverage.projects.scanned, 'project')}, "
            f"{count(found.coverage.artifacts.scanned, 'artifact')}, uploaded "
            f"{day(period.first_upload)} to {day(period.last_upload)}"
        ),
        notice=(
            "Made-up data: this report shows what keysift would tell of an index. No project, "
            "secret or number in it is real."
            if made.is_demo
            else None
        ),
        made=f"Made by keysift {made.version} on {day(made.at)}. It holds no value of a secret.",
        cards=list(_cards(found)),
        sections=list(_sections(found, comparison)),
        method=list(facts(found)),
        limits=LIMITS,
    )


def _title(found: Statistics) -> str:
    scope = found.scope
    if scope.org is not None:
        return f"The state of secrets: {scope.org}"
    if scope.projects:
        return f"The state of secrets in {', '.join(scope.projects)}"
    return "The state of secrets sprawl"


def _cards(found: Statistics) -> Iterator[Card]:
    head = found.headline
    yield Card(
        title="Secrets",
        value=f"{head.secrets:,}",
        note=(
            f"in {count(head.occurrences, 'place')}, of {count(head.detectors, 'type')} and "
            f"{count(head.providers, 'provider')}"
        ),
    )
    yield Card(
        title="Projects with a secret",
        value=percent(head.projects.share),
        note=f"{of(head.projects, 'project')} ({between(head.projects)})",
    )
    if head.active is not None and head.active.of:
        yield Card(
            title="Still work",
            value=f"{head.active.count:,}",
            note=(
                f"{percent(head.active.share)} of {count(head.active.of, 'secret')} with a clear "
                "answer"
            ),
        )
    if head.oldest_active is not None:
        yield Card(
            title="Oldest that still works",
            value=f"{head.oldest_active:%Y}",
            note=f"published on {day(head.oldest_active)}",
        )
    if head.still_present is not None and head.still_present.of:
        yield Card(
            title="In a newest release",
            value=percent(head.still_present.share),
            note=f"{of(head.still_present, 'secret')}: what pip installs today has them",
        )
    revocation = found.revocation
    if revocation is not None and revocation.whole.curve is not None:
        half = revocation.whole.curve.median
        yield Card(
            title="Median time to revocation",
            value=median(half),
            note=f"{around(half)}, from publication on",
        )


def _sections(found: Statistics, comparison: Comparison | None) -> Iterator[Section]:
    if comparison is not None:
        yield changed(comparison)
    if found.headline.secrets:
        yield from _story(found)
    else:
        yield nothing(found)
    passed = coverage(found)
    if passed is not None:
        yield passed


def _story(found: Statistics) -> Iterator[Section]:
    yield introduced(found)
    yield types(found)
    yield working(found)
    yield lasting(found)
    yield places(found)
    who = holders(found)
    if who.figures:
        yield who
