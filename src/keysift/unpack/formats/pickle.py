"""Pickles of the binary protocols: the strings in them, each on a line of its own.

In the file itself, a string is followed by whatever instruction comes next: protocols 2 and 3 write
a letter there, which reads as a part of the value. Instructions are those of ``pickletools``; they
are walked over, and none is carried out.
"""

from __future__ import annotations

from typing import Final

from keysift.model import Blob
from keysift.unpack.budget import Budget
from keysift.unpack.formats.extraction import Parts

_MOST: Final = 2_000_000
"""Instructions that are read; a file with more of them is looked at raw."""

_STEPS_EACH: Final = 256
_STOP: Final = ord(".")
_PROTOCOL: Final = 0x80
_COUNTED: Final = {
    **dict.fromkeys(b"UC\x8c", 1),
    **dict.fromkeys(b"TBX", 4),
    **dict.fromkeys(b"\x8d\x8e\x96", 8),
}
"""Strings and bytes, by how many bytes their length takes."""

_NUMBERS: Final = {0x8A: 1, 0x8B: 4}
"""Integers whose length is given in so many bytes."""

_LINES: Final = {**dict.fromkeys(b"SVFILPgp", 1), **dict.fromkeys(b"ci", 2)}
"""Instructions that are followed by lines of text."""

_TEXT_LINES: Final = frozenset(b"SVPci")
_FIXED: Final = {
    **dict.fromkeys(b"(.012NQR]abd}elostu)\x81\x85\x86\x87\x88\x89", 0),
    **dict.fromkeys(b"\x8f\x90\x91\x92\x93\x94\x97\x98", 0),
    **dict.fromkeys(b"Kqh\x80\x82", 1),
    **dict.fromkeys(b"M\x83", 2),
    **dict.fromkeys(b"Jrj\x84", 4),
    **dict.fromkeys(b"G\x95", 8),
}
"""All other instructions, by how many bytes follow them."""


def read_pickle(blob: Blob, budget: Budget) -> Parts:
    """Yield the strings and bytes of one or more pickles that a file begins with, and what follows.

    A file that is no pickle after all, or too long a one, has no parts.
    """
    content = blob.content
    strings: list[bytes] = []
    position = end = count = 0
    while 0 <= position < len(content):
        if content[position] == _STOP:
            end = position + 1
            if content[end : end + 1] != bytes([_PROTOCOL]):
                break
        position = _next(content, position, strings)
        count += 1
        if count == _MOST:
            return False
        if not count % _STEPS_EACH and not budget.step(_STEPS_EACH):
            raise budget.stopped()
    if not end:
        return False
    yield Blob(path=blob.path, part="strings", content=b"\n".join(strings))
    if end < len(content):
        yield Blob(path=blob.path, part="data after the pickle", content=content[end:])
    return True


def _next(content: bytes, position: int, strings: list[bytes]) -> int:
    """Keep the string of an instruction; return where the next one stands, or -1 for none."""
    instruction = content[position]
    position += 1
    size = _FIXED.get(instruction)
    if size is not None:
        return position + size
    width = _COUNTED.get(instruction) or _NUMBERS.get(instruction)
    if width is not None:
        start = position + width
        end = start + int.from_bytes(content[position:start], "little")
        if end > len(content):
            return -1
        if instruction in _COUNTED:
            strings.append(content[start:end])
        return end
    for _ in range(_LINES.get(instruction, 0)):
        end = content.find(b"\n", position)
        if end < 0:
            return -1
        if instruction in _TEXT_LINES:
            strings.append(content[position:end])
        position = end + 1
    return position if instruction in _LINES else -1
