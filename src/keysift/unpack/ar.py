"""Reads ar archives: Debian packages and static libraries, GNU and BSD long names."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from keysift.model import Blob, Skip, SkipReason
from keysift.unpack.budget import Budget
from keysift.unpack.deliver import deliver
from keysift.unpack.names import text
from keysift.unpack.place import Place
from keysift.unpack.reader import Exactly, Metered, Source, Span

_HEADER_BYTES: Final = 60
_END: Final = b"`\n"
_LONGEST_NAME: Final = 4096


def read_ar(source: Source, place: Place, budget: Budget) -> Iterator[Blob | Skip]:
    """Yield the members of an ar archive.

    Members are two-byte aligned, each after a header of 60 bytes: name 16, time 12, owner 6,
    group 6, mode 8, size 10 (decimal), and an end mark.

    Args:
        source: The archive.
        place: Where it stands.
        budget: Charged for members and bytes.
    """
    position = 8
    table = b""
    while position < source.size and budget.exhausted is None:
        header = source.at(position, _HEADER_BYTES)
        size = _size(header)
        if size is None:
            yield Skip(
                path=place.path,
                reason=SkipReason.CORRUPT,
                detail=f"no header of a member at byte {position}",
            )
            rest = Metered(Span(source, position), budget)
            yield from deliver(place.name, rest, budget, part="data after the last member")
            return
        start = position + _HEADER_BYTES
        position = start + size + (size & 1)
        raw = header[:16].rstrip(b" ")
        if raw == b"//":
            table = source.at(start, min(size, budget.limits.container_bytes))
            continue
        if raw in (b"/", b"/SYM64/"):
            # The symbol table: names of symbols, which are in the members too.
            continue
        if not budget.member():
            break
        name, inside = _name(raw, table, source, start, size)
        reader = Exactly(Metered(Span(source, start + inside), budget), size - inside)
        yield from deliver(place.prefix + name, reader, budget, size=size - inside)
    if budget.exhausted is not None:
        yield budget.skip(place.path)


def _size(header: bytes) -> int | None:
    field = header[48:58].strip(b" ")
    if len(header) < _HEADER_BYTES or header[58:60] != _END or not field.isdigit():
        return None
    return int(field)


def _name(raw: bytes, table: bytes, source: Source, start: int, size: int) -> tuple[str, int]:
    """Return the name of a member, and how many bytes of its data are that name (BSD)."""
    if raw.startswith(b"#1/") and raw[3:].isdigit():
        length = min(int(raw[3:]), size, _LONGEST_NAME)
        return text(source.at(start, length).rstrip(b"\0")), length
    if raw.startswith(b"/") and raw[1:].isdigit():
        offset = int(raw[1:])
        return text(table[offset : offset + _LONGEST_NAME].split(b"\n", 1)[0].rstrip(b"/")), 0
    return text(raw.rstrip(b"/")), 0
