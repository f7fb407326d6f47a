"""A process that ends or hangs costs the file it was at, and no other."""

from __future__ import annotations

import gc
import multiprocessing
import pickle
import sys
from collections.abc import Iterator

import pytest
from msgspec import structs

from keysift.crawl.pool import Done, Lost, Pool
from keysift.crawl.task import Began, Came, Equipment, Event, Job, Task, scan_task
from tests.crawl import misbehaving
from tests.crawl.crawling import catalogue
from tests.crawl.world import Life, World
from tests.index_server import IndexServer, join_downloads
from tests.store.samples import index_file

EQUIPMENT = Equipment(catalogue=catalogue(), index_url="http://127.0.0.1:1/simple/")


def task(*names: str) -> Task:
    """Return a task with files of these names, numbered from 1."""
    jobs = [Job(number, index_file("demo", "1", name)) for number, name in enumerate(names, 1)]
    return Task("demo", tuple(jobs))


@pytest.fixture
def pool() -> Iterator[Pool]:
    """Return one process that misbehaves on demand."""
    made = Pool(1, EQUIPMENT, work=misbehaving.work)
    yield made
    made.close()


@pytest.fixture
def hasty() -> Iterator[Pool]:
    """Return one that waits a second for what misbehaves."""
    made = Pool(1, EQUIPMENT, work=misbehaving.work, hang_s=1.0)
    yield made
    made.close()


def run(pool: Pool, what: Task) -> list[Event | Done | Lost]:
    """Have a task done, and return all that was heard of it."""
    pool.give(what, pool.idle[0])
    heard: list[Event | Done | Lost] = []
    while not pool.is_idle:
        heard.extend(pool.events([], 0.2))
    return heard


def test_a_task_is_told_file_by_file(pool: Pool) -> None:
    """Each file is begun before it comes, and the task ends."""
    heard = run(pool, task("a", "b"))
    assert [type(one) for one in heard] == [Began, Came, Began, Came, Done]


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("crash", "signal SIGKILL"),
        ("fault", "please report it: ValueError in work"),
    ],
)
@pytest.mark.skipif(sys.platform == "win32", reason="there are no such signals")
def test_what_a_process_was_at_is_known(pool: Pool, name: str, reason: str) -> None:
    """The file is named, with the reason, and the pool goes on with another process."""
    what = task("a", name, "c")
    lost = run(pool, what)[-1]
    assert isinstance(lost, Lost)
    assert (lost.number, lost.task) == (2, what)
    assert reason in lost.reason
    assert "secret" not in lost.reason
    assert [type(one) for one in run(pool, task("c"))] == [Began, Came, Done]


@pytest.mark.skipif(sys.platform == "win32", reason="there are no such signals")
def test_a_process_that_hangs_is_ended(hasty: Pool) -> None:
    """The same when nothing is heard of a file, and of no other."""
    lost = run(hasty, task("hang", "c"))[-1]
    assert isinstance(lost, Lost)
    assert (lost.number, lost.reason) == (1, "nothing came for 1 seconds")


@pytest.mark.skipif(sys.platform == "win32", reason="there are no such signals")
def test_a_process_that_ends_while_it_is_idle_costs_nothing(pool: Pool) -> None:
    """What it is given then comes back, with no file to blame."""
    run(pool, task("a"))
    (process,) = (one for one in multiprocessing.active_children() if one.name == "keysift-scan")
    process.kill()
    process.join()
    what = task("b", "c")
    assert run(pool, what) == [Lost(what, None, "the process ended (signal SIGKILL)")]
    assert [type(one) for one in run(pool, what)] == [Began, Came, Began, Came, Done]


@pytest.mark.skipif(sys.platform == "win32", reason="there are no such signals")
def test_what_ended_a_process_is_done_by_a_fresh_one(pool: Pool) -> None:
    """One that has done something before is not given it."""
    run(pool, task("a"))
    (before,) = (one.pid for one in multiprocessing.active_children())
    run(pool, task("b"))
    (same,) = (one.pid for one in multiprocessing.active_children())
    run(pool, structs.replace(task("c"), attempt=2))
    (after,) = (one.pid for one in multiprocessing.active_children())
    assert before == same != after


def test_no_process_is_left_behind(pool: Pool) -> None:
    """Closing ends those that are at work too."""
    pool.give(task("hang"))
    while not pool.events([], 0.2):
        pass
    pool.close()
    assert not [one for one in multiprocessing.active_children() if one.name == "keysift-scan"]


def test_the_work_can_be_sent_anywhere(server: IndexServer) -> None:
    """Task, equipment and results survive pickling, and a spawned process does the same work."""
    world = World(1, 2, [Life("qzt_" + "bdfhkmpr", "demo-000", 1, 2, "demo/a.py")])
    world.serve(server)
    jobs = []
    for number, (name, _) in enumerate(world.files("demo-000", 1)):
        said = index_file("demo-000", "1", name, sha256=None, size_bytes=None)
        file = structs.replace(said, url=f"{server.origin}/files/demo-000/{name}")
        jobs.append(Job(number, file))
    what = Task("demo-000", tuple(jobs))
    equipment = Equipment(catalogue=catalogue(), index_url=server.url)
    gc.disable()
    try:
        here = list(scan_task(what, pickle.loads(pickle.dumps(equipment))))  # noqa: S301 (our own)
        # Its threads end with a task, not when its memory happens to be freed.
        join_downloads()
    finally:
        gc.enable()
    there = Pool(1, equipment)
    try:
        assert run(there, what) == [*here, Done(what)]
    finally:
        there.close()
    assert [one.result.members[0].path for one in here if isinstance(one, Came)] == [
        "demo_000-1.0/demo/a.py",
        "demo/a.py",
    ]
