"""The records of a zip archive: entries as two headers describe them, and the central directory.

Source: APPNOTE.TXT 6.3.10, sections 4.3 to 4.5. Nothing here decides what is true where the two
headers differ; ``keysift.unpack.zip`` does.
"""

from __future__ import annotations

import struct
from typing import Final

from msgspec import Struct

from keysift.unpack.budget import Budget
from keysift.unpack.kind import TAIL
from keysift.unpack.reader import Source

LOCAL: Final = b"PK\x03\x04"
LOCAL_BYTES: Final = 30
DESCRIPTOR: Final = b"PK\x07\x08"
ENCRYPTED: Final = 0x0001
LZMA_ENDS_ITSELF: Final = 0x0002
HAS_DESCRIPTOR: Final = 0x0008

_CENTRAL: Final = b"PK\x01\x02"
_END: Final = b"PK\x05\x06"
_END64: Final = b"PK\x06\x06"
_LOCATOR64: Final = b"PK\x06\x07"
_CENTRAL_RECORD: Final = struct.Struct("<4s4xHH4xLLLHHH8xL")
_LOCAL_RECORD: Final = struct.Struct("<4s2xHH4xLLLHH")
_END_RECORD: Final = struct.Struct("<4s6xHLLH")
_END64_RECORD: Final = struct.Struct("<4s28xQQQ")
_IN_ZIP64: Final = 0xFFFFFFFF
_MAX_METHOD: Final = 99
_AT_ONCE: Final = 1024 * 1024
_MAX_VERSION: Final = 63

_KNOWN_EXTRA: Final = frozenset(
    {0x0001, 0x000A, 0x5455, 0x5855, 0x7855, 0x7875, 0x7075, 0x9901, 0xCAFE, 0xD935, 0xA220}
)
"""Extra fields of sizes, times, owners, names, padding: none has room for text of its own."""


class Entry(Struct, gc=False):
    """One member, as one of its headers has it.

    Attributes:
        offset: Where its local header stands in the source.
        name: As stored.
        flags: General purpose bits.
        method: How it is compressed.
        crc: CRC-32 of the content.
        packed: Bytes stored.
        size: Bytes of content.
    """

    offset: int
    name: bytes
    flags: int
    method: int
    crc: int
    packed: int
    size: int


class Local(Struct, gc=False):
    """A local header.

    Attributes:
        entry: What it says.
        data: Offset of the first byte of data.
        extra: Its extra fields.
    """

    entry: Entry
    data: int
    extra: bytes


class Directory(Struct):
    """A central directory.

    Attributes:
        entries: In the order of their offsets.
        start: Offset of the directory.
        stop: Offset of the first byte after its last record that could be read.
        end: Offset of the record that ends it, the zip64 one included.
        after: Offset of the first byte after the archive.
        comment: Of the archive.
        notes: Comments of members, and extra fields that hold anything.
        is_damaged: True when not all of it could be read.
    """

    entries: list[Entry]
    start: int
    stop: int
    end: int
    after: int
    comment: bytes
    notes: list[bytes]
    is_damaged: bool


class _End(Struct, frozen=True):
    position: int
    after: int
    start: int
    size: int
    shift: int
    comment: bytes


def read_local(source: Source, offset: int) -> Local | None:
    """Return the local header at an offset, or None when nothing plausible stands there."""
    fixed = source.at(offset, LOCAL_BYTES)
    if len(fixed) < LOCAL_BYTES or not fixed.startswith(LOCAL) or fixed[4] > _MAX_VERSION:
        return None
    _, flags, method, crc, packed, size, name_bytes, extra_bytes = _LOCAL_RECORD.unpack(fixed)
    variable = source.at(offset + LOCAL_BYTES, name_bytes + extra_bytes)
    name, extra = variable[:name_bytes], variable[name_bytes:]
    if not name or len(variable) < name_bytes + extra_bytes or method > _MAX_METHOD:
        return None
    entry = Entry(offset, name, flags, method, crc, packed, size)
    if _IN_ZIP64 in (packed, size):
        _apply_zip64(entry, extra)
    return Local(entry, offset + LOCAL_BYTES + name_bytes + extra_bytes, extra)


def agreeing_data(header: bytes, entry: Entry) -> int:
    """Return where data starts after a local header that agrees with its entry; -1 otherwise.

    Args:
        header: The local header and what follows, long enough for the name.
        entry: What the central directory says.
    """
    if len(header) < LOCAL_BYTES:
        return -1
    mark, flags, method, _, packed, size, name_bytes, extra_bytes = _LOCAL_RECORD.unpack_from(
        header
    )
    if (
        mark != LOCAL
        or flags != entry.flags
        or method != entry.method
        or not (flags & HAS_DESCRIPTOR or (packed == entry.packed and size == entry.size))
        or header[LOCAL_BYTES : LOCAL_BYTES + name_bytes] != entry.name
    ):
        return -1
    start: int = LOCAL_BYTES + name_bytes
    if extra_bytes and holds_anything(header[start : start + extra_bytes]):
        return -1
    return start + int(extra_bytes)


def read_directory(source: Source, budget: Budget) -> Directory | None:
    """Return the central directory, or None when there is none.

    Every record costs a step. No more records are kept than the budget allows members.

    Args:
        source: The archive.
        budget: Its account.
    """
    end = _find_end(source)
    if end is None or end.size > budget.limits.container_bytes:
        return None
    data = source.at(end.start, end.size)
    directory = Directory([], end.start, end.start, end.position, end.after, end.comment, [], False)
    position = 0
    entries = directory.entries
    while position < len(data):
        if not data.startswith(_CENTRAL, position) or position + 46 > len(data):
            # A digital signature may follow the last record; it holds no member.
            directory.is_damaged = not data.startswith(b"PK\x05\x05", position)
            break
        if len(entries) >= budget.limits.members or not budget.step():
            directory.is_damaged = True
            break
        position = _add_record(data, position, directory, end.shift)
    directory.stop = end.start + min(position, len(data))
    entries.sort(key=_by_offset)
    _correct_shift(source, entries, end.shift)
    return directory


def _by_offset(entry: Entry) -> int:
    return entry.offset


def _add_record(data: bytes, position: int, directory: Directory, shift: int) -> int:
    """Read one record of the directory; return the position after it."""
    record = _CENTRAL_RECORD.unpack_from(data, position)
    _, flags, method, crc, packed, size, name_bytes, extra_bytes, comment_bytes, offset = record
    position += 46
    name = data[position : position + name_bytes]
    position += name_bytes
    entry = Entry(offset, name, flags, method, crc, packed, size)
    if extra_bytes:
        extra = data[position : position + extra_bytes]
        if _IN_ZIP64 in (packed, size, offset):
            _apply_zip64(entry, extra)
        if holds_anything(extra):
            directory.notes.append(extra)
        position += extra_bytes
    if comment_bytes:
        directory.notes.append(data[position : position + comment_bytes])
        position += comment_bytes
    entry.offset += shift
    directory.entries.append(entry)
    return position


def _apply_zip64(entry: Entry, extra: bytes) -> None:
    """Replace the fields of an entry that were too small for their values (4.5.3)."""
    position = 0
    while position + 4 <= len(extra):
        tag, length = struct.unpack_from("<HH", extra, position)
        if tag == 1:
            values = extra[position + 4 : position + 4 + length]
            for field in ("size", "packed", "offset"):
                if getattr(entry, field) == _IN_ZIP64 and len(values) >= 8:
                    setattr(entry, field, int.from_bytes(values[:8], "little"))
                    values = values[8:]
            return
        position += 4 + length


def holds_anything(extra: bytes) -> bool:
    """Tell whether extra fields hold something other than what is known to hold no text."""
    position = 0
    while position + 4 <= len(extra):
        tag, length = struct.unpack_from("<HH", extra, position)
        if tag not in _KNOWN_EXTRA:
            return True
        position += 4 + length
    return position < len(extra) and extra[position:].strip(b"\0") != b""


def _correct_shift(source: Source, entries: list[Entry], shift: int) -> None:
    """Undo the shift when offsets count from the beginning of the file after all."""
    if not shift or not entries:
        return
    first = entries[0].offset
    if source.at(max(first, 0), 4) != LOCAL and source.at(first - shift, 4) == LOCAL:
        for entry in entries:
            entry.offset -= shift


def _find_end(source: Source) -> _End | None:
    """Return the last record that ends a central directory which is there."""
    base = max(0, source.size - TAIL)
    tail = source.at(base, TAIL)
    position = tail.rfind(_END)
    while position >= 0:
        record = tail[position : position + 22]
        if len(record) == 22:
            end = _end(source, base + position, record)
            if end is not None:
                return end
        position = tail.rfind(_END, 0, position + 3)
    return None


def _end(source: Source, position: int, record: bytes) -> _End | None:
    _, entries, size, offset, comment_bytes = _END_RECORD.unpack(record)
    comment = source.at(position + 22, comment_bytes)
    after = position + 22 + len(comment)
    locator = source.at(position - 20, 20) if position >= 20 else b""
    if locator.startswith(_LOCATOR64):
        where = int.from_bytes(locator[8:16], "little")
        for candidate in (position - 20 - 56, where):
            wide = source.at(max(candidate, 0), 56)
            if len(wide) == 56 and wide.startswith(_END64):
                _, entries, size, offset = _END64_RECORD.unpack(wide)
                position = candidate
                break
    for start in (position - size, offset):
        # As much of it as can be had in one piece: where a read is a request, it is the only one.
        if start >= 0 and size and source.at(start, min(size, _AT_ONCE)).startswith(_CENTRAL):
            size = min(size, position - start) if position > start else size
            return _End(position, after, start, size, start - offset, comment)
    if not entries and not size:
        return _End(position, after, position, 0, 0, comment)
    return None
