"""Scans the history of a git repository: each object once, then the commits for what was found."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from keysift.crawl.blobs import Blobs, batches
from keysift.crawl.introductions import Holdings, Identity, Placement
from keysift.crawl.runner import Settings, run_jobs
from keysift.crawl.worker import Seen
from keysift.detect.statistics import Statistics
from keysift.errors import GitError
from keysift.model import Skip, SkipReason
from keysift.sources.files import exclusions
from keysift.sources.git.changes import changes_of, commits, oldest_first
from keysift.sources.git.command import Git
from keysift.sources.git.objects import Listed, Objects, list_objects

if TYPE_CHECKING:
    from keysift.crawl.session import Observer

_MISSING: Final = "objects of the history are not in this clone (a partial one); fetch them"
_SHALLOW: Final = "a shallow clone: older commits are not here (git fetch --unshallow)"


class History(Struct, frozen=True, kw_only=True):
    """How to scan a history.

    Attributes:
        git: The repository.
        target: What the user named.
        settings: How objects are scanned.
        workers: Processes at most.
        exclude: Globs of paths to leave out.
        observer: Is told how it goes on.
    """

    git: Git
    target: str
    settings: Settings
    workers: int
    exclude: Sequence[str]
    observer: Observer

    def scan(self, into: Seen, statistics: Statistics, *, unreachable: bool = False) -> None:
        """Scan all of it.

        Args:
            into: What was found is added here, also when the scan is stopped.
            statistics: What it cost is added here, when measured.
            unreachable: Whether to scan what no branch or tag leads to as well.

        Raises:
            GitError: The repository is damaged.
            TargetError: There is none.
            ConfigurationError: There is no git, or it is too old; or a glob cannot be read.
        """
        excluded = exclusions(self.exclude)
        version = self.git.require()
        objects = list_objects(self.git, version, unreachable=unreachable)
        seen = Seen()
        try:
            self.scan_objects(objects.listed, seen, statistics)
        finally:
            holdings = Holdings(seen)
            placement = Placement(self.target, holdings, excluded)
            self._place(placement, objects)
            placed = self.finished(placement, holdings)
            placed.coverage.skips.extend(_left_behind(self.git, objects))
            into.add(_with_counts(placed, seen))

    def scan_objects(self, objects: Sequence[Listed], seen: Seen, statistics: Statistics) -> None:
        """Add to ``seen`` what objects hold."""
        self.observer.expect(sum(one.size_bytes for one in objects))
        jobs: Iterator[Blobs] = batches(self.git, self.target, objects)
        for outcome in run_jobs(jobs, self.settings, self.workers):
            seen.add(outcome.seen)
            if outcome.statistics is not None:
                statistics.add(outcome.statistics)
            if outcome.job is not None:
                self.observer.current(outcome.job.label)
                self.observer.advance(outcome.job.size_bytes, outcome.job.count)

    def finished(self, placement: Placement, holdings: Holdings) -> Seen:
        """Return what was placed, with its commits and whether it is still there."""
        used = placement.finish()
        return placement.result(commits(self.git, used), _in_head(self.git, holdings))

    def _place(self, placement: Placement, objects: Objects) -> None:
        reachable = oldest_first(self.git, "--all")
        placement.add(changes_of(self.git, reachable))
        known = set(reachable.decode("ascii").split())
        others = [one.id for one in objects.listed if one.kind == "commit" and one.id not in known]
        if others:
            given = "\n".join(others).encode("ascii")
            try:
                order = oldest_first(self.git, "--stdin", "--no-walk", given=given)
                placement.add(list(changes_of(self.git, order)))
            except GitError:
                # A commit that was given up rests on one that is gone: what it holds is reported
                # without it.
                return


def _in_head(git: Git, holdings: Holdings) -> set[Identity]:
    """Return what the commit holds that is checked out; nothing before the first one."""
    tree = git.ask("ls-tree", "-r", "-z", "--full-tree", "HEAD")
    lines = (line.split(b"\t", 1)[0] for line in tree.text.split(b"\0") if line)
    names = {line.rpartition(b" ")[2].decode("ascii") for line in lines} & holdings.names()
    return holdings.among(names) | holdings.doubted(names)


def _left_behind(git: Git, objects: Objects) -> Iterator[Skip]:
    """Yield what this clone does not have of the history."""
    if objects.missing:
        detail = f"{len(objects.missing):,} {_MISSING}"
        yield Skip(path="", reason=SkipReason.NOT_CLONED, detail=detail)
    if git.output("rev-parse", "--is-shallow-repository").strip() == b"true":
        yield Skip(path="", reason=SkipReason.NOT_CLONED, detail=_SHALLOW)


def _with_counts(placed: Seen, seen: Seen) -> Seen:
    """Return what was placed, with the numbers of what was looked at."""
    counted = seen.coverage
    coverage = placed.coverage
    coverage.artifacts, coverage.files = counted.artifacts, counted.files
    coverage.bytes, coverage.scanned = counted.bytes, counted.scanned
    coverage.duplicates = counted.duplicates
    return placed
