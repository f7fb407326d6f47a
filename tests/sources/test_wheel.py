"""Wheels of which only some members are fetched, from a server on loopback."""

from __future__ import annotations

import io
import itertools
from collections.abc import Callable, Iterator

import pytest
import requests

from keysift.errors import HashMismatchError, IndexUnavailableError
from keysift.model import Artifact, Blob, Passed, Skip, SkipReason
from keysift.net.ranges import RangesUnavailableError, RemoteFile
from keysift.net.session import open_session
from keysift.sources.project_page import IndexFile
from keysift.sources.wheel import Wheels, is_library
from keysift.unpack import Budget, Choose, members
from tests.index_server import join_downloads
from tests.net.range_server import RangeServer, Reply
from tests.unpack.archives import MARKER, noise, words, zipped

_FILES = [
    *((f"demo/{at}.py", words(5000, at)) for at in range(40)),
    ("demo/_core.cpython-312.so", noise(900_000, 1)),
    ("demo/later.py", MARKER + words(5000, 50)),
    ("demo.libs/libz-1234.so.1.3", noise(900_000, 2)),
    ("demo-1.dist-info/RECORD", words(5000, 60)),
]
_WHEEL = zipped(_FILES)


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


def _file(files: RangeServer, content: bytes = _WHEEL, name: str = "demo-1-cp312.whl") -> IndexFile:
    url = files.add(f"/{name}", content)
    artifact = Artifact(target="pypi:demo", name=name, size_bytes=len(content))
    return IndexFile(artifact=artifact, url=url)


def _wanted(path: str, _size: int, _crc: int) -> bool:
    return not is_library(path)


def _everything(_path: str, _size: int, _crc: int) -> bool:
    return True


def _opened(
    wheels: Wheels, file: IndexFile, wanted: Choose, progress: Callable[[int], None] | None = None
) -> RemoteFile | None:
    coming = wheels.send_for(file, progress=progress)
    return None if coming is None else wheels.open(coming, wanted)


def _read(opened: RemoteFile | None) -> list[Blob | Skip | Passed]:
    assert opened is not None
    with opened:
        return list(members("demo.whl", opened, Budget(), _wanted))


@pytest.mark.parametrize(
    "path",
    [
        "x.so",
        "a/b.SO",
        "libz.so.1",
        "libz.so.1.2.13",
        "x.cpython-312-darwin.so",
        "a.b/c.1.dylib",
        "a.dll",
        "a.pyd",
        "a.a",
        "a.lib",
        "a.exe",
    ],
)
def test_libraries_by_name(path: str) -> None:
    """Shared and static libraries and programs are known by the end of their names."""
    assert is_library(path)


@pytest.mark.parametrize(
    "path",
    ["x.py", "so", "a.so/b", "a.so.py", "x.so.", "x.so.1a", "data", "a.so\n", "exe", "a.lib.txt"],
)
def test_no_libraries_by_name(path: str) -> None:
    """What only looks a little like it is no library."""
    assert not is_library(path)


def test_libraries_are_not_fetched(files: RangeServer, session: requests.Session) -> None:
    """What is wanted comes out as from the whole wheel, for a tenth of its bytes."""
    told: list[int] = []
    opened = _opened(Wheels(session), _file(files), _wanted, told.append)
    items = _read(opened)
    whole = list(members("demo.whl", io.BytesIO(_WHEEL), Budget()))
    assert [item for item in items if not isinstance(item, Passed)] == [
        item for item in whole if not is_library(item.path)
    ]
    assert {item.path for item in items if isinstance(item, Passed)} == {
        "demo/_core.cpython-312.so",
        "demo.libs/libz-1234.so.1.3",
    }
    assert opened is not None
    assert sum(told) == opened.fetched_bytes < len(_WHEEL) * 0.15
    assert opened.requests <= 4


def test_nothing_is_fetched_twice(files: RangeServer, session: requests.Session) -> None:
    """The ranges that are asked for do not overlap."""
    _read(_opened(Wheels(session), _file(files), _wanted))
    size = len(_WHEEL)
    spans = []
    for asked in files.ranges():
        first, last = asked.split("-")
        spans.append((int(first), int(last)) if first else (size - int(last), size - 1))
    spans.sort()
    assert all(one[1] < other[0] for one, other in itertools.pairwise(spans))


def test_a_large_directory_takes_one_more_request(
    files: RangeServer, session: requests.Session
) -> None:
    """A central directory that is larger than the tail is fetched at once, and only once."""
    content = zipped([*((f"demo/{at:060}.py", b"") for at in range(2000)), *_FILES])
    opened = _opened(
        Wheels(session), _file(files, content), lambda path, _size, _crc: "later" in path
    )
    assert opened is not None
    assert opened.requests - len(opened._coming) <= 2
    items = list(members("a", opened, Budget(), lambda path, _size, _crc: "later" in path))
    opened.close()
    assert [item.path for item in items if isinstance(item, Blob)] == ["demo/later.py"]
    assert opened.requests == 3


def test_what_is_better_downloaded(files: RangeServer, session: requests.Session) -> None:
    """Files that are no wheels, small, irregular or wanted in full are left to a download."""
    wheels = Wheels(session)
    assert _opened(wheels, _file(files, name="demo-1.tar.gz"), _wanted) is None
    assert _opened(wheels, _file(files, zipped([("a.so", noise(9000))])), _wanted) is None
    assert files.asked == []
    assert _opened(wheels, _file(files, _WHEEL[:-100]), _wanted) is None
    assert _opened(wheels, _file(files, noise(600_000)), _wanted) is None
    assert _opened(wheels, _file(files), _everything) is None
    assert len(files.asked) == 3


def test_a_smaller_bound_may_be_given(files: RangeServer, session: requests.Session) -> None:
    """Whoever has many versions of small wheels can have them in ranges too."""
    content = zipped([("a.so", noise(200_000)), ("b.py", MARKER)])
    items = _read(_opened(Wheels(session, min_bytes=1000), _file(files, content), _wanted))
    assert [item.path for item in items] == ["a.so", "b.py"]


def test_a_server_without_ranges_is_asked_once(
    files: RangeServer, session: requests.Session
) -> None:
    """After the first wheel that does not come in parts, its server is not asked for others."""
    files.has_ranges = False
    wheels = Wheels(session)
    assert _opened(wheels, _file(files), _wanted) is None
    assert _opened(wheels, _file(files, name="other.whl"), _wanted) is None
    assert len(files.asked) == 1


def test_a_file_that_is_not_on_the_web(session: requests.Session) -> None:
    """A link to something else is left to the download, which says so."""
    artifact = Artifact(target="pypi:demo", name="demo.whl")
    assert _opened(Wheels(session), IndexFile(artifact=artifact, url="file:///x"), _wanted) is None


def test_a_wheel_that_changes_while_it_is_read(
    files: RangeServer, session: requests.Session
) -> None:
    """Reading then fails with the error that asks for a download, not with a skip."""
    opened = _opened(Wheels(session), _file(files, _WHEEL), _wanted)
    assert opened is not None
    files.etag = '"second"'
    opened._planned.clear()
    opened._coming.clear()
    with pytest.raises(RangesUnavailableError):
        _read(opened)


def test_a_directory_that_cannot_be_had(files: RangeServer, session: requests.Session) -> None:
    """A server that changes its mind before the directory is here leads to a download."""

    def twist(number: int, reply: Reply) -> None:
        if number:
            reply.headers["ETag"] = '"second"'

    files.twist = twist
    content = zipped([*((f"demo/{at:060}.py", b"") for at in range(2000)), *_FILES])
    assert _opened(Wheels(session), _file(files, content), _wanted) is None


def test_errors_of_the_network_are_not_hidden(
    files: RangeServer, session: requests.Session
) -> None:
    """A size that is not the announced one, and a server that fails, are errors."""
    content = zipped([*((f"demo/{at:060}.py", b"") for at in range(2000)), *_FILES])
    file = _file(files, content)
    files.files["/demo-1-cp312.whl"] = _WHEEL
    with pytest.raises(HashMismatchError):
        _opened(Wheels(session), file, _wanted)
    files.files["/demo-1-cp312.whl"] = content

    def twist(number: int, reply: Reply) -> None:
        if number > 1:
            reply.status = 404

    files.twist = twist
    with pytest.raises(IndexUnavailableError, match="404"):
        _opened(Wheels(session), file, _wanted)


def test_a_member_that_is_not_what_its_directory_says(
    files: RangeServer, session: requests.Session
) -> None:
    """The checksum of each member that is read is compared, as in a whole wheel."""
    content = bytearray(_WHEEL)
    content[100] ^= 0xFF
    items = _read(_opened(Wheels(session), _file(files, bytes(content)), _wanted))
    assert SkipReason.CORRUPT in {item.reason for item in items if isinstance(item, Skip)}
