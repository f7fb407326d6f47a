"""One run: targets in, a result out. What the command line and the library share."""

from __future__ import annotations

import io
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Protocol

from msgspec import Struct, field, structs

from keysift.catalogue import Catalogue
from keysift.catalogue.cache import Cache
from keysift.crawl.findings import adopt, finding_of, gather
from keysift.crawl.ignoring import (
    Ignoring,
    Settled,
    decides,
    obey,
    settle,
    stale,
    stale_remark,
    unused_rules,
)
from keysift.crawl.runner import BATCH_BYTES, Settings, run, scan_file
from keysift.crawl.seen import Seen, SuppressedSighting
from keysift.crawl.worker import Project, Witness, holds_members
from keysift.detect.statistics import Statistics
from keysift.errors import KeysiftError, TargetError
from keysift.ignoring.baseline import Entry
from keysift.model import (
    Artifact,
    Confidence,
    Coverage,
    Finding,
    FingerprintKey,
    Remark,
    Severity,
    Skip,
    SkipReason,
    SuppressReason,
)
from keysift.report.result import ScanResult, SuppressedFinding
from keysift.report.texts import texts
from keysift.sources.files import LocalFile, walk
from keysift.sources.spec import PathTarget, ProjectTarget, StdinTarget, parse
from keysift.unpack import Limits

if TYPE_CHECKING:
    import requests

    from keysift.sources.git.selection import GitTarget
    from keysift.sources.project_page import IndexFile


class Observer(Protocol):
    """Is told how a run goes on."""

    def expect(self, size_bytes: int) -> None:
        """There will be this much more to look at."""

    def current(self, name: str) -> None:
        """This is being looked at."""

    def advance(self, size_bytes: int, files: int) -> None:
        """This much more was looked at, or has arrived. May be called from any thread."""


class Silent:
    """An observer that is not interested."""

    def expect(self, size_bytes: int) -> None:
        """Do nothing."""

    def current(self, name: str) -> None:
        """Do nothing."""

    def advance(self, size_bytes: int, files: int) -> None:
        """Do nothing."""


class Wanted(Struct, frozen=True, kw_only=True):
    """What to read, and how.

    Attributes:
        exclude: Globs of paths to leave out of directories.
        use_ignore_files: Whether ``.gitignore`` files are obeyed in directories.
        all_releases: Every release of a project instead of the newest.
        index_url: The package index; None for pip's.
        environ: The environment, for pip's configuration and proxies.
        stdin: What the target ``-`` reads.
        jobs: Processes at most.
        limits: Bounds for each artifact.
        measure: Whether to count what scanning costs.
        ignoring: What is found and not reported, because somebody decided so.
        excerpts: Whether matches come with the lines around them.
    """

    exclude: tuple[str, ...] = ()
    use_ignore_files: bool = True
    all_releases: bool = False
    index_url: str | None = None
    environ: Mapping[str, str] = field(default_factory=dict)
    stdin: BinaryIO | None = None
    jobs: int = 1
    limits: Limits = field(default_factory=Limits)
    measure: bool = False
    ignoring: Ignoring = Ignoring()
    excerpts: bool = False


class Session:
    """Scans targets one after the other and keeps what they held.

    Attributes:
        coverage: What was looked at so far.
        statistics: What it cost, when measured.
        elapsed_s: Seconds spent in ``scan``.
        directories: The directories that were scanned.
        stale: Entries of the baseline that fit nothing any more, as far as the run decides that;
            None when it does not. ``result`` fills it in.
    """

    def __init__(
        self, *, catalogue: Catalogue, key: FingerprintKey, cache: Cache | None, wanted: Wanted
    ) -> None:
        self._catalogue = catalogue
        self._key = key
        self._wanted = wanted
        ignoring = wanted.ignoring
        self._settings = Settings(
            catalogue, wanted.limits, cache, wanted.measure, ignoring.comments, wanted.excerpts
        )
        self._published = self._settings
        if not ignoring.in_published:
            self._published = structs.replace(self._settings, comments=None)
        self._seen = Seen()
        self.statistics = Statistics()
        self.elapsed_s = 0.0
        self.directories: list[Path] = []
        self.stale: list[Entry] | None = None

    @property
    def coverage(self) -> Coverage:
        """What was looked at so far."""
        return self._seen.coverage

    @property
    def seen(self) -> Seen:
        """What was found so far, place by place."""
        return self._seen

    def scan(self, target: str, observer: Observer) -> None:
        """Scan one target.

        Raises:
            TargetError: There is no such target, or it cannot be understood.
            IndexUnavailableError: The index did not give what it should.
        """
        began = time.perf_counter()
        try:
            match parse(target):
                case PathTarget() as where:
                    self._scan_files(where, observer)
                case StdinTarget():
                    self._scan_stdin(target, observer)
                case ProjectTarget() as project:
                    self._scan_project(target, project, observer)
        finally:
            self.elapsed_s += time.perf_counter() - began

    def scan_path(self, path: str, observer: Observer) -> None:
        """Scan a file or directory, whatever its name looks like.

        Raises:
            TargetError: There is nothing at ``path``.
        """
        self._scan_files(PathTarget(Path(path)), observer)

    def scan_release(
        self,
        files: Iterable[LocalFile],
        witness: Callable[[LocalFile], Witness],
        observer: Observer,
    ) -> None:
        """Scan the files of one release, here and one after the other: they share their members.

        Args:
            files: Wheels, sdists and what belongs to them.
            witness: Makes what is told of the members of a file.
            observer: Is told how it goes on.
        """
        began = time.perf_counter()
        listed = list(files)
        observer.expect(sum(file.size_bytes for file in listed))
        project = self._project(self._settings, shares_members=len(listed) > 1)
        for file in listed:
            observer.current(file.display)
            self._keep(scan_file(file, project, witness(file)))
            observer.advance(file.size_bytes, 1)
        self.elapsed_s += time.perf_counter() - began

    def scan_published(
        self,
        files: Sequence[IndexFile],
        http: requests.Session,
        witness: Callable[[Artifact], Witness],
        observer: Observer,
    ) -> None:
        """Scan files of one project that an index has.

        Args:
            files: Which.
            http: What to ask the index with.
            witness: Makes what is told of the members of an artifact.
            observer: Is told how it goes on.
        """
        began = time.perf_counter()
        try:
            self._scan_published(files, http, observer, witness)
        finally:
            self.elapsed_s += time.perf_counter() - began

    def scan_git(self, target: GitTarget, observer: Observer) -> None:
        """Scan a git repository, or a part of it.

        Raises:
            TargetError: There is no repository, or no such part of it.
            GitError: It is damaged.
            ConfigurationError: There is no git, or it is too old.
        """
        # Most scans have nothing to do with git.
        from keysift.crawl.history import GitScan  # noqa: PLC0415 (start-up time)

        began = time.perf_counter()
        scan = GitScan(
            settings=self._settings,
            workers=self._wanted.jobs,
            environ=self._wanted.environ,
            exclude=self._wanted.exclude,
            observer=observer,
            statistics=self.statistics,
        )
        try:
            scan.run(target, self._seen)
        finally:
            self.elapsed_s += time.perf_counter() - began

    def failed(self, error: KeysiftError) -> None:
        """Note that a target could not be scanned, or not to its end."""
        self._skip([Skip(path="", reason=SkipReason.TARGET_FAILED, detail=str(error))])

    def interrupted(self) -> None:
        """Note that the run was stopped before its end."""
        self._skip([Skip(path="", reason=SkipReason.INTERRUPTED, detail="stopped by the user")])

    def result(
        self,
        *,
        confidence: Confidence,
        severity: Severity,
        version: str,
        keep_suppressed: bool = False,
    ) -> ScanResult:
        """Return what was found.

        Args:
            confidence: Leave out what is less certain.
            severity: Leave out what is less severe.
            version: Version of keysift, for the report.
            keep_suppressed: Whether to list the suppressed matches too.
        """
        remarks = self._obey_rules()
        found = gather(self._seen.sightings, self._catalogue, self._key)
        adopt(found, self._seen)
        shown = [
            finding
            for finding in found
            if finding.confidence.rank >= confidence.rank and finding.severity.rank >= severity.rank
        ]
        coverage = self._seen.coverage
        coverage.hidden = len(found) - len(shown)
        settled = self._settled(found, shown)
        shown = settled.kept
        coverage.skips.sort(key=lambda skip: (skip.artifact, skip.path, skip.reason.value))
        suppressed = (
            [*map(_suppressed, self._seen.suppressed), *settled.ignored] if keep_suppressed else ()
        )
        return ScanResult(
            version=version,
            ruleset=self._catalogue.digest,
            findings=shown,
            coverage=coverage,
            suppressed=sorted(suppressed, key=lambda one: (one.artifact or "", one.path, one.line)),
            detectors=texts(self._catalogue, {finding.detector for finding in shown}),
            remarks=sorted([*self._seen.remarks, *remarks, *settled.remarks], key=_place_of),
        )

    def _obey_rules(self) -> list[Remark]:
        """Take away what rules ignore; returns what is the matter with them."""
        ignoring = self._wanted.ignoring
        if ignoring.rules is None:
            return []
        obey(self._seen, ignoring.rules)
        if not ignoring.report_unused or not self._seen.coverage.complete:
            return []
        return list(unused_rules(ignoring.rules))

    def _settled(self, found: list[Finding], shown: list[Finding]) -> Settled:
        """Return what the baseline leaves of the findings to report, and what it takes away."""
        known = self._wanted.ignoring.known
        if known is None:
            return Settled(shown)
        settled = settle(shown, known)
        coverage = self._seen.coverage
        if settled.ignored:
            coverage.suppressed[SuppressReason.BASELINE.value] = len(settled.ignored)
        if decides(self._wanted.ignoring, self.directories, coverage):
            others = [*found, *self._decided()]
            self.stale = stale(known, settled.used, others, self._catalogue.by_id)
            settled.remarks = [stale_remark(known, self.stale)] if self.stale else []
        return settled

    def _decided(self) -> Iterator[Finding]:
        """Yield what is ignored for what somebody decided elsewhere."""
        for one in self._seen.suppressed:
            if one.suppressed.reason.is_chosen:
                match = one.suppressed.match
                yield finding_of(match, self._catalogue.by_id[match.detector], self._key)

    def _skip(self, skips: Iterable[Skip]) -> None:
        self._seen.coverage.skips.extend(skips)

    def _scan_files(self, target: PathTarget, observer: Observer) -> None:
        wanted = self._wanted
        if target.path.is_dir():
            self.directories.append(target.path)
        found = walk(target, wanted.exclude, use_ignore_files=wanted.use_ignore_files)
        files = self._listed(found, observer)
        for outcome in run(files, self._settings, wanted.jobs):
            self._seen.add(outcome.seen)
            if outcome.statistics is not None:
                self.statistics.add(outcome.statistics)
            if outcome.job is not None:
                observer.current(outcome.job.label)
                observer.advance(outcome.job.size_bytes, outcome.job.count)

    def _listed(self, found: Iterator[LocalFile | Skip], observer: Observer) -> Iterator[LocalFile]:
        """Yield the files; note the skips, and how many bytes are to come."""
        unseen = 0
        for item in found:
            if isinstance(item, Skip):
                self._skip([item])
                continue
            unseen += item.size_bytes
            if unseen >= BATCH_BYTES:
                observer.expect(unseen)
                unseen = 0
            yield item
        observer.expect(unseen)

    def _scan_stdin(self, target: str, observer: Observer) -> None:
        if self._wanted.stdin is None:
            raise TargetError("-: there is no standard input to read")
        content = self._wanted.stdin.read()
        artifact = Artifact(
            target=target,
            name="stdin",
            size_bytes=len(content),
            is_container=holds_members(io.BytesIO(content)),
        )
        project = self._project(self._settings, shares_members=False)
        observer.expect(len(content))
        self._keep(project.scan(artifact, io.BytesIO(content)))
        observer.advance(len(content), 1)

    def _scan_project(self, target: str, project: ProjectTarget, observer: Observer) -> None:
        # The HTTP stack costs more start-up time than scanning a file.
        from keysift.sources.pypi import Index  # noqa: PLC0415

        index = Index(self._wanted.index_url, environ=self._wanted.environ)
        files = index.select(project, target=target, all_releases=self._wanted.all_releases)
        self._scan_published(files, index.session, observer)

    def _scan_published(
        self,
        files: Sequence[IndexFile],
        http: requests.Session,
        observer: Observer,
        witness: Callable[[Artifact], Witness] | None = None,
    ) -> None:
        from keysift.sources.fetch import fetch  # noqa: PLC0415 (as above)

        observer.expect(sum(file.artifact.size_bytes or 0 for file in files))
        scanner = self._project(self._published, shares_members=len(files) > 1)
        # Bytes are counted as they arrive: waiting for them takes longer than scanning them.
        for item in fetch(files, http, progress=lambda size: observer.advance(size, 0)):
            if isinstance(item, Skip):
                self._skip([item])
                continue
            observer.current(item.artifact.name)
            told = witness(item.artifact) if witness is not None else None
            with item.file:
                self._keep(scanner.scan(item.artifact, item.file, witness=told))
            observer.advance(0, 1)

    def _project(self, settings: Settings, *, shares_members: bool) -> Project:
        scanner = settings.scanner()
        if scanner.statistics is not None:
            self.statistics = scanner.statistics
        return Project(scanner, self._wanted.limits, shares_members=shares_members)

    def _keep(self, seen: Seen) -> None:
        self._seen.add(seen)


def _place_of(remark: Remark) -> tuple[str, str, str, int]:
    return remark.artifact, remark.path, remark.part or "", remark.line


def _suppressed(sighting: SuppressedSighting) -> SuppressedFinding:
    one = sighting.suppressed
    artifact = sighting.artifact
    return SuppressedFinding(
        detector=one.match.detector,
        mask=one.match.secret.mask,
        reason=one.reason,
        detail=one.detail,
        score=one.match.score,
        reasons=one.match.reasons,
        artifact=artifact.purl or (artifact.name if artifact.is_container else None),
        path=sighting.path,
        line=one.match.line,
        column=one.match.column,
        part=sighting.part,
    )
