"""Scans git objects, as they come out of a pack or as git prints them."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Final

from msgspec import structs

from keysift.crawl.novelty import compare
from keysift.crawl.seen import Seen, Sighting, SuppressedSighting
from keysift.crawl.versions import Messages, Version, Versions, Windows
from keysift.crawl.worker import Project, holds_members
from keysift.detect.scanner import Scanner
from keysift.model import Artifact, Skip, SkipReason
from keysift.sources.git.command import Git
from keysift.sources.git.edits import Edit
from keysift.sources.git.objects import BASE, BLOBS, FIRST, Content, Listed, Lost, contents
from keysift.unpack import HEAD, Limits, identify
from keysift.unpack.budget import StoppedError
from keysift.unpack.formats import recognise

MESSAGE: Final = "message"
"""Part of a commit or tag that people write."""

_LFS: Final = b"version https://git-lfs.github.com/spec/"
_LFS_BYTES: Final = 1024
"""A pointer is shorter than this, says its specification."""


class Scans:
    """Scans the objects of one job.

    Args:
        target: What the user named.
        scanner: Finds secrets in bytes.
        limits: Bounds for each object.
        whole: Whether each text is scanned from beginning to end, also where it is a version of
            another one.
    """

    def __init__(self, target: str, scanner: Scanner, limits: Limits, *, whole: bool) -> None:
        self._target = target
        self._scanner = scanner
        self._limits = limits
        self._is_whole = whole
        self._loose = Project(scanner, limits, shares_members=False)
        self._archives = Project(scanner, limits)
        self._versions = Versions(scanner, self._text)
        self._messages = Messages(scanner, self._message)
        self._seen = Seen()
        self._last: tuple[bytes, Version] | None = None

    def take(self) -> Seen:
        """Return what came of all of them."""
        seen = self._seen
        seen.add(self._messages.flush())
        seen.add(self._versions.take())
        return seen

    def read(self, git: Git, objects: Sequence[Listed]) -> None:
        """Scan what git prints: versions of a file one after the other, the oldest first."""
        for item in contents(git, objects):
            if isinstance(item, Lost):
                if item.object.kind != BASE:
                    self._seen.coverage.files += item.object.kind in BLOBS
                    self._seen.coverage.skips.append(_lost(item))
            elif item.object.kind == BASE:
                self._base(item)
            elif item.object.kind in BLOBS:
                self._blob(item)
            else:
                self._printed_message(item)

    def version(
        self,
        name: str,
        text: bytes,
        base: Version | None,
        edit: Edit | None,
        *,
        is_told: bool = True,
    ) -> Version | None:
        """Scan a blob; returns what others may be versions of, None when it is no plain text.

        Args:
            name: Its id.
            text: All of it.
            base: What it is a version of.
            edit: How it differs from that.
            is_told: Whether to report what it holds.
        """
        is_small = len(text) <= self._limits.blob_bytes
        if not self._is_whole and is_small and _is_plain(text):
            artifact = self._artifact(name, len(text))
            if base is None:
                edit = None
            return self._versions.add(artifact, text, base, edit, is_told=is_told)
        if is_told:
            self._add(self._special(name, text))
        return None

    def _special(self, name: str, text: bytes) -> Seen:
        """Scan a blob that is no plain text, or is to be scanned as a whole."""
        if len(text) < _LFS_BYTES and text.startswith(_LFS):
            detail = "a pointer of Git LFS; fetch the file (git lfs fetch --all) and scan it"
            return _only(unread(Listed(name, FIRST, len(text)), SkipReason.LFS_POINTER, detail))
        file = io.BytesIO(text)
        is_container = holds_members(file)
        project = self._archives if is_container else self._loose
        artifact = self._artifact(name, len(text), is_container=is_container)
        return project.scan(artifact, file)

    def message(self, one: Listed, data: bytes) -> None:
        """Scan what stands after the header of a commit or tag."""
        text = data.partition(b"\n\n")[2]
        artifact = Artifact(target=self._target, name=f"{one.kind} {one.id}", is_container=False)
        add = self._message if b"\0" in text else self._messages.add
        self._add(add(artifact, text))

    def _add(self, seen: Seen) -> None:
        self._seen.add(seen)

    def _artifact(self, name: str, size_bytes: int, *, is_container: bool = False) -> Artifact:
        return Artifact(
            target=self._target, name=name, size_bytes=size_bytes, is_container=is_container
        )

    def _blob(self, content: Content) -> None:
        """Scan a blob while git prints it."""
        one = content.object
        last, self._last = self._last, None
        if one.size_bytes > self._limits.container_bytes:
            artifact = self._artifact(one.id, one.size_bytes)
            self._add(self._loose.scan_stream(artifact, content, one.size_bytes))
            return
        try:
            text = content.read(one.size_bytes)
        except StoppedError as error:
            self._add(_only(unread(one, error.reason, error.detail)))
            return
        base = edit = None
        if last is not None and one.kind != FIRST:
            before, base = last
            edit = compare(before, text)
        version = self.version(one.id, text, base, edit)
        self._last = None if version is None else (text, version)

    def _base(self, content: Content) -> None:
        """Read a version that the next one is compared with."""
        self._last = None
        size = content.object.size_bytes
        if size > self._limits.blob_bytes:
            return
        try:
            text = content.read(size)
        except StoppedError:
            # The next one is then compared with nothing.
            return
        if _is_plain(text):
            self._last = text, Version(())

    def _printed_message(self, content: Content) -> None:
        """Scan a commit or tag while git prints it."""
        one = content.object
        most = self._limits.blob_bytes
        try:
            data = content.read(min(one.size_bytes, most))
        except StoppedError as error:
            self._add(_only(unread(one, error.reason, error.detail)))
            return
        if one.size_bytes > most:
            detail = f"only its first {most} bytes were looked at"
            self._seen.coverage.skips.append(unread(one, SkipReason.TOO_LARGE, detail))
        self.message(one, data)

    def _text(self, artifact: Artifact, text: bytes, windows: Windows | None) -> Seen:
        if windows is None:
            return self._loose.scan(artifact, io.BytesIO(text))
        seen = Seen()
        coverage = seen.coverage
        coverage.artifacts = coverage.files = coverage.scanned = 1
        return self._examined(artifact, text, None, windows, seen)

    def _message(self, artifact: Artifact, text: bytes) -> Seen:
        return self._examined(artifact, text, MESSAGE, None, Seen())

    def _examined(
        self,
        artifact: Artifact,
        text: bytes,
        part: str | None,
        windows: Windows | None,
        seen: Seen,
    ) -> Seen:
        name = artifact.name
        found = self._scanner.examine(text, windows=windows)
        seen.coverage.bytes += len(text)
        seen.sightings.extend(
            Sighting(artifact=artifact, member=name, part=part, match=match, placed=match)
            for match in found.matches
        )
        seen.suppressed.extend(
            SuppressedSighting(artifact=artifact, path=name, part=part, suppressed=suppressed)
            for suppressed in found.suppressed
        )
        seen.remarks.extend(structs.replace(one, path=name, part=part) for one in found.remarks)
        if found.cut:
            skip = Skip(path="", reason=SkipReason.DECODE_BUDGET, detail=found.cut, artifact=name)
            seen.coverage.skips.append(skip)
        return seen


def _is_plain(text: bytes) -> bool:
    """Tell whether a blob is read as it is, line by line."""
    if b"\0" in text or text.startswith(_LFS):
        return False
    head = text[:HEAD]
    # What an archive ends with has zeros in it.
    return recognise(head) is None and identify(head) is None


def _only(skip: Skip) -> Seen:
    seen = Seen()
    seen.coverage.files = 1
    seen.coverage.skips.append(skip)
    return seen


def _lost(lost: Lost) -> Skip:
    if lost.is_missing:
        return unread(
            lost.object, SkipReason.NOT_CLONED, "this clone does not have it; git fetch it"
        )
    return unread(
        lost.object, SkipReason.UNREADABLE, "git cannot read it: the repository is damaged"
    )


def unread(one: Listed, reason: SkipReason, detail: str) -> Skip:
    """Return that an object could not be read."""
    name = one.id if one.kind in BLOBS else f"{one.kind} {one.id}"
    return Skip(
        path="", reason=reason, detail=detail, size_bytes=one.size_bytes or None, artifact=name
    )
