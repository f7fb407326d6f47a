"""What holds for any bytes, and for any tree of files in any container."""

from __future__ import annotations

import bz2
import gzip
import lzma
import tarfile
import zipfile

import pytest
import zstandard
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from keysift.model import SkipReason
from keysift.unpack import Limits, identify
from keysift.unpack.formats import recognise
from tests.unpack.archives import MARKER, Opened, arred, noise, tarred, words, zipped

_NAME = st.text("abcdefgh._-é", min_size=1, max_size=30)
_TREE = st.dictionaries(
    st.lists(_NAME, min_size=1, max_size=3).map("/".join), st.binary(max_size=2000), max_size=6
)
_HEADS = st.sampled_from(
    [
        b"PK\x03\x04",
        b"PK\x05\x06",
        b"\x1f\x8b\x08\x00",
        b"BZh91AY&SY",
        b"\xfd7zXZ\x00",
        b"\x28\xb5\x2f\xfd",
        b"\x50\x2a\x4d\x18",
        b"]\x00\x00\x80\x00",
        b"!<arch>\n",
        b"x\x9c",
        b"\0" * 257 + b"ustar",
    ]
)
_FILES = [("a/one.py", words(1500) + MARKER), ("two", noise(700)), ("three", b"")]
_CONTAINERS = {
    "zip": zipped(_FILES),
    "stored zip": zipped(_FILES, zipfile.ZIP_STORED),
    "lzma zip": zipped(_FILES, zipfile.ZIP_LZMA),
    "tar": tarred(_FILES),
    "gnu tar": tarred(_FILES, tarfile.GNU_FORMAT),
    "tar.gz": gzip.compress(tarred(_FILES)),
    "tar.bz2": bz2.compress(tarred(_FILES)),
    "tar.xz": lzma.compress(tarred(_FILES)),
    "tar.zst": zstandard.compress(tarred(_FILES)),
    "ar": arred([(b"one", _FILES[0][1]), (b"two", _FILES[1][1])]),
    "nested": zipped([("x.tgz", gzip.compress(tarred([("y.zip", zipped(_FILES))])))]),
}


def _within(opened: Opened) -> bool:
    limits = opened.budget.limits
    return (
        opened.budget.bytes_taken <= limits.total_bytes + limits.container_bytes
        and opened.budget.members_counted <= limits.members + 1
    )


@given(st.binary(max_size=3000))
def test_any_bytes_are_an_artifact(content: bytes) -> None:
    """Nothing is raised for arbitrary bytes, and what is no container comes back as it is."""
    opened = Opened(content)
    assert _within(opened)
    if identify(content, content) is None:
        assert [blob.content for blob in opened.blobs] == [content]


@given(_HEADS, st.binary(max_size=2000), _HEADS, st.binary(max_size=600))
def test_any_bytes_behind_a_magic_number_are_an_artifact(
    head: bytes, middle: bytes, mark: bytes, end: bytes
) -> None:
    """Nothing is raised for garbage that begins like a container."""
    assert _within(Opened(head + middle + mark + end))


@pytest.mark.parametrize("kind", _CONTAINERS)
@settings(max_examples=60)
@given(data=st.data())
def test_damaged_archives_never_raise(kind: str, data: st.DataObject) -> None:
    """Flipped, cut and inserted bytes end in blobs and skips."""
    content = bytearray(_CONTAINERS[kind])
    for _ in range(data.draw(st.integers(1, 6))):
        at = data.draw(st.integers(0, len(content) - 1))
        content[at] = data.draw(st.integers(0, 255))
    start = data.draw(st.integers(0, 40))
    stop = data.draw(st.integers(len(content) // 2, len(content)))
    opened = Opened(bytes(content[start:stop]))
    assert _within(opened)
    assert opened.blobs or opened.skips


@given(_TREE)
@settings(max_examples=40)
def test_any_tree_survives_every_container(tree: dict[str, bytes]) -> None:
    """Names and contents come out of each container as they went in, without a skip."""
    # Hypothesis knows the magic numbers in our code; what begins like a database is one, damaged.
    assume(all(recognise(content) is None for content in tree.values()))
    limits = Limits(depth=0)
    files = list(tree.items())
    for content in (
        zipped(files),
        zipped(files, zipfile.ZIP_STORED),
        zipped(files, zipfile.ZIP_BZIP2),
        tarred(files),
        tarred(files, tarfile.GNU_FORMAT),
        gzip.compress(tarred(files)),
        lzma.compress(tarred(files)),
        zstandard.compress(tarred(files)),
    ):
        if not files:
            continue
        opened = Opened(content, limits=limits)
        assert opened.files == tree
        assert set(opened.reasons) <= {SkipReason.TOO_DEEP}


@given(st.binary(max_size=5000), st.integers(1, 4))
@settings(max_examples=40)
def test_streams_survive_any_number_of_members(content: bytes, count: int) -> None:
    """Concatenated streams give the concatenated content."""
    for compress in (gzip.compress, bz2.compress, lzma.compress, zstandard.compress):
        opened = Opened(compress(content) * count, limits=Limits(depth=0))
        assert list(opened.files.values()) == [content * count]


@given(st.binary(min_size=1, max_size=3000), st.integers(1, 700))
@settings(max_examples=40)
def test_truncated_deflate_gives_a_prefix(content: bytes, cut: int) -> None:
    """Of a cut stream, nothing comes out that was not in it, and the cut is a gap."""
    opened = Opened(gzip.compress(content)[:-cut], limits=Limits(depth=0))
    assert all(content.startswith(found) for path, found in opened.files.items() if opened.skips)
    assert opened.skips or identify(gzip.compress(content)[:-cut]) is None
