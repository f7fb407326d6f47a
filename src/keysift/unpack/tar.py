"""Reads tar archives as a stream, hostile ones included.

A header that is none is not the end: its block is kept as bytes that no member owns, and reading
goes on at the next block with a valid checksum. So every byte is either in a member or in a blob
of bytes outside them.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from keysift.model import Blob, Skip, SkipReason
from keysift.unpack.budget import Budget, StoppedError
from keysift.unpack.deliver import deliver
from keysift.unpack.names import text
from keysift.unpack.place import Place
from keysift.unpack.reader import CHUNK, Exactly, Reader, gather
from keysift.unpack.tar_header import (
    BLOCK,
    STANDARD_KEYS,
    ZEROS,
    Header,
    Overrides,
    is_plain,
    parse,
    records,
)

OUTSIDE: Final = "data outside the members"
PAX: Final = "pax header"

_LARGEST_NAME: Final = 1024 * 1024
_DIRECTORY: Final = b"5"
_LINKS: Final = {b"1": "hard link", b"2": "symbolic link"}
_DEVICES: Final = {b"3": "character device", b"4": "block device", b"6": "fifo"}
_WITHOUT_DATA: Final = frozenset({_DIRECTORY, *_LINKS, *_DEVICES})


class _Blocks:
    """Whole blocks of a reader, read ahead.

    Attributes:
        failure: Why nothing more comes, when that is not the end.
        position: Offset of what is read next.
    """

    __slots__ = ("_ahead", "_reader", "_used", "failure", "position")

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._ahead = b""
        self._used = 0
        self.failure: StoppedError | None = None
        self.position = 0

    @property
    def consumed(self) -> int:
        """Bytes of the stored form that have been used."""
        return self._reader.consumed

    def read(self, size: int) -> bytes:
        """Return at most ``size`` bytes, none at the end."""
        used = self._used
        if used == len(self._ahead):
            self._ahead = self._reader.read(CHUNK)
            used = 0
        data = self._ahead[used : used + size]
        self._used = used + len(data)
        self.position += len(data)
        return data

    def exactly(self, size: int) -> bytes:
        """Return ``size`` bytes, fewer only at the end or after a failure."""
        used = self._used
        end = used + size
        if end <= len(self._ahead):
            self._used = end
            self.position += size
            return self._ahead[used:end]
        got = gather(self, size)
        self.failure = got.failure
        return got.content


class _TarReader:
    """One pass over an archive."""

    def __init__(self, reader: Reader, place: Place, budget: Budget, size: int | None) -> None:
        self._blocks = _Blocks(reader)
        self._size = size
        self._place = place
        self._prefix = place.prefix
        self._budget = budget
        self._small_bytes = min(CHUNK, budget.limits.blob_bytes)
        self._lost = bytearray()
        self._over = Overrides()
        self._sound = True
        self._ended = False

    def read(self) -> Iterator[Blob | Skip]:
        try:
            yield from self._blocks_to_members()
        except StoppedError as error:
            yield from self._flush()
            yield error.skip(self._place.path)
        else:
            yield from self._flush()
            if self._budget.exhausted is not None:
                yield self._budget.skip(self._place.path)

    def _blocks_to_members(self) -> Iterator[Blob | Skip]:
        """Yield what every block begins, to the end of the archive.

        Raises:
            StoppedError: The archive cannot be read on.
        """
        blocks = self._blocks
        while self._budget.exhausted is None:
            block = blocks.exactly(BLOCK)
            if len(block) < BLOCK:
                yield from self._outside(block)
                if blocks.failure is not None:
                    raise blocks.failure
                return
            if block == ZEROS:
                # Two of these are the end, but archives are also joined behind each other.
                self._budget.step()
                self._ended = True
                if self._lost:
                    self._lost += block
                continue
            header = parse(block)
            size = -1
            if header is not None:
                size = header.size if self._over.size is None else self._over.size
            if header is None or (header.type not in _WITHOUT_DATA and not self._fits(size)):
                self._over = Overrides()
                yield from self._bad_block(block)
                continue
            self._sound = True
            self._ended = False
            if self._lost:
                yield from self._flush()
            if header.type in b"0\0" and size < self._small_bytes:
                yield from self._small(header, size)
            else:
                yield from self._entry(header, size)

    def _fits(self, size: int) -> bool:
        """Tell whether the data of a member can be all here; a lie would swallow what follows."""
        left = self._budget.limits.total_bytes - self._budget.bytes_taken + CHUNK
        if self._size is not None:
            left = self._size - self._blocks.position
        return 0 <= size <= left

    def _path(self, header: Header) -> str:
        """Return the path of a member, and forget what was said about it in advance."""
        name = self._over.name
        if name is not None or self._over.size is not None:
            self._over = Overrides()
        return self._prefix + text(header.name if name is None else name)

    def _small(self, header: Header, size: int) -> tuple[Blob | Skip, ...]:
        """Return an ordinary file that is read at once."""
        path = self._path(header)
        if not size and path.endswith("/"):
            return ()
        if not self._budget.member():
            return ()
        content = self._blocks.exactly(size + -size % BLOCK)
        if len(content) >= size:
            self._slack(content[size:])
            return (Blob(path=path, content=content[:size]),)
        missing = StoppedError(SkipReason.TRUNCATED, f"{size - len(content)} bytes are missing")
        skip = (self._blocks.failure or missing).skip(path)
        return (Blob(path=path, content=content), skip)

    def _entry(self, header: Header, size: int) -> Iterator[Blob | Skip]:
        kind = header.type
        if kind in b"xgXLKN":
            yield from self._about_next(header)
            return
        path = self._path(header)
        if kind in _WITHOUT_DATA:
            self._budget.step()
            if kind in _LINKS:
                yield Skip(path=path, reason=SkipReason.LINK, detail=_LINKS[kind])
            elif kind in _DEVICES:
                yield Skip(path=path, reason=SkipReason.DEVICE, detail=_DEVICES[kind])
            return
        if not self._budget.member():
            return
        if header.is_sparse_extended:
            self._sparse_map()
        reader = Exactly(self._blocks, size)
        yield from deliver(path, reader, self._budget, size=size)
        reader.drain()
        self._pad(size)

    def _about_next(self, header: Header) -> Iterator[Blob | Skip]:
        """Handle a header that describes the next member, or all that follow."""
        self._budget.step()
        size = header.size
        if size < 0 or size > _LARGEST_NAME:
            # Nobody needs this much to describe a member: look at it as bytes.
            reader = Exactly(self._blocks, max(size, 0))
            yield from deliver(self._place.name, reader, self._budget, part=PAX, size=size)
            reader.drain()
            self._pad(size)
            return
        content = self._blocks.exactly(size + -size % BLOCK)[:size]
        if self._blocks.failure is not None:
            yield Blob(path=self._place.name, content=content, part=PAX)
            raise self._blocks.failure
        if header.type in b"LN":
            self._over.name = content.split(b"\0", 1)[0]
        elif header.type in b"xXg" and not is_plain(content):
            found, unread = records(content)
            if header.type != b"g":
                self._over.take_records(found)
            if unread or any(key not in STANDARD_KEYS for key, _ in found):
                yield Blob(path=self._place.name, content=content, part=PAX)

    def _sparse_map(self) -> None:
        """Pass over the blocks that continue the map of a sparse file (old GNU format)."""
        while self._budget.step():
            block = self._blocks.exactly(BLOCK)
            if len(block) < BLOCK or block[504] == 0:
                return

    def _pad(self, size: int) -> None:
        rest = -size % BLOCK
        if rest:
            self._slack(self._blocks.exactly(rest))

    def _slack(self, padding: bytes) -> None:
        """Keep what stands behind a member in its last block, unless it is what should be there."""
        if padding.strip(b"\0"):
            self._lost += padding

    def _bad_block(self, block: bytes) -> Iterator[Blob | Skip]:
        self._budget.step()
        if self._sound and not self._ended:
            detail = f"no valid header at byte {self._blocks.position - BLOCK}"
            yield Skip(path=self._place.path, reason=SkipReason.CORRUPT, detail=detail)
        self._sound = False
        yield from self._outside(block)

    def _outside(self, block: bytes) -> Iterator[Blob | Skip]:
        """Keep bytes that no member owns."""
        self._lost += block
        if len(self._lost) >= self._budget.limits.blob_bytes:
            cut = len(self._lost) - self._budget.limits.segment_overlap
            overlap = bytes(self._lost[cut:])
            yield from self._flush()
            self._lost += overlap

    def _flush(self) -> Iterator[Blob]:
        if self._lost.strip(b"\0"):
            yield Blob(path=self._place.name, content=bytes(self._lost), part=OUTSIDE)
        self._lost.clear()


def read_tar(
    reader: Reader, place: Place, budget: Budget, size: int | None = None
) -> Iterator[Blob | Skip]:
    """Yield the members of a tar archive.

    Args:
        reader: The archive, uncompressed; charges the budget for its bytes itself.
        place: Where the archive stands.
        budget: Charged for members and headers.
        size: Bytes of the archive, when known.
    """
    yield from _TarReader(reader, place, budget, size).read()
