"""Objects of a repository, and their contents, as git prints them."""

from __future__ import annotations

import tempfile
from collections.abc import Collection, Iterator, Sequence
from typing import IO, Final

from msgspec import Struct

from keysift.model import SkipReason
from keysift.sources.git.command import Git
from keysift.unpack.budget import StoppedError

FIRST: Final = "first"
"""Kind of a blob that is no version of the file before it."""

BASE: Final = "base"
"""Kind of a blob that is read only to compare the next one with it."""

BLOBS: Final = frozenset({"blob", FIRST, BASE})
"""Kinds of blobs."""

BLOB_BYTES: Final = 8192
MESSAGE_BYTES: Final = 256
"""What is assumed of objects that were not read yet."""

_TRIES: Final = 100
"""So many objects that git gives up on are passed over one by one; then it is asked no more."""


class Listed(Struct, frozen=True, gc=False):
    """An object.

    Attributes:
        id: Hex digits.
        kind: ``blob``, ``commit`` or ``tag``; of blobs also `FIRST` or `BASE`.
        size_bytes: Of its content; a guess until it is read.
    """

    id: str
    kind: str
    size_bytes: int


def listed(
    blobs: Collection[str], commits: Collection[str] = (), tags: Collection[str] = ()
) -> list[Listed]:
    """Return objects by their ids, each as large as such objects usually are.

    Asking git for their sizes takes as long as reading them.
    """
    return [
        *(Listed(one, "blob", BLOB_BYTES) for one in blobs),
        *(Listed(one, "commit", MESSAGE_BYTES) for one in commits),
        *(Listed(one, "tag", MESSAGE_BYTES) for one in tags),
    ]


class Lost(Struct, frozen=True):
    """An object that could not be read.

    Attributes:
        object: The object.
        is_missing: Whether it is not there at all; else it is damaged.
    """

    object: Listed
    is_missing: bool


class Content:
    """One pass over the content of an object, while git prints it.

    Attributes:
        object: What it is of.
        consumed: Bytes that were read.
        is_damaged: Whether git ended in the middle of it.
    """

    def __init__(self, listed: Listed, stream: IO[bytes]) -> None:
        self.object = listed
        self.consumed = 0
        self.is_damaged = False
        self._stream = stream

    def read(self, size: int) -> bytes:
        """Return at most ``size`` bytes, none at the end.

        Raises:
            StoppedError: Git ended too early.
        """
        size = min(size, self.object.size_bytes - self.consumed)
        if size <= 0:
            return b""
        data = self._stream.read(size)
        self.consumed += len(data)
        if len(data) < size:
            self.is_damaged = True
            raise StoppedError(SkipReason.UNREADABLE, UNREADABLE)
        return data

    def drain(self) -> bool:
        """Read the rest, for nobody, and what stands behind it; False when git ended before."""
        try:
            while self.read(1 << 20):
                pass
        except StoppedError:
            return False
        return self._stream.read(1) == b"\n"


UNREADABLE: Final = "git cannot read this object: the repository is damaged"


def contents(git: Git, wanted: Sequence[Listed]) -> Iterator[Content | Lost]:
    """Yield the contents of objects, in their order, and which could not be read.

    Each content is read before the next one is asked for; what was left of it is passed over.
    """
    left = list(wanted)
    tries = 0
    while left and tries < _TRIES:
        done = 0
        was_cut = False
        for item in _stream(git, left):
            done += 1
            yield item
            was_cut = isinstance(item, Content) and item.is_damaged
        left = left[done:]
        tries += 1
        if left and not was_cut:
            # Git died of a damaged object: of the one that it did not even begin to print.
            yield Lost(left.pop(0), is_missing=False)
    yield from (Lost(one, is_missing=False) for one in left)


def _stream(git: Git, wanted: Sequence[Listed]) -> Iterator[Content | Lost]:
    with tempfile.TemporaryFile() as names:
        # A file: were it a pipe, we and git could both wait to write.
        names.writelines(b"%s\n" % one.id.encode("ascii") for one in wanted)
        names.seek(0)
        with git.reading("cat-file", "--batch", "--buffer", given=names) as stream:
            for one in wanted:
                header = stream.readline().split()
                if not header:
                    return
                if header[-1] == b"missing":
                    yield Lost(one, is_missing=True)
                    continue
                content = Content(Listed(one.id, one.kind, int(header[2])), stream)
                yield content
                if not content.drain():
                    return
