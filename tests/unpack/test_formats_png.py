"""Pictures give the texts that programs attach to them."""

from __future__ import annotations

import struct
import zlib

from keysift.model import SkipReason
from tests.unpack.extracting import extraction, marker, parts, skips


def png(*chunks: tuple[bytes, bytes]) -> bytes:
    """Return a picture with some chunks."""
    written = [
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in ((b"IHDR", bytes(13)), *chunks, (b"IEND", b""))
    ]
    return b"\x89PNG\r\n\x1a\n" + b"".join(written)


def test_texts_of_every_kind_come_out() -> None:
    """Plain, compressed and international texts are one part, with their keywords."""
    packed = zlib.compress(marker(1).encode())
    content = png(
        (b"tEXt", b"a\0plain"),
        (b"zTXt", b"b\0\0" + packed),
        (b"iTXt", b"c\0\1\0en\0key\0" + packed),
        (b"iTXt", b"d\0\0\0en\0key\0" + "ü".encode()),
    )
    assert parts(content)["PNG text"].decode().splitlines() == [
        "a: plain",
        f"b: {marker(1)}",
        f"c: {marker(1)}",
        "d: ü",
    ]
    assert not extraction(content)[0].replaces_raw


def test_streams_without_a_header_are_inflated() -> None:
    """Drawings that a diagram editor stores in a picture are text as well."""
    packed = zlib.compress(marker(1).encode(), wbits=-15)
    found = parts(png((b"zTXt", b"mxGraphModel\0\0" + packed)))
    assert found["PNG text"] == b"mxGraphModel: " + marker(1).encode()


def test_pictures_without_text_have_no_parts() -> None:
    """Pixels are not text."""
    assert parts(png((b"IDAT", zlib.compress(bytes(100))))) == {}


def test_broken_texts_are_skips() -> None:
    """What cannot be inflated, or grows without end, is a skip; other texts come out."""
    bomb = zlib.compress(bytes(8_000_000))
    content = png(
        (b"zTXt", b"a\0\0\xff\xff\xff"), (b"zTXt", b"b\0\0" + bomb), (b"tEXt", b"c\0text")
    )
    assert [skip.reason for skip in skips(content)] == [SkipReason.CORRUPT, SkipReason.TOO_LARGE]
    assert getattr(extraction(content)[1][-1], "content", b"").endswith(b"c: text")


def test_a_chunk_longer_than_the_file_ends_reading() -> None:
    """A length that cannot be true is harmless."""
    content = png((b"tEXt", b"a\0text"))[:-12] + b"\xff\xff\xff\xfftEXtkey\0rest"
    assert parts(content)["PNG text"] == b"a: text\nkey: rest"
