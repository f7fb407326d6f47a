"""How far a crawl is, in numbers."""

from __future__ import annotations

import pytest

from keysift.crawl.plan import Wish
from keysift.crawl.standing import Standing
from keysift.store.database import Store
from tests.crawl.crawling import Listener, crawl
from tests.crawl.world import world
from tests.index_server import Answer, IndexServer


def test_a_project_is_done_with_its_last_file() -> None:
    """Looked at is not done: its files have to be scanned too."""
    standing = Standing(projects_known=4)
    standing.counts.projects = 2
    standing.began("demo", 2)
    assert standing.projects_done == 1
    standing.ended("demo")
    assert standing.projects_done == 1
    standing.ended("demo")
    assert standing.projects_done == 2


def test_the_part_that_is_done() -> None:
    """It goes by projects until all files are known, and by files from then on."""
    standing = Standing()
    assert standing.part_done == 0.0
    standing.projects_known, standing.counts.projects = 4, 1
    assert standing.part_done == 0.25
    standing.began("demo", 5)
    standing.is_all_known = True
    standing.counts.artifacts, standing.counts.failed = 3, 1
    assert standing.part_done == pytest.approx(0.8)


def test_nothing_to_do_is_done() -> None:
    """A crawl that finds no file to scan is at its end."""
    assert Standing(is_all_known=True).part_done == 1.0


class Follower(Listener):
    """Keeps how far the crawl was each time."""

    def __init__(self) -> None:
        super().__init__()
        self.steps: list[tuple[int, int, int, int, bool]] = []

    def progressed(self, standing: Standing) -> None:
        """Keep it."""
        self.steps.append(
            (
                standing.projects_done,
                standing.projects_known,
                standing.artifacts_done,
                standing.artifacts_known,
                standing.is_all_known,
            )
        )


def test_a_crawl_says_how_far_it_is(store: Store, server: IndexServer) -> None:
    """It never has done more than it knows, and at the end all of it."""
    world(projects=6, releases=2).serve(server)
    follower = Follower()
    crawl(store, server.url, listener=follower)
    assert follower.steps[-1] == (6, 6, 24, 24, True)
    assert follower.steps == sorted(follower.steps)
    assert all(done <= known for done, known, *_ in follower.steps)
    assert all(done <= known for *_, done, known, _ in follower.steps)


def test_only_what_there_is_to_do_is_known(store: Store, server: IndexServer) -> None:
    """Of many names those count of which something has changed."""
    made = world(projects=30, releases=1)
    made.serve(server)
    crawl(store, server.url)
    made.releases = 2
    made.publish(server, "demo-007", 2)
    follower = Follower()
    crawl(store, server.url, Wish(names=tuple(made.names())), listener=follower)
    assert follower.steps[-1] == (1, 1, 2, 2, True)


def test_reasons_are_counted(store: Store, server: IndexServer) -> None:
    """Each failure has its reason, also that of a page."""
    world(projects=3, releases=1).serve(server)
    server.answers["/files/demo-000/demo_000-1.0.tar.gz"] = [Answer(404)]
    server.answers["/files/demo-001/demo_001-1.0.tar.gz"] = [Answer(200, b"another file")]
    server.answers["/simple/demo-002/"] = [Answer(418)]
    standings: list[Standing] = []

    class Keeper(Listener):
        def progressed(self, standing: Standing) -> None:
            standings.append(standing)

    crawl(store, server.url, listener=Keeper())
    assert standings[-1].reasons == {
        "not served": 1,
        "hash mismatch": 1,
        "page not read": 1,
    }
