"""Jobs of git objects: each is scanned once, whatever commits and paths it belongs to.

What comes out names objects; ``keysift.crawl.introductions`` says where they stand.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from msgspec import Struct

from keysift.crawl.scans import Scans, unread
from keysift.crawl.seen import Seen
from keysift.detect.scanner import Scanner
from keysift.model import SkipReason
from keysift.sources.git.command import Git
from keysift.sources.git.objects import Listed
from keysift.unpack import Limits

_JOB_BYTES: Final = 16 * 1024 * 1024
_JOB_OBJECTS: Final = 8192


class Blobs(Struct, frozen=True):
    """A job of objects, which git prints.

    Attributes:
        git: Where they are.
        target: What the user named.
        objects: The versions of a file one after the other, the oldest first.
        whole: Whether each version is scanned from beginning to end: where it differs from the one
            before it is enough to know what it adds.
    """

    git: Git
    target: str
    objects: tuple[Listed, ...]
    whole: bool = False

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
        scans = Scans(self.target, scanner, limits, whole=self.whole)
        scans.read(self.git, self.objects)
        return scans.take()

    def lost(self, detail: str) -> Seen:
        """Return that none of them could be read."""
        return all_lost(self.objects, detail)


def all_lost(objects: Sequence[Listed], detail: str) -> Seen:
    """Return that none of some objects could be read."""
    seen = Seen()
    seen.coverage.files = len(objects)
    seen.coverage.skips.extend(unread(one, SkipReason.UNREADABLE, detail) for one in objects)
    return seen


def batches(
    git: Git, target: str, objects: Iterable[Listed], *, whole: bool = False
) -> Iterator[Blobs]:
    """Yield jobs for objects, in their order."""
    batch: list[Listed] = []
    size = 0
    for one in objects:
        batch.append(one)
        size += one.size_bytes
        if size >= _JOB_BYTES or len(batch) >= _JOB_OBJECTS:
            yield Blobs(git, target, tuple(batch), whole)
            batch, size = [], 0
    if batch:
        yield Blobs(git, target, tuple(batch), whole)
