"""An index that lies, stumbles or speaks oddly: the rest of it is crawled, and the store is whole.

Each test ends with a crawl of the same index as it should be, which must bring the truth.
"""

from __future__ import annotations

import hashlib
import json
import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
import sqlalchemy as sa
from msgspec import structs

from keysift.crawl.plan import Wish
from keysift.model import TriageStatus
from keysift.store import check, ledger, pages, triage
from keysift.store import tables as t
from keysift.store.database import Store
from tests.crawl.crawling import Listener, crawl
from tests.crawl.world import World, world
from tests.index_server import JSON, Answer, IndexServer, Request
from tests.store.logical import logical
from tests.store.samples import KEY, SEALER

HTML = "text/html; charset=utf-8"


@pytest.fixture
def made(server: IndexServer) -> World:
    """Serve a world, with a wheel for one platform beside the others."""
    made = world(projects=6, releases=3)
    made.serve(server)
    for project in made.names():
        files = server.projects[project]
        for name in [name for name in files if name.endswith("-any.whl")]:
            content = files[name].body()
            server.add(project, name.replace("py3-none-any", "cp311-cp311-linux_x86_64"), content)
    return made


def said(store: Store) -> dict[str, list[tuple[object, ...]]]:
    """Return what a store says."""
    with store.reading() as connection:
        return logical(connection)


def problems(store: Store) -> list[str]:
    """Return what the store's own check finds wrong."""
    return list(check.problems(store, SEALER, KEY))


def agrees(store: Store, made: World) -> bool:
    """Tell whether a store knows where all secrets stand, and nothing else."""
    found = {(row[0], row[2], row[3]) for row in said(store)["occurrences"]}
    truth = {(project, name, path) for project, _, name, path, _ in made.truth()}
    more = {
        (project, name.replace("py3-none-any", "cp311-cp311-linux_x86_64"), path)
        for project, name, path in truth
        if name.endswith(".whl")
    }
    return found == truth | more


def change(server: IndexServer, project: str, name: str, **said: object) -> None:
    """Have the index say something else of a file."""
    files = server.projects[project]
    files[name] = structs.replace(files[name], **said)
    server.changed(project)


@pytest.mark.parametrize("factor", [0.5, 2])
@pytest.mark.parametrize(
    "name", ["demo_000-2.0.tar.gz", "demo_000-2.0-cp311-cp311-linux_x86_64.whl"]
)
def test_sizes(store: Store, server: IndexServer, made: World, name: str, factor: float) -> None:
    """A file that is not as long as announced has failed, until the index says the truth."""
    size = len(server.projects["demo-000"][name].body())
    change(server, "demo-000", name, size_bytes=int(size * factor))
    counts = crawl(store, server.url)
    assert (counts.failed, counts.artifacts) == (1, 6 * 3 * 3 - 1)
    failures = {row[2]: row[10] for row in said(store)["artifacts"] if row[9] == "failed"}
    assert list(failures) == [name]
    assert "hash_mismatch" in str(failures[name])
    assert problems(store) == []
    change(server, "demo-000", name, size_bytes=size)
    assert crawl(store, server.url).artifacts == 1
    assert agrees(store, made)


def test_digests(store: Store, server: IndexServer, made: World) -> None:
    """The same of its digest; the right one is another file under the same name."""
    name = "demo_000-2.0.tar.gz"
    right = server.projects["demo-000"][name].hashes
    change(server, "demo-000", name, hashes={"sha256": hashlib.sha256(b"").hexdigest()})
    assert crawl(store, server.url).failed == 1
    change(server, "demo-000", name, hashes=right)
    assert crawl(store, server.url).artifacts == 1
    assert agrees(store, made)
    assert problems(store) == []


def test_addresses(store: Store, server: IndexServer, made: World) -> None:
    """A link that leads nowhere is tried again as soon as it leads elsewhere."""
    name = "demo_000-2.0.tar.gz"
    change(server, "demo-000", name, url=f"{server.origin}/files/nowhere")
    for _ in range(4):
        crawl(store, server.url)
    change(server, "demo-000", name, url=None)
    assert crawl(store, server.url).artifacts == 1
    assert agrees(store, made)


@pytest.mark.parametrize("kind", ["tar.gz", "cp311-cp311-linux_x86_64.whl"])
@pytest.mark.parametrize(
    "url", ["ftp://127.0.0.1/demo.tar.gz", "javascript:void(0)", "http://127.0.0.1:99999/demo"]
)
def test_a_link_out_of_the_web(
    store: Store, server: IndexServer, made: World, kind: str, url: str
) -> None:
    """Such a file cannot be had, all others can; the user's own address is not what is wrong."""
    name = f"demo_000-2.0{'.' if kind == 'tar.gz' else '-'}{kind}"
    change(server, "demo-000", name, url=url)
    listener = Listener()
    counts = crawl(store, server.url, listener=listener)
    assert (counts.failed, counts.artifacts) == (1, 6 * 3 * 3 - 1)
    assert listener.troubles == [f"{name}: the index links to a file that is not on the web"]
    change(server, "demo-000", name, url=None)
    assert crawl(store, server.url).artifacts == 1
    assert agrees(store, made)


def test_a_version_of_more_digits_than_python_reads(store: Store, server: IndexServer) -> None:
    """It is a version that cannot be compared, also where the newest releases are asked for."""
    server.add("demo", f"demo-{'1' * 5000}.tar.gz")
    server.add("demo", "demo-1.0.tar.gz")
    assert crawl(store, server.url, Wish(releases=1)).artifacts == 1
    assert crawl(store, server.url).artifacts == 1


def test_names_that_no_database_takes(store: Store, server: IndexServer) -> None:
    """NUL and halves of characters are kept as escapes, and known again in the next crawl."""
    for odd in ("\0", "\ud800"):
        server.add("demo", f"demo-1.0{odd}.tar.gz", b"one", url=server.add("else", "else-1.zip"))
    assert crawl(store, server.url).added == 3
    before = said(store)
    server.changed("demo")
    again = crawl(store, server.url)
    assert (again.added, again.changed, again.artifacts) == (0, 0, 0)
    assert said(store)["artifacts"] == before["artifacts"]
    assert problems(store) == []


def test_digests_in_capitals(store: Store, server: IndexServer) -> None:
    """A digest is the same in capitals, so the file is the same."""
    server.add("demo", "demo-1.0.tar.gz", b"one")
    crawl(store, server.url)
    digest = hashlib.sha256(b"one").hexdigest().upper()
    change(server, "demo", "demo-1.0.tar.gz", hashes={"sha256": digest})
    again = crawl(store, server.url)
    assert (again.changed, again.artifacts) == (0, 0)


def test_a_size_is_better_than_nothing(store: Store, server: IndexServer) -> None:
    """An index without digests that shows another size has another file."""
    server.add("demo", "demo-1.tar.gz", b"one", hashes={}, size_bytes=3)
    server.add("demo", "demo-2.tar.gz", b"two", hashes={}, size_bytes=None)
    crawl(store, server.url)
    server.add("demo", "demo-1.tar.gz", b"four", hashes={}, size_bytes=4)
    server.add("demo", "demo-2.tar.gz", b"five!", hashes={}, size_bytes=5)
    assert crawl(store, server.url).artifacts == 2
    assert [row[2:] for row in said(store)["events"]] == [
        ("demo-1.tar.gz", "replaced", None),
        ("demo-2.tar.gz", "replaced", None),
    ]


def _whole(server: IndexServer, path: str) -> tuple[bytes, str]:
    answer = server.answer(Request(path, {"Accept": JSON}))
    return answer.body, answer.headers["Content-Type"]


@pytest.mark.parametrize(
    "spoil",
    [
        lambda body, kind: Answer(200, body[: len(body) // 2], {"Content-Type": kind}),
        lambda body, kind: Answer(200, body, {"Content-Type": kind}, cut=len(body) // 2),
        lambda body, _: Answer(200, body, {"Content-Type": HTML}),
        lambda body, _: Answer(200, body, {"Content-Type": "application/octet-stream"}),
        lambda _, kind: Answer(200, b"<!DOCTYPE html><html></html>", {"Content-Type": kind}),
        lambda _, kind: Answer(200, b"", {"Content-Type": kind}),
        lambda _, kind: Answer(200, b"\xff" * 99, {"Content-Type": kind}),
        lambda body, kind: Answer(200, body, {"Content-Type": kind, "Content-Encoding": "gzip"}),
    ],
    ids=["half", "cut", "html", "octets", "page", "nothing", "bytes", "packed"],
)
def test_pages_that_are_none(
    store: Store, server: IndexServer, made: World, spoil: Callable[[bytes, str], Answer]
) -> None:
    """What was known stays as it was: nothing has been deleted, and the next crawl sees it all."""
    crawl(store, server.url, Wish(names=("demo-000", "demo-001")))
    before = said(store)["events"]
    for project in ("demo-000", "demo-003"):
        path = f"/simple/{project}/"
        server.changed(project)
        # A broken page is asked for as often as an index that stumbles.
        server.answers[path] = [spoil(*_whole(server, path))] * 5
    listener = Listener()
    counts = crawl(store, server.url, listener=listener)
    assert counts.unread == len(listener.troubles) == 2
    assert said(store)["events"] == before
    assert problems(store) == []
    server.answers.clear()
    assert crawl(store, server.url).unread == 0
    assert said(store)["events"] == before
    assert agrees(store, made)


@pytest.mark.usefixtures("made")
def test_a_page_that_is_of_another_project(store: Store, server: IndexServer) -> None:
    """Files are written down where the page was asked for, under the names that they have."""
    body, kind = _whole(server, "/simple/demo-001/")
    server.answers["/simple/demo-000/"] = [Answer(200, body, {"Content-Type": kind})]
    crawl(store, server.url)
    assert problems(store) == []
    server.changed("demo-000")
    crawl(store, server.url)
    gone = {row[2] for row in said(store)["events"] if row[3] == "deleted"}
    assert gone == set(server.projects["demo-001"])
    there = {row[2] for row in said(store)["artifacts"] if row[0] == "demo-000" and row[-2]}
    assert there == set(server.projects["demo-000"])


def test_a_storm(
    store: Store, server: IndexServer, made: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server that refuses every third request is asked again until it has given everything."""
    source = random.Random(7)
    usual = server.answer
    refused: set[str] = set()

    def answer(request: Request) -> Answer:
        if request.path not in refused and source.random() < 0.4:
            refused.add(request.path)
            status = source.choice([429, 500, 502, 503, 504])
            return Answer(status, b"not now", {"Retry-After": "0"})
        return usual(request)

    monkeypatch.setattr(server, "answer", answer)
    counts = crawl(store, server.url)
    assert len(refused) > 10
    assert (counts.failed, counts.unread) == (0, 0)
    assert agrees(store, made)


def test_names_in_any_spelling(store: Store, server: IndexServer) -> None:
    """A project is one, whatever the list, the user and its files call it."""
    only = world(projects=1, releases=2)
    only.serve(server)
    names = ["Demo_000", "demo.000", "DEMO--000"]
    listed = {"meta": {"api-version": "1.0"}, "projects": [{"name": name} for name in names]}
    server.answers["/simple/"] = [Answer(200, json.dumps(listed).encode(), {"Content-Type": JSON})]
    assert crawl(store, server.url).projects == 1
    assert {row[0] for row in said(store)["projects"]} == {"demo-000"}
    assert {(row[0], row[2], row[3]) for row in said(store)["occurrences"]} == {
        (project, name, path) for project, _, name, path, _ in only.truth()
    }


def test_a_release_without_files(store: Store, server: IndexServer, made: World) -> None:
    """Nobody can have anything of it, and the others are crawled; the same of a project."""
    path = "/simple/demo-000/"
    body, kind = _whole(server, path)
    page = json.loads(body)
    page["versions"] = ["0.1", "1.0", "2.0", "3.0", "99.0"]
    server.answers[path] = [Answer(200, json.dumps(page).encode(), {"Content-Type": kind})]
    server.projects["empty"] = {}
    server.changed("empty")
    counts = crawl(store, server.url)
    assert (counts.projects, counts.unread, counts.failed) == (7, 0, 0)
    assert agrees(store, made)
    assert "99.0" not in {row[1] for row in said(store)["artifacts"]}
    assert problems(store) == []


def test_a_list_of_a_million(store: Store, server: IndexServer) -> None:
    """Of those that are asked for, what is there is crawled; of the others nothing is kept.

    When all are wanted they are written down, and asked for their pages only if they changed.
    """
    only = world(projects=30, releases=1)
    only.serve(server)
    projects = [{"name": f"other-{number}", "_last-serial": 7} for number in range(1_000_000)]
    projects += [{"name": name, "_last-serial": server.serials[name]} for name in only.names()]
    listed = json.dumps({"meta": {"api-version": "1.4", "_last-serial": 99}, "projects": projects})
    answer = Answer(200, listed.encode(), {"Content-Type": JSON})
    server.answers["/simple/"] = [answer]
    names = (*only.names(), "not-there")
    counts = crawl(store, server.url, Wish(names=names))
    assert (counts.projects, counts.artifacts, counts.unread) == (31, 60, 1)
    assert len(said(store)["projects"]) == 31
    server.requests.clear()
    server.answers["/simple/"] = [answer]
    assert crawl(store, server.url, Wish(since_serial=99)).projects == 0
    assert len(server.requests) == 1
    with store.reading() as connection:
        query = sa.select(sa.func.count()).select_from(t.projects)
        assert connection.execute(query).scalar_one() == 1_000_031


def test_clocks(
    store: Store, server: IndexServer, made: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ours goes back, the server's is a day ahead: what is known is the same."""
    usual = server.answer

    def ahead(request: Request) -> Answer:
        answer = usual(request)
        later = datetime.now(UTC) + timedelta(days=1)
        return structs.replace(answer, headers={**answer.headers, "Date": format_datetime(later)})

    monkeypatch.setattr(server, "answer", ahead)
    clock = datetime(2026, 5, 1, tzinfo=UTC)

    def backwards() -> datetime:
        nonlocal clock
        clock -= timedelta(hours=7)
        return clock

    for module in (ledger, pages, triage):
        monkeypatch.setattr(module, "now", backwards)
    made.releases = 2
    crawl(store, server.url)
    _decide(store, TriageStatus.ACCEPTED)
    made.releases = 3
    for project in made.names():
        server.remove(project, made.files(project, 1)[0][0])
    crawl(store, server.url)
    _decide(store, TriageStatus.REVOKED)
    assert {row[3] for row in said(store)["events"]} == {"deleted"}
    with store.reading() as connection:
        number = connection.execute(sa.select(sa.func.min(t.secrets.c.id))).scalar_one()
        assert [one.status for one in triage.trail(connection, number)] == [
            TriageStatus.ACCEPTED,
            TriageStatus.REVOKED,
        ]
    assert crawl(store, server.url).pages == 0
    assert problems(store) == []


def _decide(store: Store, status: TriageStatus) -> None:
    with store.writing() as connection:
        number = connection.execute(sa.select(sa.func.min(t.secrets.c.id))).scalar_one()
        triage.decide(connection, number, status, note="", author="someone")
