"""Adding up what changed: no mark is lost, whoever writes meanwhile, or kills it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import pytest
import sqlalchemy as sa
from alembic import command
from sqlalchemy import Connection

from keysift.model import TriageStatus, Verdict
from keysift.store import database, ledger, pages, summaries
from keysift.store import tables as t
from keysift.store.database import Store
from keysift.store.lock import Purpose
from keysift.store.purge import purge
from keysift.store.queries.find import Listed, find
from keysift.store.queries.wanted import Wanted
from keysift.store.stale import is_fresh, mark_all, mark_project, stale_projects
from keysift.store.summaries import refresh
from keysift.store.triage import decide_all
from tests.store.history import History
from tests.store.samples import Writer, artifact_number, found, index_file


@pytest.fixture
def history(store: Store) -> History:
    """Return a history of a project with a secret in its only release."""
    made = History(store)
    made.publish("demo", "1.0", found(1))
    return made


def listed(store: Store) -> list[Listed]:
    """Return the first page."""
    with store.reading() as connection:
        return list(find(connection, Wanted()).rows)


def marks(store: Store) -> dict[str, int]:
    """Return how often each project changed."""
    query = sa.select(t.projects.c.name, t.stale_projects.c.changes).join(
        t.projects, t.projects.c.id == t.stale_projects.c.project_id
    )
    with store.reading() as connection:
        return {row.name: row.changes for row in connection.execute(query)}


def test_nothing_is_listed_before_it_is_added_up(history: History) -> None:
    """A crawl only marks; ``refresh`` says how many projects there were to do."""
    assert listed(history.store) == []
    assert not fresh(history.store)
    assert refresh(history.store) == 1
    assert [one.id for one in listed(history.store)] == [history.number(1)]
    assert fresh(history.store)
    assert refresh(history.store) == 0


def fresh(store: Store) -> bool:
    """Tell whether everything is added up."""
    with store.reading() as connection:
        assert is_fresh(connection) == (stale_projects(connection) == 0)
        return is_fresh(connection)


def test_progress_is_told(history: History, monkeypatch: pytest.MonkeyPatch) -> None:
    """After each batch of projects: how many are done, and of how many."""
    history.publish("other", "1.0", found(2))
    history.publish("third", "1.0")
    monkeypatch.setattr(summaries, "PROJECTS", 2)
    told: list[tuple[int, int]] = []
    refresh(history.store, progress=lambda done, total: told.append((done, total)))
    assert told == [(2, 3), (3, 3)]


def _scan_again(history: History) -> None:
    history.scanned("demo-1.0.tar.gz", found(1), found(3, start=90))


def _fail(history: History) -> None:
    with history.store.writing() as connection:
        number = artifact_number(connection, "demo-1.0.tar.gz")
        Writer(connection).ledger.failed(connection, number, "it hangs")


def _vanish(history: History) -> None:
    with history.store.writing() as connection:
        registry = Writer(connection).registry
        assert pages.project_gone(connection, registry, "demo")


def _forget(history: History) -> None:
    with history.store.writing() as connection:
        purge(connection, ledger.now(), findings=True)


@pytest.mark.parametrize(
    "change",
    [
        lambda history: history.publish("demo", "1.1"),
        lambda history: history.announce("demo", "1.1", "demo-1.1.tar.gz"),
        lambda history: history.change("demo", "demo-1.0.tar.gz", yanked="broken"),
        lambda history: history.change("demo", "demo-1.0.tar.gz", uploaded=None, sha256="0" * 64),
        lambda history: history.delete("demo", "demo-1.0.tar.gz"),
        _scan_again,
        _fail,
        _vanish,
        _forget,
    ],
)
def test_whatever_changes_a_project_marks_it(
    history: History, change: Callable[[History], None]
) -> None:
    """Each writer marks the project in its own transaction, and no other one."""
    history.publish("other", "1.0")
    refresh(history.store)
    change(history)
    assert set(marks(history.store)) == {"demo"}


def test_a_later_upload_is_a_change(store: Store) -> None:
    """What an index corrects of a file is no event, and changes when a secret was introduced."""
    history = History(store)
    history.publish("demo", "1.0", found(1), uploaded=None)
    refresh(store)
    day = index_file("demo", "1.0", "demo-1.0.tar.gz").artifact.uploaded
    history.change("demo", "demo-1.0.tar.gz", uploaded=day)
    refresh(store)
    assert listed(store)[0].first_uploaded_at == day


def test_a_page_without_news_marks_nothing(history: History) -> None:
    """A crawl that finds everything as it was leaves nothing to be added up."""
    refresh(history.store)
    history.change("demo", "demo-1.0.tar.gz")
    assert marks(history.store) == {}


def test_content_that_two_projects_share(history: History) -> None:
    """A newer ruleset that looks at content in one project says something of the other one's."""
    both = (found(1), found(2, start=60))
    history.publish("early", "1.0", *both)
    refresh(history.store)
    assert len(listed(history.store)) == 2
    with history.store.writing() as connection:
        writer = Writer(connection)
        writer.page("late", index_file("late", "1.0", "late-1.0.tar.gz"))
    history.rescanned("late-1.0.tar.gz", found(1), before=both)
    assert set(marks(history.store)) == {"late"}
    refresh(history.store)
    # The second secret stands in "early" alone, where nobody looked again.
    assert [one.id for one in listed(history.store)] == [history.number(1)]


def test_what_is_purged_is_gone_at_once(history: History) -> None:
    """Masks and paths of what was purged are not kept in the cache until somebody adds up."""
    refresh(history.store)
    history.decided(1, "accepted")
    _forget(history)
    with history.store.reading() as connection:
        assert connection.scalars(sa.select(t.secrets.c.id)).all() == [history.number(1)]
    assert all(rows == [] for rows in cache(history.store))
    refresh(history.store)
    assert all(rows == [] for rows in cache(history.store))


def test_the_cache_can_be_made_again(history: History) -> None:
    """Emptied, all of it or a table, and with every project marked, it becomes what it was."""
    history.publish("demo", "1.1", found(1), found(2, start=60))
    history.judged(1, Verdict.ACTIVE)
    refresh(history.store)
    before = cache(history.store)
    for emptied in (TABLES, *((table,) for table in TABLES)):
        with history.store.writing() as connection:
            for table in emptied:
                connection.execute(sa.delete(table))
            mark_all(connection)
        refresh(history.store)
        assert cache(history.store) == before


TABLES = (t.lives, t.summaries, t.haystacks, t.tallies)


def cache(store: Store) -> list[list[Any]]:
    """Return all rows of the cache."""
    with store.reading() as connection:
        return [
            list(connection.execute(sa.select(table).order_by(*table.primary_key)))
            for table in TABLES
        ]


def test_a_decision_on_many(history: History) -> None:
    """The same line in the trail of each, and in the list."""
    history.publish("demo", "1.1", found(2))
    refresh(history.store)
    numbers = [history.number(1), history.number(2)]
    with history.store.writing() as connection:
        decide_all(connection, numbers, TriageStatus.TEST, note="made up", author="ada")
    assert {one.triage for one in listed(history.store)} == {TriageStatus.TEST}
    with history.store.reading() as connection:
        assert connection.scalars(sa.select(t.tallies.c.open)).all() == [0]


@contextmanager
def before_each_write(
    monkeypatch: pytest.MonkeyPatch, number: int, act: Callable[[], None]
) -> Iterator[None]:
    """Do something once, right before the n-th transaction that writes."""
    writing, left = Store.writing, number

    def meanwhile(store: Store, **options: bool) -> AbstractContextManager[Connection]:
        nonlocal left
        left -= 1
        if not left:
            act()
        return writing(store, **options)

    with monkeypatch.context() as patch:
        patch.setattr(Store, "writing", meanwhile)
        yield
    assert left <= 0


@pytest.mark.parametrize("number", [1, 2], ids=["before it is written", "before the mark goes"])
@pytest.mark.parametrize("is_new", [True, False], ids=["first", "again"])
def test_a_change_meanwhile_stays_marked(
    history: History, monkeypatch: pytest.MonkeyPatch, number: int, *, is_new: bool
) -> None:
    """A crawl writes after the findings were read: they are added up again the next time."""
    if not is_new:
        refresh(history.store)
        history.publish("demo", "1.1", found(1))
    with before_each_write(
        monkeypatch, number, lambda: history.publish("demo", "2.0", found(1), found(2, start=60))
    ):
        refresh(history.store)
    assert set(marks(history.store)) == {"demo"}
    refresh(history.store)
    assert fresh(history.store)
    assert [one.version for one in listed(history.store)] == ["2.0", "2.0"]


def test_a_purge_meanwhile(history: History, monkeypatch: pytest.MonkeyPatch) -> None:
    """A secret that is gone when its sums are written is not written."""
    history.publish("demo", "1.1", found(2))
    history.decided(2, "accepted")
    with before_each_write(monkeypatch, 1, lambda: _forget(history)):
        refresh(history.store)
    refresh(history.store)
    assert listed(history.store) == []
    assert all(rows == [] for rows in cache(history.store))


def test_judgements_meanwhile(history: History, monkeypatch: pytest.MonkeyPatch) -> None:
    """A verdict and a decision between reading and writing are in the list."""

    def judge() -> None:
        history.judged(1, Verdict.ACTIVE)
        history.decided(1, "revoked")

    with before_each_write(monkeypatch, 1, judge):
        refresh(history.store)
    (only,) = listed(history.store)
    assert (only.verdict, only.triage) == (Verdict.ACTIVE, TriageStatus.REVOKED)


def test_whoever_marks_waits_for_a_mark_that_goes(history: History) -> None:
    """A mark that is being taken back is not one that counts: the change is marked anew."""
    store = history.store
    with store.reading() as connection:
        (mark,) = connection.execute(sa.select(t.stale_projects)).all()

    def change() -> None:
        with store.writing() as connection:
            mark_project(connection, mark.project_id)

    writer = threading.Thread(target=change)
    with store.writing() as connection:
        summaries._take_back(connection, [mark.project_id], [mark.changes])
        writer.start()
        writer.join(0.5)
        assert writer.is_alive()
    writer.join()
    assert marks(store) == {"demo": 1}


def test_a_mark_that_somebody_makes_is_passed_over(history: History) -> None:
    """Whoever adds up does not wait for a crawl's transaction, and leaves its mark."""
    store = history.store
    if store.is_sqlite:
        pytest.skip("has one writer at a time")
    with store.writing() as connection:
        number = connection.scalars(sa.select(t.projects.c.id)).one()
        mark_project(connection, number)
        refresh(store)
        assert len(listed(store)) == 1
    assert set(marks(store)) == {"demo"}


def test_one_adds_up_at_a_time(history: History) -> None:
    """A second one waits for the first, and does what is left."""
    lock = history.store.lock(Purpose.REFRESHING)
    assert lock.take()
    second = threading.Thread(target=refresh, args=(history.store,))
    second.start()
    second.join(0.5)
    assert second.is_alive()
    assert listed(history.store) == []
    lock.give()
    second.join()
    assert len(listed(history.store)) == 1


def test_what_was_not_finished_is_still_marked(
    history: History, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed between two transactions, the rest is done the next time."""
    history.publish("other", "1.0", found(2))

    def killed() -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(summaries, "PROJECTS", 1)
    with pytest.raises(KeyboardInterrupt), before_each_write(monkeypatch, 3, killed):
        refresh(history.store)
    assert set(marks(history.store)) == {"other"}
    refresh(history.store)
    assert len(listed(history.store)) == 2


def test_a_store_of_an_older_keysift(history: History, location: str) -> None:
    """A store that was made before there was a cache has all its projects marked."""
    history.publish("other", "1.0", found(2))
    history.judged(1, Verdict.ACTIVE)
    with history.store.writing() as connection:
        configuration = database._configuration()
        configuration.attributes["connection"] = connection
        command.downgrade(configuration, "0003")
    names = set(sa.inspect(history.store.engine).get_table_names())
    assert not names & {table.name for table in (*TABLES, t.stale_projects)}
    again = Store(location)
    assert set(marks(again)) == {"demo", "other"}
    refresh(again)
    assert {one.verdict for one in listed(again)} == {Verdict.ACTIVE, Verdict.UNCHECKED}
    again.close()
