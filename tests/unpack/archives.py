"""Writers of archives, honest and hostile, and what comes out of them."""

from __future__ import annotations

import io
import random
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Iterable

from keysift.model import Blob, Skip, SkipReason
from keysift.unpack import Budget, Limits, expand, members

MARKER = b"MARKER-planted-here"

SMALL = Limits(
    total_bytes=64 * 1024 * 1024,
    members=2000,
    member_bytes=32 * 1024 * 1024,
    blob_bytes=64 * 1024,
    segment_bytes=64 * 1024,
    segment_overlap=256,
    container_bytes=4 * 1024 * 1024,
    steps=200_000,
    ratio_from_bytes=1024 * 1024,
)
"""Limits that a test can reach."""


class Opened:
    """Everything that came out of an artifact.

    Attributes:
        blobs: What is to be scanned.
        skips: What was not seen.
        budget: What it cost.
    """

    def __init__(self, content: bytes, name: str = "artifact", limits: Limits = SMALL) -> None:
        self.blobs: list[Blob] = []
        self.skips: list[Skip] = []
        self.budget = Budget(limits)
        for item in members(name, io.BytesIO(content), self.budget):
            if isinstance(item, Skip):
                self.skips.append(item)
            else:
                self._add(item)

    def _add(self, blob: Blob) -> None:
        for item in expand(blob, self.budget):
            assert item.path.startswith(blob.path)
            if isinstance(item, Skip):
                self.skips.append(item)
            else:
                self.blobs.append(item)

    @property
    def reasons(self) -> list[SkipReason]:
        """The reasons of all skips."""
        return [skip.reason for skip in self.skips]

    @property
    def files(self) -> dict[str, bytes]:
        """Whole files by path, without the bytes that no member owns."""
        return {blob.path: blob.content for blob in self.blobs if blob.part is None}

    def where(self, marker: bytes = MARKER) -> list[tuple[str, str | None]]:
        """Path and part of every blob that has the marker."""
        return [(blob.path, blob.part) for blob in self.blobs if marker in blob.content]


def noise(size: int, seed: int = 1) -> bytes:
    """Return bytes that do not compress."""
    return random.Random(seed).randbytes(size)


def words(size: int, seed: int = 1) -> bytes:
    """Return lines of text that compress about as source code does."""
    source = random.Random(seed)
    lines = (f"value_{source.randrange(9999)} = {source.random()}\n" for _ in range(size // 25 + 1))
    return "".join(lines).encode()[:size]


def zipped(files: Iterable[tuple[str, bytes]], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """Return a zip archive."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as archive:
        for name, content in files:
            archive.writestr(name, content)
    return file.getvalue()


def tarred(
    files: Iterable[tuple[str, bytes]],
    form: int = tarfile.PAX_FORMAT,
    headers: dict[str, str] | None = None,
) -> bytes:
    """Return a tar archive."""
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w", format=form, pax_headers=headers) as archive:
        for name, content in files:
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return file.getvalue()


def arred(files: Iterable[tuple[bytes, bytes]]) -> bytes:
    """Return an ar archive; names of at most 16 bytes."""
    out = b"!<arch>\n"
    for name, content in files:
        header = b"%-16s%-12d%-6d%-6d%-8s%-10d`\n" % (name, 0, 0, 0, b"100644", len(content))
        out += header + content + b"\n" * (len(content) & 1)
    return out


def tar_header(name: bytes, size: bytes, kind: bytes = b"0", link: bytes = b"") -> bytes:
    """Return a ustar header with any size field, and the right checksum."""
    fields = b"%-100s%s%-12s%s" % (name, b"0000644\0000000000\0000000000\0", size, b"0" * 11)
    header = (fields.replace(b" ", b"\0") + b"\0" + b" " * 8 + kind + link.ljust(100, b"\0")).ljust(
        257, b"\0"
    ) + b"ustar\x0000".ljust(255, b"\0")
    return header[:148] + b"%06o\0 " % sum(header) + header[156:]


def padded(content: bytes) -> bytes:
    """Return the data of a tar member in whole blocks."""
    return content + b"\0" * (-len(content) % 512)


def deflated(content: bytes) -> bytes:
    """Return a raw deflate stream."""
    encoder = zlib.compressobj(9, zlib.DEFLATED, -15)
    return encoder.compress(content) + encoder.flush()


class ZipMember:
    """A member of a hand-made archive: every field of both headers can lie."""

    def __init__(self, name: bytes, content: bytes, **lies: int) -> None:
        self.name = name
        self.method = lies.get("method", 8)
        self.data = deflated(content) if self.method == 8 else content
        self.flags = lies.get("flags", 0)
        self.crc = lies.get("crc", zlib.crc32(content))
        self.packed = lies.get("packed", len(self.data))
        self.size = lies.get("size", len(content))
        self.central_packed = lies.get("central_packed", self.packed)
        self.central_size = lies.get("central_size", self.size)

    def local(self, extra: bytes = b"") -> bytes:
        """Return the local header and the data."""
        fields = (20, self.flags, self.method, 0, 0, self.crc, self.packed, self.size)
        header = struct.pack("<4s5H3L2H", b"PK\x03\x04", *fields, len(self.name), len(extra))
        return header + self.name + extra + self.data

    def central(self, offset: int, extra: bytes = b"", comment: bytes = b"") -> bytes:
        """Return the record in the central directory."""
        fields = (20, 20, self.flags, self.method, 0, 0, self.crc)
        sizes = (self.central_packed, self.central_size, len(self.name), len(extra), len(comment))
        header = struct.pack("<4s6H3L5H2L", b"PK\x01\x02", *fields, *sizes, 0, 0, 0, offset)
        return header + self.name + extra + comment


def directory(records: Iterable[bytes], offset: int, comment: bytes = b"") -> bytes:
    """Return a central directory with the record that ends it."""
    listed = list(records)
    content = b"".join(listed)
    counts = (len(listed), len(listed))
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, *counts, len(content), offset, len(comment))
    return content + end + comment
