"""What a task fetches of wheels with large libraries, and that it finds the same in any way."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import pytest
from msgspec import structs

from keysift.crawl.task import Began, Came, Desk, Equipment, Failed, Job, Task
from keysift.sources.pypi import Index
from keysift.store.records import Scanned
from tests.crawl.crawling import catalogue
from tests.index_server import Answer, IndexServer, Request, join_downloads
from tests.unpack.archives import noise, words, zipped

TOKEN = "qzt_" + "bdfhkmpr"
LIBRARY = noise(2_000_000, 1)
SHARED = [(f"demo/{at}.py", words(20_000, at)) for at in range(12)]


def wheel(number: int) -> bytes:
    """Return a wheel with a large library, a dozen members that all have, and one of its own."""
    own = f'TOKEN = "{TOKEN}"\nNUMBER = {number}\n'.encode() + words(3000, 100 + number)
    library = LIBRARY[number:] + bytes(number)
    return zipped([*SHARED, (f"demo/own{number}.py", own), ("demo/core.so", library)])


@pytest.fixture
def wheels(server: IndexServer) -> list[str]:
    """Serve six wheels of one project and return their names."""
    names = [f"demo-1.0-cp3{number}-cp3{number}-linux_x86_64.whl" for number in range(6)]
    for number, name in enumerate(names):
        server.add("demo", name, wheel(number))
    return names


def equipment(server: IndexServer, *, binaries: bool = False) -> Equipment:
    """Return what the task needs."""
    return Equipment(catalogue=catalogue(), index_url=server.url, binaries=binaries)


def jobs(server: IndexServer) -> list[Job]:
    """Return all files of the project."""
    index = Index(server.url)
    page = index.project("demo")
    index.session.close()
    assert page is not None
    return [Job(number, file) for number, file in enumerate(page.files)]


@pytest.fixture(autouse=True)
def _no_threads_left() -> Iterator[None]:
    yield
    join_downloads()


def done(desk: Desk, *tasks: list[Job], project: str = "demo") -> list[Scanned]:
    """Do tasks one after another, and return what came."""
    events = [event for some in tasks for event in desk.work(Task(project, tuple(some)))]
    assert not [event for event in events if isinstance(event, Failed)]
    return [event.result for event in events if isinstance(event, Came)]


def found(results: list[Scanned]) -> list[list[str]]:
    """Return the paths of members with secrets, for each file."""
    return [[member.path for member in result.members] for result in results]


EXPECTED = [[f"demo/own{number}.py"] for number in range(6)]


@pytest.mark.usefixtures("wheels")
def test_shared_members_and_libraries_are_not_fetched(server: IndexServer) -> None:
    """The first wheel costs what is not library, the others their own members."""
    with closing(Desk(equipment(server))) as desk:
        results = done(desk, jobs(server))
    assert found(results) == EXPECTED
    first, *others = (result.fetched_bytes for result in results)
    assert sum(len(content) for _, content in SHARED) / 5 < first < 400_000
    assert all(fetched < first / 2 for fetched in others)
    assert [result.files for result in results] == [14] * 6


@pytest.mark.usefixtures("wheels")
def test_what_is_known_of_a_project_is_kept_from_piece_to_piece(server: IndexServer) -> None:
    """A process that goes on with it fetches nothing again; another project begins afresh."""
    every = jobs(server)
    with closing(Desk(equipment(server))) as desk:
        together = done(desk, every[:3], every[3:])
        other = done(desk, every[:1], project="other")
        again = done(desk, every[:1])
    assert found(together) == EXPECTED
    first = together[0].fetched_bytes
    assert all(result.fetched_bytes < first / 2 for result in together[1:])
    assert other[0].fetched_bytes == again[0].fetched_bytes == first


@pytest.mark.usefixtures("wheels")
@pytest.mark.parametrize("binaries", [False, True])
def test_a_server_without_ranges(server: IndexServer, *, binaries: bool) -> None:
    """Everything is fetched, and the same is found; libraries are read only when asked for."""
    server.gives_ranges = False
    with closing(Desk(equipment(server, binaries=binaries))) as desk:
        results = done(desk, jobs(server), jobs(server))
    assert found(results) == EXPECTED * 2
    sizes = [len(hosted.body()) for hosted in server.projects["demo"].values()] * 2
    assert [result.fetched_bytes for result in results] == sizes
    skipped = [skip.detail for result in results for skip in result.skips]
    assert skipped == (
        [] if binaries else ["1 shared libraries and programs were not looked at"] * 12
    )
    # That it gives no parts is known after the first answers.
    assert sum("Range" in request.headers for request in server.requests) <= len(EXPECTED)


def test_a_wheel_that_changes_while_it_is_read(
    server: IndexServer, wheels: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is downloaded whole then, and what came in vain is counted too."""
    usual = server.answer
    path = f"/files/demo/{wheels[2]}"
    asked = 0

    def answer(request: Request) -> Answer:
        nonlocal asked
        given = usual(request)
        if request.path == path:
            asked += 1
            given = structs.replace(given, headers={**given.headers, "ETag": f'"{asked}"'})
        return given

    monkeypatch.setattr(server, "answer", answer)
    with closing(Desk(equipment(server))) as desk:
        results = done(desk, jobs(server))
    assert found(results) == EXPECTED
    assert results[2].fetched_bytes > len(wheel(2))
    assert results[3].fetched_bytes < len(wheel(3)) / 4


@pytest.mark.usefixtures("wheels")
def test_a_task_that_is_given_up_lets_go(server: IndexServer) -> None:
    """What was sent for ends with it: the fixture waits for threads."""
    with closing(Desk(equipment(server))) as desk:
        coming = desk.work(Task("demo", tuple(jobs(server))))
        assert isinstance(next(coming), Began)
        assert isinstance(next(coming), Came)
        del coming
        assert found(done(desk, jobs(server))) == EXPECTED
