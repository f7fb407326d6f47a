"""Tables of what there is, what was looked at, and what is left out."""

from __future__ import annotations

from typing import Final

from keysift.statistics.tables.values import Line, Measure, Table, Unit, line, part
from keysift.statistics.tables.words import NOT_COUNTED
from keysift.statistics.values import ArtifactCoverage, Statistics

_PROJECTS: Final = {
    "listed": "known to the store",
    "scanned": "of which an artifact was scanned",
    "complete": "scanned completely",
    "unread": "whose page was not read yet",
    "removed": "that their index has no more",
}
_RELEASES: Final = {
    "listed": "known to the store",
    "scanned": "of which an artifact was scanned",
    "complete": "scanned completely",
    "yanked": "yanked",
    "deleted": "that the index has no more",
}
_ARTIFACTS: Final = (
    Measure("listed", "known", Unit.ARTIFACTS),
    Measure("scanned", "scanned", Unit.ARTIFACTS),
    Measure("incomplete", "of these not completely", Unit.ARTIFACTS),
    Measure("unreadable", "not readable", Unit.ARTIFACTS),
    Measure("failed", "failed", Unit.ARTIFACTS),
    Measure("pending", "not scanned yet", Unit.ARTIFACTS),
    Measure("gone", "deleted before", Unit.ARTIFACTS),
    Measure("yanked", "yanked", Unit.ARTIFACTS),
    Measure("deleted", "deleted", Unit.ARTIFACTS),
    Measure("bytes", "bytes", Unit.BYTES),
    Measure("unsized", "of unknown size", Unit.ARTIFACTS),
    Measure("scanned_bytes", "bytes scanned", Unit.BYTES),
    Measure("fetched_bytes", "bytes fetched", Unit.BYTES),
    Measure("content_bytes", "bytes of content", Unit.BYTES),
    Measure("members", "files in the scanned ones", Unit.MEMBERS),
)


def coverage_tables(statistics: Statistics) -> list[Table]:
    """Return the denominators."""
    coverage = statistics.coverage
    projects = [
        line(name, title, getattr(coverage.projects, name)) for name, title in _PROJECTS.items()
    ]
    releases = [
        line(name, title, getattr(coverage.releases, name)) for name, title in _RELEASES.items()
    ]
    return [
        Table(
            id="coverage.projects",
            title="Projects",
            counts="Projects of the scope, those that their index has removed included.",
            head="projects",
            measures=(Measure("projects", "projects", Unit.PROJECTS),),
            lines=tuple(projects),
        ),
        Table(
            id="coverage.releases",
            title="Releases",
            counts="Releases of these projects, deleted ones included.",
            head="releases",
            measures=(Measure("releases", "releases", Unit.RELEASES),),
            lines=tuple(releases),
        ),
        Table(
            id="coverage.artifacts",
            title="Artifacts",
            counts=(
                "Artifacts of these releases by what became of scanning them, and their sizes. "
                "What is known is the sum of scanned, not readable, failed, not scanned yet and "
                "deleted before it was scanned."
            ),
            head="kind",
            measures=_ARTIFACTS,
            lines=tuple(map(_artifacts, (*coverage.kinds, coverage.artifacts))),
        ),
        _skipped(statistics),
        _rulesets(statistics),
    ]


def not_counted_table(statistics: Statistics) -> Table:
    """Return the secrets that are in no other figure."""
    left_out = statistics.not_counted
    return Table(
        id="not_counted",
        title="Left out",
        counts=(
            "Secrets that stand in projects of the scope and are in no other figure, each for the "
            "first of these reasons that holds."
        ),
        head="why",
        measures=(Measure("secrets", "secrets", Unit.SECRETS),),
        lines=tuple(
            line(name, title, getattr(left_out, name)) for name, title in NOT_COUNTED.items()
        ),
    )


def _artifacts(coverage: ArtifactCoverage) -> Line:
    values = (getattr(coverage, measure.id) for measure in _ARTIFACTS)
    return line(coverage.kind or "all", coverage.kind or "all", *values)


def _skipped(statistics: Statistics) -> Table:
    return Table(
        id="coverage.skipped",
        title="Not looked at, by reason",
        counts=(
            "What was passed over inside artifacts of the scope: members, or whole artifacts. "
            "Only in a gap may a secret have been missed."
        ),
        head="reason",
        measures=(
            Measure("skips", "skips", Unit.SKIPS),
            Measure("artifacts", "artifacts", Unit.ARTIFACTS),
            Measure("bytes", "bytes", Unit.BYTES),
            Measure("unsized", "of unknown size", Unit.SKIPS),
            Measure("is_gap", "gap", Unit.TEXT),
        ),
        lines=tuple(
            line(
                one.reason,
                one.reason.replace("_", " "),
                one.skips,
                one.artifacts,
                one.bytes,
                one.unsized,
                one.is_gap,
            )
            for one in statistics.coverage.skipped
        ),
    )


def _rulesets(statistics: Statistics) -> Table:
    return Table(
        id="coverage.rulesets",
        title="What was looked for",
        counts="The catalogues of the last scans of the scanned artifacts, the newest first.",
        head="ruleset",
        measures=(
            Measure("version", "first used by keysift", Unit.TEXT),
            Measure("detectors", "types", Unit.DETECTORS),
            Measure("first_used_at", "first used", Unit.DATE),
            Measure("artifacts", "artifacts", Unit.ARTIFACTS),
            Measure("is_newest", "newest", Unit.TEXT),
        ),
        lines=tuple(
            line(
                one.digest,
                one.digest,
                one.version,
                one.detectors,
                one.first_used_at,
                part(one.artifacts),
                one.is_newest,
            )
            for one in statistics.coverage.rulesets
        ),
    )
