"""The unit of work of a crawl: files of one project in, what each of them holds out.

``scan_task`` is a pure function of the project, its files and the ruleset, and everything it takes
and gives can be pickled: it runs in a process of this machine, and can run on another one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TypeAlias

from msgspec import Struct, field

from keysift.catalogue import Catalogue
from keysift.catalogue.cache import Cache
from keysift.crawl.findings import weighed
from keysift.crawl.worker import Project, Seen
from keysift.detect.scanner import Scanner
from keysift.model import Artifact, Skip
from keysift.net.session import open_session
from keysift.sources.fetch import Bounds, fetch
from keysift.sources.project_page import IndexFile
from keysift.store.records import Found, Member, Scanned
from keysift.unpack import Limits


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
        index_url: The index, for its credentials.
        limits: Bounds for each artifact.
        bounds: How much may be fetched at a time.
        cache: Where compiled patterns are kept.
        environ: Environment variables that requests are to see, such as proxies.
    """

    catalogue: Catalogue
    index_url: str
    limits: Limits = field(default_factory=Limits)
    bounds: Bounds = field(default_factory=Bounds)
    cache: Cache | None = None
    environ: Mapping[str, str] = field(default_factory=dict)


def scan_task(task: Task, equipment: Equipment, scanner: Scanner | None = None) -> Iterator[Event]:
    """Fetch and scan the files of a task, the next ones arriving meanwhile.

    Args:
        task: What to scan.
        equipment: How.
        scanner: A scanner of that catalogue, when there is one already.
    """
    scanner = scanner or Scanner(equipment.catalogue, equipment.cache)
    project = Project(scanner, equipment.limits)
    files = [job.file for job in task.jobs]
    with open_session(equipment.index_url) as session:
        came = fetch(files, session, bounds=equipment.bounds)
        for job in task.jobs:
            yield Began(job.number)
            item = next(came)
            if isinstance(item, Skip):
                yield Failed(job.number, item)
                continue
            seen = project.scan(item.artifact, item.file)
            yield Came(job.number, _result(seen, equipment.catalogue, item.artifact))


def _result(seen: Seen, catalogue: Catalogue, artifact: Artifact) -> Scanned:
    coverage = seen.coverage
    return Scanned(
        members=_members(seen, catalogue),
        skips=tuple(coverage.skips),
        sha256=artifact.sha256,
        size_bytes=artifact.size_bytes,
        fetched_bytes=artifact.size_bytes or 0,
        files=coverage.files,
        content_bytes=coverage.bytes,
    )


def _members(seen: Seen, catalogue: Catalogue) -> tuple[Member, ...]:
    members: dict[tuple[str, bytes], list[Found]] = {}
    for sighting in seen.sightings:
        detector = catalogue.by_id[sighting.match.detector]
        found = Found(
            below=sighting.below,
            part=sighting.part,
            match=sighting.match,
            confidence=weighed(sighting, detector).confidence,
        )
        members.setdefault((sighting.member, sighting.digest), []).append(found)
    return tuple(
        Member(path=path, digest=digest, found=tuple(found))
        for (path, digest), found in members.items()
    )
