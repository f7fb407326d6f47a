"""What a crawl sees of an index: everything once, then what has changed."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from multiprocessing.connection import Connection
from typing import Any

import pytest

from keysift.crawl import plan
from keysift.crawl.plan import Wish
from keysift.crawl.pool import Done, Lost
from keysift.crawl.task import Began, Event, Task
from keysift.errors import CredentialsError, IndexUnavailableError
from keysift.store.database import Store
from tests.crawl import crawling
from tests.crawl.crawling import Inline, Listener, catalogue, crawl
from tests.crawl.world import DETECTORS, Life, World, world
from tests.index_server import JSON, Answer, IndexServer
from tests.store.logical import logical


def said(store: Store) -> dict[str, list[tuple[Any, ...]]]:
    """Return what a store says."""
    with store.reading() as connection:
        return logical(connection)


def places(store: Store) -> set[tuple[str, str, str, str]]:
    """Return where secrets stand."""
    return {(row[0], row[1], row[2], row[3]) for row in said(store)["occurrences"]}


def events(store: Store) -> list[tuple[Any, ...]]:
    """Return what changed in the index: file name, kind and detail."""
    return [tuple(row[2:]) for row in said(store)["events"]]


def downloads(server: IndexServer) -> list[str]:
    """Return the files that were fetched since the last call."""
    fetched = [path for path in server.paths() if path.startswith("/files/")]
    server.requests.clear()
    return fetched


@pytest.fixture
def small(server: IndexServer) -> World:
    """Serve a small world."""
    made = world(projects=5, releases=3)
    made.serve(server)
    return made


@pytest.fixture
def one(server: IndexServer) -> World:
    """Serve one project with two releases and one secret in both."""
    made = World(1, 2, [Life("qzt_" + "bdfhkmpr", "demo-000", 1, 9, "demo/a.py")])
    made.serve(server)
    return made


def test_the_store_agrees_with_the_truth(store: Store, server: IndexServer, small: World) -> None:
    """Every planted secret is found in every file that has it, and nothing else."""
    counts = crawl(store, server.url)
    assert places(store) == {place[:4] for place in small.truth()}
    assert counts.artifacts == 5 * 3 * 2
    assert counts.projects == 5


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize(
    ("attribute", "requests"),
    [("", 1), ("gives_serials", 6), ("gives_etags", 1), ("speaks_json", 6)],
)
def test_a_second_crawl_costs_next_to_nothing(
    store: Store, server: IndexServer, attribute: str, requests: int
) -> None:
    """With serials it is one request; without them one for each page, and never a download."""
    if attribute:
        setattr(server, attribute, False)
    crawl(store, server.url)
    before = said(store)
    server.requests.clear()
    counts = crawl(store, server.url)
    assert len(server.requests) == requests
    assert downloads(server) == []
    assert counts.artifacts == counts.added == counts.changed == 0
    assert said(store) == before


def test_new_releases_are_all_that_is_fetched(
    store: Store, server: IndexServer, one: World
) -> None:
    """A release that appears later is scanned, the others are left alone."""
    crawl(store, server.url)
    downloads(server)
    one.releases = 3
    one.publish(server, "demo-000", 3)
    counts = crawl(store, server.url)
    assert sorted(downloads(server)) == [
        "/files/demo-000/demo_000-3.0-py3-none-any.whl",
        "/files/demo-000/demo_000-3.0.tar.gz",
    ]
    assert (counts.added, counts.artifacts) == (2, 2)
    assert places(store) == {place[:4] for place in one.truth()}


def test_what_the_index_changes_is_written_down(
    store: Store, server: IndexServer, one: World
) -> None:
    """Yanks, their end, deletions and returns are events, and no file is fetched for them."""
    crawl(store, server.url)
    downloads(server)
    one.yanked.add(("demo-000", 1))
    one.publish(server, "demo-000", 1)
    gone = server.projects["demo-000"].pop("demo_000-2.0.tar.gz")
    server.changed("demo-000")
    assert crawl(store, server.url).changed == 3
    one.yanked.clear()
    one.publish(server, "demo-000", 1)
    server.projects["demo-000"]["demo_000-2.0.tar.gz"] = gone
    server.changed("demo-000")
    assert crawl(store, server.url).changed == 3
    assert downloads(server) == []
    sdist, wheel = (name for name, _ in one.files("demo-000", 1))
    assert set(events(store)) == {
        ("demo_000-2.0.tar.gz", "deleted", None),
        ("demo_000-2.0.tar.gz", "restored", None),
        (wheel, "yanked", "broken"),
        (wheel, "unyanked", None),
        (sdist, "yanked", "broken"),
        (sdist, "unyanked", None),
    }


def test_a_file_that_is_replaced_is_scanned_again(
    store: Store, server: IndexServer, one: World
) -> None:
    """Another digest under the same name is another file."""
    crawl(store, server.url)
    one.lives[0] = Life("qzt_" + "kmprbdfh", "demo-000", 1, 9, "demo/b.py")
    one.publish(server, "demo-000", 2)
    downloads(server)
    assert crawl(store, server.url).artifacts == 2
    assert len(downloads(server)) == 2
    assert [event[1] for event in events(store)] == ["replaced", "replaced"]
    files = [row for row in said(store)["artifacts"] if row[1] == "2.0"]
    assert sorted(row[-2] for row in files) == [False, False, True, True]
    assert {place[3] for place in places(store) if place[1] == "2.0"} == {
        "demo_000-2.0/demo/a.py",
        "demo/a.py",
        "demo_000-2.0/demo/b.py",
        "demo/b.py",
    }


def test_a_project_that_is_gone_keeps_its_history(
    store: Store, server: IndexServer, small: World
) -> None:
    """Its files are noted as deleted; what was found in them stays."""
    crawl(store, server.url)
    known = places(store)
    server.remove("demo-001")
    assert crawl(store, server.url).changed == 1
    assert [row[0] for row in said(store)["projects"] if not row[4]] == ["demo-001"]
    assert places(store) == known
    small.publish(server, "demo-001", 1)
    crawl(store, server.url)
    assert [row for row in said(store)["projects"] if not row[4]] == []


def test_a_list_that_lacks_projects_is_not_believed(
    store: Store, server: IndexServer, small: World
) -> None:
    """Their pages are asked for: what has one is still there, what has none is gone."""
    crawl(store, server.url)
    before = said(store)
    usual = {"meta": {"api-version": "1.4"}, "projects": []}
    for body in (usual, {**usual, "projects": [{"name": "demo-000"}]}):
        empty = Answer(200, json.dumps(body).encode(), {"Content-Type": JSON})
        server.answers["/simple/"] = [empty]
        counts = crawl(store, server.url)
        assert (counts.changed, counts.unread) == (0, 0)
        assert [row[4] for row in said(store)["projects"]] == [True] * small.projects
        assert said(store)["events"] == before["events"]
    server.remove("demo-002")
    server.answers["/simple/"] = [empty]
    assert crawl(store, server.url).changed == 1
    assert [row[0] for row in said(store)["projects"] if not row[4]] == ["demo-002"]
    server.requests.clear()
    crawl(store, server.url)
    crawl(store, server.url)
    assert server.paths().count("/simple/") == 2
    assert places(store) == {place[:4] for place in small.truth()}


@pytest.mark.usefixtures("small")
def test_only_the_newest_releases(store: Store, server: IndexServer) -> None:
    """With a number of releases the older ones wait until they are wanted."""
    assert crawl(store, server.url, Wish(releases=1)).artifacts == 10
    assert {row[1] for row in said(store)["occurrences"]} <= {"3.0"}
    assert crawl(store, server.url).artifacts == 20


@pytest.mark.usefixtures("small")
def test_only_what_was_uploaded_since(store: Store, server: IndexServer) -> None:
    """A date leaves out older files."""
    wish = Wish(since=datetime(2012, 6, 1, tzinfo=UTC))
    assert crawl(store, server.url, wish).artifacts == 10


@pytest.mark.usefixtures("one")
def test_a_name_that_is_unknown_is_said(store: Store, server: IndexServer) -> None:
    """The other names are crawled all the same."""
    listener = Listener()
    counts = crawl(store, server.url, Wish(names=("demo-000", "nobody")), listener=listener)
    assert (counts.artifacts, counts.unread, counts.changed) == (4, 1, 0)
    assert listener.troubles == ["nobody: the index has no such project"]
    assert [row[0] for row in said(store)["projects"] if not row[4]] == []


@pytest.mark.parametrize("is_known", [False, True])
def test_a_page_that_is_not_there_though_listed_is_asked_for_again(
    store: Store,
    server: IndexServer,
    small: World,
    is_known: bool,  # noqa: FBT001
) -> None:
    """Nothing is taken to be deleted, and the next crawl sees all, though the list is the same."""
    if is_known:
        crawl(store, server.url)
        server.changed("demo-001")
    server.answers["/simple/demo-001/"] = [Answer(404)]
    listener = Listener()
    assert crawl(store, server.url, listener=listener).unread == 1
    assert listener.troubles == ["demo-001: the index lists it, but has no such page"]
    assert events(store) == []
    assert crawl(store, server.url).unread == 0
    assert events(store) == []
    assert places(store) == {place[:4] for place in small.truth()}


def test_a_file_that_cannot_be_had_is_tried_again(
    store: Store, server: IndexServer, one: World
) -> None:
    """The next crawl takes it up; after three it has failed, until someone asks for it."""
    path = "/files/demo-000/demo_000-1.0.tar.gz"
    for _ in range(3):
        server.answers[path] = [Answer(404)]
        assert crawl(store, server.url).failed == 1
    server.requests.clear()
    assert crawl(store, server.url).failed == 0
    assert downloads(server) == []
    assert crawl(store, server.url, Wish(retry_failed=True)).artifacts == 1
    assert downloads(server) == [path]
    assert places(store) == {place[:4] for place in one.truth()}


@pytest.mark.usefixtures("one")
def test_a_file_that_is_not_the_announced_one_has_failed(store: Store, server: IndexServer) -> None:
    """A wrong digest is no matter of trying again."""
    name = "demo_000-1.0.tar.gz"
    server.answers[f"/files/demo-000/{name}"] = [Answer(200, b"something else")]
    assert crawl(store, server.url).failed == 1
    states = {row[2]: (row[9], row[10]) for row in said(store)["artifacts"]}
    assert states[name][0] == "failed"
    assert "hash_mismatch" in str(states[name][1])


def test_an_index_that_is_down_ends_the_crawl(store: Store, server: IndexServer) -> None:
    """What was done is kept, and the next crawl goes on."""
    made = world(projects=20, releases=1)
    made.serve(server)
    wish = Wish(names=tuple(made.names()))
    for name in made.names()[5:]:
        server.answers[f"/simple/{name}/"] = [Answer(418)]
    server.answers["/simple/"] = [Answer(418)]
    with pytest.raises(IndexUnavailableError, match=r"418, after 1\d failures in a row"):
        crawl(store, server.url, wish)
    server.answers.clear()
    counts = crawl(store, server.url, wish)
    assert counts.unread == 0
    assert counts.artifacts < 40
    assert places(store) == {place[:4] for place in made.truth()}


def test_pages_that_are_broken_side_by_side_do_not_end_it(
    store: Store, server: IndexServer
) -> None:
    """The index is asked whether it is there, and what stands behind them is reached."""
    made = world(projects=40, releases=1)
    made.serve(server)
    broken = made.names()[:30]
    for name, status in zip(broken, [418, 403] * 15, strict=True):
        server.answers[f"/simple/{name}/"] = [Answer(status)] * 9
    counts = crawl(store, server.url)
    assert counts.unread == len(broken)
    assert places(store) == {place[:4] for place in made.truth() if place[0] not in broken}
    server.answers.clear()
    assert crawl(store, server.url).unread == 0
    assert places(store) == {place[:4] for place in made.truth()}


def test_files_that_are_gone_do_not_end_it(store: Store, server: IndexServer) -> None:
    """However many a project lists that are not there any more."""
    made = world(projects=2, releases=80)
    made.serve(server)
    for number in range(1, 76):
        server.answers[f"/files/demo-000/demo_000-{number}.0.tar.gz"] = [Answer(404)]
        server.answers[f"/files/demo-000/demo_000-{number}.0-py3-none-any.whl"] = [Answer(410)]
    counts = crawl(store, server.url)
    assert (counts.failed, counts.artifacts) == (150, 170)


def test_files_of_a_server_that_is_down_end_it(store: Store, server: IndexServer) -> None:
    """The index being there does not help when nothing can be had from where its files are."""
    made = world(projects=60, releases=1)
    made.serve(server)
    for project in made.names():
        for name, _ in made.files(project, 1):
            server.answers[f"/files/{project}/{name}"] = [Answer(418)]
    with pytest.raises(IndexUnavailableError, match=r"is there, after 10\d failures in a row"):
        crawl(store, server.url)
    assert server.paths().count("/simple/") > 5


def test_wrong_credentials_end_it_at_once(store: Store, server: IndexServer) -> None:
    """Nothing was given yet, and the index itself says no."""
    made = world(projects=15, releases=1)
    made.serve(server)
    server.login = ("someone", "a password")
    with pytest.raises(CredentialsError, match="refuses access"):
        crawl(store, server.url, Wish(names=tuple(made.names())))
    assert len(server.requests) < 8


def test_another_ruleset_scans_again_when_asked(
    store: Store, server: IndexServer, one: World
) -> None:
    """A new detector finds what the old ones did not look for; old findings stay."""
    one.lives.append(Life("qzu_" + "bdfhkmpr", "demo-000", 1, 9, "demo/u.py"))
    one.serve(server)
    crawl(store, server.url)
    more = catalogue(DETECTORS.replace("qzt_", "qzu_").replace("acme-token", "acme-other"))
    assert crawl(store, server.url, looking_for=more).artifacts == 0
    assert crawl(store, server.url, Wish(rescan=True), looking_for=more).artifacts == 4
    detectors = {row[4] for row in said(store)["occurrences"]}
    assert detectors == {"acme-token", "acme-other"}
    assert crawl(store, server.url, Wish(rescan=True), looking_for=more).artifacts == 0


@pytest.mark.usefixtures("one")
def test_a_ruleset_that_finds_the_same_fetches_nothing(store: Store, server: IndexServer) -> None:
    """Other texts of a detector, or fewer detectors, are no reason to scan again."""
    both = DETECTORS + DETECTORS.partition("\n\n")[2].replace("qzt_", "qzu_").replace(
        "acme-token", "acme-other"
    )
    crawl(store, server.url, looking_for=catalogue(both))
    downloads(server)
    fewer = catalogue(DETECTORS.replace("Make another.", "Make a new one."))
    assert crawl(store, server.url, Wish(rescan=True), looking_for=fewer).artifacts == 0
    assert downloads(server) == []
    changed = catalogue(DETECTORS.replace("{8}", "{8,9}", 1))
    assert crawl(store, server.url, Wish(rescan=True), looking_for=changed).artifacts == 4


def test_a_file_that_kills_its_process_costs_only_itself(
    store: Store, server: IndexServer, one: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is tried once more by itself; the others of its project are scanned."""
    assert one.releases
    bad = "demo_000-1.0.tar.gz"
    attempts = []

    class Fragile(Inline):
        def events(self, _others: list[Connection], _timeout_s: float) -> list[Event | Done | Lost]:
            heard: list[Event | Done | Lost] = []
            for event in super().events(_others, _timeout_s):
                if isinstance(event, Began) and event.number in self.bad(event.number):
                    attempts.append(event.number)
                    return [*heard, event, Lost(self.last, event.number, "signal SIGKILL")]
                heard.append(event)
            return heard

        def give(self, task: Task, last: str) -> None:
            self.last = task
            super().give(task, last)

        def bad(self, number: int) -> set[int]:
            names = {job.number: job.file.artifact.name for job in self.last.jobs}
            return {number} if names[number] == bad else set()

    monkeypatch.setattr(crawling, "Inline", Fragile)
    listener = Listener()
    counts = crawl(store, server.url, listener=listener)
    assert len(attempts) == 2
    assert (counts.failed, counts.artifacts) == (1, 3)
    assert listener.troubles == [f"{bad}: signal SIGKILL"]
    states = {row[2]: (row[9], row[10]) for row in said(store)["artifacts"]}
    assert states.pop(bad) == ("failed", "signal SIGKILL")
    assert set(states.values()) == {("scanned", None)}


def test_names_with_nothing_to_do_do_not_hide_those_behind_them(
    store: Store, server: IndexServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A long list of projects is looked at in parts, also when all of one are up to date."""
    monkeypatch.setattr(plan, "_PAGE", 3)
    made = world(projects=30, releases=1)
    made.serve(server)
    names = tuple(made.names())
    assert crawl(store, server.url, Wish(names=names)).artifacts == 60
    made.releases = 2
    for name in (names[8], names[-1]):
        made.publish(server, name, 2)
    assert crawl(store, server.url, Wish(names=names)).artifacts == 4
