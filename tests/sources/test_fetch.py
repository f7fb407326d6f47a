"""Downloads of several files."""

from __future__ import annotations

import hashlib
import random
import re
import threading
import time

import pytest

from keysift.model import Skip, SkipReason
from keysift.net.session import open_session
from keysift.sources.fetch import Bounds, Fetched, fetch
from keysift.sources.project_page import IndexFile
from keysift.sources.pypi import Index
from keysift.sources.spec import ProjectTarget
from tests.index_server import Answer, IndexServer, join_downloads


def _files(index: Index) -> list[IndexFile]:
    return index.select(ProjectTarget("demo"), all_releases=True)


def _fill(server: IndexServer, count: int, size_bytes: int = 1000) -> dict[str, bytes]:
    source = random.Random(7)
    contents = {f"demo-{n}.tar.gz": source.randbytes(size_bytes) for n in range(count)}
    for name, content in contents.items():
        server.add("demo", name, content)
    return contents


def test_files_arrive_in_order(server: IndexServer, index: Index) -> None:
    """Files are yielded in the order asked for, with their bytes, and closed afterwards."""
    contents = _fill(server, 40)
    files = _files(index)
    taken = []
    for item, file in zip(fetch(files, index.session), files, strict=True):
        assert isinstance(item, Fetched)
        assert item.artifact == file.artifact
        assert item.file.read() == contents[item.artifact.name]
        taken.append(item.file)
    assert all(file.closed for file in taken)


def test_progress_adds_up(server: IndexServer, index: Index) -> None:
    """The announced pieces add up to the size of the files, also when one breaks off."""
    _fill(server, 5)
    server.answers["/files/demo/demo-3.tar.gz"] = [Answer(200, b"x" * 1000, cut=10)]
    pieces: list[int] = []
    assert len(list(fetch(_files(index), index.session, progress=pieces.append))) == 5
    assert sum(pieces) == 5 * 1000


def test_digest_is_recorded_when_the_index_gives_none(server: IndexServer, index: Index) -> None:
    """A file that the index says nothing about is taken, and its digest and size recorded."""
    server.add("demo", "demo-1.tar.gz", b"content", hashes={}, size_bytes=None)
    (item,) = fetch(_files(index), index.session)
    assert isinstance(item, Fetched)
    assert item.artifact.sha256 == hashlib.sha256(b"content").hexdigest()
    assert item.artifact.size_bytes == 7


@pytest.mark.parametrize(
    ("said", "detail"),
    [
        ({"hashes": {"sha256": "0" * 64}}, "sha256 is not the one"),
        ({"hashes": {"md5": "0" * 32}}, "md5 is not the one"),
        ({"size_bytes": 3}, "more than the announced 3 bytes"),
        ({"size_bytes": 9}, "7 bytes instead of the announced 9"),
    ],
)
def test_file_that_is_not_the_announced_one(
    server: IndexServer, index: Index, said: dict[str, object], detail: str
) -> None:
    """A file with another digest or size is a skip, and the others are still fetched."""
    server.add("demo", "demo-2.tar.gz", b"content", **said)
    server.add("demo", "demo-1.tar.gz", b"content")
    first, second = fetch(_files(index), index.session)
    assert isinstance(first, Skip)
    assert (first.reason, first.artifact) == (SkipReason.HASH_MISMATCH, "demo-2.tar.gz")
    assert detail in first.detail
    assert isinstance(second, Fetched)


@pytest.mark.parametrize(
    ("answer", "detail"),
    [
        (Answer(418), "the error 418"),
        (Answer(401), "refuses access"),
        (Answer(500), "error of its own"),
        (Answer(200, b"x" * 99, cut=50), "breaks off"),
        (Answer(200, b"x" * 99, cut=0), "breaks off"),
    ],
)
def test_failed_download(server: IndexServer, index: Index, answer: Answer, detail: str) -> None:
    """A file that cannot be had, after a bounded number of attempts, is a gap that says why."""
    path = server.add("demo", "demo-1.tar.gz", b"x" * 99)
    server.answers[path] = [answer] * 99
    (skip,) = fetch(_files(index), index.session)
    assert isinstance(skip, Skip)
    assert skip.reason is SkipReason.DOWNLOAD_FAILED
    assert skip.reason.is_gap
    assert detail in skip.detail
    assert server.paths().count(path) < 10


@pytest.mark.parametrize("status", [404, 410, 451])
def test_file_that_is_listed_and_gone(server: IndexServer, index: Index, status: int) -> None:
    """The server says that it does not have it, which is another thing than failing."""
    path = server.add("demo", "demo-1.tar.gz", b"x" * 99)
    server.answers[path] = [Answer(status)]
    (skip,) = fetch(_files(index), index.session)
    assert isinstance(skip, Skip)
    assert skip.reason is SkipReason.NOT_SERVED
    assert str(status) in skip.detail


def test_broken_download_begins_again(server: IndexServer, index: Index) -> None:
    """A download that breaks off is begun again."""
    path = server.add("demo", "demo-1.tar.gz", b"content")
    server.answers[path] = [Answer(200, b"content", cut=3), Answer(500)]
    for item in fetch(_files(index), index.session):
        assert isinstance(item, Fetched)
        assert item.file.read() == b"content"
    assert server.paths().count(path) == 3


def test_compression_on_the_way_is_not_undone(server: IndexServer, index: Index) -> None:
    """Bytes are kept as published though the server calls them compressed."""
    path = server.add("demo", "demo-1.tar.gz", b"content")
    server.answers[path] = [Answer(200, b"content", {"Content-Encoding": "gzip"})]
    (item,) = fetch(_files(index), index.session)
    assert isinstance(item, Fetched)


def test_links_that_are_not_of_the_web(server: IndexServer, index: Index) -> None:
    """A link to a local file is not followed."""
    server.add("demo", "demo-1.tar.gz", url="file:///etc/hostname")
    (skip,) = fetch(_files(index), index.session)
    assert isinstance(skip, Skip)
    assert "not on the web" in skip.detail


def test_too_large_file(server: IndexServer, index: Index) -> None:
    """A file above the limit is not downloaded, whether its size is announced or not."""
    path = server.add("demo", "demo-2.tar.gz", b"x" * 100)
    server.add("demo", "demo-1.tar.gz", b"x" * 100, size_bytes=None)
    announced, silent = fetch(_files(index), index.session, bounds=Bounds(max_bytes=99))
    for skip in (announced, silent):
        assert isinstance(skip, Skip)
        assert skip.reason is SkipReason.TOO_LARGE
    assert path not in server.paths()


def test_memory_is_bounded(server: IndexServer, index: Index) -> None:
    """No more is downloaded ahead than the bound allows."""
    _fill(server, 10, size_bytes=1000)
    files = _files(index)
    server.requests.clear()
    iterator = fetch(files, index.session, bounds=Bounds(in_flight_bytes=3000))
    for done in range(1, 6):
        next(iterator)
        time.sleep(0.02)
        assert len(server.requests) <= done + 2
    iterator.close()


def test_file_larger_than_the_bound_comes_alone(server: IndexServer, index: Index) -> None:
    """A file that is larger than the whole bound is downloaded all the same."""
    _fill(server, 3)
    assert len(list(fetch(_files(index), index.session, bounds=Bounds(in_flight_bytes=1)))) == 3


def test_large_file_lies_on_disk(
    server: IndexServer, index: Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file that is too large for memory lies in a temporary file without a name."""
    monkeypatch.setattr("keysift.net.download.MEMORY_BYTES", 100)
    contents = _fill(server, 1)
    iterator = fetch(_files(index), index.session)
    item = next(iterator)
    assert isinstance(item, Fetched)
    assert item.file.fileno() > 0
    assert item.file.read() == contents["demo-0.tar.gz"]
    iterator.close()
    assert item.file.closed


@pytest.fixture
def _little_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let files of more than a hundred bytes lie on disk."""
    monkeypatch.setattr("keysift.net.download.MEMORY_BYTES", 100)
    monkeypatch.setattr("keysift.sources.fetch.MEMORY_BYTES", 100)


@pytest.mark.usefixtures("_little_memory")
def test_disk_is_bounded(server: IndexServer, index: Index) -> None:
    """No more files lie on disk than there is room for, and all of them come in the end."""
    _fill(server, 8, size_bytes=1000)
    files = _files(index)
    server.requests.clear()
    iterator = fetch(files, index.session, bounds=Bounds(disk_bytes=2500))
    for done in range(1, 9):
        assert isinstance(next(iterator), Fetched)
        time.sleep(0.02)
        assert len(server.requests) <= done + 1


@pytest.mark.usefixtures("_little_memory")
@pytest.mark.parametrize("size_bytes", [1000, None])
def test_a_file_without_room_on_disk_is_skipped(
    server: IndexServer, index: Index, size_bytes: int | None
) -> None:
    """It says so, whether its size is announced or not; the files after it come."""
    server.add("demo", "demo-3.tar.gz", b"x" * 1000, size_bytes=size_bytes, hashes={})
    server.add("demo", "demo-2.tar.gz", b"x" * 500)
    server.add("demo", "demo-1.tar.gz", b"x" * 90)
    first, *others = fetch(_files(index), index.session, bounds=Bounds(disk_bytes=600))
    assert isinstance(first, Skip)
    assert first.reason is SkipReason.TOO_LARGE
    assert re.search(r"more than 600( bytes)?, for which there is room on disk$", first.detail)
    assert [type(other) for other in others] == [Fetched, Fetched]


@pytest.mark.usefixtures("_little_memory")
def test_files_for_memory_need_no_disk(server: IndexServer, index: Index) -> None:
    """Without any room on disk the small ones come all the same."""
    server.add("demo", "demo-2.tar.gz", b"x" * 100)
    server.add("demo", "demo-1.tar.gz", b"x" * 101)
    results = list(fetch(_files(index), index.session, bounds=Bounds(disk_bytes=0)))
    assert [type(result) for result in results] == [Fetched, Skip]


def test_interrupt_does_not_wait_for_downloads(server: IndexServer) -> None:
    """An interrupt where files are used leaves at once, and the threads end with their file."""
    _fill(server, 30)
    release = threading.Event()
    answer = server.answer

    def slow(request: object) -> Answer:
        if str(getattr(request, "path", "")).endswith(("-1.tar.gz", "-2.tar.gz")):
            release.wait(20)
        return answer(request)  # type: ignore[arg-type] # handed through

    server.answer = slow  # type: ignore[method-assign] # a server that hangs
    with open_session(server.url, backoff_s=0) as session:
        index = Index(server.url, session)
        iterator = fetch(_files(index), session)
        next(iterator)
        began = time.monotonic()
        iterator.close()
        assert time.monotonic() - began < 5
        release.set()
        join_downloads()
