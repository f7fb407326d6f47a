"""Reads zip archives by both of their headers, so that nothing in the file stays unseen.

The archive is walked in the order of offsets. Where the central directory names a member, it is
read there; what lies between is searched for members the directory leaves out, and the rest of it
comes as blobs of bytes that no member owns. No byte of the archive is decompressed for two members
that overlap, whose number is what makes the worst bombs.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, cast

from isal import isal_zlib

from keysift.model import Blob, Passed, Skip, SkipReason
from keysift.unpack.budget import Budget, StoppedError
from keysift.unpack.choice import NOTHING, Choose, is_folder, is_wanted, passed_end
from keysift.unpack.deliver import deliver
from keysift.unpack.names import text
from keysift.unpack.place import Place
from keysift.unpack.reader import Metered, Source, Span
from keysift.unpack.zip_content import (
    DEFLATED,
    STORED,
    Content,
    Where,
    claimed_end,
    inflated,
    open_content,
)
from keysift.unpack.zip_directory import (
    DESCRIPTOR,
    ENCRYPTED,
    HAS_DESCRIPTOR,
    LOCAL,
    LOCAL_BYTES,
    Directory,
    Entry,
    Local,
    agreeing_data,
    holds_anything,
    read_directory,
    read_local,
)

BEFORE: Final = "data before the archive"
BETWEEN: Final = "data between the members"
AFTER: Final = "data after the archive"
COMMENT: Final = "archive comment"
NOTES: Final = "comments and extra fields"
ORPHAN: Final = "not in the central directory"
RAW: Final = "raw bytes of a damaged member"

_SEARCH: Final = 256 * 1024
_USUAL_EXTRA: Final = 64
_LARGEST_DESCRIPTOR: Final = 24


def read_zip(source: Source, place: Place, budget: Budget) -> Iterator[Blob | Skip]:
    """Yield the members of a zip archive, and the bytes around them.

    Args:
        source: The archive, with whatever stands before and after it.
        place: Where it stands.
        budget: Charged for members and bytes.
    """
    items = _ZipReader(source, place, budget, None).read()
    return cast("Iterator[Blob | Skip]", items)  # Nothing is passed without a choice.


def read_chosen(
    source: Source, place: Place, budget: Budget, choose: Choose
) -> Iterator[Blob | Skip | Passed]:
    """Yield the members that are wanted as ``read_zip`` does, and what is said of the others.

    Of a member that is not wanted nothing is read, unless there is room for more behind it. It is
    read all the same when its headers do not agree then.

    Args:
        source: The archive, with whatever stands before and after it.
        place: Where it stands.
        budget: Charged for what is read.
        choose: Which members are wanted; not asked for directories.
    """
    return _ZipReader(source, place, budget, choose).read()


class _ZipReader:
    """One pass over an archive.

    ``_cursor`` is the offset up to which every byte has been accounted for.
    """

    def __init__(self, source: Source, place: Place, budget: Budget, choose: Choose | None) -> None:
        self._source = source
        self._place = place
        self._prefix = place.prefix
        self._budget = budget
        self._choose = choose
        self._largest = min(budget.limits.blob_bytes, budget.limits.ratio_from_bytes)
        self._cursor = 0
        self._owned = 0
        self._names: dict[bytes, int] = {}
        self._notes: list[bytes] = []

    def read(self) -> Iterator[Blob | Skip | Passed]:
        directory = read_directory(self._source, self._budget)
        if directory is None:
            yield self._skip(SkipReason.TRUNCATED, "no central directory")
            yield from self._gap(self._source.size, BETWEEN)
        else:
            self._notes = directory.notes
            if directory.is_damaged:
                yield self._skip(SkipReason.CORRUPT, "the central directory is damaged")
            yield from self._members(directory)
            yield from self._around(directory)
        if self._notes:
            content = b"\n".join(self._notes)
            yield Blob(path=self._place.name, content=content, part=NOTES)
        if self._budget.exhausted is not None:
            yield self._budget.skip(self._place.path)

    def _members(self, directory: Directory) -> Iterator[Blob | Skip | Passed]:
        """Yield everything up to the central directory."""
        entries = directory.entries
        astray = 0
        last = len(entries) - 1
        choose = self._choose
        for index, entry in enumerate(entries):
            if self._budget.exhausted is not None:
                return
            if not self._cursor <= entry.offset < directory.start:
                astray += 1
                continue
            limit = entries[index + 1].offset if index < last else directory.start
            if not entry.offset < limit <= directory.start:
                limit = directory.start
            if entry.offset > self._cursor:
                yield from self._gap(entry.offset, BETWEEN if self._owned else BEFORE)
            passed = None if choose is None else self._passed(entry, limit, choose)
            if passed is not None:
                yield from passed
                continue
            blob = self._plain(entry, limit)
            if blob is not None:
                yield blob
            elif self._cursor <= entry.offset:
                yield from self._careful(entry, limit)
        yield from self._gap(directory.start, BETWEEN if self._owned else BEFORE)
        if astray:
            yield self._skip(
                SkipReason.CORRUPT, f"{astray} members overlap others, or are not in the archive"
            )

    def _around(self, directory: Directory) -> Iterator[Blob | Skip]:
        """Yield what stands behind the records of the central directory."""
        self._cursor = max(self._cursor, directory.stop)
        yield from self._gap(directory.end, BETWEEN)
        if directory.comment:
            yield Blob(path=self._place.name, content=directory.comment, part=COMMENT)
        self._cursor = max(self._cursor, directory.after)
        yield from self._gap(self._source.size, AFTER)

    def _passed(self, entry: Entry, limit: int, choose: Choose) -> tuple[Passed, ...] | None:
        """Return what is said of a member that need not be read; None when it has to be.

        The cursor has moved behind it then.
        """
        if is_wanted(entry, self._prefix, choose):
            return None
        end = passed_end(self._source, entry, limit, self._notes)
        if end is None:
            return None
        self._owned = self._cursor = end
        if is_folder(entry):
            return ()
        self._names[entry.name] = self._names.get(entry.name, 0) + 1
        return (Passed(self._prefix + text(entry.name, "cp437"), entry.size, entry.crc),)

    def _plain(self, entry: Entry, limit: int) -> Blob | None:
        """Return a member about which everything is as it should be.

        The cursor has moved when the entry is dealt with; else ``_careful`` must look at it.
        """
        name, packed, size, method = entry.name, entry.packed, entry.size, entry.method
        if size > self._largest or packed > limit - entry.offset or entry.flags & ENCRYPTED:
            return None
        room = min(LOCAL_BYTES + len(name) + _USUAL_EXTRA + packed, limit - entry.offset)
        stored = self._source.at(entry.offset, room)
        start = agreeing_data(stored, entry)
        if start < 0 or entry.offset + start + packed > limit:
            return None
        data = stored[start : start + packed]
        if len(data) < packed:
            return None
        if method == DEFLATED:
            data = inflated(data, size)
        if method not in (STORED, DEFLATED) or isal_zlib.crc32(data) != entry.crc:
            return None
        if len(data) != size or (name in self._names and not name.endswith(b"/")):
            return None
        self._owned = self._cursor = entry.offset + start + packed
        if not size and name.endswith(b"/"):
            return None
        self._names[name] = 1
        if not (self._budget.member() and self._budget.take(size)):
            return None
        return Blob(path=self._prefix + text(name, "cp437"), content=data)

    def _careful(self, entry: Entry, limit: int, part: str | None = None) -> Iterator[Blob | Skip]:
        """Yield a member about which something is unusual, and move the cursor behind it."""
        path = self._prefix + text(entry.name, "cp437")
        local = read_local(self._source, entry.offset)
        if local is None:
            yield Skip(path=path, reason=SkipReason.CORRUPT, detail="no local header is there")
            return
        if part is None and holds_anything(local.extra):
            self._notes.append(local.extra)
        claimed = claimed_end(entry, local, limit)
        self._owned = self._cursor = min(claimed, max(limit, local.data))
        if entry.name.endswith(b"/") and not entry.size and claimed - local.data <= len(NOTHING):
            return
        if not self._budget.member():
            return
        times = self._names[entry.name] = self._names.get(entry.name, 0) + 1
        if part is None and times > 1:
            part = f"entry {times}"
        if (entry.flags | local.entry.flags) & ENCRYPTED:
            yield Skip(
                path=path, reason=SkipReason.ENCRYPTED, detail="encrypted", size_bytes=entry.size
            )
            return
        yield from self._content(path, part, Where(entry, local, claimed, limit))

    def _content(self, path: str, part: str | None, where: Where) -> Iterator[Blob | Skip]:
        try:
            content = self._opened(where)
        except StoppedError as error:
            yield error.skip(path)
            return
        size = where.entry.size
        yield from deliver(path, content, self._budget, part=part, size=size or None)
        if content.rest is not None:
            self._owned = self._cursor = max(content.rest, where.local.data)
        elif content.failure is not None and part == ORPHAN:
            # It may be no member at all: what its header claims is searched like the rest.
            self._owned = self._cursor = where.local.data
        elif content.failure is not None and content.failure.reason is SkipReason.CORRUPT:
            # Perhaps it is not compressed as its header says, or not at all.
            span = Span(self._source, where.local.data, where.claimed)
            yield from deliver(path, Metered(span, self._budget), self._budget, part=RAW)
        if not content.is_complete:
            return
        crcs = {where.entry.crc, where.local.entry.crc}
        if where.entry.flags & HAS_DESCRIPTOR and part == ORPHAN:
            return
        if content.crc not in crcs:
            yield Skip(path=path, reason=SkipReason.CORRUPT, detail="the checksum is wrong")

    def _opened(self, where: Where) -> Content:
        """Open the data of a member by the method of one header, else by that of the other."""
        entry, local = where.entry, where.local
        try:
            return open_content(self._source, entry, local.data, where.stop, self._budget)
        except StoppedError:
            if local.entry.method == entry.method:
                raise
        return open_content(self._source, local.entry, local.data, where.stop, self._budget)

    def _gap(self, end: int, part: str) -> Iterator[Blob | Skip]:
        """Yield the members in a range that the directory does not name, and the rest of it."""
        start = self._cursor
        if start >= end:
            return
        self._cursor = start = self._behind_descriptor(start, end)
        while start < end and self._budget.step():
            found = self._find(LOCAL, start, end)
            if found < 0:
                break
            local = read_local(self._source, found)
            if local is None or local.data > end:
                start = found + len(LOCAL)
                continue
            yield from self._unowned(self._cursor, found, part)
            part = part if part == AFTER else BETWEEN
            yield from self._orphan(local, end)
            start = self._cursor = self._behind_descriptor(self._cursor, end)
        yield from self._unowned(self._cursor, end, part)
        self._cursor = end

    def _orphan(self, local: Local, end: int) -> Iterator[Blob | Skip]:
        entry = local.entry
        if entry.flags & HAS_DESCRIPTOR and not entry.packed and entry.method == STORED:
            # Nobody says how long it is, so it lasts until the next thing that can be recognised.
            following = self._find(LOCAL, local.data, end)
            following = end if following < 0 else following
            descriptor = self._find(DESCRIPTOR, local.data, following)
            entry.packed = (following if descriptor < 0 else descriptor) - local.data
        yield from self._careful(entry, end, ORPHAN)

    def _behind_descriptor(self, start: int, end: int) -> int:
        """Return where the data descriptor of the member that ended here ends, if it has one."""
        if not self._owned or start != self._owned:
            return start
        data = self._source.at(start, min(end - start, _LARGEST_DESCRIPTOR))
        if data.startswith(DESCRIPTOR):
            # With 64-bit sizes when what follows 32-bit ones is no record and not the end.
            wide = len(data) == 24 and data[16:18] != b"PK" and end - start != 16
            return start + min(24 if wide else 16, len(data))
        return start + len(data) if len(data) in (12, 20) and end - start == len(data) else start

    def _unowned(self, start: int, end: int, part: str) -> Iterator[Blob | Skip]:
        if start >= end or self._budget.exhausted is not None:
            return
        if end - start <= _SEARCH and not self._source.at(start, end - start).strip(b"\0"):
            return
        reader = Metered(Span(self._source, start, end), self._budget)
        yield from deliver(self._place.name, reader, self._budget, part=part, size=end - start)

    def _find(self, mark: bytes, start: int, end: int) -> int:
        """Return where a mark stands in a range, or -1."""
        while start < end and self._budget.step():
            found = self._source.find(mark, start, end)
            if found >= 0:
                return found
            start = max(self._source.searched(start) - len(mark) + 1, start + 1)
        return -1

    def _skip(self, reason: SkipReason, detail: str) -> Skip:
        return Skip(path=self._place.path, reason=reason, detail=detail)
