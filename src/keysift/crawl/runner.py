"""Scans what is here in parallel, in this process when that is faster.

A job of local files is a batch of loose files, or the archives of one project: they share members,
and a job's ``Project`` scans each member once, as it does copies of a loose file; one of git's
objects is in ``keysift.crawl.blobs``. Outcomes come as they are ready; ``keysift.crawl.findings``
puts them in an order that does not depend on it.
"""

from __future__ import annotations

import gc
import re
import signal
import sys
from collections import deque
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import TYPE_CHECKING, Final, Protocol

from msgspec import Struct, field

from keysift.catalogue import Catalogue
from keysift.catalogue.cache import Cache
from keysift.crawl.seen import Seen
from keysift.crawl.worker import Project, Witness, holds_members, project_of
from keysift.detect.comments import Comments
from keysift.detect.scanner import Scanner
from keysift.detect.statistics import Statistics
from keysift.model import Artifact, Skip, SkipReason
from keysift.sources.files import LocalFile
from keysift.unpack import Limits

if TYPE_CHECKING:
    from concurrent.futures import Future, ProcessPoolExecutor

BATCH_FILES: Final = 256
BATCH_BYTES: Final = 8 * 1024 * 1024
"""Loose files are scanned in batches that end with this many files or bytes."""

_AHEAD: Final = 3
"""Jobs of each worker that have been handed out and not come back."""

SOLO_BYTES: Final = 6 * 1024 * 1024
"""Input up to this size is scanned in this process: starting others would take longer."""

_ARCHIVE: Final = re.compile(
    r"\.(whl|egg|zip|jar|nupkg|conda|tgz|tbz2?|txz|tar(\.(gz|bz2|xz|zst|lzma))?|crate|gem|deb)$",
    re.IGNORECASE,
)


_ALLOCATIONS: Final = 100_000
"""Objects that a worker makes before Python looks for circles among them."""


class Settings(Struct, frozen=True):
    """What every worker needs to know; can be pickled.

    Attributes:
        catalogue: What to look for.
        limits: Bounds for each artifact.
        cache: Where compiled patterns are kept.
        measure: Whether to count what scanning costs.
        comments: Which comments in what is scanned ignore its secrets; None: nobody's.
        excerpts: Whether matches come with the lines around them.
    """

    catalogue: Catalogue
    limits: Limits = field(default_factory=Limits)
    cache: Cache | None = None
    measure: bool = False
    comments: Comments | None = None
    excerpts: bool = False

    def scanner(self) -> Scanner:
        """Make the scanner."""
        statistics = Statistics() if self.measure else None
        return Scanner(
            self.catalogue,
            self.cache,
            statistics,
            excerpts=self.excerpts,
            comments=self.comments,
        )


class Job(Protocol):
    """Something for one process to do; can be pickled."""

    @property
    def label(self) -> str:
        """What it is about, for whoever watches."""

    @property
    def count(self) -> int:
        """How many files it is."""

    @property
    def size_bytes(self) -> int:
        """How large it is."""

    def scan(self, scanner: Scanner, limits: Limits) -> Seen:
        """Do it."""

    def lost(self, detail: str) -> Seen:
        """Return what to say when it could not be done."""


class Files(Struct, frozen=True):
    """A job of local files.

    Attributes:
        files: The files.
    """

    files: tuple[LocalFile, ...]

    @property
    def label(self) -> str:
        """The last of them."""
        return self.files[-1].display

    @property
    def count(self) -> int:
        """How many there are."""
        return len(self.files)

    @property
    def size_bytes(self) -> int:
        """How large they are together."""
        return sum(file.size_bytes for file in self.files)

    def scan(self, scanner: Scanner, limits: Limits) -> Seen:
        """Scan them, a member that they share once."""
        project = Project(scanner, limits, shares_members=len(self.files) > 1)
        seen = Seen()
        for file in self.files:
            seen.add(scan_file(file, project))
        return seen

    def lost(self, detail: str) -> Seen:
        """Return that none of them could be read."""
        seen = Seen()
        seen.coverage.files = len(self.files)
        seen.coverage.skips.extend(_unreadable(file, detail) for file in self.files)
        return seen


class Outcome(Struct):
    """What came of one job.

    Attributes:
        job: The job; None on its way from another process.
        seen: What they held.
        statistics: What it cost, when measured.
    """

    job: Job | None
    seen: Seen
    statistics: Statistics | None = None


def run(files: Iterable[LocalFile], settings: Settings, workers: int) -> Iterator[Outcome]:
    """Scan local files; yields an outcome for each job as it is ready.

    Args:
        files: What to scan.
        settings: How.
        workers: Processes at most.
    """
    yield from run_jobs(plan(files, early=workers), settings, workers)


def run_jobs(jobs: Iterator[Job], settings: Settings, workers: int) -> Iterator[Outcome]:
    """Do jobs; yields an outcome for each as it is ready.

    Args:
        jobs: What to do; the first are begun before the last are asked for.
        settings: How.
        workers: Processes at most.
    """
    first: list[Job] = []
    total = 0
    while len(first) < workers or total <= SOLO_BYTES:
        job = next(jobs, None)
        if job is None:
            break
        first.append(job)
        total += job.size_bytes
    workers = min(workers, len(first))
    if workers <= 1 or total <= SOLO_BYTES:
        scanner = settings.scanner()
        for job in chain(first, jobs):
            yield _outcome(job, scanner, settings)
        return
    settings.scanner()  # compiled once, and cached, before the workers load it
    yield from _parallel(first, jobs, settings, workers)


def plan(files: Iterable[LocalFile], early: int = 1) -> Iterator[Files]:
    """Group files into jobs: loose files in batches, then archives by project.

    The first batches come while the files are still being listed. For the others copies are
    brought together, which trees are full of (vendored packages, what was built from the sources):
    files of one size and name are in one batch as a rule. Projects come last, the largest first.

    Args:
        files: What to group.
        early: Batches that come in the order of the list at least, and not below `SOLO_BYTES`.
    """
    archives: dict[str, list[LocalFile]] = {}

    def loose() -> Iterator[LocalFile]:
        for file in files:
            if _ARCHIVE.search(file.name):
                archives.setdefault(project_of(file.name), []).append(file)
            else:
                yield file

    listed = loose()
    size = 0
    for count, batch in enumerate(_batches(listed), start=1):
        yield batch
        size += batch.size_bytes
        if count >= early and size > SOLO_BYTES:
            break
    yield from _batches(sorted(listed, key=lambda file: (file.size_bytes, file.name)))
    projects = (Files(tuple(project)) for project in archives.values())
    yield from sorted(projects, key=_size, reverse=True)


def _batches(files: Iterable[LocalFile]) -> Iterator[Files]:
    batch: list[LocalFile] = []
    size = 0
    for file in files:
        batch.append(file)
        size += file.size_bytes
        if len(batch) >= BATCH_FILES or size >= BATCH_BYTES:
            yield Files(tuple(batch))
            batch, size = [], 0
    if batch:
        yield Files(tuple(batch))


def _size(job: Job) -> int:
    return job.size_bytes


def scan_file(file: LocalFile, project: Project, witness: Witness | None = None) -> Seen:
    """Scan one local file; one that cannot be read is a skip.

    Args:
        file: The file.
        project: What it belongs to.
        witness: As for ``Project.scan``.
    """
    try:
        # A `Path` for each of a million files would take as long as reading most of them.
        with open(file.path, "rb") as stream:  # noqa: PTH123
            is_container = holds_members(stream)
            artifact = Artifact(
                target=file.target,
                name=file.display,
                size_bytes=file.size_bytes,
                is_container=is_container,
            )
            return project.scan(artifact, stream, witness=witness)
    except OSError as error:
        seen = Seen()
        seen.coverage.files = 1
        seen.coverage.skips.append(_unreadable(file, error.strerror or str(error)))
        return seen


def _outcome(job: Job, scanner: Scanner, settings: Settings) -> Outcome:
    if settings.measure:
        scanner.statistics = Statistics()
    return Outcome(job, job.scan(scanner, settings.limits), scanner.statistics)


def _unreadable(file: LocalFile, detail: str) -> Skip:
    return Skip(
        path=file.display,
        reason=SkipReason.UNREADABLE,
        detail=detail,
        size_bytes=file.size_bytes,
        artifact=file.display,
    )


class _Process:
    """What a worker process keeps between jobs."""

    scanner: Scanner
    settings: Settings


def _begin(settings: Settings) -> None:
    # The parent alone answers Ctrl-C: it keeps what was found so far.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # Hardly anything that scanning makes refers to itself; what was loaded stays as it is.
    gc.freeze()
    gc.set_threshold(_ALLOCATIONS)
    _Process.settings = settings
    _Process.scanner = settings.scanner()


def _work(job: Job) -> Outcome:
    outcome = _outcome(job, _Process.scanner, _Process.settings)
    # The parent has the job, which may name thousands of files.
    outcome.job = None
    return outcome


def _parallel(
    first: list[Job], others: Iterator[Job], settings: Settings, workers: int
) -> Iterator[Outcome]:
    # Only parallel scans pay for importing these.
    import multiprocessing  # noqa: PLC0415
    from concurrent.futures import FIRST_COMPLETED, ProcessPoolExecutor, wait  # noqa: PLC0415

    # Forking is safe here: no thread has been started yet, and workers share the automaton's pages.
    method = "fork" if sys.platform == "linux" else "spawn"
    pool = ProcessPoolExecutor(
        workers, multiprocessing.get_context(method), initializer=_begin, initargs=(settings,)
    )
    before = set(multiprocessing.active_children())
    waiting = deque(first)
    running: dict[Future[Outcome], Job] = {}

    def hand_out() -> None:
        # A few in advance keep the workers busy; all at once would keep every outcome.
        while waiting and len(running) < _AHEAD * workers:
            job = waiting.popleft()
            running[_submitted(pool, job)] = job

    try:
        hand_out()
        # The workers have been forked and are busy: time to list the rest, whose names are thus not
        # in the memory of each of them. The largest come first, so that no worker is left alone
        # with one at the end.
        waiting = deque(sorted(chain(waiting, others), key=_size, reverse=True))
        while waiting or running:
            hand_out()
            for future in wait(running, return_when=FIRST_COMPLETED).done:
                yield _result(running.pop(future), future)
    except KeyboardInterrupt:
        for future, job in running.items():
            if future.done():
                yield _result(job, future)
        raise
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
        if running:  # Stopped: nobody waits for what is still being scanned.
            for process in set(multiprocessing.active_children()) - before:
                process.terminate()


def _submitted(pool: ProcessPoolExecutor, job: Job) -> Future[Outcome]:
    """Hand a job to the pool; when that has lost a process, the future says so."""
    from concurrent.futures import Future  # noqa: PLC0415 (as above)
    from concurrent.futures.process import BrokenProcessPool  # noqa: PLC0415 (as above)

    try:
        return pool.submit(_work, job)
    except BrokenProcessPool as error:
        failed: Future[Outcome] = Future()
        failed.set_exception(error)
        return failed


def _result(job: Job, future: Future[Outcome]) -> Outcome:
    """Return a job's outcome; when its process died, it was not done."""
    from concurrent.futures.process import BrokenProcessPool  # noqa: PLC0415 (as above)

    try:
        outcome = future.result()
    except BrokenProcessPool:
        return Outcome(job, job.lost("a worker process ended unexpectedly (out of memory?)"))
    outcome.job = job
    return outcome
