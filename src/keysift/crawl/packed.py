"""Jobs of git objects that are read from packs, which the scan of a whole history is made of."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from msgspec import Struct

from keysift.crawl.blobs import Blobs, all_lost, batches
from keysift.crawl.scans import Scans
from keysift.crawl.seen import Seen
from keysift.crawl.versions import Version
from keysift.detect.scanner import Scanner
from keysift.sources.git.command import Git
from keysift.sources.git.families import BASE, CONTEXT, MARKS, Batch, Packed, texts
from keysift.sources.git.objects import FIRST, Listed
from keysift.sources.git.walk import Walk
from keysift.unpack import Limits

# What is read from a pack has been compared with what it was made of, or with nothing.
_KINDS: Final = {mark: kind for kind, mark in MARKS.items()} | {MARKS["blob"]: FIRST}
_MESSAGES: Final = frozenset({MARKS["commit"], MARKS["tag"]})


def everything(git: Git, target: str, walk: Walk) -> Iterator[Blobs | FromPack]:
    """Yield jobs for the objects of a history: from packs, as far as they are there.

    Args:
        git: Where they are.
        target: What the user named.
        walk: Over the history.
    """
    packed = Packed(git, walk.wanted())
    for batch in packed.batches():
        yield FromPack(git, target, batch)
    if packed.left:
        yield from batches(git, target, walk.objects(packed.left))


class FromPack(Struct, frozen=True):
    """A job of objects, which are read from a pack.

    Attributes:
        git: Where they are.
        target: What the user named.
        batch: The objects.
    """

    git: Git
    target: str
    batch: Batch

    @property
    def label(self) -> str:
        """The last of them."""
        return self.batch.last

    @property
    def count(self) -> int:
        """How many there are."""
        return len(self.batch.marks)

    @property
    def size_bytes(self) -> int:
        """How much there is to look at, about."""
        return self.batch.size_bytes

    def scan(self, scanner: Scanner, limits: Limits) -> Seen:
        """Scan them."""
        scans = Scans(self.target, scanner, limits, whole=False)
        batch = self.batch
        names = batch.names()
        versions: list[Version | None] = []
        lost: list[Listed] = []
        for name, mark, read in zip(
            names, batch.marks, texts(batch, limits.blob_bytes), strict=True
        ):
            version = None
            if read.text is None:
                if mark > BASE:
                    lost.append(_listed(name, mark))
            elif mark in _MESSAGES:
                scans.message(_listed(name, mark, len(read.text)), read.text)
            elif mark != CONTEXT:
                base = None if read.base < 0 else versions[read.base]
                told = mark != BASE
                version = scans.version(name, read.text, base, read.edit, is_told=told)
            versions.append(version)
        scans.read(self.git, lost)
        return scans.take()

    def lost(self, detail: str) -> Seen:
        """Return that none of them could be read."""
        marked = zip(self.batch.names(), self.batch.marks, strict=True)
        return all_lost([_listed(name, mark) for name, mark in marked if mark > BASE], detail)


def _listed(name: str, mark: int, size_bytes: int = 0) -> Listed:
    return Listed(name, _KINDS[mark], size_bytes)
