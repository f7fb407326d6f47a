"""Compressed streams, alone and around archives."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import zlib
from collections.abc import Callable

import pytest
import zstandard

from keysift.model import Blob, Skip, SkipReason
from keysift.unpack import HEAD, Budget, Kind, Limits, expand, identify, members
from tests.unpack.archives import MARKER, Opened, noise, tarred, words, zipped

Compress = Callable[[bytes], bytes]


def _alone(content: bytes) -> bytes:
    return lzma.compress(content, lzma.FORMAT_ALONE)


def _zstd(content: bytes) -> bytes:
    return zstandard.ZstdCompressor(write_checksum=True).compress(content)


def _zstd_streamed(content: bytes) -> bytes:
    encoder = zstandard.ZstdCompressor().compressobj()
    return encoder.compress(content) + encoder.flush()


_ALL = {
    "gzip": gzip.compress,
    "bzip2": bz2.compress,
    "xz": lzma.compress,
    "lzma": _alone,
    "zlib": zlib.compress,
    "zstd": _zstd,
    "zstd, streamed": _zstd_streamed,
}
_SEVERAL = {name: _ALL[name] for name in ("gzip", "bzip2", "xz", "zstd")}
every = pytest.mark.parametrize("compress", _ALL.values(), ids=_ALL.keys())
several = pytest.mark.parametrize("compress", _SEVERAL.values(), ids=_SEVERAL.keys())

CONTENT = words(3000) + MARKER


@every
def test_single_files_come_out(compress: Compress) -> None:
    """A compressed file is one member."""
    opened = Opened(compress(CONTENT), "notes")
    assert list(opened.files.values()) == [CONTENT]
    assert opened.skips == []


@every
def test_compressed_tars_come_out(compress: Compress) -> None:
    """A compressed tar is one container, whose members have the paths of the tar."""
    opened = Opened(compress(tarred([("a/b", CONTENT)])))
    assert opened.files == {"a/b": CONTENT}
    assert opened.skips == []


@every
def test_nested_files_have_the_joined_path(compress: Compress) -> None:
    """Inside an archive, the path goes on behind a mark."""
    opened = Opened(
        zipped([("d/x", compress(CONTENT)), ("d/t", compress(tarred([("m", MARKER)])))])
    )
    assert opened.where() == [("d/x!/x", None), ("d/t!/m", None)]


@several
def test_streams_joined_behind_each_other_come_out(compress: Compress) -> None:
    """Several members or frames in a row are one file."""
    opened = Opened(compress(b"first ") + compress(CONTENT))
    assert list(opened.files.values()) == [b"first " + CONTENT]
    assert opened.skips == []


@several
def test_data_behind_a_stream_is_seen(compress: Compress) -> None:
    """What stands behind the end of a stream is a blob of its own, and no gap."""
    opened = Opened(compress(b"x") + b"<" + MARKER)
    assert opened.where() == [("artifact", "data after the compressed stream")]
    assert opened.skips == []


@every
def test_truncated_streams_give_what_they_have(compress: Compress) -> None:
    """Of a stream without its end, the beginning is seen, and the end is a gap."""
    content = MARKER + noise(2_000_000)
    opened = Opened(compress(content)[:-200_000], limits=Limits())
    assert opened.where()[0] == ("artifact", None)
    assert opened.reasons == [SkipReason.TRUNCATED]


@pytest.mark.parametrize("wbits", [15, 31], ids=["zlib", "gzip"])
def test_damaged_deflate_gives_every_byte_before_the_damage(wbits: int) -> None:
    """The marker stands right before the damage and still comes out, to its last letter."""
    encoder = zlib.compressobj(9, zlib.DEFLATED, wbits)
    packed = encoder.compress(noise(100_000) + words(20_000) + MARKER)
    packed += encoder.flush(zlib.Z_SYNC_FLUSH) + b"\xff" * 5000
    opened = Opened(packed, limits=Limits())
    assert opened.files["artifact"].endswith(MARKER)
    assert opened.reasons == [SkipReason.CORRUPT]


def test_gzip_with_a_wrong_checksum_is_corrupt_and_scanned() -> None:
    """All content of a gzip file whose checksum is wrong is seen, to the last byte."""
    packed = bytearray(gzip.compress(CONTENT))
    packed[-8] ^= 1
    opened = Opened(bytes(packed))
    assert list(opened.files.values()) == [CONTENT]
    assert opened.reasons == [SkipReason.CORRUPT]


@every
def test_bombs_stop_at_the_ratio(compress: Compress) -> None:
    """A stream that grows beyond the ratio is cut."""
    limits = Limits(ratio=50, ratio_from_bytes=1 << 20)
    opened = Opened(compress(MARKER + b"\0" * 20_000_000), limits=limits)
    assert opened.reasons == [SkipReason.RATIO]
    assert opened.budget.bytes_taken < 2 << 20


def test_names_come_from_the_header_or_from_the_outer_name() -> None:
    """A gzip file may name its content; else the outer name loses its suffix."""
    file = io.BytesIO()
    with gzip.GzipFile("/deep/inner.json", "wb", fileobj=file, mtime=0) as out:
        out.write(b"{}")
    assert list(Opened(file.getvalue(), "outer.gz").files) == ["inner.json"]
    assert list(Opened(gzip.compress(b"{}"), "dir/outer.json.gz").files) == ["outer.json"]
    assert list(Opened(lzma.compress(b"{}"), "outer.JSON.XZ").files) == ["outer.JSON"]
    assert list(Opened(bz2.compress(b"{}"), "bare").files) == ["bare"]


def test_only_content_decides_what_a_file_is() -> None:
    """A zip archive called .txt is opened, and text called .zip is text."""
    assert Opened(zipped([("a", MARKER)]), "x.txt").where() == [("a", None)]
    assert Opened(MARKER, "x.zip").where() == [("x.zip", None)]


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        (b"7z\xbc\xaf\x27\x1c\0\4", Kind.SEVEN_ZIP),
        (b"Rar!\x1a\x07\x01\0", Kind.RAR),
        (b"MSCF\0\0\0\0", Kind.CAB),
        (b"\x1f\x9d\x90abc", Kind.COMPRESS),
        (b"\xed\xab\xee\xdb\3\0", Kind.RPM),
        (b"xar!\0\x1c\0\1", Kind.XAR),
        (b"hsqs" + b"\0" * 24 + b"\4\0\0\0", Kind.SQUASHFS),
    ],
)
def test_archives_that_cannot_be_opened_are_gaps(head: bytes, kind: Kind) -> None:
    """An archive of an unsupported kind is scanned raw, and a skip names the kind."""
    opened = Opened(head + MARKER)
    assert identify(head) is kind
    assert opened.where() == [("artifact", "raw bytes of an archive")]
    assert opened.reasons == [SkipReason.UNSUPPORTED]


@pytest.mark.parametrize(
    "text", [b"x^2 + y^2 = z^2\n" * 9, b"BZh is how it begins", b"]\0\0", b"PK", b"ustar", b"x\x9c"]
)
def test_what_only_looks_like_a_container_is_none(text: bytes) -> None:
    """A few first bytes in common are not enough."""
    assert identify(text[:HEAD]) is None


def test_data_that_only_begins_like_zlib_is_scanned_raw_too() -> None:
    """Where two bytes are all that speaks for a stream, its failure leaves the raw bytes."""
    content = zlib.compress(words(60_000))[:-4] + MARKER
    opened = Opened(content)
    assert ("artifact", "raw bytes of an archive") in opened.where()


def test_file_that_cannot_be_read_is_a_skip() -> None:
    """An error of the operating system ends in a skip."""

    class Broken(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            raise OSError(5, f"cannot read {size} bytes")

    (skip,) = members("x", Broken(b"content"), Budget())
    assert isinstance(skip, Skip)
    assert (skip.path, skip.reason) == ("", SkipReason.UNREADABLE)


def test_stream_of_nothing_is_an_empty_file() -> None:
    """An empty compressed file is a file without content."""
    for compress in (gzip.compress, bz2.compress, lzma.compress, _zstd):
        opened = Opened(compress(b""))
        assert list(opened.files.values()) == [b""]
        assert opened.skips == []


def test_large_text_comes_in_overlapping_segments() -> None:
    """Segments overlap, cover everything, and know their position in the file."""
    limits = Limits(
        blob_bytes=10_000, segment_bytes=10_000, segment_overlap=500, container_bytes=20_000
    )
    content = words(95_000)
    budget = Budget(limits)
    blobs = list(members("text", io.BytesIO(content), budget))
    position = 0
    for blob in blobs:
        assert isinstance(blob, Blob)
        start = blob.base.offset
        assert content[start : start + len(blob.content)] == blob.content
        assert start == max(0, position - 500)
        assert blob.base.line == content.count(b"\n", 0, start) + 1
        assert blob.base.column == start - (content.rfind(b"\n", 0, start) + 1) + 1
        assert list(expand(blob, budget)) == [blob]
        position = start + len(blob.content)
    assert position == len(content)


def test_large_nested_container_is_held_whole() -> None:
    """A container larger than a segment is opened up to the size that may be held."""
    limits = Limits(
        blob_bytes=10_000, segment_bytes=10_000, segment_overlap=500, container_bytes=100_000
    )
    inner = zipped([("n", noise(50_000)), ("m", MARKER)])
    assert Opened(zipped([("inner.zip", inner)]), limits=limits).where() == [("inner.zip!/m", None)]


def test_nested_container_that_is_too_large_is_a_gap() -> None:
    """Beyond that size the raw bytes are scanned, and a skip says that it was not opened."""
    limits = Limits(
        blob_bytes=10_000, segment_bytes=10_000, segment_overlap=500, container_bytes=20_000
    )
    inner = gzip.compress(noise(50_000) + MARKER)
    opened = Opened(zipped([("inner.gz", inner)]), limits=limits)
    assert SkipReason.TOO_LARGE in opened.reasons
    assert len(opened.blobs) > 1


def test_member_beyond_the_largest_is_cut() -> None:
    """Of an enormous member only the first bytes are looked at, and a skip says so."""
    limits = Limits(blob_bytes=10_000, segment_bytes=10_000, segment_overlap=0, member_bytes=30_000)
    opened = Opened(gzip.compress(tarred([("a", words(90_000)), ("b", MARKER)])), limits=limits)
    assert SkipReason.TOO_LARGE in opened.reasons
    assert opened.where() == [("b", None)]


def test_conda_and_gem_shapes_are_opened() -> None:
    """A zip of compressed tars and a tar of compressed files give their files."""
    conda = zipped([("metadata.json", b"{}"), ("pkg.tar.zst", _zstd(tarred([("info/x", MARKER)])))])
    assert Opened(conda).where() == [("pkg.tar.zst!/info/x", None)]
    gem = tarred(
        [
            ("data.tar.gz", gzip.compress(tarred([("lib/x.rb", MARKER)]))),
            ("metadata.gz", gzip.compress(MARKER)),
        ]
    )
    assert Opened(gem).where() == [("data.tar.gz!/lib/x.rb", None), ("metadata.gz!/metadata", None)]


def test_image_with_an_archive_behind_it_is_both() -> None:
    """A polyglot gives the image's bytes and the archive's members, at any level."""
    polyglot = b"\x89PNG\r\n\x1a\n" + noise(300) + zipped([("a", MARKER)])
    assert Opened(polyglot).where() == [("a", None)]
    opened = Opened(tarred([("logo.png", polyglot)]))
    assert opened.where() == [("logo.png!/a", None)]
    assert ("logo.png", "data before the archive") in [
        (blob.path, blob.part) for blob in opened.blobs
    ]
