"""A month of changes, seen bit by bit, gives what one look at the end gives."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable

import pytest

from keysift.store.database import Store
from tests.crawl.crawling import crawl
from tests.crawl.world import Life, World, world
from tests.index_server import IndexServer
from tests.store.logical import logical

DAYS = 12


class Index:
    """An index that changes.

    Args:
        server: What serves it.
        made: What is in it at first.
        seed: Of the changes.
    """

    def __init__(self, server: IndexServer, made: World, seed: int) -> None:
        self._server = server
        self._world = made
        self._source = random.Random(seed)
        self._releases = dict.fromkeys(made.names(), 1)
        for project in self._releases:
            made.publish(server, project, 1)

    def live(self) -> None:
        """Let a day pass: a few of all things that happen to projects."""
        for _ in range(self._source.randint(1, 4)):
            project = self._source.choice(sorted(self._releases))
            change = self._source.choice(
                [self._publish, self._publish, self._yank, self._delete, self._replace, self._leave]
            )
            change(project)

    def _publish(self, project: str) -> None:
        self._releases[project] += 1
        self._world.publish(self._server, project, self._releases[project])

    def _yank(self, project: str) -> None:
        release = (project, self._source.randint(1, self._releases[project]))
        self._world.yanked ^= {release}
        self._world.publish(self._server, *release)

    def _delete(self, project: str) -> None:
        files = self._server.projects.get(project, {})
        if len(files) > 1:
            self._server.remove(project, self._source.choice(sorted(files)))

    def _replace(self, project: str) -> None:
        value = "qzt_" + "".join(self._source.choices("bdfghjkmpqrtvwxz", k=8))
        release = self._releases[project]
        self._world.lives.append(Life(value, project, release, release, "demo/new.py"))
        self._world.publish(self._server, project, release)

    def _leave(self, project: str) -> None:
        if project in self._server.projects:
            self._server.remove(project)


def present(store: Store) -> dict[str, list[tuple[object, ...]]]:
    """Return what the index has now, and what stands in it."""
    with store.reading() as connection:
        said = logical(connection)
    files = [row for row in said["artifacts"] if row[-2]]
    # Name and digest: under the name of a file that was replaced stand two.
    listed = Counter(row[:3] for row in said["artifacts"])
    replaced = {name for name, times in listed.items() if times > 1}
    there = {row[:3] for row in files}
    return {
        "projects": [(row[0],) for row in said["projects"] if row[4] and row[0] in _names(there)],
        "artifacts": [(*row[:12], *row[13:]) for row in files],
        "occurrences": [
            row for row in said["occurrences"] if row[:3] in there and row[:3] not in replaced
        ],
    }


def _names(there: set[tuple[object, ...]]) -> set[object]:
    return {row[0] for row in there}


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_increments_agree_with_one_crawl(
    new_location: Callable[[], str], server: IndexServer, seed: int
) -> None:
    """After each day a crawl fetches only what is new; in the end both stores say the same."""
    made = world(projects=6, releases=20, seed=seed)
    index = Index(server, made, seed)
    bit_by_bit = Store(new_location())
    fetched: Counter[str] = Counter()
    for _ in range(DAYS):
        server.requests.clear()
        crawl(bit_by_bit, server.url)
        fetched.update(path for path in server.paths() if path.startswith("/files/"))
        index.live()
    server.requests.clear()
    crawl(bit_by_bit, server.url)
    fetched.update(path for path in server.paths() if path.startswith("/files/"))
    at_once = Store(new_location())
    crawl(at_once, server.url)
    left, right = present(bit_by_bit), present(at_once)
    with bit_by_bit.reading() as connection:
        every = logical(connection)["artifacts"]
    bit_by_bit.close()
    at_once.close()
    assert left["artifacts"] == right["artifacts"]
    names = {row[:3] for row in left["occurrences"]}
    assert left["occurrences"] == [row for row in right["occurrences"] if row[:3] in names]
    assert left["projects"] == right["projects"]
    # Each file once: what was deleted, yanked or replaced since was not fetched for that.
    assert sum(fetched.values()) == len(every)
