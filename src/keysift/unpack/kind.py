"""What a container is, by its content and never by its name."""

from __future__ import annotations

import zlib
from enum import Enum
from typing import Final

HEAD: Final = 4096
"""Bytes from the beginning that ``identify`` may want to see."""

TAIL: Final = 22 + 65535
"""Bytes from the end: a zip archive's last record and the longest comment (APPNOTE 4.3.16)."""


class Kind(Enum):
    """A container; the value names it for people."""

    ZIP = "zip"
    TAR = "tar"
    AR = "ar"
    GZIP = "gzip"
    BZIP2 = "bzip2"
    XZ = "xz"
    LZMA = "lzma"
    ZSTD = "zstd"
    ZLIB = "zlib"
    SEVEN_ZIP = "7-zip"
    RAR = "rar"
    CAB = "cab"
    LZ4 = "lz4"
    LZIP = "lzip"
    COMPRESS = "compress"
    RPM = "rpm"
    XAR = "xar"
    SQUASHFS = "squashfs"

    @property
    def is_stream(self) -> bool:
        """True for the compression of one stream of bytes."""
        return self in _STREAMS

    @property
    def is_supported(self) -> bool:
        """True when it can be opened."""
        return self in _STREAMS or self in _ARCHIVES


_STREAMS: Final = frozenset(
    {Kind.GZIP, Kind.BZIP2, Kind.XZ, Kind.LZMA, Kind.ZSTD, Kind.ZLIB},
)
_ARCHIVES: Final = frozenset({Kind.ZIP, Kind.TAR, Kind.AR})

_MAGIC: Final = (
    (b"PK\x03\x04", Kind.ZIP),
    (b"PK\x05\x06", Kind.ZIP),
    (b"PK\x07\x08PK\x03\x04", Kind.ZIP),
    (b"PK00PK\x03\x04", Kind.ZIP),
    (b"\x1f\x8b\x08", Kind.GZIP),
    (b"BZh", Kind.BZIP2),
    (b"\xfd7zXZ\x00", Kind.XZ),
    (b"\x28\xb5\x2f\xfd", Kind.ZSTD),
    (b"]\x00\x00", Kind.LZMA),
    (b"!<arch>\n", Kind.AR),
    (b"7z\xbc\xaf\x27\x1c", Kind.SEVEN_ZIP),
    (b"Rar!\x1a\x07", Kind.RAR),
    (b"MSCF\x00\x00\x00\x00", Kind.CAB),
    (b"\x04\x22\x4d\x18", Kind.LZ4),
    (b"LZIP\x01", Kind.LZIP),
    (b"\x1f\x9d\x90", Kind.COMPRESS),
    (b"\xed\xab\xee\xdb", Kind.RPM),
    (b"xar!\x00\x1c\x00\x01", Kind.XAR),
    (b"hsqs", Kind.SQUASHFS),
    (b"x\x01", Kind.ZLIB),
    (b"x^", Kind.ZLIB),
    (b"x\x9c", Kind.ZLIB),
    (b"x\xda", Kind.ZLIB),
)
_BY_FIRST: Final = {
    first: tuple((magic, kind) for magic, kind in _MAGIC if magic[0] == first)
    for first in {magic[0] for magic, _ in _MAGIC}
}
_SKIPPABLE_ZSTD: Final = b"\x2a\x4d\x18"
_BZIP2_BLOCK: Final = b"1AY&SY"
_BZIP2_END: Final = b"\x17\x72\x45\x38\x50\x90"
_LZMA_SIZE_LIMIT: Final = 1 << 38


def identify(head: bytes, tail: bytes = b"") -> Kind | None:
    """Return what kind of container begins like this, or None.

    Args:
        head: The first ``HEAD`` bytes, or all there are.
        tail: The last ``TAIL`` bytes, or all there are: finds zip archives after other data.
    """
    if not head:
        return None
    for magic, kind in _BY_FIRST.get(head[0], ()):
        if head.startswith(magic) and _confirm(kind, head):
            return kind
    if head[1:4] == _SKIPPABLE_ZSTD and 0x50 <= head[0] <= 0x5F:
        return Kind.ZSTD
    if begins_tar(head):
        return Kind.TAR
    if tail and ends_zip(tail):
        return Kind.ZIP
    return None


def _confirm(kind: Kind, head: bytes) -> bool:
    """Look past a magic number that other files may begin with as well."""
    if kind is Kind.BZIP2:
        return head[3:4].isdigit() and head[4:10] in (_BZIP2_BLOCK, _BZIP2_END)
    if kind is Kind.LZMA:
        # The old format has no magic: properties 3/0/2, a dictionary of a power of two, a size.
        dictionary = int.from_bytes(head[1:5], "little")
        size = int.from_bytes(head[5:13], "little")
        usual = dictionary.bit_count() == 1 or (dictionary // 3).bit_count() == 1
        return len(head) > 13 and usual and (size == (1 << 64) - 1 or size < _LZMA_SIZE_LIMIT)
    if kind is Kind.ZLIB:
        return _inflates(head)
    if kind is Kind.SQUASHFS:
        return head[28:30] == b"\x04\x00"  # the major version
    return True


def _inflates(head: bytes) -> bool:
    decoder = zlib.decompressobj()
    try:
        return bool(decoder.decompress(head, HEAD)) or decoder.eof
    except zlib.error:
        return False


def begins_tar(head: bytes) -> bool:
    """Tell whether a tar header stands here: by its magic, or by its checksum for old ones."""
    if len(head) < 512:
        return False
    if head[257:262] == b"ustar":
        return True
    # Version 7 archives have no magic. Their numbers are octal and end with NUL or a space.
    if head[107] not in b"\0 " or head[135] not in b"\0 " or head[0] == 0:
        return False
    return has_tar_checksum(head[:512])


def has_tar_checksum(header: bytes) -> bool:
    """Tell whether the checksum in a tar header is right: of unsigned bytes, or of signed ones."""
    field = header[148:156]
    try:
        claimed = int(field.rstrip(b"\0 "), 8)
    except ValueError:
        return False
    # Adler-32 has the sum of the bytes, plus one, in its lower half: exact up to 65520, and the
    # fastest sum there is.
    total = (zlib.adler32(header[:256]) & 0xFFFF) + (zlib.adler32(header[256:512]) & 0xFFFF)
    total += 8 * 0x20 - 2 - sum(field)
    if claimed == total:
        return True
    others = header[:148] + header[156:512]
    return claimed == total - 256 * sum(byte > 0x7F for byte in others)


def ends_zip(tail: bytes) -> bool:
    """Tell whether a zip archive with entries ends here, its comment included."""
    position = len(tail) - 22
    if position < 0:
        return False
    if tail[position : position + 4] != b"PK\x05\x06":
        position = tail.rfind(b"PK\x05\x06", 0, position + 4)
    while position >= 0:
        record = tail[position : position + 22]
        comment = int.from_bytes(record[20:22], "little")
        entries = int.from_bytes(record[10:12], "little")
        directory = int.from_bytes(record[12:16], "little")
        if (
            position + 22 + comment <= len(tail)
            and record[4:8] == b"\0\0\0\0"
            and entries
            and directory >= 46 * entries
        ):
            return True
        position = tail.rfind(b"PK\x05\x06", 0, position)
    return False
