"""Which parts of a zip archive are read when only some of its members are wanted.

What lies between the members is looked at only where the central directory leaves room for
something: more than the local header of a member, its name and the usual extra fields take.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, TypeAlias

from keysift.unpack.budget import Budget, StoppedError
from keysift.unpack.names import text
from keysift.unpack.reader import BinaryFile, Source
from keysift.unpack.zip_directory import (
    HAS_DESCRIPTOR,
    LOCAL_BYTES,
    Directory,
    Entry,
    holds_anything,
    read_directory,
    read_local,
)

Choose: TypeAlias = Callable[[str, int, int], bool]
"""Tells whether to read a member: its path, the size of its content in bytes, its CRC-32."""

NOTHING: Final = b"\x03\x00"
"""Nothing, deflated: some writers give directories this content."""

_USUAL_EXTRA: Final = 32
# Times and owner take 28 bytes, zip64 sizes 20. A header with a name and two bytes takes more.

_LARGEST_DESCRIPTOR: Final = 24
_MAX_ROOMY: Final = 16


def is_wanted(entry: Entry, prefix: str, choose: Choose) -> bool:
    """Tell whether a member is to be read; directories are not, and nobody is asked."""
    if is_folder(entry):
        return False
    return choose(prefix + text(entry.name, "cp437"), entry.size, entry.crc)


def is_folder(entry: Entry) -> bool:
    """Tell whether an entry is a directory without content."""
    return entry.name.endswith(b"/") and not entry.size and entry.packed <= len(NOTHING)


def is_roomy(entry: Entry, limit: int) -> bool:
    """Tell whether something could stand behind a member, before the next thing.

    Args:
        entry: As the central directory has it.
        limit: Where the next thing begins.
    """
    usual = LOCAL_BYTES + len(entry.name) + _USUAL_EXTRA + entry.packed
    if entry.flags & HAS_DESCRIPTOR:
        usual += _LARGEST_DESCRIPTOR
    return limit - entry.offset > usual


def passed_end(source: Source, entry: Entry, limit: int, notes: list[bytes]) -> int | None:
    """Return up to where a member accounts for the bytes of an archive, without its data.

    Args:
        source: The archive.
        entry: The member, as the central directory has it.
        limit: Where the next thing begins.
        notes: Gets the extra fields of its local header, if they were looked at and hold anything.

    Returns:
        An offset, at most ``limit``; None when its headers do not agree, so that it must be read.
    """
    if not is_roomy(entry, limit):
        return limit
    # Both reads of the header at once: each may be a request.
    source.at(entry.offset, LOCAL_BYTES + len(entry.name) + _USUAL_EXTRA)
    local = read_local(source, entry.offset)
    if local is None or local.data + entry.packed > limit:
        return None
    other = local.entry
    sizes = (entry.packed, entry.size)
    if (
        other.name != entry.name
        or (other.flags, other.method) != (entry.flags, entry.method)
        or not (other.flags & HAS_DESCRIPTOR or (other.packed, other.size) == sizes)
    ):
        return None
    if holds_anything(local.extra):
        notes.append(local.extra)
    return local.data + entry.packed


def chosen_spans(file: BinaryFile, budget: Budget, choose: Choose) -> list[tuple[int, int]] | None:
    """Return the parts of a zip archive that ``members`` reads when it is given ``choose``.

    Only the directory is read, and some local headers where there is room between members.

    Args:
        file: Binary, seekable.
        budget: Charged for the directory; one of its own, since it is read again.
        choose: As for ``members``; asked once for each member.

    Returns:
        Offsets (first byte, first byte after), in order. None when the file is no zip archive or an
        irregular one (a damaged directory, members that overlap, headers that do not agree), which
        is better read whole.
    """
    source = Source(file, is_exact=True)
    try:
        directory = read_directory(source, budget)
        if directory is None or directory.is_damaged:
            return None
        return _spans(source, directory, choose)
    except StoppedError:
        return None


def _spans(source: Source, directory: Directory, choose: Choose) -> list[tuple[int, int]] | None:
    spans: list[tuple[int, int]] = []
    entries = directory.entries
    cursor = roomy = 0
    for index, entry in enumerate(entries):
        limit = entries[index + 1].offset if index + 1 < len(entries) else directory.start
        least = LOCAL_BYTES + len(entry.name) + entry.packed
        if entry.offset < cursor or limit - entry.offset < least:
            return None
        if entry.offset > cursor:
            spans.append((cursor, entry.offset))
        if is_wanted(entry, "", choose):
            spans.append((entry.offset, limit))
            cursor = limit
            continue
        roomy += is_roomy(entry, limit)
        end = passed_end(source, entry, limit, [])
        if end is None or roomy > _MAX_ROOMY:
            # Each look at a header costs a request, if only to find an extra field that pads.
            return None
        cursor = end
    outside = ((cursor, directory.start), (directory.stop, directory.end))
    spans += [(start, stop) for start, stop in outside if start < stop]
    if directory.after < source.size:
        spans.append((directory.after, source.size))
    return spans
