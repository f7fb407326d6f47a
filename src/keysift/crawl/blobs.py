"""Jobs of git objects: each is scanned once, whatever commits and paths it belongs to.

What comes out names objects; ``keysift.crawl.introductions`` says where they stand.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from typing import Final

from msgspec import Struct

from keysift.crawl.worker import Project, Seen, Sighting, SuppressedSighting, holds_members
from keysift.detect.scanner import Scanner
from keysift.model import Artifact, Skip, SkipReason
from keysift.sources.git.command import Git
from keysift.sources.git.objects import Content, Listed, Lost, contents
from keysift.unpack import Limits
from keysift.unpack.budget import StoppedError

MESSAGE: Final = "message"
"""Part of a commit or tag that people write."""

_JOB_BYTES: Final = 24 * 1024 * 1024
_JOB_OBJECTS: Final = 8192
_LFS: Final = b"version https://git-lfs.github.com/spec/"
_LFS_BYTES: Final = 1024
"""A pointer is shorter than this, says its specification."""


class Blobs(Struct, frozen=True):
    """A job of objects.

    Attributes:
        git: Where they are.
        target: What the user named.
        objects: Neighbours in the repository, as a rule.
    """

    git: Git
    target: str
    objects: tuple[Listed, ...]

    @property
    def label(self) -> str:
        """The last of them."""
        return self.objects[-1].id

    @property
    def count(self) -> int:
        """How many there are."""
        return len(self.objects)

    @property
    def size_bytes(self) -> int:
        """How large they are together."""
        return sum(one.size_bytes for one in self.objects)

    def scan(self, scanner: Scanner, limits: Limits) -> Seen:
        """Scan them."""
        seen = Seen()
        scans = _Scans(self.target, scanner, limits)
        for item in contents(self.git, self.objects):
            if isinstance(item, Lost):
                seen.coverage.files += item.object.kind == "blob"
                seen.coverage.skips.append(_lost(item))
            elif item.object.kind == "blob":
                seen.add(scans.blob(item))
            else:
                seen.add(scans.message(item))
        return seen

    def lost(self, detail: str) -> Seen:
        """Return that none of them could be read."""
        seen = Seen()
        seen.coverage.files = len(self.objects)
        seen.coverage.skips.extend(
            _skip(one, SkipReason.UNREADABLE, detail) for one in self.objects
        )
        return seen


def batches(git: Git, target: str, objects: Iterable[Listed]) -> Iterator[Blobs]:
    """Yield jobs for objects: neighbours together, which git reads fastest one after the other."""
    batch: list[Listed] = []
    size = 0
    for one in objects:
        batch.append(one)
        size += one.size_bytes
        if size >= _JOB_BYTES or len(batch) >= _JOB_OBJECTS:
            yield Blobs(git, target, tuple(batch))
            batch, size = [], 0
    if batch:
        yield Blobs(git, target, tuple(batch))


class _Scans:
    """Scans the objects of one job."""

    def __init__(self, target: str, scanner: Scanner, limits: Limits) -> None:
        self._target = target
        self._scanner = scanner
        self._limits = limits
        self._loose = Project(scanner, limits, shares_members=False)
        self._archives = Project(scanner, limits)

    def blob(self, content: Content) -> Seen:
        one = content.object
        artifact = Artifact(
            target=self._target, name=one.id, size_bytes=one.size_bytes, is_container=False
        )
        if one.size_bytes > self._limits.container_bytes:
            return self._loose.scan_stream(artifact, content, one.size_bytes)
        try:
            data = content.read(one.size_bytes)
        except StoppedError as error:
            return _only(_skip(one, error.reason, error.detail))
        if len(data) < _LFS_BYTES and data.startswith(_LFS):
            detail = "a pointer of Git LFS; fetch the file (git lfs fetch --all) and scan it"
            return _only(_skip(one, SkipReason.LFS_POINTER, detail))
        file = io.BytesIO(data)
        if holds_members(file):
            artifact = Artifact(target=self._target, name=one.id, size_bytes=one.size_bytes)
            return self._archives.scan(artifact, file)
        return self._loose.scan(artifact, file)

    def message(self, content: Content) -> Seen:
        """Scan what stands after the header of a commit or tag."""
        one = content.object
        seen = Seen()
        try:
            data = content.read(min(one.size_bytes, self._limits.blob_bytes))
        except StoppedError as error:
            return _only(_skip(one, error.reason, error.detail))
        text = data.partition(b"\n\n")[2]
        name = f"{one.kind} {one.id}"
        artifact = Artifact(target=self._target, name=name, is_container=False)
        found = self._scanner.examine(text)
        seen.coverage.bytes += len(text)
        seen.sightings.extend(
            Sighting(artifact=artifact, member=name, part=MESSAGE, match=match, placed=match)
            for match in found.matches
        )
        for suppressed in found.suppressed:
            counts = seen.coverage.suppressed
            counts[suppressed.reason.value] = counts.get(suppressed.reason.value, 0) + 1
            seen.suppressed.append(
                SuppressedSighting(
                    artifact=artifact, path=name, part=MESSAGE, suppressed=suppressed
                )
            )
        if found.cut:
            seen.coverage.skips.append(_skip(one, SkipReason.DECODE_BUDGET, found.cut))
        if one.size_bytes > self._limits.blob_bytes:
            detail = f"only its first {self._limits.blob_bytes} bytes were looked at"
            seen.coverage.skips.append(_skip(one, SkipReason.TOO_LARGE, detail))
        return seen


def _only(skip: Skip) -> Seen:
    seen = Seen()
    seen.coverage.files = 1
    seen.coverage.skips.append(skip)
    return seen


def _lost(lost: Lost) -> Skip:
    if lost.is_missing:
        return _skip(
            lost.object, SkipReason.NOT_CLONED, "this clone does not have it; git fetch it"
        )
    return _skip(
        lost.object, SkipReason.UNREADABLE, "git cannot read it: the repository is damaged"
    )


def _skip(one: Listed, reason: SkipReason, detail: str) -> Skip:
    name = one.id if one.kind == "blob" else f"{one.kind} {one.id}"
    return Skip(
        path="", reason=reason, detail=detail, size_bytes=one.size_bytes or None, artifact=name
    )
