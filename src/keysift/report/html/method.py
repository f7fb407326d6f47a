"""How the figures came about, and what they do not tell: the part that makes them worth quoting."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Final

from msgspec import structs

from keysift.model import Severity
from keysift.report.html import charts
from keysift.report.html.figure import Column, Figure
from keysift.report.html.page import Fact, Section
from keysift.report.html.words import day, listed
from keysift.report.summary import count, human_bytes
from keysift.statistics.values import NotCounted, Period, Statistics

_SHOWN: Final = 12
"""Digits of a digest that tell it from others."""

LIMITS: Final = (
    (
        "Only what keysift has a detector for is counted. A password without a telling name, or a "
        "secret of an unknown type, is not found; and what looks like a secret may be none, the "
        "more so the less sure it is."
    ),
    (
        "That a provider said a secret works tells about the time it was asked, not about today. "
        "Those that nobody asked about, or that cannot be checked, may work."
    ),
    (
        "A secret that the newest release does not have can still be downloaded with the old "
        "ones: only revoking helps."
    ),
    (
        "The time of publication is that of the earliest upload that the index still tells of. A "
        "secret may have been public elsewhere before."
    ),
    (
        "Two secrets of one account, or one that was rotated, are two. An occurrence is a place, "
        "and the same file in forty releases is forty of them."
    ),
)


def facts(found: Statistics) -> Iterator[Fact]:
    """Yield how the figures came about."""
    period, scope, covered = found.period, found.scope, found.coverage
    yield Fact(name="Scope", text=_scope(found))
    yield Fact(
        name="Period",
        text=(
            f"uploads from {day(period.first_upload)} to {day(period.last_upload)}, last scanned "
            f"{day(period.first_scan)} to {day(period.last_scan)}; {_asked(period)}"
        ),
    )
    projects, releases = covered.projects, covered.releases
    yield Fact(
        name="Projects",
        text=(
            f"{projects.listed:,} known, {projects.scanned:,} with a scanned artifact, "
            f"{projects.complete:,} looked at completely; {projects.unread:,} not read yet, "
            f"{projects.removed:,} removed by the index"
        ),
    )
    yield Fact(
        name="Releases",
        text=f"{releases.listed:,} known, {releases.scanned:,} with a scanned artifact",
    )
    files = covered.artifacts
    yield Fact(
        name="Artifacts",
        text=(
            f"{files.listed:,} known, {files.scanned:,} scanned ({files.incomplete:,} with parts "
            f"that were passed over), {files.failed:,} failed, {files.pending:,} pending, "
            f"{files.gone:,} deleted before anybody looked"
        ),
    )
    yield Fact(
        name="Bytes",
        text=(
            f"{human_bytes(files.bytes)} published, {human_bytes(files.scanned_bytes)} scanned "
            f"({human_bytes(files.fetched_bytes)} fetched), {human_bytes(files.content_bytes)} of "
            f"content in {count(files.members, 'member')}"
        ),
    )
    yield Fact(
        name="Counted",
        text=(
            f"secrets from {scope.confidence} confidence and {scope.severity} severity on; not "
            f"counted: {_left_out(found.not_counted)}"
        ),
    )
    for ruleset in covered.rulesets:
        yield Fact(
            name="Ruleset" if ruleset.is_newest else "Older ruleset",
            text=(
                f"{ruleset.digest[:_SHOWN]} of keysift {ruleset.version}, "
                f"{count(ruleset.detectors, 'detector')}: the last to look at "
                f"{count(ruleset.artifacts.count, 'artifact')}"
            ),
        )
    yield Fact(
        name="Intervals",
        text=(
            f"{found.made.level:.0%}: of shares by Wilson's score, of curves and medians by "
            "Kaplan and Meier with log-log bands"
        ),
    )
    if found.made.k is not None:
        yield Fact(
            name="Anonymised",
            text=(
                f"no project is named, and groups of fewer than {found.made.k} projects are told "
                "of together or not at all"
            ),
        )
    if found.repository.only_packaged is None:
        yield Fact(name="Not in the repository", text=found.repository.reason)


def _scope(found: Statistics) -> str:
    scope = found.scope
    if scope.org is not None:
        return f"the projects of {scope.org}: {', '.join(scope.projects)}"
    if scope.projects:
        return f"projects named {', '.join(scope.projects)}"
    if scope.is_part:
        return "some projects, which are not named"
    indexes = ", ".join(scope.indexes) or count(scope.index_count, "index", "indexes")
    return f"all projects of the store; {indexes}"


def _left_out(left: NotCounted) -> str:
    numbers = (
        (left.canaries, "canary", "canaries"),
        (left.low_confidence, "less sure", "less sure"),
        (left.low_severity, "less severe", "less severe"),
        (left.outdated, "found no more", "found no more"),
        (left.false_positives, "set aside as none", "set aside as none"),
        (left.tests, "set aside as made for tests", "set aside as made for tests"),
    )
    told = [f"{number:,} {one if number == 1 else many}" for number, one, many in numbers]
    return listed(told)


def _asked(period: Period) -> str:
    if period.first_check is None:
        return "no provider was asked"
    return f"providers asked {day(period.first_check)} to {day(period.last_check)}"


def nothing(found: Statistics) -> Section:
    """Return what there is to say where no secret is counted; and how much that is worth."""
    looked, left_out = found.coverage.artifacts, found.not_counted
    unseen = looked.pending + looked.failed + looked.unreadable + looked.incomplete
    grade = f"{found.scope.confidence} confidence"
    if found.scope.severity != Severity.INFO.value:
        grade += f" and {found.scope.severity} severity"
    where = (
        f"{count(looked.scanned, 'artifact')} of "
        f"{count(found.coverage.projects.scanned, 'project')}"
    )
    text = [f"No secret of {grade} or more stands in the {where} that were scanned."]
    if unseen:
        text.append(
            "What was not looked at, or not wholly, may hold some: "
            f"{count(unseen, 'artifact')} more."
        )
    others = sum(number or 0 for number in structs.asdict(left_out).values())
    if others:
        text.append(f"Found and not counted: {count(others, 'secret')}, for the reasons below.")
    return Section(name="nothing", title="No secret", text=tuple(text))


def coverage(found: Statistics) -> Section | None:
    """Return the part about what was not looked at; None when all of it was."""
    skipped = found.coverage.skipped
    if not skipped:
        return None
    gaps = sum(one.skips for one in skipped if one.is_gap)
    return Section(
        name="coverage",
        title="What was not looked at",
        figures=(
            Figure(
                name="skipped",
                title="What was passed over in scanned artifacts, and why",
                reading=(
                    f"{count(gaps, 'member')} may have held something that nobody saw. Could not "
                    "look is never clean."
                ),
                counts="Members, or whole artifacts, by the reason that stands in the JSON report.",
                draw=partial(
                    charts.bars,
                    [(one.reason.replace("_", " "), one.skips) for one in skipped],
                    "Skips",
                    charts.GREY,
                ),
                columns=(
                    Column("Reason"),
                    Column("Skips"),
                    Column("Artifacts"),
                    Column("Bytes"),
                    Column("May have held something"),
                ),
                rows=[
                    (
                        one.reason.replace("_", " "),
                        one.skips,
                        one.artifacts,
                        one.bytes,
                        "yes" if one.is_gap else "no",
                    )
                    for one in skipped
                ],
            ),
        ),
    )
