"""Zip archives, and what is done to them to hide content or to hurt who reads them."""

from __future__ import annotations

import lzma
import struct
import zipfile
import zlib

import pytest
import zstandard

from keysift.model import SkipReason
from keysift.unpack import Limits
from keysift.unpack import zip as zip_reader
from tests.unpack.archives import (
    MARKER,
    SMALL,
    Opened,
    ZipMember,
    deflated,
    directory,
    noise,
    words,
    zipped,
)

_FILES = [("a/one.txt", b"first"), ("b.py", MARKER + words(5000)), ("empty", b"")]


def _archive(*parts: ZipMember, gap: bytes = b"", listed: slice = slice(None)) -> bytes:
    body = b""
    records = []
    for part in parts:
        body += gap
        records.append(part.central(len(body)))
        body += part.local()
    return body + directory(records[listed], len(body))


@pytest.mark.parametrize(
    "method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA]
)
def test_members_of_every_usual_method_come_out(method: int) -> None:
    """Each method that zipfile writes gives the content back, without a skip."""
    opened = Opened(zipped(_FILES, method))
    assert opened.files == dict(_FILES)
    assert opened.skips == []


@pytest.mark.parametrize("method", [20, 93, 95])
def test_newer_methods_come_out(method: int) -> None:
    """Zstandard, by both of its numbers, and xz are read."""
    content = MARKER + words(200_000)
    packed = lzma.compress(content) if method == 95 else zstandard.compress(content)
    member = ZipMember(b"a", packed, method=method, crc=zlib.crc32(content), size=len(content))
    opened = Opened(_archive(member))
    assert b"".join(blob.content[:65536] for blob in opened.blobs)[: 3 * 65280].startswith(MARKER)
    assert opened.skips == []


def test_directories_are_no_members() -> None:
    """A name that ends with a slash and has no content yields nothing and counts for nothing."""
    opened = Opened(zipped([("d/", b""), ("d/f", b"x")]))
    assert opened.files == {"d/f": b"x"}
    assert opened.budget.members_counted == 1


def test_member_missing_from_the_directory_comes_out() -> None:
    """A local header between two listed members is found, and named as what it is."""
    parts = [ZipMember(b"a", b"1"), ZipMember(b"hidden", MARKER), ZipMember(b"c", b"3")]
    opened = Opened(_archive(*parts, listed=slice(0, 3, 2)))
    assert opened.where() == [("hidden", "not in the central directory")]
    assert opened.files == {"a": b"1", "c": b"3"}
    assert opened.skips == []


def test_member_after_the_last_listed_one_comes_out() -> None:
    """A local header between the last listed member and the directory is found."""
    parts = [ZipMember(b"a", b"1"), ZipMember(b"hidden", MARKER)]
    assert Opened(_archive(*parts, listed=slice(0, 1))).where()[0][0] == "hidden"


def test_streamed_member_missing_from_the_directory_comes_out() -> None:
    """A member whose sizes stand behind it is found by where its deflate stream ends."""
    hidden = ZipMember(b"hidden", MARKER, flags=8, packed=0, size=0, crc=0)
    hidden.data += struct.pack("<4s3L", b"PK\x07\x08", zlib.crc32(MARKER), 9, len(MARKER))
    parts = [ZipMember(b"a", b"1"), hidden, ZipMember(b"c", b"3")]
    opened = Opened(_archive(*parts, listed=slice(0, 3, 2)))
    assert opened.where() == [("hidden", "not in the central directory")]
    assert {blob.part for blob in opened.blobs} == {None, "not in the central directory"}


def test_stored_and_streamed_orphan_comes_out() -> None:
    """A stored member without any size lasts until the next record."""
    hidden = ZipMember(b"hidden", MARKER, method=0, flags=8, packed=0, size=0, crc=0)
    parts = [ZipMember(b"a", b"1"), hidden, ZipMember(b"c", b"3")]
    opened = Opened(_archive(*parts, listed=slice(0, 3, 2)))
    assert ("hidden", "not in the central directory") in opened.where()


def test_same_name_twice_yields_both() -> None:
    """Of two members with one name, the second says that it is the second."""
    parts = [ZipMember(b"a", b"harmless"), ZipMember(b"a", MARKER)]
    opened = Opened(_archive(*parts))
    assert opened.where() == [("a", "entry 2")]
    assert opened.files == {"a": b"harmless"}


def test_central_size_too_small_hides_nothing() -> None:
    """A directory that understates both sizes does not cut the content."""
    content = words(3000) + MARKER
    for method in (0, 8):
        lying = ZipMember(b"a", content, method=method, central_packed=5, central_size=5)
        opened = Opened(_archive(lying, ZipMember(b"b", b"2")))
        assert [path for path, _ in opened.where()] == ["a"]
        assert opened.files["b"] == b"2"


def test_central_size_too_large_hides_no_other_member() -> None:
    """A directory that overstates a size does not swallow the member that follows."""
    for method in (0, 8):
        lying = ZipMember(b"a", b"short", method=method, central_packed=500, packed=500)
        opened = Opened(_archive(lying, ZipMember(b"b", MARKER)))
        assert ("b", None) in opened.where()


def test_names_that_differ_are_taken_from_the_directory() -> None:
    """The path is the one that installers use."""
    member = ZipMember(b"seen.py", MARKER)
    body = member.local().replace(b"seen.py", b"othr.py")
    opened = Opened(body + directory([member.central(0)], len(body)))
    assert opened.where() == [("seen.py", None)]


def test_bytes_around_the_archive_are_blobs() -> None:
    """What stands before, between, after and in the comment comes out, and is called so."""
    member = ZipMember(b"a", b"1")
    body = member.local() + b"<gap>"
    end = directory([member.central(0, comment=b"<note>")], len(body), comment=b"<comment>")
    opened = Opened(b"#!/bin/sh <before>" + body + end + b"<after>")
    parts = {blob.part: blob.content for blob in opened.blobs}
    assert parts == {
        None: b"1",
        "data before the archive": b"#!/bin/sh <before>",
        "data between the members": b"<gap>",
        "comments and extra fields": b"<note>",
        "archive comment": b"<comment>",
        "data after the archive": b"<after>",
    }
    assert opened.skips == []


def test_unknown_extra_fields_are_seen() -> None:
    """An extra field of an unknown kind comes out; times and padding do not."""
    field = struct.pack("<HH", 0x4141, len(MARKER)) + MARKER
    time = struct.pack("<HHB4s", 0x5455, 5, 1, b"\0" * 4)
    member = ZipMember(b"a", b"1")
    for local, central in ((field, time), (time, field)):
        body = member.local(local)
        opened = Opened(body + directory([member.central(0, central)], len(body)))
        assert opened.where() == [("artifact", "comments and extra fields")]


def test_offsets_with_and_without_the_prefix() -> None:
    """A prefix is found whether the offsets count it or not."""
    member = ZipMember(b"a", MARKER)
    for shift in (0, 7):
        body = b"PREFIX!" + member.local()
        opened = Opened(body + directory([member.central(shift)], len(member.local()) + shift))
        assert opened.where() == [("a", None)]
        assert "data before the archive" in {blob.part for blob in opened.blobs}


def test_joined_archives_are_both_seen() -> None:
    """The members of an archive in front of another one come out."""
    opened = Opened(zipped([("first", MARKER)]) + zipped([("second", b"2")]))
    assert opened.where() == [("first", "not in the central directory")]
    assert opened.files == {"second": b"2"}


def test_zip64_sizes_are_read() -> None:
    """Sizes and offset in a zip64 extra field replace the fields that say so."""
    member = ZipMember(b"a", MARKER, packed=0xFFFFFFFF, size=0xFFFFFFFF)
    wide = struct.pack("<HHQQ", 1, 16, len(MARKER), len(member.data))
    body = member.local(wide)
    records = member.central(0, wide)
    record64 = struct.pack(
        "<4sQHHLLQQQQ", b"PK\x06\x06", 44, 45, 45, 0, 0, 1, 1, len(records), len(body)
    )
    locator = struct.pack("<4sLQL", b"PK\x06\x07", 0, len(body) + len(records), 1)
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 0xFFFF, 0xFFFF, 0xFFFFFFFF, 0xFFFFFFFF, 0)
    opened = Opened(body + records + record64 + locator + end)
    assert opened.where() == [("a", None)]
    assert opened.skips == []


def test_wrong_checksum_is_corrupt_and_scanned() -> None:
    """The bytes of a member with a wrong CRC are scanned, and it is a gap."""
    opened = Opened(_archive(ZipMember(b"a", MARKER, crc=1), ZipMember(b"b", b"2")))
    assert opened.where() == [("a", None)]
    assert opened.reasons == [SkipReason.CORRUPT]
    assert opened.files["b"] == b"2"


def test_damaged_member_gives_what_came_before() -> None:
    """Of damaged deflate data, everything before the damage is seen, and the next members."""
    member = ZipMember(b"a", words(40_000) + MARKER + noise(20_000))
    member.data = member.data[:-500] + b"\xff" * 500
    opened = Opened(_archive(member, ZipMember(b"b", b"2")))
    assert ("a", None) in opened.where()
    assert SkipReason.CORRUPT in opened.reasons
    assert opened.files["b"] == b"2"


def test_truncated_archive_gives_its_members() -> None:
    """Without its directory, an archive is read by its local headers."""
    whole = zipped([("a", MARKER), ("b", noise(4000))])
    opened = Opened(whole[:2000])
    assert opened.where() == [("a", "not in the central directory")]
    assert SkipReason.TRUNCATED in opened.reasons


def test_encrypted_member_is_a_skip() -> None:
    """Encrypted members are named, and the others read."""
    opened = Opened(_archive(ZipMember(b"a", b"?", flags=1), ZipMember(b"b", MARKER)))
    assert [(skip.path, skip.reason) for skip in opened.skips] == [("a", SkipReason.ENCRYPTED)]
    assert opened.where() == [("b", None)]


def test_unsupported_method_is_a_skip() -> None:
    """Deflate64 is named, and the others read."""
    opened = Opened(_archive(ZipMember(b"a", b"?", method=9), ZipMember(b"b", MARKER)))
    assert [(skip.path, skip.reason) for skip in opened.skips] == [("a", SkipReason.UNSUPPORTED)]
    assert opened.where() == [("b", None)]


def test_overlapping_members_are_inflated_once() -> None:
    """A thousand directory records of one member cost what one does, and are one skip."""
    member = ZipMember(b"a", MARKER + b"\0" * 900_000)
    body = member.local()
    records = [member.central(0) for _ in range(1000)]
    opened = Opened(body + directory(records, len(body)))
    assert opened.reasons == [SkipReason.CORRUPT]
    assert opened.budget.bytes_taken < 3_000_000


def test_quoted_overlap_bomb_is_inflated_once() -> None:
    """Members that quote the headers of the next ones in stored blocks cost one pass."""
    size = 400_000
    member = ZipMember(b"kernel", MARKER + b"\0" * size)
    members, data = [member], member.data
    for number in range(60):
        header = members[0].local()[: 30 + len(members[0].name)]
        data = struct.pack("<BHH", 0, len(header), len(header) ^ 0xFFFF) + header + data
        quoting = ZipMember(b"q%d" % number, b"", packed=len(data), size=size + len(data))
        quoting.data = data
        members.insert(0, quoting)
    offsets = [0]
    for member in members[:-1]:
        offsets.append(offsets[-1] + 30 + len(member.name) + 5)
    body = members[0].local()
    records = [member.central(at) for member, at in zip(members, offsets, strict=True)]
    opened = Opened(body + directory(records, len(body)))
    assert {path for path, _ in opened.where()} == {"q59"}
    assert opened.budget.bytes_taken < 3 * size
    assert any("overlap" in skip.detail for skip in opened.skips)


def test_nested_copies_end_at_the_members_budget() -> None:
    """Ten copies in ten copies, five levels deep, cost no more than the budget."""
    content = MARKER
    for level in range(5):
        content = zipped([(f"{level}-{number}", content) for number in range(10)])
    opened = Opened(content)
    assert SkipReason.TOO_MANY_MEMBERS in opened.reasons
    assert opened.budget.members_counted <= SMALL.members + 10
    assert opened.budget.steps_taken < SMALL.steps


def test_archive_that_holds_itself_ends_at_the_depth() -> None:
    """A member that is read as the whole archive again ends at the depth, not never."""
    inner = b""
    for _ in range(30):
        inner = zipped([("self.zip", inner or MARKER)], zipfile.ZIP_STORED)
    opened = Opened(inner)
    assert opened.reasons == [SkipReason.TOO_DEEP]
    assert opened.budget.members_counted == 6


def test_bomb_stops_at_the_ratio() -> None:
    """A member that grows beyond the ratio is cut, and the next one is read."""
    limits = Limits(
        blob_bytes=65536,
        segment_bytes=65536,
        segment_overlap=10,
        ratio=100,
        ratio_from_bytes=1024 * 1024,
    )
    bomb = ZipMember(b"a", b"\0" * 20_000_000)
    opened = Opened(_archive(bomb, ZipMember(b"b", MARKER)), limits=limits)
    assert SkipReason.RATIO in opened.reasons
    assert ("b", None) in opened.where()
    assert opened.budget.bytes_taken < 2_500_000


def test_small_sizes_that_lie_do_not_cut_the_output() -> None:
    """A member that claims ten bytes and has a million gives them all, in segments."""
    content = words(1_000_000) + MARKER
    opened = Opened(_archive(ZipMember(b"a", content, size=10)))
    assert [path for path, _ in opened.where()] == ["a"]
    assert len([blob for blob in opened.blobs if blob.path == "a"]) > 10


def test_deep_nesting_ends_with_a_skip() -> None:
    """Beyond the depth, a container is scanned raw and is a gap."""
    content = MARKER
    for level in range(8):
        content = zipped([(f"level{level}", content)], zipfile.ZIP_STORED)
    opened = Opened(content)
    assert opened.reasons == [SkipReason.TOO_DEEP]
    assert len(opened.where()) == 1


def test_five_levels_below_the_artifact_are_opened() -> None:
    """The default depth opens five containers inside the artifact."""
    content = MARKER
    for level in range(6):
        content = zipped([(f"level{level}", content)])
    opened = Opened(content)
    assert opened.where() == [("level5!/level4!/level3!/level2!/level1!/level0", None)]
    assert opened.skips == []


def test_members_budget_stops_the_archive() -> None:
    """More members than allowed end with one skip that says so."""
    limits = Limits(members=10)
    opened = Opened(zipped([(f"f{number}", b"x") for number in range(50)]), limits=limits)
    assert SkipReason.TOO_MANY_MEMBERS in opened.reasons
    assert len(opened.files) == 10


def test_bytes_budget_stops_the_archive() -> None:
    """More bytes than allowed end with a skip that says so."""
    limits = Limits(total_bytes=100_000)
    opened = Opened(zipped([(f"f{number}", noise(20_000)) for number in range(50)]), limits=limits)
    assert SkipReason.BYTES_BUDGET in opened.reasons
    assert opened.budget.bytes_taken < 150_000


def test_many_false_headers_cost_a_step_each() -> None:
    """A gap full of header marks ends within steps that grow with its size."""
    member = ZipMember(b"a", MARKER)
    opened = Opened(_archive(member, gap=b"PK\x03\x04\xff" * 20_000))
    assert opened.where() == [("a", None)]
    assert opened.budget.steps_taken < 5 * 20_000 < SMALL.steps


def test_many_stored_orphans_of_no_size_are_searched_once() -> None:
    """Members without sizes and without an end do not each search the rest of the archive."""
    hidden = ZipMember(b"h", MARKER, method=0, flags=8, packed=0, size=0, crc=0)
    opened = Opened(hidden.local() * 1500 + ZipMember(b"a", b"1").local())
    assert len(opened.where()) == 1500
    assert opened.budget.steps_taken < 30 * 1500


def test_directory_that_points_nowhere_is_corrupt() -> None:
    """Records whose offsets lie outside the archive are a gap; what is there is still found."""
    member = ZipMember(b"a", MARKER)
    body = member.local()
    opened = Opened(body + directory([member.central(len(body) + 5000)], len(body)))
    assert opened.where() == [("a", "not in the central directory")]
    assert SkipReason.CORRUPT in opened.reasons


def test_names_are_printable() -> None:
    """Control characters and invisible marks in names are escaped; traversal is only a name."""
    opened = Opened(_archive(ZipMember(b"../../\x1b[2J\xe2\x80\xae/etc", MARKER)))
    assert opened.where() == [("../../\\x1b[2J\\u202e/etc", None)]


def test_deflate_stream_that_never_ends_is_truncated() -> None:
    """A member whose stream lacks its end gives its bytes and a skip."""
    member = ZipMember(b"a", b"")
    member.data = deflated(MARKER * 50)[:-2]
    member.packed = member.central_packed = len(member.data)
    member.size = member.central_size = len(MARKER) * 50
    opened = Opened(_archive(member))
    assert opened.where()
    assert opened.reasons == [SkipReason.TRUNCATED] or SkipReason.CORRUPT in opened.reasons


def test_a_member_that_is_not_compressed_as_its_header_says_is_seen_raw() -> None:
    """Stored text under a header that calls it deflated is damaged, and still looked at."""
    member = ZipMember(b"a.py", b"t = " + MARKER, method=0)
    member.method = 8
    body = member.local() + ZipMember(b"z.py", b"fine").local()
    records = [member.central(0)]
    opened = Opened(body + directory(records, len(body)))
    assert ("a.py", zip_reader.RAW) in opened.where()
    assert SkipReason.CORRUPT in opened.reasons


@pytest.mark.parametrize("levels", [1, 3])
def test_what_follows_bombs_is_read(levels: int) -> None:
    """Archives of archives of zeros use up their shares; the members behind them come out."""
    bomb = zipped([("zeros", b"\0" * 3_000_000)])
    for level in range(levels):
        bomb = zipped([(f"{level}-{number}.zip", bomb) for number in range(16)])
    content = zipped(
        [("first", MARKER), *((f"{at}.zip", bomb) for at in range(16)), ("last", MARKER)]
    )
    opened = Opened(content)
    assert [path for path, _ in opened.where()] == ["first", "last"]
    assert SkipReason.BYTES_BUDGET in opened.reasons
    assert opened.budget.exhausted is None
