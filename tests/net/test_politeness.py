"""What several processes may ask of the servers together."""

from __future__ import annotations

import multiprocessing
import os
import threading
import time
from contextlib import suppress
from multiprocessing.context import SpawnContext
from multiprocessing.sharedctypes import Synchronized
from types import SimpleNamespace
from typing import cast

import pytest
import requests
from urllib3.response import HTTPResponse

from keysift.errors import IndexUnavailableError
from keysift.net import pace, politeness
from keysift.net.download import Announced, download
from keysift.net.pace import Pace
from keysift.net.page import read_page
from keysift.net.politeness import Politeness
from keysift.net.pool import pool_classes
from keysift.net.session import MAX_RETRY_AFTER_S, BoundedRetry, open_session
from tests.index_server import Answer, IndexServer

HOST = "index.example"
LOCAL = "127.0.0.1"
PATH = "/simple/demo/"


class Clock:
    """A clock that moves only when somebody sleeps."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.slept: list[float] = []

    def monotonic(self) -> float:
        """Return the time."""
        return self.now

    def sleep(self, seconds: float) -> None:
        """Let time pass."""
        self.slept.append(seconds)
        self.now += seconds


class Noted(Politeness):
    """Notes what it is told, and keeps nobody waiting."""

    def __init__(self, connections: int = 2) -> None:
        super().__init__(connections=connections)
        self.pauses: list[tuple[str, float]] = []
        self.received: list[int] = []

    def pause(self, host: str, seconds: float) -> None:
        """Note a pause."""
        self.pauses.append((host, seconds))

    def spend(self, size_bytes: int) -> float:
        """Note bytes."""
        self.received.append(size_bytes)
        return 0.0


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """Return the clock that politeness looks at."""
    made = Clock()
    monkeypatch.setattr(politeness, "time", made)
    return made


@pytest.fixture(params=["fork", "spawn"])
def context(request: pytest.FixtureRequest) -> SpawnContext:
    """Return both ways in which processes are started, where there are both."""
    if request.param not in multiprocessing.get_all_start_methods():
        pytest.skip(f"no {request.param} here")
    return cast("SpawnContext", multiprocessing.get_context(request.param))


def _is_free(bounds: Politeness, host: str = HOST) -> bool:
    """Tell whether a request may be sent now, without sending one."""
    if bounds._take(host) > 0:
        return False
    bounds.end(host)
    return True


def _crowd(bounds: Politeness, inside: Synchronized[int], peak: Synchronized[int]) -> None:
    """Go in and out with several threads, and note how many are inside at the same time."""

    def go() -> None:
        for _ in range(20):
            bounds.begin(HOST)
            with inside.get_lock():
                inside.value += 1
                peak.value = max(peak.value, inside.value)
            time.sleep(0.001)  # so that others would come in, if they could
            with inside.get_lock():
                inside.value -= 1
            bounds.end(HOST)

    threads = [threading.Thread(target=go) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _die_inside(bounds: Politeness) -> None:
    bounds.begin(HOST)
    bounds.begin(HOST)
    os._exit(9)


@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_connections_of_all_processes(context: SpawnContext) -> None:
    """No more connections to a host than allowed are in use, in all threads of all processes."""
    bounds = Politeness(connections=2)
    inside = cast("Synchronized[int]", context.Value("i", 0))
    peak = cast("Synchronized[int]", context.Value("i", 0))
    crowds = [context.Process(target=_crowd, args=(bounds, inside, peak)) for _ in range(2)]
    for crowd in crowds:
        crowd.start()
    for crowd in crowds:
        crowd.join()
    assert [crowd.exitcode for crowd in crowds] == [0, 0]
    assert inside.value == 0
    assert 1 <= peak.value <= 2
    assert set(bounds._holders) == {0}


@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_process_that_dies_with_connections(context: SpawnContext) -> None:
    """Connections of a process that died are free again once it is forgotten."""
    bounds = Politeness(connections=2)
    process = context.Process(target=_die_inside, args=(bounds,))
    process.start()
    process.join()
    assert not _is_free(bounds)
    assert process.pid is not None
    bounds.forget(process.pid)
    assert _is_free(bounds)


def test_process_that_dies_with_the_lock(monkeypatch: pytest.MonkeyPatch) -> None:
    """A lock that nobody gives back is taken over after a while, and then works as before."""
    bounds = Politeness()
    monkeypatch.setattr(politeness, "_ABANDONED_S", 0.01)
    bounds._lock.acquire()
    bounds.begin(HOST)
    assert bounds._lock.acquire(block=False)
    bounds._lock.release()


def test_lock_that_two_took_over(monkeypatch: pytest.MonkeyPatch) -> None:
    """That another process has handed the abandoned lock back already is no error."""
    bounds = Politeness()
    monkeypatch.setattr(politeness, "_ABANDONED_S", 0.01)
    bounds._lock.acquire()
    with bounds._locked(), bounds._locked():
        pass
    assert bounds._lock.acquire(block=False)
    bounds._lock.release()


def test_hosts_have_budgets_of_their_own() -> None:
    """A busy host does not keep requests from another; names are the same in any case."""
    bounds = Politeness(connections=1)
    bounds.begin(HOST)
    assert not _is_free(bounds, HOST.upper())
    assert _is_free(bounds, "files.example")


def test_more_hosts_than_places() -> None:
    """With more hosts than there are places some share a budget; none is left without."""
    bounds = Politeness(connections=1)
    for number in range(500):
        assert _is_free(bounds, f"host-{number}.example")
    bounds.begin("host-499.example")
    assert not _is_free(bounds, "host-499.example")


def test_pause_of_a_host(clock: Clock) -> None:
    """During a pause nothing is sent to its host; a shorter one does not end it, others go on."""
    bounds = Politeness()
    bounds.pause(HOST, 7.5)
    bounds.pause(HOST, 2)
    assert _is_free(bounds, "files.example")
    bounds.begin(HOST)
    assert clock.now == 1007.5


@pytest.mark.parametrize("size_bytes", [1, 100, 999, 5000])
def test_rate(clock: Clock, size_bytes: int) -> None:
    """Bytes arrive at the given rate, in pieces of any size; a second may be caught up."""
    bounds = Politeness(bytes_per_s=1000)
    for _ in range(20):
        bounds.spend(size_bytes)
    assert clock.now - 1000 == pytest.approx(max(size_bytes * 20 / 1000 - 1, 0))
    clock.now += 3600
    slept = sum(clock.slept)
    assert bounds.spend(1000) == 0
    assert bounds.spend(500) == 0.5
    assert sum(clock.slept) == slept + 0.5


def test_no_rate(clock: Clock) -> None:
    """Without a rate nobody waits."""
    assert Politeness().spend(10**12) == 0
    assert clock.slept == []


def test_waits_for_the_rate_are_not_the_fault_of_the_server(
    clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An answer that we read slowly ourselves is not given up as too slow."""
    monkeypatch.setattr(pace, "time", SimpleNamespace(monotonic=clock.monotonic))
    measured = Pace(Politeness(bytes_per_s=10))
    for _ in range(10):
        measured.arrived(1000)
    assert clock.now > 1900
    clock.now += 61
    with pytest.raises(IndexUnavailableError, match="bytes arrived in 61 seconds"):
        measured.arrived(1)


def test_connection_is_in_use_until_its_answer_is_read(server: IndexServer) -> None:
    """A connection counts from the request to the end of the answer, or until that is closed."""
    url = server.origin + server.add("demo", "demo-1.tar.gz", b"x" * 10_000)
    bounds = Politeness(connections=1)
    with open_session(server.url, backoff_s=0, politeness=bounds) as session:
        with session.get(url, stream=True) as response:
            assert not _is_free(bounds, LOCAL)
            assert len(response.content) == 10_000
            assert _is_free(bounds, LOCAL)
        with session.get(url, stream=True):
            assert not _is_free(bounds, LOCAL)
        assert _is_free(bounds, LOCAL)


@pytest.mark.parametrize(
    "answers",
    [
        [Answer(404)],
        [Answer(304)],
        [Answer(429), Answer(503), Answer(200, b"page")],
        [Answer(500)] * 9,
        [Answer(429, b"", {"Retry-After": "0"})] * 9,
        [Answer(302, b"elsewhere", {"Location": "/simple/other/"})],
        [Answer(302, b"", {"Location": "http://[bad/"})],
        [Answer(302, b"", {"Location": PATH})] * 40,
        [Answer(401, b"who?")] * 9,
        [Answer(200, b"half a page", cut=4)] * 9,
        [Answer(200, b"nothing of a page", cut=0)] * 9,
    ],
)
def test_every_answer_gives_its_connection_back(server: IndexServer, answers: list[Answer]) -> None:
    """Whatever a server answers, no connection stays in use, and one is enough."""
    server.answers[PATH] = answers
    url = server.origin + PATH
    bounds = Noted(connections=1)
    with open_session(server.url, backoff_s=0, politeness=bounds) as session:
        for ask in (
            lambda: read_page(session, url, "text/html"),
            lambda: download(session, url, Announced(), max_bytes=9),
        ):
            with suppress(IndexUnavailableError):  # as most of these answers are, not all
                ask()
            assert set(bounds._holders) == {0}


def test_server_that_nobody_answers_for(unused_origin: str) -> None:
    """A connection that cannot be made does not stay in use."""
    bounds = Politeness(connections=1)
    with (
        open_session(unused_origin, backoff_s=0, politeness=bounds) as session,
        pytest.raises(requests.ConnectionError),
    ):
        session.get(unused_origin)
    assert set(bounds._holders) == {0}


def test_received_bytes_count(server: IndexServer) -> None:
    """The bytes of pages and files count for the rate."""
    path = server.add("demo", "demo-1.tar.gz", b"x" * 10_000)
    bounds = Noted()
    with open_session(server.url, politeness=bounds) as session:
        page = read_page(session, server.origin + PATH, "text/html")
        assert page is not None
        assert sum(bounds.received) == len(page.body)
        download(session, server.origin + path, Announced())
    assert sum(bounds.received) == len(page.body) + 10_000


@pytest.mark.parametrize(
    ("status", "headers", "seconds"),
    [
        (429, {"Retry-After": "7"}, [7, 7]),
        (503, {"Retry-After": "99999"}, [MAX_RETRY_AFTER_S] * 2),
        (503, {}, [0.5, 1]),
        (429, {"Retry-After": "soon"}, [0.5, 1]),
        (500, {"Retry-After": "7"}, []),
    ],
)
def test_overloaded_host_is_left_alone_by_all(
    status: int, headers: dict[str, str], seconds: list[float]
) -> None:
    """A host that asks for fewer requests has the pause it wants from all; else one that grows."""
    bounds = Noted()
    pool = pool_classes(bounds, None)["http"](HOST)
    retry = BoundedRetry(total=5, backoff_factor=0.5)
    for _ in range(2):
        response = HTTPResponse(status=status, headers=headers)
        retry = retry.increment("GET", "/", response=response, _pool=pool)
    assert bounds.pauses == [(HOST, pause_s) for pause_s in seconds]
    pool.close()


def test_proxy_counts_too(server: IndexServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is asked through a proxy counts among the connections to it."""
    monkeypatch.setenv("HTTP_PROXY", server.origin)
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    bounds = Politeness(connections=1)
    url = "http://index.invalid/simple/"
    server.answers[url] = [Answer(200, b"page")] * 2
    with open_session(url, politeness=bounds) as session:
        for _ in range(2):
            with session.get(url, stream=True):
                assert not _is_free(bounds, LOCAL)
            assert _is_free(bounds, LOCAL)
