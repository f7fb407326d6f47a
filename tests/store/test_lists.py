"""Pages by keyset: ties, what is not known, links that somebody changed; projects and files."""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import UTC, datetime, timedelta
from itertools import product
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import Connection

from keysift.errors import UsageError
from keysift.model import Severity, Skip, SkipReason
from keysift.store import tables as t
from keysift.store.database import Store
from keysift.store.ledger import now
from keysift.store.queries import sums
from keysift.store.queries.find import SortBy, find
from keysift.store.queries.find_artifacts import (
    ListedArtifact,
    Scan,
    WantedArtifacts,
    count_artifacts,
    count_scans,
    find_artifacts,
)
from keysift.store.queries.find_projects import (
    ListedProject,
    SortProjects,
    count_projects,
    find_projects,
)
from keysift.store.queries.glob import rest_of
from keysift.store.queries.wanted import Wanted
from keysift.store.summaries import refresh
from tests.store.history import History
from tests.store.samples import Writer, artifact_number, found, index_file

TIES = 24


@pytest.fixture
def ties(store: Store) -> Store:
    """Return a store whose findings are equal in nearly everything, half of it not known."""
    day = datetime(2021, 1, 1, tzinfo=UTC)
    with store.writing() as connection:
        for number in range(1, TIES + 1):
            secret = {
                "id": number,
                "detector": "x" if number % 3 else "X",
                "fingerprint": f"{number:032x}",
                "mask": "…",
                "first_seen_at": now(),
            }
            connection.execute(sa.insert(t.secrets).values(secret))
            row = {
                **dict.fromkeys(("severity", "confidence", "urgency"), 1),
                **dict.fromkeys(("projects", "releases", "artifacts", "places"), 1),
                "secret_id": number,
                "detector": secret["detector"],
                "is_outdated": 0,
                "first_uploaded_at": None if number % 2 else day + timedelta(days=number % 4),
                "last_uploaded_at": None,
                "kinds": "sdist",
                "still_present": None if number % 3 else number % 2,
                "project": "é" if number % 2 else "z",
                "version": "1",
                "verdict": 2,
                "triage": 4,
                "is_canary": 0,
            }
            connection.execute(sa.insert(t.summaries).values(row))
    return store


def walked(connection: Connection, **order: Any) -> list[int]:  # noqa: ANN401 (arguments of find)
    """Return the numbers of all findings, page after page."""
    page = find(connection, Wanted(), **order)
    numbers = [row.id for row in page.rows]
    while page.next is not None:
        page = find(connection, Wanted(), cursor=page.next, **order)
        numbers += [row.id for row in page.rows]
    return numbers


def test_no_row_twice_and_none_left_out(ties: Store) -> None:
    """Whatever the size of a page, across equal ones and into those that are not known."""
    with ties.reading() as connection:
        for sort, descending in product(SortBy, (True, False)):
            order = {"sort": sort, "descending": descending}
            whole = walked(connection, limit=100, **order)
            assert sorted(whole) == list(range(1, TIES + 1))
            for limit in (1, 5, TIES - 1, TIES):
                assert walked(connection, limit=limit, **order) == whole


def test_what_is_not_known_comes_last(ties: Store) -> None:
    """In both directions."""
    with ties.reading() as connection:
        for descending in (True, False):
            page = find(connection, Wanted(), SortBy.INTRODUCED, descending=descending)
            known = [row.first_uploaded_at is not None for row in page.rows]
            assert known == sorted(known, reverse=True)
            assert known.count(True) == TIES // 2


def test_names_are_sorted_by_their_code_points(ties: Store) -> None:
    """The same in both databases, whatever the locale of the server."""
    with ties.reading() as connection:
        page = find(connection, Wanted(), SortBy.PROJECT)
        assert [row.project for row in page.rows] == ["z"] * (TIES // 2) + ["é"] * (TIES // 2)
        page = find(connection, Wanted(), SortBy.DETECTOR)
        assert [row.detector for row in page.rows[:: TIES - 1]] == ["X", "x"]


def test_the_way_back(ties: Store) -> None:
    """The page before has the same rows again, also from behind the last row."""
    with ties.reading() as connection:
        first = find(connection, Wanted(), limit=10)
        second = find(connection, Wanted(), limit=10, cursor=first.next)
        third = find(connection, Wanted(), limit=10, cursor=second.next)
        assert third.next is None
        assert find(connection, Wanted(), limit=10, cursor=third.previous) == second
        back = find(connection, Wanted(), limit=10, cursor=second.previous)
        assert (back.rows, back.next, back.previous) == (first.rows, first.next, None)
        # All rows behind a cursor are gone meanwhile: there is a way back.
        gone = Wanted(detector="absent")
        empty = find(connection, gone, limit=10, cursor=first.next)
        assert (empty.rows, empty.next) == ((), None)
        assert empty.previous is not None


def test_rows_that_come_and_go_move_no_page(ties: Store) -> None:
    """A page begins behind a row's place, also when that row is gone."""
    with ties.reading() as connection:
        first = find(connection, Wanted(), SortBy.ID, limit=10)
        expected = find(connection, Wanted(), SortBy.ID, limit=10, cursor=first.next).rows
    with ties.writing() as connection:
        connection.execute(sa.delete(t.secrets).where(t.secrets.c.id.in_([first.rows[-1].id, 24])))
    with ties.reading() as connection:
        again = find(connection, Wanted(), SortBy.ID, limit=10, cursor=first.next)
        assert again.rows == expected


def changed(cursor: str, **changes: Any) -> str:  # noqa: ANN401 (anything)
    """Return a cursor with other contents."""
    name, is_back, values = json.loads(urlsafe_b64decode(cursor + "=="))
    parts = {"name": name, "is_back": is_back, "values": values} | changes
    return urlsafe_b64encode(json.dumps(list(parts.values())).encode()).rstrip(b"=").decode()


@pytest.mark.parametrize(
    "changes",
    [
        {"name": "severity-"},
        {"name": "introduced+"},
        {"name": None},
        {"is_back": 1},
        {"values": []},
        {"values": ["2021-01-01T00:00:00+00:00", 1]},
        {"values": ["2021-01-01T00:00:00", 1, 1]},
        {"values": ["yesterday", 1, 1]},
        {"values": [7, 1, 1]},
        {"values": ["2021-01-01T00:00:00+00:00", None, 1]},
        {"values": ["2021-01-01T00:00:00+00:00", 1.5, 1]},
        {"values": ["2021-01-01T00:00:00+00:00", True, 1]},
        {"values": ["2021-01-01T00:00:00+00:00", 1, 1 << 70]},
        {"values": ["2021-01-01T00:00:00+00:00", 1, [1]]},
        {"values": ["0001-01-01T00:00:00+23:59", 1, 1]},
        {"more": 1},
    ],
)
def test_a_changed_cursor_is_refused(ties: Store, changes: dict[str, Any]) -> None:
    """What a link says is not trusted: no row of this list in this order has these values."""
    with ties.reading() as connection:
        cursor = find(connection, Wanted(), SortBy.INTRODUCED, limit=5).next
        assert cursor is not None
        assert find(connection, Wanted(), SortBy.INTRODUCED, cursor=changed(cursor)).rows
        with pytest.raises(UsageError, match="cursor"):
            find(connection, Wanted(), SortBy.INTRODUCED, cursor=changed(cursor, **changes))


@pytest.mark.parametrize("cursor", ["", "?", "é", "AAAA", "bnVsbA", "W10", "A" * 5000, "WzEsMl0="])
def test_what_is_no_cursor_is_refused(ties: Store, cursor: str) -> None:
    """Any text may come in a link."""
    with ties.reading() as connection, pytest.raises(UsageError, match="cursor"):
        find(connection, Wanted(), cursor=cursor)


@pytest.mark.parametrize("limit", [0, -1, 1001])
def test_a_page_has_a_size(ties: Store, limit: int) -> None:
    """Nobody gets all of it at once."""
    with ties.reading() as connection, pytest.raises(UsageError, match="1,000"):
        find(connection, Wanted(), limit=limit)


@pytest.mark.parametrize(
    ("glob", "text"),
    [
        ("*/a.py", "a.py"),
        ("*.py", ".py"),
        ("*settings*", ""),
        ("*/src/*", "src/"),
        ("demo-1.0/a.py", "a.py"),
        ("a.py", "a.py"),
        ("*/long/path/[ab]?.env", "long/path/"),
        ("*/x[", "x["),
        ("*", ""),
        ("", ""),
    ],
)
def test_what_a_path_must_have(glob: str, text: str) -> None:
    """The part of a glob that cannot lie in the first folder of a path."""
    assert rest_of(glob) == text


def test_a_search_that_was_cut(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is left out of a very long text is found by its path all the same."""
    history = History(store)
    history.publish("demo", "1.0", found(1))
    monkeypatch.setattr(sums, "LONGEST", 15)
    refresh(store)
    with store.reading() as connection:
        assert len(find(connection, Wanted(search="github")).rows) == 1
        assert not find(connection, Wanted(search="a.py")).rows
        assert len(find(connection, Wanted(path="*/a.py")).rows) == 1


def test_no_character_of_a_search_means_anything(store: Store) -> None:
    """Hostile names are found by what they are, and nothing else is."""
    history = History(store)
    for seed, path in enumerate(("100%/a_b.py", "100x/aXb.py", "c\\d'\"*.py"), start=1):
        name = f"demo-{seed}-py3-none-any.whl"
        history.announce("demo", f"{seed}", name)
        history.scanned(name, found(seed), path=path)
    refresh(store)
    with store.reading() as connection:
        for search, number in (("0%/", 1), ("A_B", 1), ("\\", 3), ("'\"*", 3)):
            (only,) = find(connection, Wanted(search=search)).rows
            assert only.id == history.number(number)


# Projects.


@pytest.fixture
def projects(store: Store) -> Store:
    """Return a store with four projects, the last of which has no finding."""
    history = History(store)
    history.publish("alpha", "1.0", found(1), found(2, start=60, severity=Severity.LOW))
    history.publish("beta", "1.0", found(3))
    history.publish("beta", "2.0")
    history.publish("beta-tools", "3.0", found(4, severity=Severity.HIGH), uploaded=None)
    history.publish("clean", "1.0")
    refresh(store)
    return store


@pytest.mark.parametrize(
    ("sort", "names"),
    [
        (SortProjects.WORST, ["alpha", "beta", "beta-tools"]),
        (SortProjects.NAME, ["alpha", "beta", "beta-tools"]),
        (SortProjects.FINDINGS, ["alpha", "beta", "beta-tools"]),
        (SortProjects.RELEASES, ["beta", "beta-tools", "alpha"]),
        (SortProjects.PRESENT, ["alpha", "beta-tools", "beta"]),
        (SortProjects.LAST_UPLOAD, ["beta", "alpha", "beta-tools"]),
    ],
)
def test_projects_are_sorted(projects: Store, sort: SortProjects, names: list[str]) -> None:
    """By each column, in both directions, one a page; a project without a finding is none."""
    with projects.reading() as connection:
        for descending in (None, True, False):
            listed: list[ListedProject] = []
            cursor = None
            while not listed or cursor is not None:
                page = find_projects(
                    connection, "", sort, descending=descending, cursor=cursor, limit=1
                )
                listed += page.rows
                cursor = page.next
            assert sorted(one.name for one in listed) == sorted(names)
            if descending is None:
                assert [one.name for one in listed] == names
        assert count_projects(connection) == 3


def test_projects_are_searched(projects: Store) -> None:
    """By words in the name, which stand for themselves."""
    with projects.reading() as connection:
        for search, names in (
            ("BETA", ["beta", "beta-tools"]),
            ("tools beta", ["beta-tools"]),
            ("beta%", []),
        ):
            page = find_projects(connection, search, SortProjects.NAME)
            assert [one.name for one in page.rows] == names
            assert count_projects(connection, search) == len(names)


# Files.


@pytest.fixture
def files(store: Store) -> Store:
    """Return a store with files of each state, one of which is deleted."""
    names = [f"demo-{number}.tar.gz" for number in range(6)]
    with store.writing() as connection:
        writer = Writer(connection)
        writer.page("demo", *(index_file("demo", "1", name) for name in names))
        writer.page("other", index_file("other", "1", "other-1.tar.gz"))
        gap = Skip(path="a", reason=SkipReason.ENCRYPTED)
        link = Skip(path="b", reason=SkipReason.LINK)
        writer.scanned(names[0], skips=(gap, gap, link), files=4)
        writer.scanned(names[1], skips=(link,), files=1)
        writer.scanned(names[2], files=1)
        # Failed before and after it was scanned.
        writer.ledger.failed(connection, artifact_number(connection, names[3]), "it hangs")
        writer.ledger.failed(connection, artifact_number(connection, names[2]), "it is gone")
        left = [name for name in names if name != names[5]]
        writer.page("demo", *(index_file("demo", "1", name) for name in left))
    return store


def seen(connection: Connection, wanted: WantedArtifacts, *, descending: bool) -> list[str]:
    """Return the names of files, page after page."""
    rows: list[ListedArtifact] = []
    cursor = None
    while not rows or cursor is not None:
        page = find_artifacts(connection, wanted, descending=descending, cursor=cursor, limit=2)
        rows += page.rows
        cursor = page.next
        if not page.rows:
            break
    return [row.name for row in rows]


@pytest.mark.parametrize(
    ("wanted", "numbers"),
    [
        (WantedArtifacts(), "01234o"),
        (WantedArtifacts(deleted=True), "012345o"),
        (WantedArtifacts(scans=(Scan.FAILED,)), "23"),
        (WantedArtifacts(scans=(Scan.PENDING,)), "4o"),
        (WantedArtifacts(scans=(Scan.INCOMPLETE,)), "0"),
        (WantedArtifacts(scans=(Scan.COMPLETE, Scan.FAILED)), "123"),
        (WantedArtifacts(reason=SkipReason.ENCRYPTED), "0"),
        (WantedArtifacts(reason=SkipReason.LINK), "01"),
        (WantedArtifacts(reason=SkipReason.LINK, scans=(Scan.COMPLETE,)), "1"),
        (WantedArtifacts(reason=SkipReason.LINK, project="other"), ""),
        (WantedArtifacts(reason=SkipReason.CORRUPT), ""),
        (WantedArtifacts(project="other"), "o"),
        (WantedArtifacts(project_id=1, scans=(Scan.PENDING,)), "4"),
        (WantedArtifacts(project="absent"), ""),
    ],
)
def test_files_are_listed(files: Store, wanted: WantedArtifacts, numbers: str) -> None:
    """By what became of scanning them, why something was passed over, and their project."""
    names = ["other-1.tar.gz" if one == "o" else f"demo-{one}.tar.gz" for one in numbers]
    with files.reading() as connection:
        order = sa.select(t.artifacts.c.name).order_by(t.artifacts.c.id)
        by_age = [name for name in connection.scalars(order) if name in names]
        assert seen(connection, wanted, descending=False) == by_age
        assert seen(connection, wanted, descending=True) == by_age[::-1]
        assert count_artifacts(connection, wanted) == len(names)


def test_a_file_says_what_became_of_it(files: Store) -> None:
    """Its state, why it failed, and what was passed over in it."""
    with files.reading() as connection:
        rows = {row.name: row for row in find_artifacts(connection, WantedArtifacts()).rows}
        first, failed = rows["demo-0.tar.gz"], rows["demo-2.tar.gz"]
        assert (first.project, first.version, first.kind) == ("demo", "1", "sdist")
        assert (first.scan, first.files, first.failure) == (Scan.INCOMPLETE, 4, None)
        assert dict(first.skips) == {SkipReason.ENCRYPTED: 2, SkipReason.LINK: 1}
        assert (failed.scan, failed.failure, failed.attempts) == (Scan.FAILED, "it is gone", 1)
        assert count_scans(connection) == {
            Scan.FAILED: 2,
            Scan.PENDING: 2,
            Scan.INCOMPLETE: 1,
            Scan.COMPLETE: 1,
        }
