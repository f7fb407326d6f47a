"""One process does the files of a project, one after another, unless others are idle."""

from __future__ import annotations

import random

from msgspec import structs

from keysift.crawl.task import Job, Task
from keysift.crawl.tasks import PIECE, Tasks
from tests.store.samples import index_file


def jobs(project: str, number: int) -> list[Job]:
    """Return so many files of a project, in their order."""
    return [Job(at, index_file(project, "1", f"{project}-{at}.whl")) for at in range(number)]


def taken(tasks: Tasks, last: str) -> tuple[str, int]:
    """Take a task, and return its project and the number of its first file."""
    task = tasks.take(last)
    assert task is not None
    return task.project, task.jobs[0].number


def test_a_process_stays_with_its_project() -> None:
    """Piece by piece, in the order of the files, whatever else waits."""
    tasks = Tasks()
    tasks.add("one", jobs("one", 3 * PIECE))
    tasks.add("two", jobs("two", 1))
    assert (tasks.projects, len(tasks)) == (2, 4)
    assert [taken(tasks, "one") for _ in range(3)] == [
        ("one", 0),
        ("one", PIECE),
        ("one", 2 * PIECE),
    ]
    assert taken(tasks, "one") == ("two", 0)
    assert tasks.take("one") is None
    assert (tasks.projects, len(tasks)) == (0, 0)


def test_projects_are_begun_in_their_order() -> None:
    """One that nobody is at comes before what others have begun."""
    tasks = Tasks()
    for name in ("one", "two", "three"):
        tasks.add(name, jobs(name, 2 * PIECE))
    assert [taken(tasks, "")[0] for _ in range(3)] == ["one", "two", "three"]


def test_who_has_nothing_to_do_helps_at_the_end_of_the_longest_row() -> None:
    """There it is longest until the one who does that project gets there."""
    tasks = Tasks()
    tasks.add("short", jobs("short", 3 * PIECE))
    tasks.add("long", jobs("long", 9 * PIECE + 1))
    assert taken(tasks, "") == ("short", 0)
    assert taken(tasks, "") == ("long", 0)
    assert taken(tasks, "") == ("long", 9 * PIECE)
    assert taken(tasks, "long") == ("long", PIECE)


def test_what_is_put_back_comes_first() -> None:
    """For any process: a file is tried again before a crawl is killed meanwhile."""
    tasks = Tasks()
    tasks.add("one", jobs("one", 2 * PIECE))
    first = tasks.take("")
    assert first is not None
    tasks.put_back(structs.replace(first, attempt=2))
    again = tasks.take("two")
    assert again == Task("one", tuple(jobs("one", PIECE)), 2)


def test_every_file_is_done_once() -> None:
    """Whoever asks, and in whatever order."""
    source = random.Random(3)
    tasks = Tasks()
    wanted = set()
    for name in "abcdefg":
        some = jobs(name, source.randint(0, 5 * PIECE))
        tasks.add(name, some)
        wanted |= {(name, job.number) for job in some}
    done = []
    while (task := tasks.take(source.choice(["", *"abcdefg"]))) is not None:
        done += [(task.project, job.number) for job in task.jobs]
    assert len(done) == len(wanted)
    assert set(done) == wanted
