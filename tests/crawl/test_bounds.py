"""What processes of a crawl may take together, and what happens to a file that needs more."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator

import pytest

from keysift.crawl import bounds
from keysift.crawl.bounds import LEAST_BYTES, OWN_BYTES, share
from keysift.crawl.pool import Done, Lost, Pool
from keysift.crawl.task import Began, Came, Desk, Equipment, Event, Job, Task
from keysift.errors import UsageError
from keysift.store.records import Scanned
from tests.crawl.crawling import catalogue
from tests.store.samples import index_file

MIB = 1024 * 1024


def hungry(_desk: Desk, task: Task) -> Iterator[Event]:
    """Take as many megabytes as the name of each file says."""
    for job in task.jobs:
        yield Began(job.number)
        size = int(job.file.artifact.name.partition(".")[0]) * MIB
        yield Came(job.number, Scanned(files=len(bytearray(size)) // MIB))


def done(task: Task, memory_bytes: int | None) -> list[Event | Done | Lost]:
    """Have a task done by one process with so much memory."""
    equipment = Equipment(
        catalogue=catalogue(), index_url="http://127.0.0.1:1/simple/", memory_bytes=memory_bytes
    )
    pool = Pool(1, equipment, work=hungry)
    heard: list[Event | Done | Lost] = []
    try:
        pool.give(task)
        while not pool.is_idle:
            heard.extend(pool.events([], 0.2))
    finally:
        pool.close()
    return heard


def task(*names: str) -> Task:
    """Return a task with files of these names."""
    jobs = [Job(number, index_file("demo", "1", name)) for number, name in enumerate(names, 1)]
    return Task("demo", tuple(jobs))


@pytest.mark.skipif(sys.platform != "linux", reason="other systems do not bound data")
def test_a_file_that_needs_more_memory_costs_that_file_only() -> None:
    """The process ends at it and says why; the file before it came."""
    heard = done(task("10.whl", "700.whl"), LEAST_BYTES)
    assert [type(one) for one in heard] == [Began, Came, Began, Lost]
    lost = heard[-1]
    assert isinstance(lost, Lost)
    assert lost.number == 2
    assert "more memory than a process may take, see --max-memory" in lost.reason


def test_without_a_bound_it_gets_the_memory() -> None:
    """The file of the test above fits where nothing is bounded."""
    assert [type(one) for one in done(task("700.whl"), None)] == [Began, Came, Done]


def test_everything_together_is_what_was_allowed() -> None:
    """Shares of all processes and our own make the whole, and so do both queues of downloads."""
    memory, disk = 2048 * MIB, 1000 * MIB
    each = share(4, 8, memory, disk)
    assert each.memory_bytes is not None
    assert OWN_BYTES + 4 * each.memory_bytes == memory
    assert each.bounds.disk_bytes is not None
    assert 4 * 2 * each.bounds.disk_bytes == disk
    assert 2 * each.bounds.in_flight_bytes <= each.memory_bytes / 2
    assert each.bounds.workers == 2


def test_too_little_memory_is_refused() -> None:
    """The message says how much it takes, which is then enough."""
    with pytest.raises(UsageError, match="with --jobs 2 it must be at least 672M"):
        share(2, 8, 671 * MIB, None)
    assert share(2, 8, 672 * MIB, None).memory_bytes == LEAST_BYTES


def test_what_is_not_said_is_taken_from_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """Never less than the processes need, and no disk where there is none."""
    monkeypatch.setattr(bounds, "_PART_OF_MEMORY", 0.0)
    monkeypatch.setattr(tempfile, "tempdir", "/nowhere/at/all")
    each = share(2, 8, None, None)
    assert each.bounds.disk_bytes == 0
    assert each.memory_bytes in (LEAST_BYTES, None)
