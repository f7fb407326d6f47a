"""Git objects give their content, loose ones and packed ones, and differences are resolved."""

from __future__ import annotations

import hashlib
import struct
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keysift.model import Blob, Skip, SkipReason
from keysift.unpack import expand
from keysift.unpack.budget import Budget, Limits
from tests.unpack.extracting import extraction, marker, parts, skips

COMMIT, TREE, BLOB, TAG, OFFSET_DELTA, NAMED_DELTA = 1, 2, 3, 4, 6, 7
KINDS = {COMMIT: b"commit", TREE: b"tree", BLOB: b"blob", TAG: b"tag"}


def identity(kind: int, content: bytes) -> bytes:
    """Return the id of an object."""
    header = KINDS[kind] + b" %d\0" % len(content)
    return hashlib.sha1(header + content, usedforsecurity=False).digest()


def number(value: int) -> bytes:
    """Return a size as differences write it."""
    groups = [value & 0x7F]
    while value := value >> 7:
        groups.append(value & 0x7F)
    return bytes([group | 0x80 for group in groups[:-1]] + groups[-1:])


def entry(kind: int, content: bytes, base: bytes = b"") -> bytes:
    """Return an object as it stands in a pack."""
    size = len(content)
    head = [size & 15 | kind << 4]
    size >>= 4
    while size:
        head[-1] |= 0x80
        head.append(size & 0x7F)
        size >>= 7
    return bytes(head) + base + zlib.compress(content)


def distance(value: int) -> bytes:
    """Return how far back a base stands."""
    groups = [value & 0x7F]
    while value := value >> 7:
        value -= 1
        groups.append(0x80 | value & 0x7F)
    return bytes(reversed(groups))


def difference(base: bytes, start: int, length: int, added: bytes) -> bytes:
    """Return a difference: a copy of a piece of the base, and what is added to it."""
    copy = b"\x97" + struct.pack("<I", start)[:3] + struct.pack("<H", length)[:1]
    insert = bytes([len(added)]) + added
    return number(len(base)) + number(length + len(added)) + copy + insert


def pack(*entries: bytes) -> bytes:
    """Return a pack of some entries."""
    body = b"PACK" + struct.pack(">II", 2, len(entries)) + b"".join(entries)
    return body + hashlib.sha1(body, usedforsecurity=False).digest()


def contents(content: bytes) -> list[bytes]:
    """Return the content of all objects of a pack, sorted."""
    _, items = extraction(content)
    return sorted(item.content for item in items if isinstance(item, Blob))


def test_packed_objects_have_paths_of_their_own() -> None:
    """An object is named by the beginning of its id, and says what it is."""
    text = marker(1).encode()
    found, items = extraction(pack(entry(COMMIT, b"tree x"), entry(BLOB, text), entry(TREE, b"")))
    name = identity(BLOB, text).hex()[:10]
    blob = items[1]
    assert isinstance(blob, Blob)
    assert (blob.path, blob.part, blob.content) == (f"dir/file!/{name}", f"git blob {name}", text)
    assert len(items) == 2
    assert found.replaces_raw


def test_offset_differences_are_resolved() -> None:
    """A difference to a difference gives the whole object."""
    base = b"0123456789" * 20
    second = base[10:60] + b"one"
    first = entry(BLOB, base)
    middle = entry(OFFSET_DELTA, difference(base, 10, 50, b"one"), distance(len(first)))
    last = entry(OFFSET_DELTA, difference(second, 3, 50, b"two"), distance(len(middle)))
    assert contents(pack(first, middle, last)) == sorted([base, second, second[3:53] + b"two"])


def test_named_differences_are_resolved() -> None:
    """A difference may stand before the object that it names."""
    base = b"0123456789" * 20
    named = entry(NAMED_DELTA, difference(base, 0, 20, b"x"), identity(BLOB, base))
    assert contents(pack(named, entry(BLOB, base))) == [base, base[:20] + b"x"]


def test_objects_without_their_base_are_a_skip() -> None:
    """A difference to an object of another pack cannot be resolved."""
    base = b"0123456789"
    content = pack(entry(NAMED_DELTA, difference(base, 0, 5, b"x"), identity(BLOB, base)))
    found, items = extraction(content)
    assert [skip.reason for skip in items if isinstance(skip, Skip)] == [SkipReason.UNSUPPORTED]
    assert not found.replaces_raw


def test_a_base_that_is_too_short_is_a_skip() -> None:
    """A difference that copies what is not there gives nothing."""
    first = entry(BLOB, b"short")
    delta = entry(OFFSET_DELTA, difference(b"short", 3, 50, b"x"), distance(len(first)))
    assert [skip.reason for skip in skips(pack(first, delta))] == [SkipReason.CORRUPT]


def test_a_truncated_pack_gives_what_stands_before() -> None:
    """Objects before the cut come out."""
    content = pack(entry(BLOB, b"first"), entry(BLOB, b"second" * 100))[:-30]
    assert contents(content) == [b"first"]
    assert [skip.reason for skip in skips(content)] == [SkipReason.TRUNCATED]


def test_an_object_larger_than_it_says_ends_reading() -> None:
    """A zlib bomb behind a small size is not inflated."""
    budget = Budget()
    content = pack(entry(BLOB, b"x"), b"\x35" + zlib.compress(bytes(50_000_000)))
    _, items = extraction(content, budget)
    assert getattr(items[-1], "reason", None) is SkipReason.CORRUPT
    assert budget.steps_taken < 1000


def test_differences_cannot_grow_without_end() -> None:
    """A chain in which each object is twice the last one is bounded."""
    size = 1 << 20
    entries = [entry(BLOB, bytes(size))]
    for _ in range(12):
        copy = b"\xf7" + bytes(3) + struct.pack("<I", size // 8)[:3]
        delta = number(size) + number(2 * size) + 16 * copy
        entries.append(entry(OFFSET_DELTA, delta, distance(len(entries[-1]))))
        size *= 2
    _, items = extraction(pack(*entries))
    assert SkipReason.TOO_LARGE in {item.reason for item in items if isinstance(item, Skip)}
    assert sum(len(item.content) for item in items if isinstance(item, Blob)) < 300_000_000


@pytest.mark.parametrize("kind", ["blob", "commit", "tag"])
def test_loose_objects_give_their_content(kind: str) -> None:
    """The zlib stream is undone first, then the header is taken off."""
    text = marker(1).encode() * 3
    stream = zlib.compress(f"{kind} {len(text)}\0".encode() + text)
    items = list(expand(Blob(path=".git/objects/ab/cd", content=stream), Budget()))
    assert [(getattr(i, "part", None), getattr(i, "content", None)) for i in items] == [
        (f"git {kind}", text)
    ]


def test_a_short_loose_object_is_a_skip() -> None:
    """What there is comes out; that something is missing is said."""
    found, items = extraction(b"blob 100\0text")
    assert getattr(items[0], "content", None) == b"text"
    assert getattr(items[1], "reason", None) is SkipReason.TRUNCATED
    assert not found.replaces_raw


def test_text_that_begins_like_an_object_is_text() -> None:
    """Only a whole header counts."""
    text = b"blob 12 is a word"
    assert list(expand(Blob(path="a", content=text), Budget())) == [Blob(path="a", content=text)]
    assert parts(b"tree 0\0") == {}


@settings(max_examples=50)
@given(st.lists(st.binary(max_size=300), min_size=1, max_size=8, unique=True))
def test_any_objects_come_out(texts: list[bytes]) -> None:
    """A pack of any blobs gives all of them."""
    assert contents(pack(*[entry(BLOB, text) for text in texts])) == sorted(texts)


def test_whole_objects_come_before_differences() -> None:
    """Differences that use up the budget hide no object that needs none of them."""
    base = bytes(1 << 20)
    entries = [entry(BLOB, base)]
    for _ in range(50):
        back = sum(map(len, entries))
        copy = number(len(base)) + number(len(base)) + b"\xf0" + b"\xff\xff\x0f"
        entries.append(entry(OFFSET_DELTA, copy, distance(back)))
    entries.append(entry(BLOB, b"last"))
    _, items = extraction(pack(*entries), Budget(Limits(total_bytes=40 << 20)))
    contents = [item.content for item in items if isinstance(item, Blob)]
    assert contents[0] == b"last"
    assert getattr(items[-1], "reason", None) is SkipReason.BYTES_BUDGET
