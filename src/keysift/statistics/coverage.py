"""The denominators, from rows of the census: pure counting."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import groupby
from operator import attrgetter
from typing import Any, Final

from msgspec import Struct, field
from sqlalchemy import Row

from keysift.model import SkipReason
from keysift.statistics.shares import share
from keysift.statistics.values import (
    ArtifactCoverage,
    Coverage,
    Period,
    ProjectCoverage,
    ReleaseCoverage,
    RulesetUse,
    Skipped,
)
from keysift.store.queries.census import ArtifactRow, ProjectTotals, ReleaseRow

_STATES: Final = ("scanned", "unreadable", "failed", "pending", "gone")
_KINDS: Final = ("sdist", "wheel", "egg", "other")
_NOT_A_DETECTOR: Final = "canaries"
"""Key among the detectors of a ruleset that stands for a user's lists of canaries."""


class Published(Struct):
    """What was published in a year.

    Attributes:
        projects: Projects with an artifact that was uploaded in it and scanned.
        new_projects: Those of them whose first upload was in it.
        artifacts: Artifacts uploaded in it that were scanned.
    """

    projects: int = 0
    new_projects: int = 0
    artifacts: int = 0


class Census(Struct):
    """Projects and releases, and what was published when.

    Attributes:
        scanned: Projects of which an artifact was scanned.
        complete: Projects that were scanned completely.
        releases: Numbers of ``ReleaseCoverage``, by its fields.
        years: What was published, by year; None: no index says when.
    """

    scanned: int = 0
    complete: int = 0
    releases: Counter[str] = field(default_factory=Counter)
    years: dict[int | None, Published] = field(default_factory=dict)


def census(rows: Iterable[ReleaseRow]) -> Census:
    """Return what rows of releases say; those of a project, and of a release, stand together."""
    counted = Census()
    for _, own in groupby(rows, key=attrgetter("project")):
        _project(counted, own)
    return counted


def _project(counted: Census, rows: Iterable[ReleaseRow]) -> None:
    releases = [_joined(list(own)) for _, own in groupby(rows, key=attrgetter("release"))]
    scanned: Counter[int | None] = Counter()
    first: int | None = None
    there = missing = 0
    for own in releases:
        _release(counted.releases, own)
        there += own.there
        missing += own.missing
        for year, artifacts in own.scanned.items():
            scanned[year] += artifacts
        if own.first is not None and (first is None or own.first < first):
            first = own.first
    counted.scanned += scanned.total() > 0
    counted.complete += there > 0 and not missing
    for year, artifacts in scanned.items():
        if artifacts:
            published = counted.years.setdefault(year, Published())
            published.projects += 1
            published.new_projects += year is not None and year == first
            published.artifacts += artifacts


class _Release(Struct):
    """A release, whose artifacts may be of several years."""

    scanned: dict[int | None, int]
    first: int | None
    there: int
    missing: int
    listed: int


def _joined(rows: list[ReleaseRow]) -> _Release:
    one = rows[0]
    if len(rows) == 1:
        return _Release({one.year: one.scanned}, one.year, one.there, one.missing, one.listed)
    return _Release(
        {row.year: row.scanned for row in rows},
        min((row.year for row in rows if row.year is not None), default=None),
        sum(row.there for row in rows),
        sum(row.missing for row in rows),
        sum(row.listed for row in rows),
    )


def _release(counts: Counter[str], release: _Release) -> None:
    counts["listed"] += 1
    counts["scanned"] += any(release.scanned.values())
    if not release.there:
        counts["deleted"] += 1
        return
    counts["complete"] += not release.missing
    counts["yanked"] += not release.listed


def coverage(
    counted: Census,
    totals: ProjectTotals,
    artifacts: Sequence[ArtifactRow],
    skips: Iterable[Row[Any]],
    rulesets: Sequence[Row[Any]],
    level: float,
) -> Coverage:
    """Return the denominators.

    Args:
        counted: Projects and releases.
        totals: Projects in numbers.
        artifacts: Artifacts.
        skips: What was passed over.
        rulesets: All that the store knows, the first used first.
        level: Confidence of the intervals.
    """
    kinds = [kind for kind in _KINDS if any(row.kind == kind for row in artifacts)]
    names = ("listed", "scanned", "complete", "yanked", "deleted")
    return Coverage(
        projects=ProjectCoverage(
            listed=totals.listed,
            removed=totals.removed,
            unread=totals.unread,
            scanned=counted.scanned,
            complete=counted.complete,
        ),
        releases=ReleaseCoverage(**{name: counted.releases[name] for name in names}),
        artifacts=_artifacts("", artifacts),
        kinds=tuple(
            _artifacts(kind, [row for row in artifacts if row.kind == kind]) for kind in kinds
        ),
        skipped=tuple(sorted(map(_skipped, skips), key=lambda one: (-one.skips, one.reason))),
        rulesets=_rulesets(artifacts, rulesets, level),
    )


def period(
    artifacts: Iterable[ArtifactRow],
    last_read: datetime | None,
    checks: tuple[datetime | None, datetime | None],
) -> Period:
    """Return which time the figures are about.

    Args:
        artifacts: Artifacts.
        last_read: When a page was last read.
        checks: When a provider was first and last asked about a counted secret.
    """
    scanned = [row for row in artifacts if row.state == "scanned"]

    def times(name: str) -> list[datetime]:
        found = (getattr(row, name) for row in scanned)
        return [time for time in found if time is not None]

    return Period(
        first_upload=min(times("first_upload"), default=None),
        last_upload=max(times("last_upload"), default=None),
        first_scan=min(times("first_scan"), default=None),
        last_scan=max(times("last_scan"), default=None),
        last_read=last_read,
        first_check=checks[0],
        last_check=checks[1],
    )


def _artifacts(kind: str, rows: Sequence[ArtifactRow]) -> ArtifactCoverage:
    states: Counter[str] = Counter()
    for row in rows:
        states[row.state] += row.artifacts
    scanned = [row for row in rows if row.state == "scanned"]
    return ArtifactCoverage(
        kind=kind,
        listed=states.total(),
        **{state: states[state] for state in _STATES},
        incomplete=sum(row.incomplete for row in scanned),
        yanked=sum(row.yanked for row in rows),
        deleted=sum(row.deleted for row in rows),
        bytes=sum(row.bytes for row in rows),
        unsized=sum(row.unsized for row in rows),
        scanned_bytes=sum(row.bytes for row in scanned),
        fetched_bytes=sum(row.fetched_bytes for row in scanned),
        content_bytes=sum(row.content_bytes for row in scanned),
        members=sum(row.members for row in scanned),
    )


def _skipped(row: Row[Any]) -> Skipped:
    known = {reason.value: reason for reason in SkipReason}
    reason = known.get(row.reason)
    return Skipped(
        reason=row.reason,
        # What a later keysift wrote down is a gap until it is known better.
        is_gap=reason is None or reason.is_gap,
        skips=row.skips,
        artifacts=row.artifacts,
        bytes=row.bytes,
        unsized=row.unsized,
    )


def _rulesets(
    artifacts: Iterable[ArtifactRow], rulesets: Sequence[Row[Any]], level: float
) -> tuple[RulesetUse, ...]:
    used: Counter[int | None] = Counter()
    for row in artifacts:
        if row.state == "scanned":
            used[row.ruleset] += row.artifacts
    newest = max((row.id for row in rulesets), default=None)
    return tuple(
        RulesetUse(
            digest=row.digest,
            version=row.version,
            detectors=sum(name != _NOT_A_DETECTOR for name in row.detectors),
            first_used_at=row.first_used_at,
            is_newest=row.id == newest,
            artifacts=share(used[row.id], used.total(), level),
        )
        for row in reversed(rulesets)
        if used[row.id]
    )
