"""Zip archives of which only some members are read: nothing else is touched, nothing hidden."""

from __future__ import annotations

import io
import random
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterable
from typing import TypeAlias

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keysift.model import Blob, Passed, Skip, SkipReason
from keysift.unpack import Budget, chosen_spans, members
from tests.unpack.archives import MARKER, ZipMember, directory, noise, tarred, words, zipped

Item: TypeAlias = Blob | Skip | Passed
Choice: TypeAlias = Callable[[str, int, int], bool]

LIBRARY = noise(100_000)
ORPHAN = "not in the central directory"


class Watched(io.BytesIO):
    """A file that notes which spans of it are read."""

    def __init__(self, content: bytes) -> None:
        super().__init__(content)
        self.spans: list[tuple[int, int]] = []

    def read(self, size: int | None = -1, /) -> bytes:
        """Read and note it."""
        start = self.tell()
        data = super().read(size)
        self.spans.append((start, start + len(data)))
        return data

    def touched(self, start: int, stop: int) -> bool:
        """Tell whether any byte of a span was read."""
        return any(first < stop and last > start for first, last in self.spans)


def _no_library(path: str, _size: int, _crc: int) -> bool:
    return not path.endswith(".so")


def _everything(_path: str, _size: int, _crc: int) -> bool:
    return True


def _nothing(_path: str, _size: int, _crc: int) -> bool:
    return False


def _chosen(content: bytes, choose: Choice = _no_library) -> list[Item]:
    """Return what comes out, after checking that no byte is read that was not announced."""
    planned = Watched(content)
    spans = chosen_spans(planned, Budget(), choose)
    file = Watched(content)
    items = list(members("a.whl", file, Budget(), choose))
    if spans is not None:
        for start, stop in _outside([*spans, *planned.spans], len(content)):
            assert not file.touched(start, stop), (start, stop)
    return items


def _outside(spans: Iterable[tuple[int, int]], size: int) -> list[tuple[int, int]]:
    out, cursor = [], 0
    for start, stop in sorted(spans):
        if start > cursor:
            out.append((cursor, start))
        cursor = max(cursor, stop)
    return [*out, (cursor, size)] if cursor < size else out


def _where(items: Iterable[Item]) -> list[tuple[str, str | None]]:
    return [
        (item.path, item.part)
        for item in items
        if isinstance(item, Blob) and MARKER in item.content
    ]


def _archive(*parts: ZipMember, listed: Iterable[int] | None = None) -> bytes:
    offsets, body = [], b""
    for part in parts:
        offsets.append(len(body))
        body += part.local()
    chosen = range(len(parts)) if listed is None else listed
    return body + directory([parts[at].central(offsets[at]) for at in chosen], len(body))


def _streamed(files: Iterable[tuple[str, bytes]]) -> bytes:
    """Return an archive whose sizes stand behind each member, as written into a pipe."""

    class Pipe(io.BytesIO):
        def seekable(self) -> bool:
            """Return False."""
            return False

        def seek(self, *_: object) -> int:
            """Refuse."""
            raise io.UnsupportedOperation

        def tell(self) -> int:
            """Refuse."""
            raise io.UnsupportedOperation

    file = Pipe()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files:
            archive.writestr(name, content)
    return file.getvalue()


FILES = [
    ("a/__init__.py", b""),
    ("a/lib.so", LIBRARY),
    ("a/code.py", MARKER + words(5000)),
    ("d/", b""),
    ("b/lib.so", LIBRARY[::-1]),
    ("z.bin", noise(70_000, 2)),
]

_SMALL = zipped([("a.so", noise(300)), ("b.py", MARKER), ("d/", b""), ("c.so", words(300))])


@pytest.mark.parametrize(
    "content",
    [
        zipped(FILES),
        zipped(FILES, zipfile.ZIP_STORED),
        zipped(FILES, zipfile.ZIP_LZMA),
        _streamed(FILES),
        b"#!/bin/sh\n" + noise(3000) + zipped(FILES),
        zipped(FILES) + b"behind",
    ],
    ids=["deflated", "stored", "lzma", "streamed", "prefix", "suffix"],
)
def test_the_chosen_members_come_out_as_without_a_choice(content: bytes) -> None:
    """What is wanted is what a whole reading yields, in its order, with all the bytes around."""
    whole = list(members("a.whl", io.BytesIO(content), Budget()))
    some = _chosen(content)
    assert [item for item in whole if not item.path.endswith(".so")] == [
        item for item in some if not isinstance(item, Passed)
    ]
    passed = [item for item in some if isinstance(item, Passed)]
    assert passed == [
        Passed("a/lib.so", len(LIBRARY), zlib.crc32(LIBRARY)),
        Passed("b/lib.so", len(LIBRARY), zlib.crc32(LIBRARY[::-1])),
    ]
    assert _chosen(content, _everything) == whole


@pytest.mark.parametrize("content", [zipped(FILES), _streamed(FILES)])
def test_what_is_not_wanted_is_not_touched(content: bytes) -> None:
    """Neither local header nor data of a member are read when it is not wanted."""
    file = Watched(content)
    list(members("a.whl", file, Budget(), _no_library))
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        for member in archive.infolist():
            start = member.header_offset
            stop = start + 30 + len(member.filename) + member.compress_size
            assert file.touched(start, stop) == (member.filename[-3:] not in {".so", "d/"})


def test_only_the_directory_is_read_when_nothing_is_wanted() -> None:
    """An archive of which all is known costs its directory."""
    content = zipped([(f"{at}.py", noise(20_000, at)) for at in range(20)])
    file = Watched(content)
    items = list(members("a.whl", file, Budget(), _nothing))
    assert len(items) == 20
    assert all(isinstance(item, Passed) for item in items)
    assert not file.touched(0, len(content) - 65557)
    assert chosen_spans(io.BytesIO(content), Budget(), _nothing) == []


def test_directories_are_not_asked_about() -> None:
    """The choice sees the members that hold something, with their size and checksum."""
    asked = []

    def choose(path: str, size: int, crc: int) -> bool:
        asked.append((path, size, crc))
        return False

    list(members("a", io.BytesIO(zipped([("d/", b""), ("d/f", b"x")])), Budget(), choose))
    assert asked == [("d/f", 1, zlib.crc32(b"x"))]


@pytest.mark.parametrize("choose", [_no_library, _nothing])
@pytest.mark.parametrize("method", [0, 8])
@pytest.mark.parametrize("listed", [(0, 2), (2,), (0,)])
def test_hidden_members_are_found(choose: Choice, method: int, listed: tuple[int, ...]) -> None:
    """A member that the directory leaves out comes out, before, between or after others."""
    hidden = ZipMember(b"hidden", MARKER, method=method)
    parts = [ZipMember(b"a.so", LIBRARY), hidden, ZipMember(b"b.so", LIBRARY)]
    items = _chosen(_archive(*parts, listed=listed), choose)
    assert ("hidden", ORPHAN) in _where(items)


@pytest.mark.parametrize("size", [2, 5, 19])
def test_the_shortest_hidden_members_are_found(size: int) -> None:
    """A hidden member of two bytes already takes more room than what is usual."""
    hidden = ZipMember(b"h", MARKER[:size], method=0)
    parts = [ZipMember(b"a.so", LIBRARY), hidden, ZipMember(b"b.so", LIBRARY)]
    items = _chosen(_archive(*parts, listed=(0, 2)))
    assert Blob(path="h", content=MARKER[:size], part=ORPHAN) in items


def test_hidden_members_are_found_behind_streamed_ones() -> None:
    """The record behind a member that was passed is not taken for what is hidden there."""
    library = ZipMember(b"a.so", LIBRARY, flags=8)
    sizes = struct.pack("<3L", library.crc, library.packed, library.size)
    body = library.local() + b"PK\x07\x08" + sizes
    hidden = ZipMember(b"hidden", MARKER).local()
    items = _chosen(body + hidden + directory([library.central(0)], len(body + hidden)))
    assert _where(items) == [("hidden", ORPHAN)]
    assert not any(isinstance(item, Skip) for item in items)


def test_text_in_the_extra_fields_of_passed_members_is_seen() -> None:
    """A local header with more than the usual fields is read, without the data behind it."""
    extra = struct.pack("<HH", 0x7777, 60) + MARKER.ljust(60)
    library = ZipMember(b"a.so", LIBRARY)
    body = library.local(extra)
    content = body + directory([library.central(0)], len(body))
    assert _where(_chosen(content)) == [("a.whl", "comments and extra fields")]
    file = Watched(content)
    list(members("a", file, Budget(), _no_library))
    assert not file.touched(200, len(content) - 65557)


def test_comments_are_seen() -> None:
    """Comments of the archive, and of members that are passed, come out."""
    library = ZipMember(b"a.so", LIBRARY)
    body = library.local()
    records = [library.central(0, comment=MARKER)]
    items = _chosen(body + directory(records, len(body), comment=MARKER))
    assert _where(items) == [
        ("a.whl", "archive comment"),
        ("a.whl", "comments and extra fields"),
    ]


def test_zip64_members_can_be_passed() -> None:
    """Sizes and offsets that stand in extra fields are those that count."""
    big = ZipMember(b"a.so", LIBRARY, packed=0xFFFFFFFF, size=0xFFFFFFFF)
    wide = struct.pack("<HHQQ", 1, 16, len(LIBRARY), len(big.data))
    body = big.local(wide)
    small = ZipMember(b"b.py", MARKER)
    end = directory([big.central(0, wide), small.central(len(body))], len(body + small.local()))
    items = _chosen(body + small.local() + end)
    assert items[0] == Passed("a.so", len(LIBRARY), big.crc)
    assert _where(items) == [("b.py", None)]
    assert len(items) == 2


def test_the_second_of_two_names_stays_the_second() -> None:
    """A member is called the same whether or not its namesake was read."""
    parts = [ZipMember(b"a", b"first!"), ZipMember(b"a", MARKER)]
    items = _chosen(_archive(*parts), lambda _path, size, _crc: size != 6)
    assert _where(items) == [("a", "entry 2")]


def _other_name() -> bytes:
    library = ZipMember(b"a.so", MARKER)
    body = library.local().replace(b"a.so", b"b.py") + bytes(100)
    return body + directory([library.central(0)], len(body))


def _smaller() -> bytes:
    return _archive(ZipMember(b"a.so", noise(900) + MARKER, method=0, central_packed=5))


def _no_header() -> bytes:
    library = ZipMember(b"a.so", MARKER)
    body = bytes(100) + library.local()
    return body + directory([library.central(20)], len(body))


@pytest.mark.parametrize("content", [_other_name(), _smaller(), _no_header()])
def test_members_whose_headers_do_not_agree_are_read(content: bytes) -> None:
    """A directory cannot hide content by calling it a library: where it lies, all is read."""
    assert len(_where(_chosen(content))) == 1
    assert chosen_spans(io.BytesIO(content), Budget(), _no_library) is None


def _overlapping() -> bytes:
    library = ZipMember(b"a.so", LIBRARY, central_packed=len(LIBRARY) * 2)
    return _archive(library, ZipMember(b"b.py", MARKER))


def test_a_library_that_claims_too_much_hides_no_other_member() -> None:
    """A size that reaches over the next member does not make that one part of it."""
    items = _chosen(_overlapping())
    assert _where(items) == [("b.py", None)]
    assert chosen_spans(io.BytesIO(_overlapping()), Budget(), _no_library) is None


def _twice() -> bytes:
    library = ZipMember(b"a.so", MARKER)
    body = library.local()
    code = ZipMember(b"b.py", MARKER)
    return body + directory([library.central(0), code.central(0)], len(body))


def _damaged() -> bytes:
    content = zipped(FILES)
    at = content.rindex(b"PK\x01\x02")
    return content[:at] + b"XX" + content[at + 2 :]


def _padded() -> bytes:
    """Return an archive whose members are aligned, as tools for phones do it."""
    body, records = b"", []
    for at in range(40):
        member = ZipMember(b"%02d.so" % at, LIBRARY[:50])
        records.append(member.central(len(body)))
        body += member.local(struct.pack("<HH", 0xD935, 500) + bytes(500))
    return body + directory(records, len(body))


@pytest.mark.parametrize(
    "content",
    [
        _twice(),
        _damaged(),
        _padded(),
        zipped(FILES)[:-30],
        zipped(FILES)[:2000],
        tarred(FILES),
        b"",
        b"text",
    ],
    ids=["twice", "damaged", "padded", "cut", "cut early", "tar", "empty", "text"],
)
def test_irregular_archives_are_better_read_whole(content: bytes) -> None:
    """Nothing is planned for what is no zip archive, is damaged, overlaps or is full of padding."""
    assert chosen_spans(io.BytesIO(content), Budget(), _no_library) is None


@pytest.mark.parametrize("content", [tarred(FILES[:1]), b"t = " + MARKER, b""])
def test_a_choice_is_for_zip_archives(content: bytes) -> None:
    """Other files come out as without a choice."""
    whole = list(members("a", io.BytesIO(content), Budget()))
    assert list(members("a", io.BytesIO(content), Budget(), _nothing)) == whole


@pytest.mark.parametrize("seed", range(20))
def test_what_is_between_the_members_is_seen_whatever_is_chosen(seed: int) -> None:
    """Of any archive, what is no member or is wanted comes out as in a whole reading."""
    source = random.Random(seed)
    body, records = b"", []
    for at in range(30):
        if source.random() < 0.2:
            body += noise(source.choice([60, 3000, 300_000]), source.randrange(99))
        member = ZipMember(
            b"%d" % at, words(source.randrange(9000), at), method=source.choice([0, 8])
        )
        if source.random() < 0.9:
            records.append(member.central(len(body)))
        body += member.local()
    content = body + directory(records, len(body))
    wanted = {str(at) for at in range(30) if source.random() < 0.5}
    whole = list(members("a.whl", io.BytesIO(content), Budget()))
    some = _chosen(content, lambda path, _size, _crc: path in wanted)
    assert [item for item in some if not isinstance(item, Passed)] == [
        item
        for item in whole
        if item.path in wanted or (isinstance(item, Blob) and item.part is not None)
    ]
    assert {item.path for item in some} >= {
        item.path for item in whole if isinstance(item, Blob) and item.part is None
    }


@given(st.data())
@settings(max_examples=150, deadline=None)
def test_damaged_archives_never_raise(data: st.DataObject) -> None:
    """Flipped and cut bytes end in blobs, skips and what was passed, planned for or not."""
    content = bytearray(_SMALL)
    for _ in range(data.draw(st.integers(1, 6))):
        at = data.draw(st.integers(0, len(content) - 1))
        content[at] = data.draw(st.integers(0, 255))
    start = data.draw(st.integers(0, 40))
    stop = data.draw(st.integers(len(content) // 2, len(content)))
    file = io.BytesIO(bytes(content[start:stop]))
    spans = chosen_spans(file, Budget(), _no_library)
    assert list(members("a.whl", file, Budget(), _no_library))
    assert spans is None or spans == sorted(spans)


def test_a_long_gap_is_searched_in_windows() -> None:
    """A member hidden in megabytes of other data is found with reads that are not tiny."""
    hidden = ZipMember(b"hidden", MARKER).local()
    library = ZipMember(b"a.so", LIBRARY)
    body = library.local() + noise(2_500_000) + hidden + noise(500_000)
    file = Watched(body + directory([library.central(0)], len(body)))
    items = list(members("a", file, Budget(), _no_library))
    assert ("hidden", ORPHAN) in _where(items)
    assert len(file.spans) < 40


def test_an_unreadable_file_is_a_skip() -> None:
    """A disk that fails ends in a skip, and nothing is planned."""

    class Broken(io.BytesIO):
        def read(self, _size: int | None = -1, /) -> bytes:
            """Fail."""
            raise OSError(5, "Input/output error")

    file = Broken(zipped(FILES))
    items = list(members("a", file, Budget(), _no_library))
    assert [item.reason for item in items if isinstance(item, Skip)] == [SkipReason.UNREADABLE]
    assert chosen_spans(file, Budget(), _no_library) is None
