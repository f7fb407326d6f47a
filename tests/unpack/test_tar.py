"""Tar and ar archives, honest and hostile."""

from __future__ import annotations

import gzip
import struct
import tarfile
from collections.abc import Callable

import pytest

from keysift.model import SkipReason
from keysift.unpack import Limits
from keysift.unpack.tar import OUTSIDE
from tests.unpack.archives import (
    MARKER,
    SMALL,
    Opened,
    arred,
    noise,
    padded,
    tar_header,
    tarred,
    words,
)

_LONG = "directory/" * 30 + "file.py"
_END = b"\0" * 1024


def _member(name: bytes, content: bytes) -> bytes:
    return tar_header(name, b"%011o" % len(content)) + padded(content)


@pytest.mark.parametrize("form", [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
def test_members_of_every_format_come_out(form: int) -> None:
    """Each format that tarfile writes gives names and content back, without a skip."""
    files = [("a.txt", MARKER), ("b/c.py", words(3000)), ("empty", b""), ("large", noise(300_000))]
    if form != tarfile.USTAR_FORMAT:
        files.append((_LONG, b"long"))
        files.append(("naïve-ü", b"name"))
    opened = Opened(tarred(files, form))
    expected = {name: content for name, content in files if name != "large"}
    assert {path: opened.files[path] for path in expected} == expected
    assert opened.skips == []


def test_version_7_archive_is_known_by_its_checksum() -> None:
    """An archive without any magic is read."""
    header = bytearray(_member(b"old.txt", MARKER))
    header[257:265] = b"\0" * 8
    header[148:156] = b" " * 8
    header[148:156] = b"%06o\0 " % sum(header[:512])
    assert Opened(bytes(header) + _END).where() == [("old.txt", None)]


def test_checksum_of_signed_bytes_is_accepted() -> None:
    """Headers of old writers that summed signed characters are read."""
    header = bytearray(_member(b"n\xc3\xa4me", MARKER))
    header[148:156] = b" " * 8
    signed = sum(struct.unpack("512b", header[:512]))
    header[148:156] = b"%06o\0 " % signed
    assert Opened(bytes(header) + _END).where() == [("näme", None)]


def test_pax_path_and_size_override_the_header() -> None:
    """The name and the size of a pax header count, not those of the header they describe."""
    record = b"18 path=other.txt\n12 size=%03d\n" % len(MARKER)
    pax = tar_header(b"pax", b"%011o" % len(record), b"x") + padded(record)
    archive = pax + tar_header(b"name", b"%011o" % 0) + padded(MARKER) + _END
    assert Opened(archive).where() == [("other.txt", None)]


def test_unusual_pax_records_are_seen() -> None:
    """A comment in a global header and attributes of a member come out; usual keys do not."""
    archive = tarred([(_LONG, b"1")], headers={"comment": MARKER.decode()})
    assert Opened(archive).where() == [("artifact", "pax header")]
    assert {blob.part for blob in Opened(tarred([(_LONG, b"1")])).blobs} == {None}


def test_links_and_devices_are_skips_that_hide_nothing() -> None:
    """Links and devices have no content of their own."""
    archive = b"".join(
        tar_header(name, b"0" * 11, kind, b"/etc/passwd")
        for name, kind in [(b"sym", b"2"), (b"hard", b"1"), (b"null", b"3"), (b"pipe", b"6")]
    )
    opened = Opened(archive + _member(b"a", MARKER) + _END)
    assert [(skip.path, skip.reason) for skip in opened.skips] == [
        ("sym", SkipReason.LINK),
        ("hard", SkipReason.LINK),
        ("null", SkipReason.DEVICE),
        ("pipe", SkipReason.DEVICE),
    ]
    assert opened.where() == [("a", None)]


def test_hard_link_with_data_does_not_lose_it() -> None:
    """Data behind a hard link, which should have none, is seen."""
    link = tar_header(b"hard", b"%011o" % len(MARKER), b"1", b"a") + padded(MARKER)
    opened = Opened(link + _member(b"b", b"2") + _END)
    assert opened.where() == [("artifact", "data outside the members")]
    assert opened.files == {"b": b"2"}


@pytest.mark.parametrize(
    "size",
    [
        b"\xff" * 12,
        b"\x80" + b"\xff" * 11,
        b"77777777777",
        b"-0000000001",
        b"not a size!",
    ],
    ids=["negative", "huge", "octal", "minus", "text"],
)
def test_impossible_sizes_do_not_swallow_the_rest(size: bytes) -> None:
    """A size that cannot be is a gap, and the members that follow are read, compressed or not."""
    archive = tar_header(b"bad", size) + padded(words(700)) + _member(b"good", MARKER) + _END
    for content in (archive, gzip.compress(archive)):
        opened = Opened(content)
        assert ("good", None) in opened.where()
        assert SkipReason.CORRUPT in opened.reasons


def test_base_256_sizes_are_read() -> None:
    """A size in base 256 is as good as an octal one."""
    header = tar_header(b"a", b"\x80" + len(MARKER).to_bytes(11, "big"))
    opened = Opened(header + padded(MARKER) + _member(b"b", b"2") + _END)
    assert opened.files == {"a": MARKER, "b": b"2"}


def test_reading_goes_on_behind_a_bad_checksum() -> None:
    """A damaged header is a gap; its content is seen as bytes, and the next member read."""
    damaged = bytearray(_member(b"bad", b"lost?" + MARKER))
    damaged[0] ^= 1
    opened = Opened(_member(b"a", b"1") + bytes(damaged) + _member(b"b", b"2") + _END)
    assert opened.where() == [("artifact", "data outside the members")]
    assert opened.files == {"a": b"1", "b": b"2"}
    assert opened.reasons == [SkipReason.CORRUPT]


def test_archives_joined_behind_each_other_are_both_read() -> None:
    """The end of one archive is not the end of the file."""
    opened = Opened(tarred([("a", b"1")]) + tarred([("b", MARKER)]))
    assert opened.files == {"a": b"1", "b": MARKER}
    assert opened.skips == []


def test_bytes_after_the_end_are_seen() -> None:
    """What stands behind the end of an archive is a blob, and no gap."""
    opened = Opened(_member(b"a", b"1") + _END + MARKER)
    assert opened.where() == [("artifact", "data outside the members")]
    assert opened.skips == []


def test_truncated_member_is_seen_as_far_as_it_goes() -> None:
    """The last member of a cut archive gives its bytes and a skip."""
    archive = _member(b"a", b"1") + _member(b"b", MARKER + noise(5000))
    for content in (archive[:2500], gzip.compress(archive[:2500])):
        opened = Opened(content)
        assert opened.files["a"] == b"1"
        assert opened.where()
        assert set(opened.reasons) <= {SkipReason.TRUNCATED, SkipReason.CORRUPT}
        assert opened.reasons


def test_truncated_compression_is_a_gap_of_the_archive() -> None:
    """Of a cut .tar.gz, all members before the cut come out."""
    archive = gzip.compress(tarred([("a", MARKER), ("b", noise(50_000))]))
    opened = Opened(archive[:-3000])
    assert opened.where() == [("a", None)]
    assert SkipReason.TRUNCATED in opened.reasons


def test_sparse_members_of_old_gnu_archives_keep_the_archive_in_step() -> None:
    """The stored data of a sparse member comes out, and so does the next member."""
    header = bytearray(tar_header(b"sparse", b"%011o" % len(MARKER), b"S"))
    header[257:265] = b"ustar  \0"
    header[482] = 1
    header[148:156] = b" " * 8
    header[148:156] = b"%06o\0 " % sum(header)
    archive = bytes(header) + b"\0" * 512 + padded(MARKER) + _member(b"b", b"2") + _END
    opened = Opened(archive)
    assert opened.files == {"sparse": MARKER, "b": b"2"}


def test_traversal_and_control_characters_are_only_names() -> None:
    """Paths stay as they are, but printable."""
    opened = Opened(_member(b"/../../etc/\x1b[31m\xff", MARKER) + _END)
    assert opened.where() == [("/../../etc/\\x1b[31mÿ", None)]


def test_endless_zeros_cost_what_their_blocks_cost() -> None:
    """A bomb of zeros behind the end of an archive ends at the ratio."""
    limits = Limits(ratio_from_bytes=1 << 20, ratio=100)
    opened = Opened(gzip.compress(_member(b"a", MARKER) + b"\0" * 30_000_000), limits=limits)
    assert opened.where() == [("a", None)]
    assert opened.reasons == [SkipReason.RATIO]
    assert opened.budget.bytes_taken < 4_000_000


def test_many_members_stop_at_the_budget() -> None:
    """More members than allowed end with one skip that says so."""
    opened = Opened(_member(b"a", b"1") * 50, limits=Limits(members=10))
    assert SkipReason.TOO_MANY_MEMBERS in opened.reasons
    assert len(opened.blobs) == 10


def test_enormous_pax_header_is_looked_at_as_bytes() -> None:
    """A pax header of megabytes is no header any more, and hides nothing."""
    record = words(1_500_000) + MARKER
    pax = tar_header(b"pax", b"%011o" % len(record), b"x") + padded(record)
    opened = Opened(pax + _member(b"a", b"1") + _END)
    assert {path for path, _ in opened.where()} == {"artifact"}
    assert opened.files == {"a": b"1"}


def test_ar_members_come_out_by_every_kind_of_name() -> None:
    """Short, GNU long and BSD long names are read; the tables are no members."""
    table = b"a-very-long-name-of-a-file.o/\n"
    archive = arred(
        [
            (b"//", table),
            (b"/0", b"gnu"),
            (b"short.o/", MARKER),
            (b"#1/8", b"bsd.o\0\0\0" + b"bsd"),
        ]
    )
    opened = Opened(archive)
    assert opened.files == {
        "a-very-long-name-of-a-file.o": b"gnu",
        "short.o": MARKER,
        "bsd.o": b"bsd",
    }
    assert opened.skips == []


def test_debian_package_is_opened_to_its_files() -> None:
    """An ar archive of compressed tars gives the files in them."""
    data = gzip.compress(tarred([("./usr/share/x", MARKER)]))
    archive = arred([(b"debian-binary", b"2.0\n"), (b"data.tar.gz", data)])
    assert Opened(archive).where() == [("data.tar.gz!/./usr/share/x", None)]


def test_damaged_ar_header_leaves_nothing_unseen() -> None:
    """What stands behind a header that is none comes as bytes, with a skip."""
    opened = Opened(arred([(b"a", b"1")]) + b"\n" + b"x" * 70 + MARKER)
    assert opened.where() == [("artifact", "data after the last member")]
    assert opened.reasons == [SkipReason.CORRUPT]


def test_truncated_ar_member_is_a_skip() -> None:
    """A member that claims more than there is gives what there is."""
    opened = Opened(arred([(b"a", MARKER + noise(200))])[:-100])
    assert opened.where() == [("a", None)]
    assert opened.reasons == [SkipReason.TRUNCATED]


def test_paths_in_two_fields_are_joined() -> None:
    """The prefix field of a ustar header stands before the name."""
    name = "/".join(["directory"] * 12) + "/file"
    assert Opened(tarred([(name, MARKER)], tarfile.USTAR_FORMAT)).where() == [(name, None)]


def test_unreadable_pax_records_are_seen() -> None:
    """A pax header that is no list of records comes out as bytes."""
    pax = tar_header(b"pax", b"%011o" % len(MARKER), b"x") + padded(MARKER)
    opened = Opened(pax + _member(b"a", b"1") + _END)
    assert opened.where() == [("artifact", "pax header")]
    assert opened.files == {"a": b"1"}


def test_impossible_pax_size_is_corrupt() -> None:
    """A pax size that is no number makes the member's header a bad one."""
    record = b"12 size=-99\n"
    pax = tar_header(b"pax", b"%011o" % len(record), b"x") + padded(record)
    opened = Opened(pax + _member(b"a", b"1") + _member(b"b", MARKER) + _END)
    assert opened.where() == [("b", None)]
    assert opened.reasons == [SkipReason.CORRUPT]


def test_truncated_header_is_seen_as_bytes() -> None:
    """Less than a block at the end is scanned too."""
    opened = Opened(_member(b"a", b"1") + MARKER)
    assert opened.where() == [("artifact", "data outside the members")]


def test_large_damaged_archives_give_their_bytes_in_pieces() -> None:
    """Bytes outside the members never grow beyond a segment."""
    lost = words(300_000) + MARKER
    opened = Opened(_member(b"a", b"1") + padded(lost))
    assert opened.where()[0][1] == "data outside the members"
    assert max(len(blob.content) for blob in opened.blobs) <= SMALL.segment_bytes + 512


@pytest.mark.parametrize("wrap", [bytes, gzip.compress])
def test_bytes_behind_a_member_in_its_last_block_are_seen(wrap: Callable[[bytes], bytes]) -> None:
    """A size that is too small hides the rest of a block from tar, not from a scan."""
    hidden = tar_header(b"a.txt", b"%011o" % 3) + padded(b"abc" + MARKER)
    opened = Opened(wrap(hidden + _member(b"b.txt", b"after") + _END))
    assert opened.files["a.txt"] == b"abc"
    assert opened.files["b.txt"] == b"after"
    assert [part for _, part in opened.where()] == [OUTSIDE]
