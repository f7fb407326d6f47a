"""Projects: the list, and which release of a project carries what."""

from __future__ import annotations

import re

import pytest
import sqlalchemy as sa

from keysift.store import tables as t
from keysift.store.database import Store
from keysift.store.queries.carried import Carried, Held, carried
from keysift.store.summaries import refresh
from keysift.web.project_view import WINDOW, project_view
from keysift.web.settings import WebSettings
from tests.store.history import History
from tests.store.samples import catalogue, found
from tests.web.filled import fill
from tests.web.markup import Markup
from tests.web.stores import HOSTILE, adopt, hostile, many
from tests.web.visiting import visiting, words


def _project(store: Store, name: str) -> int:
    with store.reading() as connection:
        query = sa.select(t.projects.c.id).where(t.projects.c.name == name)
        number: int = connection.execute(query).scalar_one()
    return number


def _carried(store: Store, name: str) -> Carried:
    number = _project(store, name)
    with store.reading() as connection:
        return carried(connection, number)


def _names(page: str) -> list[str]:
    return re.findall(r'href="/projects/\d+">([^<]+)<', page)


def test_a_new_store_has_no_project(store: Store, told: WebSettings) -> None:
    """Both lists say so, and that this does not mean that all is well."""
    with visiting(store, told) as visit:
        assert "What was not looked at may hold some all the same" in words(visit.get("/projects"))
        assert "keysift crawl" in words(visit.get("/projects?clean=1"))
        assert visit.get("/projects/1").status_code == 404
        assert visit.get(f"/projects/{2**70}").status_code == 404


def test_projects_with_findings_are_listed(store: Store, told: WebSettings) -> None:
    """A project without one is listed when it is asked for."""
    fill(store)
    with visiting(store, told) as visit:
        page = visit.get("/projects")
        assert _names(page.text) == ["demo"]
        # 1.0, 2.0 and 4.0 (in part); 5.0 failed, 6.0 is to come, 3.0 is gone.
        assert "1 critical 1 high 2 2 1 " in words(page)
        assert "2 of 5 files" in words(page)
        assert _names(visit.get("/projects?clean=1").text) == ["clean", "demo"]
        assert _names(visit.get("/projects?clean=1&name=lea").text) == ["clean"]
        assert "No project with findings has such a name" in words(visit.get("/projects?name=x"))


def test_pages_of_projects_hold_each_once(store: Store, told: WebSettings) -> None:
    """Forth and back, sorted by anything, in either direction."""
    many(store, 300, projects=70)
    with visiting(store, told) as visit:
        for sort in ("", "name", "-name", "findings", "-findings", "last-upload", "-last-upload"):
            first = visit.get(f"/projects?sort={sort}")
            after = re.search(r'rel="next" href="([^"]+)"', first.text)
            assert after is not None, sort
            second = visit.get(after[1].replace("&amp;", "&"))
            names = _names(first.text) + _names(second.text)
            assert len(names) == len(set(names)) == 70, sort
            before = re.search(r'rel="prev" href="([^"]+)"', second.text)
            assert before is not None, sort
            again = visit.get(before[1].replace("&amp;", "&"))
            assert _names(again.text) == _names(first.text), sort
        assert _names(visit.get("/projects?sort=name").text) == sorted(
            _names(visit.get("/projects?sort=name").text)
        )


@pytest.mark.parametrize("query", ["sort=nonsense", "at=nonsense", "at=W10", "clean=1&at=W10"])
def test_senseless_addresses_are_refused(store: Store, told: WebSettings, query: str) -> None:
    """With a sentence, and no report of a crash."""
    with visiting(store, told) as visit:
        assert visit.get(f"/projects?{query}").status_code == 400
        assert not visit.reports


def test_releases_carry_what_their_files_hold(store: Store) -> None:
    """Also when these are yanked or gone, and it is said that they are."""
    history = fill(store)
    first, second = history.number(1), history.number(2, "slack-bot-token")
    held = _carried(store, "demo")
    assert [one.version for one in held.releases] == ["1.0", "2.0", "3.0", "4.0", "5.0", "6.0"]
    assert [one.held for one in held.releases] == [
        {first: Held.LISTED, second: Held.LISTED},
        {first: Held.YANKED},
        {second: Held.DELETED},
        {first: Held.LISTED},
        {},
        {},
    ]
    assert [one.is_looked_at for one in held.releases] == [True] * 4 + [False] * 2
    assert [one.id for one in held.findings] == [first, second]
    # The newest release was not scanned: nobody knows what it has.
    assert held.findings[0].is_present is None


def test_a_release_that_was_not_looked_at_is_no_clean_one(store: Store) -> None:
    """It has a question mark, where one that was looked at has a dot."""
    fill(store)
    view = project_view(_carried(store, "demo"), catalogue(), 1, 1)
    assert [[mark.sign for mark in row.marks] for row in view.rows] == [
        ["●", "◐", "·", "●", "?", "?"],
        ["●", "·", "○", "·", "?", "?"],
    ]
    notes = {one.version: tuple(one.notes) for one in view.releases}
    assert notes["2.0"] == ("yanked",)
    assert notes["3.0"] == ("deleted",)
    assert notes["4.0"] == ("not all looked at",)
    assert notes["5.0"] == notes["6.0"] == ("not looked at",)


def test_one_listed_file_is_enough(store: Store) -> None:
    """A release whose sdist is yanked still ships what its wheel holds."""
    with store.writing() as connection:
        adopt(connection)
    history = History(store)
    history.upload("demo", "1.0", "demo-1.0.tar.gz", found(1), yanked="")
    history.upload("demo", "1.0", "demo-1.0-py3-none-any.whl", found(1))
    refresh(store)
    assert list(_carried(store, "demo").releases[0].held.values()) == [Held.LISTED]


def test_many_releases_come_in_pages(store: Store, told: WebSettings) -> None:
    """The newest first; a page beyond the last one is empty, and no crash."""
    with store.writing() as connection:
        adopt(connection)
    history = History(store)
    for minor in range(WINDOW + 3):
        history.announce("demo", f"1.{minor}", f"demo-1.{minor}.tar.gz")
    number = _project(store, "demo")
    with visiting(store, told) as visit:
        first = words(visit.get(f"/projects/{number}"))
        second = words(visit.get(f"/projects/{number}?page=2"))
        third = visit.get(f"/projects/{number}?page=3")
        assert visit.get(f"/projects/{number}?page=0").status_code == 400
        assert visit.get(f"/projects/{number}?page=x").status_code == 400
    assert f"Releases 4 to {WINDOW + 3} of {WINDOW + 3}" in first
    assert "demo-1.2.tar.gz" not in first
    assert f"Releases 1 to 3 of {WINDOW + 3}" in second
    assert "demo-1.2.tar.gz" in second
    assert third.status_code == 200
    assert "No release" in words(third)


def test_the_page_of_a_project(store: Store, told: WebSettings) -> None:
    """It names its index, warns of gaps, and has a chart and a table."""
    fill(store)
    with visiting(store, told) as visit:
        page = visit.get(f"/projects/{_project(store, 'demo')}")
        clean = words(visit.get(f"/projects/{_project(store, 'clean')}"))
    text = words(page)
    assert "https://index.invalid/simple/" in text
    assert "3 of 5 files were not looked at, or not all of them" in text
    assert "yanked: leaks a key" in text
    assert "carried by deleted files only" in text
    assert 'data-chart="carried"' in page.text
    assert not Markup(page.text).problems
    assert "No finding." in clean


def test_no_text_of_a_package_becomes_markup(store: Store, told: WebSettings) -> None:
    """Whatever projects, releases, files, types and masks are called."""
    hostile(store)
    with visiting(store, told) as visit:
        pages = [visit.get("/projects"), visit.get("/projects?clean=1")]
        pages += [visit.get(f"/projects/{one}") for one in range(1, len(HOSTILE) + 1)]
        assert not visit.reports
    for page in pages:
        assert page.status_code == 200
        assert not Markup(page.text).problems
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in pages[0].text
