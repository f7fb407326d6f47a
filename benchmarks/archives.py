"""Archives of the made-up index, put together from contents that were compressed once.

A deflate stream may be flushed so that what follows does not depend on what was before: the same
compressed bytes then stand in every archive that holds a content, whatever its kind. That makes
gigabytes of archives in seconds; readers see ordinary ``.tar.gz`` and ``.whl`` files.
"""

from __future__ import annotations

import random
import struct
import sysconfig
import tarfile
import zlib
from collections.abc import Iterable
from itertools import count
from pathlib import Path
from typing import Final

from msgspec import Struct

from benchmarks.world import Text
from keysift.detect.scanner import Scanner

_LEVEL: Final = 6
_LAST: Final = b"\x03\x00"
"""An empty last block of a deflate stream."""

_LINES: Final = 50


class Content(Struct, frozen=True):
    """A content, and the same as blocks of a deflate stream."""

    raw: bytes
    deflated: bytes
    crc: int


class Texts:
    """Makes contents out of the source code of Python's standard library.

    Args:
        scanner: Pieces of code in which it finds anything are left out.
    """

    def __init__(self, scanner: Scanner) -> None:
        self._scanner = scanner
        folder = Path(sysconfig.get_path("stdlib"))
        files = sorted(folder.glob("*.py")) + sorted(folder.glob("[a-z]*/*.py"))
        self._pieces: list[bytes] = []
        for path in files[:400]:
            lines = path.read_bytes().splitlines(keepends=True)
            for start in range(0, len(lines), _LINES):
                piece = b"".join(lines[start : start + _LINES])
                if not scanner.examine(piece).matches:
                    self._pieces.append(piece)
        self._known: dict[tuple[str, str], Content] = {}

    def forget(self) -> None:
        """Forget what was made so far: projects share nothing."""
        self._known.clear()

    def content(self, text: Text) -> Content:
        """Return the content of a file."""
        key = (text.seed, text.secret)
        if key not in self._known:
            raw = next(filter(self._is_clean, (self._raw(text, draw) for draw in count())))
            packer = zlib.compressobj(_LEVEL, zlib.DEFLATED, -zlib.MAX_WBITS)
            deflated = packer.compress(raw) + packer.flush(zlib.Z_FULL_FLUSH)
            self._known[key] = Content(raw, deflated, zlib.crc32(raw))
        return self._known[key]

    def _is_clean(self, raw: bytes) -> bool:
        """Tell whether pieces make no secret together; nobody looks for those that are planted."""
        return not self._scanner.examine(raw).matches

    def _raw(self, text: Text, draw: int) -> bytes:
        source = random.Random(f"{text.seed} {draw}")
        if text.is_library:
            return b"\x7fELF" + source.randbytes(text.size_bytes)
        parts = [f"# {text.seed}\n".encode()]
        size = 0
        while size < text.size_bytes:
            piece = source.choice(self._pieces)[: text.size_bytes - size]
            parts.append(piece)
            size += len(piece)
        if text.secret:
            parts.append(f'\n\nTOKEN = "{text.secret}"\n'.encode())
        raw = b"".join(parts)
        if not text.below:
            return raw
        packer = zlib.compressobj(_LEVEL, zlib.DEFLATED, -zlib.MAX_WBITS)
        deflated = packer.compress(raw) + packer.flush(zlib.Z_FULL_FLUSH)
        return wheel([(text.below, Content(raw, deflated, zlib.crc32(raw)))])


def sdist(members: Iterable[tuple[str, Content]]) -> bytes:
    """Return a ``.tar.gz`` (RFC 1952)."""
    pieces = [struct.pack("<HBBIBB", 0x8B1F, 8, 0, 0, 0, 3)]
    crc = size = 0
    for path, content in members:
        entry = tarfile.TarInfo(path)
        entry.size = len(content.raw)
        head = entry.tobuf(tarfile.PAX_FORMAT)
        padding = bytes(-len(content.raw) % tarfile.BLOCKSIZE)
        pieces += [_deflated(head), content.deflated, _deflated(padding)]
        for part in (head, content.raw, padding):
            crc, size = zlib.crc32(part, crc), size + len(part)
    end = bytes(2 * tarfile.BLOCKSIZE)
    pieces += [_deflated(end), _LAST]
    return b"".join([*pieces, struct.pack("<II", zlib.crc32(end, crc), size + len(end))])


def wheel(members: Iterable[tuple[str, Content]]) -> bytes:
    """Return a zip archive (APPNOTE.TXT, sections 4.3.7, 4.3.12 and 4.3.16)."""
    pieces: list[bytes] = []
    directory: list[bytes] = []
    offset = 0
    for path, content in members:
        name, deflated = path.encode(), content.deflated + _LAST
        sizes = struct.pack("<III", content.crc, len(deflated), len(content.raw))
        # Version 2.0, deflated, the first day that the format knows.
        common = struct.pack("<HHHHH", 20, 0, 8, 0, 0x21) + sizes
        directory.append(
            struct.pack("<IH", 0x02014B50, 20)
            + common
            + struct.pack("<HHHHHII", len(name), 0, 0, 0, 0, 0, offset)
            + name
        )
        head = struct.pack("<I", 0x04034B50) + common + struct.pack("<HH", len(name), 0) + name
        pieces += [head, deflated]
        offset += len(head) + len(deflated)
    listed = b"".join(directory)
    count = len(directory)
    end = struct.pack("<IHHHHIIH", 0x06054B50, 0, 0, count, count, len(listed), offset, 0)
    return b"".join([*pieces, listed, end])


def _deflated(raw: bytes) -> bytes:
    packer = zlib.compressobj(1, zlib.DEFLATED, -zlib.MAX_WBITS)
    return packer.compress(raw) + packer.flush(zlib.Z_FULL_FLUSH)
