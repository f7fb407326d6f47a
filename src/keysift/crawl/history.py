"""Scans git repositories: each object once, then the commits for what was found."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from keysift.crawl.blobs import Blobs, batches
from keysift.crawl.introductions import Holdings, Identity, Placement, shown
from keysift.crawl.runner import Settings, run_jobs
from keysift.crawl.worker import Seen
from keysift.detect.statistics import Statistics
from keysift.errors import GitError
from keysift.model import Skip, SkipReason
from keysift.sources.files import exclusions, is_excluded
from keysift.sources.git.changes import Change, changes_of, commits_of, oldest_first
from keysift.sources.git.command import Git
from keysift.sources.git.objects import Listed, Objects, list_objects, measured
from keysift.sources.git.selection import Everything, GitTarget, Range, Staged, staged

if TYPE_CHECKING:
    from keysift.crawl.session import Observer

_MISSING: Final = "objects of the history are not in this clone (a partial one); fetch them"
_SHALLOW: Final = "a shallow clone: older commits are not here (git fetch --unshallow)"


class GitScan(Struct, frozen=True, kw_only=True):
    """How repositories are scanned.

    Attributes:
        settings: How objects are scanned.
        workers: Processes at most.
        environ: The environment, for git.
        exclude: Globs of paths to leave out.
        observer: Is told how it goes on.
        statistics: What it cost is added here, when measured.
    """

    settings: Settings
    workers: int
    environ: Mapping[str, str]
    exclude: Sequence[str]
    observer: Observer
    statistics: Statistics

    def run(self, target: GitTarget, into: Seen) -> None:
        """Scan a repository, or a part of it.

        Args:
            target: Which.
            into: What was found is added here, also when the scan is stopped.

        Raises:
            TargetError: There is no repository, or no such part of it.
            GitError: It is damaged.
            ConfigurationError: There is no git, or it is too old; or a glob cannot be read.
        """
        git = Git.at(target.directory, target.working, self.environ)
        match target.part:
            case Everything(unreachable):
                self._scan_history(git, target.name, into, unreachable=unreachable)
            case Staged():
                self._scan_changes(git, target.name, staged(git), (), into)
            case Range() as commits:
                git.require()
                names = commits.list(git)
                changes = list(changes_of(git, names, renames=True))
                ids = names.decode("ascii").split()
                self._scan_changes(git, target.name, changes, ids, into)

    def _scan_history(self, git: Git, name: str, into: Seen, *, unreachable: bool) -> None:
        excluded = exclusions(self.exclude)
        objects = list_objects(git, git.require(), unreachable=unreachable)
        seen = Seen()
        try:
            self._scan(git, name, objects.listed, seen)
        finally:
            holdings = Holdings(seen)
            placement = Placement(name, holdings, holdings.names(), excluded)
            _place(git, placement, objects)
            placed = placement.result(commits_of(git, placement.finish()), _head(git, holdings))
            placed.coverage.skips.extend(_left_behind(git, objects))
            into.add(_with_counts(placed, seen))

    def _scan_changes(
        self, git: Git, name: str, changes: list[Change], commits: Sequence[str], into: Seen
    ) -> None:
        """Scan what changes bring in, and messages, for what was not there before."""
        excluded = exclusions(self.exclude)
        wanted, skips = [], []
        for change in changes:
            path = shown(change.path)
            if is_excluded(excluded, path.split("/")):
                skips.append(Skip(path=path, reason=SkipReason.EXCLUDED))
            else:
                wanted.append(change)
        new = {one.new for one in wanted if one.new and not one.is_submodule}
        seen = Seen()
        self._scan(git, name, measured(git, sorted(new), commits), seen)
        # Only where something was found does it matter what stood there before.
        found = {one.artifact.name for one in seen.sightings}
        before = {old for one in wanted if one.new in found for old in one.olds} - new
        rested = Seen()
        self._scan(git, name, measured(git, sorted(before), ()), rested)
        rested.add(seen)
        holdings = Holdings(rested)
        names = {*new, *(f"commit {one}" for one in commits)} & holdings.names()
        placement = Placement(name, holdings, names, excluded, lists_known=True)
        placement.add(wanted)
        head = _head(git, holdings) if commits and found else None
        placed = placement.result(commits_of(git, placement.finish()), head)
        placed.coverage.skips.extend(skips)
        into.add(_with_counts(placed, seen))

    def _scan(self, git: Git, name: str, objects: Sequence[Listed], seen: Seen) -> None:
        """Add to ``seen`` what objects hold."""
        self.observer.expect(sum(one.size_bytes for one in objects))
        jobs: Iterator[Blobs] = batches(git, name, objects)
        for outcome in run_jobs(jobs, self.settings, self.workers):
            seen.add(outcome.seen)
            if outcome.statistics is not None:
                self.statistics.add(outcome.statistics)
            if outcome.job is not None:
                self.observer.current(outcome.job.label)
                self.observer.advance(outcome.job.size_bytes, outcome.job.count)


def _place(git: Git, placement: Placement, objects: Objects) -> None:
    """Place what was found in the objects of a history."""
    reachable = oldest_first(git, "--all")
    placement.add(changes_of(git, reachable))
    known = set(reachable.decode("ascii").split())
    others = [one.id for one in objects.listed if one.kind == "commit" and one.id not in known]
    if not others:
        return
    try:
        order = oldest_first(
            git, "--stdin", "--no-walk", given="".join(f"{one}\n" for one in others).encode("ascii")
        )
        placement.add(list(changes_of(git, order)))
    except GitError:
        # A commit that was given up rests on one that is gone: what it holds is reported without
        # a commit.
        return


def _head(git: Git, holdings: Holdings) -> set[Identity]:
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
