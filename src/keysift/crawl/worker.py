"""The worker: artifacts of one project in, what was seen in them out.

A ``Project`` keeps the digests of the blobs it has scanned, so that a member that many artifacts
share is scanned once and still counted as an occurrence in each. There is no global state: a
project is the unit of work, of retrying and of sharding, and everything here can be pickled.
"""

from __future__ import annotations

import os
import re
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import BinaryIO, Final, TypeAlias

from blake3 import blake3
from isal import isal_zlib
from msgspec import Struct, structs

from keysift.crawl.seen import Seen, Sighting
from keysift.detect.scanner import Examination, Scanner
from keysift.detect.setting import is_recorded, setting_of_path
from keysift.detect.weighing import weigh
from keysift.model import (
    Artifact,
    Blob,
    Coverage,
    Match,
    Passed,
    Remark,
    Skip,
    SkipReason,
    Suppressed,
)
from keysift.sources.spec import normalise
from keysift.unpack import (
    HEAD,
    TAIL,
    BinaryFile,
    Budget,
    Choose,
    Limits,
    expand,
    identify,
    members,
)
from keysift.unpack.deliver import deliver
from keysift.unpack.names import printable
from keysift.unpack.reader import Metered, Reader

Witness: TypeAlias = Callable[[Blob | Skip], None]
"""Looks at what comes out of an artifact, beside the scanner."""


class _Skips:
    """The skips of one artifact or member: so many one by one, the rest as a number by reason.

    An archive can be made of nothing but links and damage, of which millions would fill memory.
    """

    def __init__(self) -> None:
        self._listed: list[Skip] = []
        self._more: Counter[SkipReason] = Counter()

    def add(self, skip: Skip) -> None:
        """Note a skip."""
        if len(self._listed) < MAX_LISTED:
            self._listed.append(skip)
        else:
            self._more[skip.reason] += 1

    def all(self, path: str) -> list[Skip]:
        """Return them; what is only counted is said of ``path``."""
        return self._listed + [
            Skip(path=path, reason=reason, detail=f"{count} more of these")
            for reason, count in self._more.items()
        ]


class _Leaf(Struct, frozen=True):
    """Something found below a member, with its path relative to the member's."""

    below: str
    part: str | None
    found: Match | Suppressed


class _Record(Struct, frozen=True):
    """What one distinct member held: enough to report it again elsewhere."""

    leaves: tuple[_Leaf, ...] = ()
    skips: tuple[tuple[str, Skip], ...] = ()
    remarks: tuple[tuple[str, Remark], ...] = ()


class _PassedOver:
    """Members that were not looked at because of the choice; they are one skip."""

    def __init__(self) -> None:
        self._count = 0
        self._bytes = 0

    def add(self, item: Passed) -> None:
        self._count += 1
        self._bytes += item.size_bytes

    def skips(self) -> list[Skip]:
        if not self._count:
            return []
        detail = f"{self._count} shared libraries and programs were not looked at"
        return [Skip(path="", reason=SkipReason.EXCLUDED, detail=detail, size_bytes=self._bytes)]


_Listed: TypeAlias = tuple[str, int, int]
"""Path, size in bytes and CRC-32 of a member, as the directory of a zip archive lists it."""

_NOTHING: Final = _Record()

MAX_LISTED: Final = 10_000
"""Skips of one artifact that are listed one by one."""


class Project:
    """Scans the artifacts of one project (or a batch of loose files).

    Args:
        scanner: Finds secrets in bytes.
        limits: Bounds for each artifact.
        shares_members: False when no two artifacts are expected to have members in common; then
            members are not hashed.
    """

    def __init__(self, scanner: Scanner, limits: Limits, *, shares_members: bool = True) -> None:
        self._scanner = scanner
        self._limits = limits
        self._shares = shares_members
        self._records: dict[bytes, _Record] = {}
        self._members: dict[_Listed, bytes] = {}

    def knows(self, path: str, size_bytes: int, crc: int) -> bool:
        """Tell whether a member that a zip archive lists was seen in another one of the project."""
        return (path, size_bytes, crc) in self._members

    def scan(
        self,
        artifact: Artifact,
        file: BinaryFile,
        choose: Choose | None = None,
        witness: Witness | None = None,
    ) -> Seen:
        """Scan one artifact.

        Args:
            artifact: Where ``file`` comes from.
            file: Its bytes, seekable.
            choose: Which members of a zip archive to read. Those that it passes over are reported
                as what they are known to hold, when they were seen before; else they are a skip.
            witness: Is told of each member that is read, and of each skip among them.
        """
        budget = Budget(self._limits)
        source = _opened(artifact.name, file, budget, choose)
        return self._scan_all(artifact, _witnessed(source, witness), budget, choose)

    def scan_stream(self, artifact: Artifact, reader: Reader, size_bytes: int) -> Seen:
        """Scan a file that can be read once only: as a member of an archive is.

        Args:
            artifact: Where it comes from.
            reader: Its bytes.
            size_bytes: How many there are.
        """
        budget = Budget(self._limits)
        path = printable(artifact.name)
        source = deliver(path, Metered(reader, budget), budget, size=size_bytes)
        return self._scan_all(artifact, source, budget, None)

    def _scan_all(
        self,
        artifact: Artifact,
        source: Iterator[Blob | Skip | Passed],
        budget: Budget,
        choose: Choose | None,
    ) -> Seen:
        seen = Seen(coverage=Coverage(artifacts=1))
        passed = _PassedOver()
        skips = _Skips()
        statistics = self._scanner.statistics
        began = time.perf_counter()
        unpacking = 0.0
        while True:
            item = next(source, None)
            if item is None:
                break
            if isinstance(item, Passed):
                self._pass(artifact, item, seen, passed)
                continue
            if statistics is not None:
                now = time.perf_counter()
                unpacking += now - began
            digest = self._take(artifact, item, budget, seen, skips)
            if choose is not None and digest and isinstance(item, Blob) and _is_whole(item):
                crc = isal_zlib.crc32(item.content)
                self._members[item.path, len(item.content), crc] = digest
            began = time.perf_counter()
        if statistics is not None:
            statistics.spent("unpack", unpacking)
        seen.coverage.skips.extend(
            structs.replace(skip, artifact=artifact.name)
            for skip in (*skips.all(""), *passed.skips())
        )
        return seen

    def _pass(self, artifact: Artifact, item: Passed, seen: Seen, passed: _PassedOver) -> None:
        """Report a member that was not read as what is known of it."""
        coverage = seen.coverage
        coverage.files += 1
        digest = self._members.get((item.path, item.size_bytes, item.crc))
        if digest is None:
            passed.add(item)
            return
        coverage.bytes += item.size_bytes
        coverage.duplicates += 1
        blob = Blob(path=item.path, content=b"")
        self._report(artifact, blob, self._records[digest], digest, seen)

    def _report(
        self, artifact: Artifact, blob: Blob, record: _Record, digest: bytes, seen: Seen
    ) -> None:
        """Write what a member holds down as sightings at this place."""
        name = artifact.name if artifact.is_container else ""
        seen.remarks.extend(
            structs.replace(remark, path=blob.path + below, artifact=name)
            for below, remark in record.remarks
        )
        for leaf in record.leaves:
            path = blob.path + leaf.below
            placed = leaf.found
            if isinstance(placed, Match):
                placed = self._placed(placed, artifact, path)
            if isinstance(leaf.found, Match) and isinstance(placed, Match):
                sighting = Sighting(
                    artifact=artifact,
                    member=blob.path,
                    digest=digest,
                    below=leaf.below,
                    part=leaf.part,
                    match=leaf.found,
                    placed=placed,
                )
                seen.sightings.append(sighting)
            elif isinstance(placed, Suppressed):
                seen.suppress(artifact, path, leaf.part, placed)

    def _placed(self, match: Match, artifact: Artifact, path: str) -> Match | Suppressed:
        """Return a match with what its path says about it."""
        if not artifact.is_container:
            # Folders of a published archive mean what they say; a file that a user points at may
            # stand anywhere.
            return match
        detector = self._scanner.catalogue.by_id[match.detector]
        project = artifact.project or project_of(artifact.name)
        return weigh(
            match,
            detector,
            lambda: setting_of_path(path, project),
            is_recorded=is_recorded(path),
        )

    def _take(
        self, artifact: Artifact, item: Blob | Skip, budget: Budget, seen: Seen, skips: _Skips
    ) -> bytes:
        """Scan what came out of an artifact; returns its digest when it is known from now on."""
        coverage = seen.coverage
        if isinstance(item, Skip):
            skips.add(item)
            coverage.files += item.path != ""
            return b""
        first_segment = item.base.offset == 0 and item.part is None
        coverage.files += first_segment
        coverage.bytes += len(item.content)
        digest = self._digest(item) if self._shares else b""
        record, known = self._record(item, digest, budget)
        if known:
            coverage.duplicates += first_segment
        else:
            coverage.scanned += first_segment
        self._report(artifact, item, record, digest, seen)
        for below, skip in record.skips:
            skips.add(structs.replace(skip, path=item.path + below))
        return digest if digest in self._records and not record.skips else b""

    def _digest(self, blob: Blob) -> bytes:
        statistics = self._scanner.statistics
        began = time.perf_counter()
        digest = blake3(blob.content).digest()
        if blob.base.offset:
            digest += blob.base.offset.to_bytes(8, "big")
        if statistics is not None:
            statistics.spent("hash", time.perf_counter() - began)
        return digest

    def _record(self, blob: Blob, digest: bytes, budget: Budget) -> tuple[_Record, bool]:
        """Return what a member holds, and whether that was known already."""
        if not digest:
            return self._examine(blob, budget), False
        known = self._records.get(digest)
        if known is not None:
            return known, True
        record = self._examine(blob, budget)
        if budget.exhausted is None:
            # What an exhausted budget left out is a gap of this artifact only.
            self._records[digest] = record
        return record, False

    def _examine(self, blob: Blob, budget: Budget) -> _Record:
        leaves: list[_Leaf] = []
        remarks: list[tuple[str, Remark]] = []
        skips = _Skips()
        cut = len(blob.path)
        for item in self._expanded(blob, budget):
            if isinstance(item, Skip):
                skips.add(item)
                continue
            found = self._scan(item)
            below = item.path[cut:]
            leaves.extend(_Leaf(below, item.part, match) for match in found.matches)
            leaves.extend(_Leaf(below, item.part, one) for one in found.suppressed)
            remarks.extend((below, structs.replace(one, part=item.part)) for one in found.remarks)
            if found.cut:
                skips.add(Skip(path=item.path, reason=SkipReason.DECODE_BUDGET, detail=found.cut))
        missed = tuple((skip.path[cut:], skip) for skip in skips.all(blob.path))
        if not leaves and not missed and not remarks:
            return _NOTHING
        return _Record(tuple(_without_echoes(leaves)), missed, tuple(remarks))

    def _expanded(self, blob: Blob, budget: Budget) -> Iterator[Blob | Skip]:
        statistics = self._scanner.statistics
        if statistics is None:
            yield from expand(blob, budget)
            return
        source = expand(blob, budget)
        while True:
            began = time.perf_counter()
            item = next(source, None)
            statistics.spent("expand", time.perf_counter() - began)
            if item is None:
                return
            yield item

    def _scan(self, blob: Blob) -> Examination:
        statistics = self._scanner.statistics
        if statistics is None:
            return self._scanner.examine(blob.content, blob.base)
        began = time.perf_counter()
        found = self._scanner.examine(blob.content, blob.base)
        statistics.spent("detect", time.perf_counter() - began)
        return found


def project_of(name: str) -> str:
    """Return the normalised name of the project that an archive's file name begins with."""
    return normalise(re.split(r"[-_]v?\d", re.split(r"[/\\]", name)[-1], maxsplit=1)[0])


def _without_echoes(leaves: list[_Leaf]) -> list[_Leaf]:
    """Leave out what the raw bytes of a structured file show of a secret that a part shows too.

    Its parts have been read as the format says; in the raw bytes a value can be cut, or run into
    what stands behind it, and then it begins like the one in the part or the other way round.
    """
    parts: dict[tuple[str, str], list[bytes]] = {}
    for leaf in leaves:
        if leaf.part is not None and isinstance(leaf.found, Match):
            secret = leaf.found.secret.reveal()
            parts.setdefault((leaf.below, leaf.found.detector), []).append(secret)
    if not parts:
        return leaves
    return [
        leaf
        for leaf in leaves
        if leaf.part is not None
        or not isinstance(leaf.found, Match)
        or not _echoes(leaf.found.secret.reveal(), parts.get((leaf.below, leaf.found.detector), ()))
    ]


def _echoes(secret: bytes, whole: Iterable[bytes]) -> bool:
    return any(one.startswith(secret) or secret.startswith(one) for one in whole)


def _opened(
    name: str, file: BinaryFile, budget: Budget, choose: Choose | None
) -> Iterator[Blob | Skip | Passed]:
    if choose is None:
        return members(name, file, budget)
    return members(name, file, budget, choose)


def _witnessed(
    source: Iterator[Blob | Skip | Passed], witness: Witness | None
) -> Iterator[Blob | Skip | Passed]:
    """Let a witness see what comes out of an artifact."""
    if witness is None:
        return source
    return _told(source, witness)


def _told(
    source: Iterator[Blob | Skip | Passed], witness: Witness
) -> Iterator[Blob | Skip | Passed]:
    for item in source:
        if not isinstance(item, Passed):
            witness(item)
        yield item


def _is_whole(blob: Blob) -> bool:
    """Tell an ordinary member from a part of one, or of the archive."""
    return blob.part is None and blob.base.offset == 0


def holds_members(file: BinaryIO) -> bool:
    """Tell whether a seekable file is a container; it is left at its beginning."""
    head = file.read(HEAD)
    size = file.seek(0, os.SEEK_END)
    file.seek(max(0, size - TAIL))
    tail = file.read(TAIL)
    file.seek(0)
    return identify(head, tail) is not None
