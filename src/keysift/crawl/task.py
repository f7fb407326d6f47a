"""The unit of work of a crawl: files of one project in, what each of them holds out.

``scan_task`` is a pure function of the project, its files and the ruleset, and everything it takes
and gives can be pickled: it runs in a process of this machine, and can run on another one.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import closing
from itertools import islice
from typing import Final, TypeAlias

import requests
from msgspec import Struct, field

from keysift.catalogue import Catalogue
from keysift.catalogue.cache import Cache
from keysift.crawl.seen import Seen
from keysift.crawl.worker import Project
from keysift.detect.scanner import Scanner
from keysift.errors import IndexUnavailableError
from keysift.model import Artifact, Skip
from keysift.net.politeness import Politeness
from keysift.net.ranges import RangesUnavailableError, RemoteFile
from keysift.net.session import open_session
from keysift.sources.fetch import Bounds, Fetched, failure, fetch
from keysift.sources.project_page import IndexFile
from keysift.sources.wheel import Wheels, is_library
from keysift.store.records import Found, Member, Scanned
from keysift.unpack import Limits

_AHEAD: Final = 8
"""Wheels whose directories are fetched while the one before them is read."""


class Job(Struct, frozen=True):
    """A file to scan.

    Attributes:
        number: Of the artifact in the store.
        file: What the index says of it.
    """

    number: int
    file: IndexFile


class Task(Struct, frozen=True):
    """Files of one project, which one process scans: they share members.

    Attributes:
        project: Normalised name.
        jobs: The files, in the order in which they are scanned.
        attempt: Which attempt this is, from 1.
    """

    project: str
    jobs: tuple[Job, ...]
    attempt: int = 1


class Began(Struct, frozen=True):
    """A file is being fetched or scanned from now on; if the process ends, it was at this one."""

    number: int


class Came(Struct, frozen=True):
    """What came of a file."""

    number: int
    result: Scanned


class Failed(Struct, frozen=True):
    """Why a file could not be had."""

    number: int
    reason: Skip


Event: TypeAlias = Began | Came | Failed


class Equipment(Struct, frozen=True, kw_only=True):
    """What a process needs to know besides its tasks; can be pickled.

    Attributes:
        catalogue: What to look for.
        index_url: The index, with its credentials.
        limits: Bounds for each artifact.
        bounds: How much may be fetched at a time.
        binaries: Whether shared libraries and programs in wheels are fetched.
        excerpts: Whether matches come with the lines around them.
        contact: Whom the index may write to: an e-mail address or a URL.
        cache: Where compiled patterns are kept.
        memory_bytes: Data that a process may have; None for no bound. A file that needs more ends
            the process, and nothing else.
    """

    catalogue: Catalogue
    index_url: str
    limits: Limits = field(default_factory=Limits)
    bounds: Bounds = field(default_factory=Bounds)
    binaries: bool = False
    excerpts: bool = False
    contact: str | None = None
    cache: Cache | None = None
    memory_bytes: int | None = None


class Desk:
    """Where tasks are done, one after another, and what is kept from one to the next.

    Nothing that is found depends on it: only what has to be fetched and looked at again does.

    Args:
        equipment: How tasks are done.
        politeness: Bounds that processes share.
    """

    def __init__(self, equipment: Equipment, politeness: Politeness | None = None) -> None:
        self._equipment = equipment
        self._scanner = Scanner(equipment.catalogue, equipment.cache, excerpts=equipment.excerpts)
        self._session = open_session(
            equipment.index_url, contact=equipment.contact, politeness=politeness
        )
        self._wheels = Wheels(self._session, connections=equipment.bounds.workers)
        self._name = ""
        self._project = Project(self._scanner, equipment.limits)

    def close(self) -> None:
        """Close the connections."""
        self._session.close()

    def work(self, task: Task) -> Iterator[Event]:
        """Fetch and scan the files of a task, the next ones arriving meanwhile."""
        if task.project != self._name:
            self._name = task.project
            self._project = Project(self._scanner, self._equipment.limits)
        files = _Files(task, self._equipment, self._project, self._session, self._wheels)
        with closing(files):
            for job in task.jobs:
                yield Began(job.number)
                result = files.scanned(job.file)
                if isinstance(result, Skip):
                    yield Failed(job.number, result)
                else:
                    yield Came(job.number, result)


def scan_task(task: Task, equipment: Equipment) -> Iterator[Event]:
    """Fetch and scan the files of a task.

    Args:
        task: What to scan.
        equipment: How.
    """
    with closing(Desk(equipment)) as desk:
        yield from desk.work(task)


class _Tally:
    """Counts bytes, from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.size_bytes = 0

    def add(self, size_bytes: int) -> None:
        with self._lock:
            self.size_bytes += size_bytes


class _Wheel(Struct, frozen=True):
    """A wheel of which parts are fetched: its directory is under way."""

    coming: Future[RemoteFile] | None
    fetched: _Tally

    def let_go(self) -> None:
        """Close it, now or when it is here."""
        if self.coming is not None:
            self.coming.add_done_callback(_close)


def _close(coming: Future[RemoteFile]) -> None:
    if coming.exception() is None:
        coming.result().close()


class _Files:
    """The files of a task: whole ones arrive ahead, and so do the directories of wheels."""

    def __init__(
        self,
        task: Task,
        equipment: Equipment,
        project: Project,
        session: requests.Session,
        wheels: Wheels,
    ) -> None:
        self._equipment = equipment
        self._project = project
        self._session = session
        self._wheels = wheels
        files = [job.file for job in task.jobs]
        wanted = [file for file in files if self._may_come_in_parts(file)]
        self._in_parts = frozenset(file.artifact.name for file in wanted)
        self._next_wheels = iter(wanted)
        others = [file for file in files if file.artifact.name not in self._in_parts]
        self._whole = fetch(others, session, bounds=equipment.bounds)
        self._coming: deque[_Wheel] = deque()

    def close(self) -> None:
        """End the threads that fetch."""
        self._whole.close()
        for wheel in self._coming:
            wheel.let_go()

    def scanned(self, file: IndexFile) -> Scanned | Skip:
        """Return what a file holds, or why it could not be had."""
        if file.artifact.name not in self._in_parts:
            item = next(self._whole)
            return item if isinstance(item, Skip) else self._scan_whole(item, 0)
        wheel = self._wheel()
        result = None if wheel.coming is None else self._read(file, wheel.coming, wheel.fetched)
        if result is not None:
            return result
        with closing(fetch([file], self._session, bounds=self._equipment.bounds)) as coming:
            item = next(coming)
            if isinstance(item, Skip):
                return item
            # What was fetched in vain was fetched all the same.
            return self._scan_whole(item, wheel.fetched.size_bytes)

    def _may_come_in_parts(self, file: IndexFile) -> bool:
        """Tell a wheel that may hold much that is not wanted: libraries."""
        is_pure = file.artifact.name.lower().endswith("-any.whl")
        return not (is_pure or self._equipment.binaries) and self._wheels.is_worth_it(file)

    def _wheel(self) -> _Wheel:
        """Return the next wheel that may come in parts, and send for those behind it."""
        for file in islice(self._next_wheels, _AHEAD + 1 - len(self._coming)):
            fetched = _Tally()
            self._coming.append(_Wheel(self._wheels.send_for(file, progress=fetched.add), fetched))
        return self._coming.popleft()

    def _read(
        self, file: IndexFile, coming: Future[RemoteFile], fetched: _Tally
    ) -> Scanned | Skip | None:
        """Return what a wheel holds without fetching all of it, None if that cannot be done."""
        try:
            remote = self._wheels.open(coming, self._is_missing)
            if remote is None:
                return None
            with remote:
                seen = self._project.scan(file.artifact, remote, self._is_missing)
        except RangesUnavailableError:
            return None
        except IndexUnavailableError as error:
            return failure(file.artifact, error)
        return _result(seen, file.artifact, fetched.size_bytes)

    def _is_missing(self, path: str, size_bytes: int, crc: int) -> bool:
        return self._is_wanted(path, size_bytes, crc) and not self._project.knows(
            path, size_bytes, crc
        )

    def _scan_whole(self, item: Fetched, spent: int) -> Scanned:
        artifact = item.artifact
        # Read in the same way as in parts, so that what is found does not depend on the server.
        choose = self._is_wanted if _is_wheel(artifact.name) else None
        seen = self._project.scan(artifact, item.file, choose)
        fetched = spent + (artifact.size_bytes or 0)
        return _result(seen, artifact, fetched)

    def _is_wanted(self, path: str, _size_bytes: int, _crc: int) -> bool:
        return self._equipment.binaries or not is_library(path)


def _is_wheel(name: str) -> bool:
    return name.lower().endswith(".whl")


def _result(seen: Seen, artifact: Artifact, fetched_bytes: int) -> Scanned:
    coverage = seen.coverage
    return Scanned(
        members=_members(seen),
        skips=tuple(coverage.skips),
        sha256=artifact.sha256,
        size_bytes=artifact.size_bytes,
        fetched_bytes=fetched_bytes,
        files=coverage.files,
        content_bytes=coverage.bytes,
    )


def _members(seen: Seen) -> tuple[Member, ...]:
    members: dict[tuple[str, bytes], list[Found]] = {}
    for sighting in seen.sightings:
        found = Found(
            below=sighting.below,
            part=sighting.part,
            match=sighting.match,
            confidence=sighting.placed.confidence,
        )
        members.setdefault((sighting.member, sighting.digest), []).append(found)
    return tuple(
        Member(path=path, digest=digest, found=tuple(found))
        for (path, digest), found in members.items()
    )
