"""Pack files of git: every object of a history, most of them as differences to another.

The format is that of ``git help gitformat-pack``, versions 2 and 3. The index that goes with a pack
is not needed: objects stand one after the other.
"""

from __future__ import annotations

import hashlib
import zlib
from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import Final

from msgspec import Struct

from keysift.model import Blob, Skip, SkipReason
from keysift.unpack.budget import Budget, StoppedError
from keysift.unpack.formats.extraction import Parts
from keysift.unpack.names import NESTING

_KINDS: Final = {1: "commit", 2: "tree", 3: "blob", 4: "tag"}
_OFFSET_DELTA: Final = 6
_NAMED_DELTA: Final = 7
_ID_BYTES: Final = 20

_LARGEST: Final = 64 * 1024 * 1024
"""Size of one object; larger ones are skipped."""

_HELD: Final = 96 * 1024 * 1024
"""Bytes of objects that are kept because differences to them are still to be resolved."""

_CHUNK: Final = 64 * 1024
_LEAST_CHUNK: Final = 64
_STEP: Final = 4096
"""Bytes inflated for one step."""


class _Entry(Struct, frozen=True):
    """An object as it stands in the pack.

    Attributes:
        offset: Where it begins.
        kind: Its type; for differences, 6 or 7.
        data: Offset of its zlib stream.
        size: Bytes of the object, or of the difference.
        base: What a difference is to: an offset, or an id.
    """

    offset: int
    kind: int
    data: int
    size: int
    base: int | bytes = 0


def read_git_pack(blob: Blob, budget: Budget) -> Parts:
    """Yield the content of all commits, blobs and tags, each with a path of its own.

    Trees, which are names and digests, are left out.

    Raises:
        StoppedError: The pack is truncated or corrupt; objects before that place were yielded.
    """
    pack = _Pack(blob.content, budget)
    failure: StoppedError | None = None
    try:
        pack.index()
    except StoppedError as error:
        failure = error
    lost: Counter[tuple[SkipReason, str]] = Counter()
    for item in pack.objects():
        if isinstance(item, StoppedError):
            lost[item.reason, item.detail] += 1
            continue
        kind, digest, content = item
        path = f"{blob.path}{NESTING}{digest}"
        yield Blob(path=path, part=f"git {kind} {digest}", content=content)
    for (reason, detail), count in lost.items():
        yield Skip(path=blob.path, reason=reason, detail=f"{detail} ({count} objects)")
    if failure is not None:
        raise failure
    return True


class _Pack:
    """The objects of one pack."""

    def __init__(self, content: bytes, budget: Budget) -> None:
        self._content = content
        self._budget = budget
        self._roots: list[_Entry] = []
        self._waiting: defaultdict[int | bytes, list[_Entry]] = defaultdict(list)

    def index(self) -> None:
        """Find all objects.

        Raises:
            StoppedError: One cannot be read, so that those behind it cannot be found.
        """
        count = int.from_bytes(self._content[8:12], "big")
        position = 12
        for _ in range(count):
            entry = self._entry(position)
            position = self._end(entry)
            if entry.kind in _KINDS:
                self._roots.append(entry)
            else:
                self._waiting[entry.base].append(entry)

    def objects(self) -> Iterator[tuple[str, str, bytes] | StoppedError]:
        """Yield kind, first digits of the id, and content of each object but trees.

        An object that cannot be rebuilt is an error instead.
        """
        # Whole objects first: differences are what can use up the budget.
        for root in sorted(self._roots, key=lambda one: one.offset in self._waiting):
            yield from self._family(root)
        for orphans in self._waiting.values():
            for _ in orphans:
                yield StoppedError(
                    SkipReason.UNSUPPORTED, "differences to objects that are elsewhere"
                )

    def _family(self, root: _Entry) -> Iterator[tuple[str, str, bytes] | StoppedError]:
        """Yield an object and all that are differences to it, directly or not."""
        kind = _KINDS[root.kind]
        pending: list[tuple[_Entry, bytes]] = [(root, b"")]
        held: list[int] = [0]  # bytes kept below each item of ``pending``
        while pending:
            entry, base = pending.pop()
            below = held.pop()
            try:
                content = self._rebuild(entry, base, below)
            except StoppedError as error:
                if self._budget.exhausted is not None:
                    raise
                yield error
                continue
            digest = hashlib.sha1(b"%b %d\0" % (kind.encode(), len(content)), usedforsecurity=False)
            digest.update(content)
            waiting = self._waiting.pop(entry.offset, [])
            waiting += self._waiting.pop(digest.digest(), [])
            pending.extend((one, content) for one in reversed(waiting))
            held.extend(below + len(content) for _ in waiting)
            if kind != "tree":
                yield kind, digest.hexdigest()[:10], content

    def _rebuild(self, entry: _Entry, base: bytes, held: int) -> bytes:
        data = self._inflate(entry)
        content = data if entry.kind in _KINDS else self._patch(base, data)
        if held + len(content) > _HELD:
            detail = f"differences that need more than {_HELD} bytes"
            raise StoppedError(SkipReason.TOO_LARGE, detail)
        return content

    def _patch(self, base: bytes, delta: bytes) -> bytes:
        """Return what a difference makes of its base."""
        reader = _Bytes(delta, 0)
        reader.size(0, 0)  # of the base: the instructions are checked against the base itself
        reader.size(0, 0)
        pieces: list[bytes] = []
        total = 0
        while reader.position < len(delta):
            command = reader.byte()
            if command & 0x80:
                offset = reader.sparse(command, 4)
                length = reader.sparse(command >> 4, 3) or 0x10000
                piece = base[offset : offset + length]
            elif command:
                length = command
                piece = reader.take(length)
            else:
                raise StoppedError(SkipReason.CORRUPT, "a difference with an unknown instruction")
            if len(piece) != length:
                raise StoppedError(SkipReason.CORRUPT, "a difference to more than its base has")
            pieces.append(piece)
            total += length
            if total > _LARGEST:
                raise _too_large()
        if not self._budget.step(1 + len(pieces) // 16 + total // _STEP):
            raise self._budget.stopped()
        return b"".join(pieces)

    def _entry(self, position: int) -> _Entry:
        reader = _Bytes(self._content, position)
        first = reader.byte()
        kind = first >> 4 & 7
        size = first & 15
        if first & 0x80:
            size = reader.size(size, 4)
        base: int | bytes = 0
        if kind == _OFFSET_DELTA:
            base = position - reader.distance()
        elif kind == _NAMED_DELTA:
            base = reader.take(_ID_BYTES)
        elif kind not in _KINDS:
            raise StoppedError(SkipReason.CORRUPT, "a git pack with an object of unknown type")
        return _Entry(position, kind, reader.position, size, base)

    def _end(self, entry: _Entry) -> int:
        """Return where the zlib stream of an entry ends."""
        decoder = zlib.decompressobj()
        total = 0
        for position, chunk in self._chunks(entry):
            total += len(self._decompressed(decoder, chunk, _CHUNK))
            # At the end of a stream, what follows it stays in ``unconsumed_tail`` for ever.
            while decoder.unconsumed_tail and not decoder.eof and total <= entry.size:
                total += len(self._decompressed(decoder, decoder.unconsumed_tail, _CHUNK))
            if total > entry.size:
                raise StoppedError(SkipReason.CORRUPT, "a git object that is larger than it says")
            if decoder.eof:
                return position + len(chunk) - len(decoder.unused_data)
        raise StoppedError(SkipReason.TRUNCATED, "a git pack that ends within an object")

    def _inflate(self, entry: _Entry) -> bytes:
        if entry.size > _LARGEST:
            raise _too_large()
        decoder = zlib.decompressobj()
        pieces: list[bytes] = []
        for _, chunk in self._chunks(entry):
            pieces.append(self._decompressed(decoder, chunk, 0))
            if decoder.eof:
                break
        return b"".join(pieces)

    def _chunks(self, entry: _Entry) -> Iterator[tuple[int, bytes]]:
        """Yield offsets and bytes from where the data of an entry begin, the first ones fitted."""
        position = entry.data
        size = min(entry.size + _LEAST_CHUNK, _CHUNK)
        while position < len(self._content):
            yield position, self._content[position : position + size]
            position += size
            size = _CHUNK

    def _decompressed(self, decoder: zlib._Decompress, data: bytes, limit: int) -> bytes:
        try:
            piece = decoder.decompress(data, limit)
        except zlib.error:
            raise StoppedError(SkipReason.CORRUPT, "a git object that cannot be inflated") from None
        if not self._budget.step(1 + len(piece) // _STEP):
            raise self._budget.stopped()
        return piece


class _Bytes:
    """Numbers as packs write them, read one after the other."""

    def __init__(self, content: bytes, position: int) -> None:
        self.position = position
        self._content = content

    def take(self, size: int) -> bytes:
        """Return the next bytes, fewer at the end."""
        self.position += size
        return self._content[self.position - size : self.position]

    def byte(self) -> int:
        """Return the next byte."""
        if self.position >= len(self._content):
            raise StoppedError(SkipReason.TRUNCATED, "a git pack that ends within an object")
        self.position += 1
        return self._content[self.position - 1]

    def size(self, value: int, shift: int) -> int:
        """Return a number in groups of seven bits, the lowest first, on top of ``value``."""
        for _ in range(10):
            byte = self.byte()
            value |= (byte & 0x7F) << shift
            shift += 7
            if not byte & 0x80:
                return value
        raise StoppedError(SkipReason.CORRUPT, "a git pack with a number that does not end")

    def distance(self) -> int:
        """Return a number in groups of seven bits, the highest first, without double notations."""
        byte = self.byte()
        value = byte & 0x7F
        for _ in range(10):
            if not byte & 0x80:
                return value
            byte = self.byte()
            value = (value + 1) << 7 | (byte & 0x7F)
        raise StoppedError(SkipReason.CORRUPT, "a git pack with a number that does not end")

    def sparse(self, present: int, count: int) -> int:
        """Return a number of which only the bytes in the bit mask ``present`` are written."""
        value = 0
        for index in range(count):
            if present >> index & 1:
                value |= self.byte() << 8 * index
        return value


def _too_large() -> StoppedError:
    return StoppedError(SkipReason.TOO_LARGE, f"a git object of more than {_LARGEST} bytes")
