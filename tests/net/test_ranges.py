"""Files that are read in ranges, from servers that give them and from those that only say so."""

from __future__ import annotations

import io
import random
import threading
import zipfile
from collections.abc import Callable, Iterator

import pytest
import requests

from keysift.errors import CredentialsError, HashMismatchError, IndexUnavailableError
from keysift.net import ranges
from keysift.net.download import Announced, DownloadCancelledError
from keysift.net.ranges import TAIL_BYTES, RangesUnavailableError, RemoteFile, coalesced
from keysift.net.session import open_session
from tests.index_server import join_downloads
from tests.net.range_server import RangeServer, Reply, Twist

SIZE = 1_000_000
CONTENT = random.Random(3).randbytes(SIZE)
KIB = 1024


@pytest.fixture
def files() -> Iterator[RangeServer]:
    """Serve nothing yet."""
    with RangeServer() as running:
        yield running


@pytest.fixture
def session(files: RangeServer) -> Iterator[requests.Session]:
    """Return a session that does not wait between retries."""
    with open_session(files.origin, backoff_s=0) as opened:
        yield opened
        join_downloads()


@pytest.fixture
def url(files: RangeServer) -> str:
    """Serve a file and return its address."""
    return files.add("/a.whl", CONTENT)


def _open(session: requests.Session, url: str) -> RemoteFile:
    return RemoteFile(session, url, Announced(SIZE))


def _read(session: requests.Session, url: str, start: int, size: int) -> bytes:
    with _open(session, url) as file:
        file.seek(start)
        return file.read(size)


def test_opening_fetches_the_tail_in_one_request(
    files: RangeServer, session: requests.Session, url: str
) -> None:
    """One request for the last bytes tells the size, and they need no other one."""
    with RemoteFile(session, url, Announced()) as file:
        assert file.size_bytes == file.seek(0, io.SEEK_END) == SIZE
        file.seek(-TAIL_BYTES, io.SEEK_END)
        assert file.read() == CONTENT[-TAIL_BYTES:]
        assert files.ranges() == [f"-{TAIL_BYTES}"]
        assert (file.fetched_bytes, file.requests) == (TAIL_BYTES, 1)


def test_a_file_shorter_than_the_tail(files: RangeServer, session: requests.Session) -> None:
    """A short file arrives whole with the first request."""
    with RemoteFile(session, files.add("/b", b"short"), Announced(5)) as file:
        assert file.readable()
        assert file.seekable()
        assert file.read() == b"short"
        assert file.read(1) == b""
    assert len(files.asked) == 1


def test_any_offset_can_be_read(session: requests.Session, url: str) -> None:
    """What is read, planned or not, forwards or back, is what stands there."""
    source = random.Random(5)
    with _open(session, url) as file:
        file.prefetch([(100_000, 200_000), (500_000, 600_000)])
        for _ in range(60):
            start, size = source.randrange(SIZE + 10), source.randrange(9_000)
            file.seek(start)
            assert file.read(size) == CONTENT[start : start + size]
            assert file.tell() == max(start, min(start + size, SIZE))


def test_it_is_a_file_for_other_libraries(files: RangeServer, session: requests.Session) -> None:
    """What takes files takes this one: a buffer around it, and the zip reader of Python."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("a", CONTENT[:300_000])
        archive.writestr("b", b"small")
    url = files.add("/b.whl", content.getvalue())
    file = RemoteFile(session, url, Announced())
    with io.BufferedReader(file) as buffered, zipfile.ZipFile(buffered) as opened:
        assert opened.read("b") == b"small"
        assert opened.read("a") == CONTENT[:300_000]
    assert file.closed


def test_neighbours_are_one_request(
    files: RangeServer, session: requests.Session, url: str
) -> None:
    """Spans with a small gap come together; those with a large gap are apart."""
    with _open(session, url) as file:
        file.prefetch([(1000, 2000), (9000, 10_000), (300_000, 301_000)])
        for start, stop in ((1000, 2000), (9000, 10_000), (300_000, 301_000)):
            file.seek(start)
            assert file.read(stop - start) == CONTENT[start:stop]
        assert sorted(files.ranges()[1:]) == ["1000-9999", "300000-300999"]
        assert file.fetched_bytes == TAIL_BYTES + 9000 + 1000


def test_what_is_here_is_not_fetched_again(
    files: RangeServer, session: requests.Session, url: str
) -> None:
    """A plan that reaches into the tail ends where the tail begins."""
    with _open(session, url) as file:
        file.prefetch([(SIZE - TAIL_BYTES - 100, SIZE)])
        file.seek(SIZE - TAIL_BYTES - 100)
        assert file.read() == CONTENT[-TAIL_BYTES - 100 :]
        start = SIZE - TAIL_BYTES - 100
        assert files.ranges()[1:] == [f"{start}-{start + 99}"]


def test_long_spans_come_in_pieces_that_are_let_go(
    files: RangeServer, session: requests.Session, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a long span no more is held than what is ahead of the reader."""
    monkeypatch.setattr(ranges, "PIECE_BYTES", 50 * KIB)
    monkeypatch.setattr(ranges, "AHEAD_BYTES", 100 * KIB)
    with _open(session, url) as file:
        file.prefetch([(0, SIZE)])
        for start in range(0, SIZE - TAIL_BYTES, 10_000):
            assert file.read(10_000) == CONTENT[start : start + 10_000]
            assert sum(len(held.content) for held in file._pieces) <= 100 * KIB
            assert sum(one.stop - one.start for one in file._coming) <= 100 * KIB
        here = file.tell()
        assert file.read() == CONTENT[here:]
        assert file.fetched_bytes == SIZE
        assert len(files.asked) == 1 + -(-(SIZE - TAIL_BYTES) // (50 * KIB))


def test_pieces_that_are_passed_over_are_forgotten(session: requests.Session, url: str) -> None:
    """A reader that leaves a planned span out gets the next one all the same."""
    with _open(session, url) as file:
        spans = [(at, at + 1000) for at in range(0, 800_000, 50_000)]
        file.prefetch(spans)
        for start, stop in spans[6::5]:
            file.seek(start)
            assert file.read(stop - start) == CONTENT[start:stop]


def test_not_too_many_requests_at_the_same_time(
    files: RangeServer, session: requests.Session, url: str
) -> None:
    """Files that share one slot never have two requests under way."""
    slot = threading.Semaphore(1)
    opened = [RemoteFile(session, url, Announced(SIZE), slots=slot) for _ in range(2)]
    for file in opened:
        file.prefetch((at, at + 1000) for at in range(0, 800_000, 50_000))
    for file in opened:
        file.seek(750_000)
        assert file.read(1000) == CONTENT[750_000:751_000]
        file.close()
    assert files.busiest == 1


@pytest.mark.parametrize("status", [200, 416])
def test_a_server_without_ranges(
    files: RangeServer, session: requests.Session, url: str, status: int
) -> None:
    """The whole file, or a refusal, in answer to a range says that it has to be downloaded."""

    def twist(_: int, reply: Reply) -> None:
        reply.status = status

    files.has_ranges, files.twist = False, twist
    with pytest.raises(RangesUnavailableError, match="does not give parts"):
        _open(session, url)


def _header(name: str, value: str) -> Twist:
    def twist(_: int, reply: Reply) -> None:
        reply.headers[name] = value

    return twist


def _later(name: str, value: str) -> Twist:
    def twist(number: int, reply: Reply) -> None:
        if number:
            reply.headers[name] = value

    return twist


def _longer(_: int, reply: Reply) -> None:
    reply.body += b"!"


@pytest.mark.parametrize(
    "twist",
    [
        _header("Content-Range", ""),
        _header("Content-Range", "bytes 0-9/*"),
        _header("Content-Range", "lines 1-2/3"),
        _header("Content-Range", "bytes 0-65556/1000000"),
        _header("Content-Range", "bytes 934443-999998/1000000"),
        _header("Content-Range", "bytes 999999-5/1000000"),
        _header("Content-Encoding", "gzip"),
        _longer,
        _later("Content-Range", "bytes 101-200/1000000"),
        _later("Content-Range", "bytes 100-198/1000000"),
        _later("Content-Range", "bytes 100-199/1000001"),
        _later("ETag", '"second"'),
    ],
)
def test_lies_about_ranges(
    files: RangeServer, session: requests.Session, url: str, twist: Twist
) -> None:
    """A part that is not the one asked for, or of another file, is not taken for it."""
    files.twist = twist
    with pytest.raises(RangesUnavailableError):
        _read(session, url, 100, 100)


@pytest.mark.parametrize("etag", ['"first"', 'W/"first"'])
def test_a_file_that_changes_meanwhile(
    files: RangeServer, session: requests.Session, url: str, etag: str
) -> None:
    """Bytes of two versions of a file are never mixed."""
    files.etag = etag
    with _open(session, url) as file:
        files.etag = etag.replace("first", "second")
        with pytest.raises(RangesUnavailableError):
            file.read(100)
    strong = [headers.get("If-Range") for headers in files.asked]
    assert strong == [None, None if etag.startswith("W/") else etag]


def test_a_file_whose_date_changes_meanwhile(
    files: RangeServer, session: requests.Session, url: str
) -> None:
    """Without entity tags, the date of the last change tells."""
    files.etag = None
    dates = iter(("Thu, 01 Jan 2026 00:00:00 GMT", "Fri, 02 Jan 2026 00:00:00 GMT"))

    def twist(_: int, reply: Reply) -> None:
        reply.headers["Last-Modified"] = next(dates)

    files.twist = twist
    with pytest.raises(RangesUnavailableError, match="changed"):
        _read(session, url, 0, 100)


def _cutting(numbers: set[int], cut: int) -> Twist:
    def twist(number: int, reply: Reply) -> None:
        if number in numbers:
            reply.cut = cut

    return twist


def test_answers_that_break_off_are_continued(
    files: RangeServer, session: requests.Session, url: str
) -> None:
    """What arrived before a break is kept, the tail too, and only the rest is asked for."""
    files.twist = _cutting({0, 2}, 1000)
    with _open(session, url) as file:
        file.seek(-TAIL_BYTES, io.SEEK_END)
        assert file.read() == CONTENT[-TAIL_BYTES:]
        file.seek(0)
        assert file.read(5000) == CONTENT[:5000]
        assert files.ranges()[1:] == [
            f"{SIZE - TAIL_BYTES + 1000}-{SIZE - 1}",
            "0-4999",
            "1000-4999",
        ]
        assert file.fetched_bytes == TAIL_BYTES + 5000


@pytest.mark.parametrize("cut", [0, 1000])
def test_answers_that_always_break_off(
    files: RangeServer, session: requests.Session, url: str, cut: int
) -> None:
    """A server that never finishes is an error of the network, not one of its ranges."""
    with _open(session, url) as file:
        files.twist = _cutting(set(range(1, 100)), cut)
        with pytest.raises(IndexUnavailableError, match="breaks off") as caught:
            file.read(50_000)
    assert not isinstance(caught.value, RangesUnavailableError)
    assert len(files.asked) <= 4


def test_a_tail_that_never_comes(files: RangeServer, session: requests.Session, url: str) -> None:
    """A server that hangs up before the first byte is an error of the network."""
    files.twist = _cutting({0}, 0)
    with pytest.raises(IndexUnavailableError, match="breaks off"):
        _open(session, url)


def test_errors_of_what_comes_ahead_reach_the_reader(
    files: RangeServer, session: requests.Session, url: str
) -> None:
    """A planned piece that cannot be had fails where it is read, not before."""

    def twist(_: int, reply: Reply) -> None:
        if reply.headers.get("Content-Range", "").startswith("bytes 500000"):
            reply.status = 404

    with _open(session, url) as file:
        files.twist = twist
        file.prefetch([(0, 1000), (500_000, 501_000)])
        assert file.read(1000) == CONTENT[:1000]
        file.seek(500_000)
        with pytest.raises(IndexUnavailableError, match="404"):
            file.read(1000)


def test_reading_back_and_forth_ends_at_the_price_of_the_file(
    session: requests.Session, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Once more would be fetched than the whole file has, a download is the better way."""
    monkeypatch.setattr(ranges, "_SPARE_BYTES", 0)
    with _open(session, url) as file:
        file.prefetch([])

        def again() -> None:
            for start in (0, 400_000) * 10:
                file.seek(start)
                file.read(300_000)
                file.seek(start + 300_000)
                file.read(1)

        with pytest.raises(RangesUnavailableError, match="more than the whole"):
            again()
        assert file.fetched_bytes <= SIZE


def test_another_size_than_announced(session: requests.Session, url: str) -> None:
    """A file that has not the announced size is not the announced file."""
    with pytest.raises(HashMismatchError, match="instead of the announced 17"):
        RemoteFile(session, url, Announced(17))


def test_errors_are_those_of_a_download(files: RangeServer, session: requests.Session) -> None:
    """A missing file, and one that wants credentials, are said as they are."""
    address = files.add("/a", CONTENT)
    with pytest.raises(IndexUnavailableError, match="404"):
        RemoteFile(session, address + "-not", Announced())
    with pytest.raises(IndexUnavailableError, match="not on the web"):
        RemoteFile(session, "file:///a.whl", Announced())
    files.login = "Basic never"
    with pytest.raises(CredentialsError):
        RemoteFile(session, address, Announced())


def test_requests_say_that_nothing_may_be_compressed(
    files: RangeServer, session: requests.Session, url: str
) -> None:
    """Every request is for the bytes as they were published."""
    with _open(session, url) as file:
        file.read(10)
    assert {headers["Accept-Encoding"] for headers in files.asked} == {"identity"}


def test_servers_that_stumble_are_asked_again(
    files: RangeServer, session: requests.Session, url: str
) -> None:
    """A 503 in between is retried by the session, and costs nothing else."""

    def twist(number: int, reply: Reply) -> None:
        if number in (0, 2):
            reply.status, reply.body = 503, b""

    files.twist = twist
    with _open(session, url) as file:
        assert file.read(10) == CONTENT[:10]
        assert (file.requests, len(files.asked)) == (2, 4)


@pytest.mark.parametrize("end", [threading.Event.set, None])
def test_no_longer_wanted(
    files: RangeServer,
    session: requests.Session,
    url: str,
    end: Callable[[threading.Event], None] | None,
) -> None:
    """After the event, or after closing, nothing more is asked for."""
    cancelled = threading.Event()
    file = RemoteFile(session, url, Announced(), cancelled=cancelled)
    if end is None:
        file.close()
        with pytest.raises(ValueError, match="closed"):
            file.read(10)
    else:
        end(cancelled)
        with file, pytest.raises(DownloadCancelledError):
            file.read(10)
    assert len(files.asked) == 1


def test_progress_is_told_everything(session: requests.Session, url: str) -> None:
    """The numbers told add up to what was fetched."""
    told: list[int] = []
    with RemoteFile(session, url, Announced(), progress=told.append) as file:
        file.prefetch([(0, 100_000)])
        assert file.read(100_000) == CONTENT[:100_000]
        assert sum(told) == file.fetched_bytes == TAIL_BYTES + 100_000


@pytest.mark.parametrize(
    ("spans", "expected"),
    [
        ([], []),
        ([(0, 10), (10, 20)], [(0, 20)]),
        ([(0, 10), (19, 20)], [(0, 20)]),
        ([(0, 10), (20, 30)], [(0, 10), (20, 30)]),
        ([(0, 50), (10, 20), (55, 60)], [(0, 60)]),
        ([(5, 5), (90, 91)], [(90, 91)]),
    ],
)
def test_coalesced(spans: list[tuple[int, int]], expected: list[tuple[int, int]]) -> None:
    """Gaps below the bound are closed; empty spans are none."""
    assert coalesced(spans, 10) == expected
