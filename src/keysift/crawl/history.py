"""Scans git repositories: each object once, then the commits for what was found."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from keysift.crawl.blobs import batches
from keysift.crawl.introductions import Holdings, Identity, Placement, shown
from keysift.crawl.runner import Job, Settings, run_jobs
from keysift.crawl.seen import Seen
from keysift.detect.statistics import Statistics
from keysift.model import Skip, SkipReason
from keysift.sources.files import exclusions, is_excluded
from keysift.sources.git.changes import Change, changes_of, commits_of
from keysift.sources.git.command import Git
from keysift.sources.git.objects import BASE, BLOB_BYTES, FIRST, Listed, listed
from keysift.sources.git.selection import Everything, GitTarget, Range, Staged, staged

if TYPE_CHECKING:
    from keysift.crawl.session import Observer

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
            case Staged(lists_known):
                self._scan_changes(git, target.name, staged(git), (), into, lists_known=lists_known)
            case Range() as commits:
                git.require()
                names = commits.list(git)
                changes = list(changes_of(git, names, renames=True))
                ids = names.decode("ascii").split()
                messages = listed((), ids, commits.tags(git))
                self._scan_changes(
                    git, target.name, changes, messages, into, lists_known=commits.lists_known
                )

    def _scan_history(self, git: Git, name: str, into: Seen, *, unreachable: bool) -> None:
        # Hooks do without, and start-up counts.
        from keysift.crawl.packed import everything  # noqa: PLC0415
        from keysift.sources.git.walk import Walk  # noqa: PLC0415

        excluded = exclusions(self.exclude)
        git.require()
        seen = Seen()
        with Walk.of(git, self.workers, unreachable=unreachable) as walk:
            try:
                self._run(everything(git, name, walk), seen)
            finally:
                holdings = Holdings(seen)
                names = holdings.names()
                placement = Placement(name, holdings, names, excluded)
                placement.add(walk.changes(names))
                placed = self._placed(git, placement, holdings, with_head=True)
                placed.coverage.skips.extend(_left_behind(git, len(walk.missing)))
                into.add(_with_counts(placed, seen))

    def _scan_changes(
        self,
        git: Git,
        name: str,
        changes: list[Change],
        messages: Sequence[Listed],
        into: Seen,
        *,
        lists_known: bool,
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
        new = dict.fromkeys(one.new for one in wanted if one.new and not one.is_submodule)
        seen = Seen()
        objects = [*(listed(new) if lists_known else _with_bases(wanted, new)), *messages]
        self._scan(git, name, objects, seen, whole=lists_known)
        # Only where something was found does it matter what stood there before.
        found = {one.artifact.name for one in seen.sightings} | seen.echoes.keys()
        before = {old for one in wanted if one.new in found for old in one.olds} - new.keys()
        rested = Seen()
        self._scan(git, name, listed(sorted(before)), rested, whole=True)
        rested.add(seen)
        holdings = Holdings(rested)
        names = {*new, *(f"{one.kind} {one.id}" for one in messages)} & holdings.names()
        placement = Placement(name, holdings, names, excluded, lists_known=lists_known)
        placement.add(wanted)
        placed = self._placed(git, placement, holdings, with_head=bool(messages and found))
        placed.coverage.skips.extend(skips)
        into.add(_with_counts(placed, seen))

    def _placed(
        self, git: Git, placement: Placement, holdings: Holdings, *, with_head: bool
    ) -> Seen:
        """Return what was placed."""
        placement.close()
        head = _head(git, holdings) if with_head else None
        return placement.result(commits_of(git, placement.commits()), head)

    def _scan(
        self, git: Git, name: str, objects: Sequence[Listed], seen: Seen, *, whole: bool = False
    ) -> None:
        """Add to ``seen`` what objects hold."""
        if not objects:
            return
        self._run(batches(git, name, objects, whole=whole), seen)

    def _announced(self, jobs: Iterable[Job]) -> Iterator[Job]:
        for job in jobs:
            self.observer.expect(job.size_bytes)
            yield job

    def _run(self, jobs: Iterable[Job], seen: Seen) -> None:
        """Do jobs, and add to ``seen`` what came of them."""
        for outcome in run_jobs(self._announced(jobs), self.settings, self.workers):
            seen.add(outcome.seen)
            if outcome.statistics is not None:
                self.statistics.add(outcome.statistics)
            if outcome.job is not None:
                self.observer.current(outcome.job.label)
                self.observer.advance(outcome.job.size_bytes, outcome.job.count)


def _with_bases(changes: list[Change], new: Collection[str]) -> Iterator[Listed]:
    """Yield the new blobs, each behind the one that it is to be compared with."""
    left = set(new)
    for change in changes:
        if change.new in left:
            left.discard(change.new)
            yield from (Listed(one, BASE, BLOB_BYTES) for one in change.olds[:1])
            yield Listed(change.new, "blob" if change.olds else FIRST, BLOB_BYTES)


def _head(git: Git, holdings: Holdings) -> set[Identity]:
    """Return what the commit holds that is checked out; nothing before the first one."""
    tree = git.ask("ls-tree", "-r", "-z", "--full-tree", "HEAD")
    lines = (line.split(b"\t", 1)[0] for line in tree.text.split(b"\0") if line)
    names = {line.rpartition(b" ")[2].decode("ascii") for line in lines} & holdings.names()
    return holdings.among(names) | holdings.doubted(names)


def _left_behind(git: Git, missing: int) -> Iterator[Skip]:
    """Yield what this clone does not have of the history."""
    if missing:
        detail = f"{missing:,} objects of the history are not in this clone (git fetch --refetch)"
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
