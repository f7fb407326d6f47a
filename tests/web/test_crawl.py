"""Crawls: those that ended, and how far the one is that may still run."""

from __future__ import annotations

from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from keysift.errors import StoreError
from keysift.store import tables as t
from keysift.store.database import Store
from keysift.store.held import HeldStore
from keysift.store.queries.runs import list_runs, standing
from keysift.web.live_view import live_view
from keysift.web.pace import WINDOW, Pace
from keysift.web.runs_view import shown_runs, span
from keysift.web.settings import WebSettings
from tests.web.filled import BEGAN, crawls, fill
from tests.web.markup import Markup
from tests.web.stores import HOSTILE
from tests.web.visiting import visiting, words


def test_a_new_store_says_what_to_run(store: Store, told: WebSettings) -> None:
    """The page and its part that changes."""
    with visiting(store, told) as visit:
        for path in ("/crawl", "/crawl/live"):
            assert "keysift crawl" in words(visit.get(path))


def test_runs_tell_what_they_did(store: Store) -> None:
    """One that did not end before another began was killed: two never run at once."""
    fill(store)
    with store.reading() as connection:
        rows = list_runs(connection).rows
    assert [one.state for one in shown_runs(rows, is_crawled=False)] == [
        "killed",
        "ended",
        "killed",
    ]
    runs = shown_runs(rows, is_crawled=True)
    assert [(one.state, one.took) for one in runs] == [
        ("running", ""),
        ("ended", "2 h"),
        ("killed", ""),
    ]
    assert runs[1].counts == [("files scanned", "1,234"), ("fetched", "5.00 MB")]
    assert runs[1].wanted == [("names", "de*")]


def test_the_page_shows_runs_and_what_goes_on(store: Store, told: WebSettings) -> None:
    """Without a script too: the part that changes is there from the beginning."""
    fill(store)
    with visiting(store, told) as visit, closing(HeldStore(store)):
        page = visit.get("/crawl")
        part = visit.get("/crawl/live")
    text = words(page)
    assert "A crawl runs" in text
    assert "Files done 6 of 7 known, 85.7 %" in text
    assert "Projects read 2 of 2" in text
    assert "was killed" in text
    assert 'data-live="/crawl/live"' in page.text
    assert part.headers["cache-control"] == "no-store"
    assert "Files done 6 of 7 known" in words(part)
    assert "<html" not in part.text
    assert not Markup(page.text).problems


def test_a_crawl_that_was_killed_is_said_to_be(store: Store, told: WebSettings) -> None:
    """Its lock went with it; the next one takes the lock as if nobody had looked."""
    fill(store)
    with visiting(store, told) as visit:
        held = HeldStore(store)
        assert store.is_crawled()
        held.close()
        assert not store.is_crawled()
        text = words(visit.get("/crawl"))
        assert "The last crawl was killed" in text
        assert "goes on where it stopped" in text
        assert "Pace" not in text
        assert "The crawl was killed. 6 of 7 known files are done." in visit.get("/crawl/live").text
        with closing(HeldStore(store)):
            assert "was killed" not in words(visit.get("/crawl/live"))


def test_looking_makes_no_lock(tmp_path: Path) -> None:
    """One that the dashboard's user made could be closed to whoever crawls."""
    store = Store(str(tmp_path / "store.db"))
    assert not store.is_crawled()
    assert not list(tmp_path.glob("*.lock"))
    with closing(HeldStore(store)):
        assert store.is_crawled()
    (tmp_path / "store.db.lock").unlink(missing_ok=True)
    (tmp_path / "store.db.lock").mkdir()
    with pytest.raises(StoreError, match=r"store\.db"):
        store.is_crawled()
    store.close()


def test_only_who_is_logged_in_may_watch(store: Store, told: WebSettings) -> None:
    """The part that changes is no way around the login."""
    with visiting(store, told) as visit:
        visit.post("/logout")
        assert visit.get("/crawl/live").status_code in {303, 401}


def test_runs_come_in_pages(store: Store, told: WebSettings) -> None:
    """The last ones first; what is no page of them is refused."""
    for _ in range(10):
        crawls(store)
    with store.reading() as connection:
        first = list_runs(connection, limit=20)
        second = list_runs(connection, first.next, limit=20)
    numbers = [one.id for one in (*first.rows, *second.rows)]
    assert numbers == sorted(numbers, reverse=True)
    assert len(numbers) == 30
    with visiting(store, told) as visit:
        assert visit.get("/crawl?at=nonsense").status_code == 400
        assert visit.get(f"/crawl?at={first.next}").status_code == 200


def test_how_fast_and_how_long(store: Store) -> None:
    """A pace is known once something was seen to change; what is left follows from it."""
    fill(store)
    with store.reading() as connection:
        run, now = list_runs(connection).rows[0], standing(connection)
    pace = Pace()
    assert live_view(run, now, pace, BEGAN, is_crawled=True).pace == ""
    pace.add(BEGAN, now.done - 4)
    pace.add(BEGAN + timedelta(seconds=30), now.done)
    shown = live_view(run, now, pace, BEGAN, is_crawled=True)
    assert (shown.pace, shown.left) == ("8 files a minute", "8 s")
    assert shown.sentence == "A crawl runs. 6 of 7 known files are done."


def test_a_crawl_that_does_nothing_is_said_to(store: Store) -> None:
    """It waits for the index, or for a large file."""
    fill(store)
    with store.reading() as connection:
        run, now = list_runs(connection).rows[0], standing(connection)
    pace = Pace()
    pace.add(BEGAN, now.done)
    pace.add(BEGAN + WINDOW, now.done)
    assert live_view(run, now, pace, BEGAN, is_crawled=True).pace == "nothing in the last 2 min"


def test_old_samples_are_forgotten() -> None:
    """A pace is that of the last minutes."""
    pace = Pace()
    for second, done in ((0, 0), (100, 1000), (160, 1000), (220, 1002), (280, 1004)):
        pace.add(BEGAN + timedelta(seconds=second), done)
    assert pace.per_minute() == 2.0
    assert pace.watched() == timedelta(seconds=120)


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0, "0 s"),
        (0.4, "0 s"),
        (59.6, "1 min"),
        (90, "1 min 30 s"),
        (7200, "2 h"),
        (7260, "2 h 1 min"),
        (86_400 * 3 + 3600, "3 d 1 h"),
        (-5, "0 s"),
    ],
)
def test_lengths_of_time(seconds: float, said: str) -> None:
    """Two units say enough."""
    assert span(seconds) == said


def test_no_text_of_an_index_becomes_markup(store: Store, told: WebSettings) -> None:
    """Addresses, versions, what was asked for and what was counted."""
    fill(store)
    with store.writing() as connection:
        for number, text in enumerate(HOSTILE[:3], start=1):
            values = {"version": text, "wanted": {text: [text]}, "counts": {text: text}}
            connection.execute(sa.update(t.runs).where(t.runs.c.id == number).values(**values))
        connection.execute(sa.update(t.registries).values(url=HOSTILE[4]))
    with visiting(store, told) as visit:
        for path in ("/crawl", "/crawl/live", "/"):
            page = visit.get(path)
            assert page.status_code == 200
            assert not Markup(page.text).problems
        assert not visit.reports
