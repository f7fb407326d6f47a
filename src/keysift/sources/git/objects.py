"""Objects of a repository: which there are, in the order that git reads fastest; contents."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator, Sequence
from typing import IO, Final

from msgspec import Struct

from keysift.model import SkipReason
from keysift.sources.git.command import Git
from keysift.unpack.budget import StoppedError

BLOB: Final = b"blob"
_FILTERING: Final = (2, 32)
"""The version of git that can leave trees out of a list."""

_FEW: Final = 256

_TRIES: Final = 100
"""So many objects that git gives up on are passed over one by one; then it is asked no more."""


class Listed(Struct, frozen=True, gc=False):
    """An object.

    Attributes:
        id: Hex digits.
        kind: ``blob``, ``commit`` or ``tag``.
        size_bytes: Of its content.
    """

    id: str
    kind: str
    size_bytes: int


class Objects(Struct, frozen=True):
    """What a history consists of.

    Attributes:
        listed: Its objects but the trees, in the order in which they are stored.
        missing: Objects that belong to it and are not in this clone.
    """

    listed: list[Listed]
    missing: tuple[str, ...] = ()


def list_objects(git: Git, version: tuple[int, int], *, unreachable: bool) -> Objects:
    """List the objects of a repository.

    Args:
        git: The repository.
        version: Of git.
        unreachable: Whether to list what no branch or tag leads to as well.

    Raises:
        GitError: The repository is damaged.
    """
    reached: set[bytes] | None = None
    missing: list[str] = []
    if not unreachable:
        reached = set()
        for line in _reachable(git, version):
            if line.startswith(b"?"):
                missing.append(line[1:].decode("ascii"))
            else:
                reached.add(bytes.fromhex(line.decode("ascii")))
    form = "--batch-check=%(objectname) %(objecttype) %(objectsize)"
    every = git.output("cat-file", "--batch-all-objects", "--unordered", form)
    listed = []
    for line in every.splitlines():
        name, kind, size = line.split(b" ")
        if kind != b"tree" and (reached is None or bytes.fromhex(name.decode("ascii")) in reached):
            listed.append(Listed(name.decode("ascii"), kind.decode("ascii"), int(size)))
    return Objects(listed, tuple(missing))


def measured(git: Git, blobs: Iterable[str], commits: Iterable[str]) -> list[Listed]:
    """Return objects with their sizes, when there are so many that it matters how they are shared.

    Raises:
        GitError: Git cannot be asked.
    """
    listed = [Listed(one, "blob", 0) for one in blobs]
    listed += [Listed(one, "commit", 0) for one in commits]
    if len(listed) < _FEW:
        return listed
    given = "".join(f"{one.id}\n" for one in listed).encode("ascii")
    sizes = git.output("cat-file", "--batch-check=%(objectname) %(objectsize)", given=given)
    known = {line.split()[0]: line.split()[-1] for line in sizes.splitlines()}
    return [
        Listed(one.id, one.kind, int(size) if size.isdigit() else 0)
        for one in listed
        for size in [known.get(one.id.encode("ascii"), b"")]
    ]


def _reachable(git: Git, version: tuple[int, int]) -> Iterator[bytes]:
    """Yield the ids of what branches, tags and every work tree's HEAD lead to."""
    options = ["--all", "--objects", "--no-object-names", "--missing=print"]
    if version >= _FILTERING:
        blobs = git.output("rev-list", *options, "--filter=object:type=blob", _GIVEN)
        yield from blobs.splitlines()
        yield from git.output("rev-list", "--all").splitlines()
        tags = git.output("for-each-ref", "--format=%(objecttype) %(objectname)")
        yield from (line[4:] for line in tags.splitlines() if line.startswith(b"tag "))
    else:
        yield from git.output("rev-list", *options).splitlines()


_GIVEN: Final = "--filter-provided-objects"


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
                content = Content(Listed(one.id, header[1].decode("ascii"), int(header[2])), stream)
                yield content
                if not content.drain():
                    return
