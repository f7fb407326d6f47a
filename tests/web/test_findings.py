"""The list of findings: filters, orders, pages, decisions about many, saved lists, files."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
import sqlalchemy as sa

from keysift.catalogue import Catalogue
from keysift.model import Role, Severity, TriageStatus
from keysift.store import tables as t
from keysift.store.database import Store
from keysift.store.queries.find import SortBy, all_of
from keysift.store.queries.wanted import Wanted
from keysift.store.triage import trail
from keysift.store.views import save, views
from keysift.web.settings import WebSettings
from tests.store.samples import value
from tests.web.markup import Markup
from tests.web.site import settings
from tests.web.stores import HOSTILE, hostile, many
from tests.web.visiting import Visit, visiting, words

_ROW = re.compile(r'name="secret" value="(\d+)"')
_NEXT = re.compile(r'rel="next" href="([^"]+)"')
_PREVIOUS = re.compile(r'rel="prev" href="([^"]+)"')
_MANY = 1000


@pytest.fixture(scope="module")
def big(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """Return a store of a thousand findings, which no test changes."""
    store = Store(str(tmp_path_factory.mktemp("many") / "many.db"))
    many(store, _MANY)
    yield store
    store.close()


@pytest.fixture(scope="module")
def reader(big: Store, catalogue: Catalogue) -> Iterator[Visit]:
    """Return somebody who may only look at it."""
    with visiting(big, settings(catalogue, "t" * 43), Role.READ) as visit:
        yield visit


@pytest.fixture
def small(store: Store) -> Store:
    """Return a store of sixty findings."""
    many(store, 60, projects=4)
    return store


@pytest.fixture
def visit(small: Store, told: WebSettings) -> Iterator[Visit]:
    """Return somebody who may decide."""
    with visiting(small, told, Role.TRIAGE) as visit:
        yield visit


def _numbers(page: str) -> list[int]:
    return [int(number) for number in _ROW.findall(page)]


def _walked(visit: Visit, address: str) -> tuple[list[int], str]:
    """Return the findings of all pages of a list, and the address of the last one."""
    seen: list[int] = []
    while True:
        page = visit.get(address)
        assert page.status_code == 200
        seen += _numbers(page.text)
        link = _NEXT.search(page.text)
        if link is None:
            return seen, address
        address = link.group(1).replace("&amp;", "&")


@pytest.mark.parametrize("order", ["asc", "desc"])
@pytest.mark.parametrize("sort", list(SortBy))
def test_each_order_has_each_finding_once(reader: Visit, sort: SortBy, order: str) -> None:
    """Whatever a list is sorted by, its pages together hold each finding exactly once."""
    seen, _ = _walked(reader, f"/findings?sort={sort.value}&order={order}&size=200")
    assert sorted(seen) == sorted(set(seen))
    assert len(seen) == _MANY


def test_one_can_go_back(reader: Visit) -> None:
    """The way back has the same pages as the way there, and ends at the first."""
    seen, address = _walked(reader, "/findings?sort=last-seen&size=100")
    back: list[int] = []
    while True:
        page = reader.get(address).text
        back = _numbers(page) + back
        link = _PREVIOUS.search(page)
        if link is None:
            break
        address = link.group(1).replace("&amp;", "&")
    assert back == seen


def test_on_both_databases(visit: Visit) -> None:
    """Both databases give each finding once."""
    seen, _ = _walked(visit, "/findings?sort=project")
    assert len(seen) == len(set(seen)) == 60


def test_headers_sort_and_turn_around(reader: Visit) -> None:
    """A click on the column that the list is sorted by turns it around; screen readers are told."""
    page = reader.get("/findings").text
    assert page.count("aria-sort") == 1
    assert 'aria-sort="descending"><a href="/findings?order=asc">Severity' in page
    page = reader.get("/findings?sort=detector").text
    assert 'aria-sort="ascending"><a href="/findings?order=desc&amp;sort=detector">Type' in page
    link = '<a href="/findings?sort=detector">Type'
    assert link in reader.get("/findings?order=desc&sort=detector").text


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ("severity=high", Wanted(severities=(Severity.HIGH,))),
        ("severity=high&severity=low", Wanted(severities=(Severity.HIGH, Severity.LOW))),
        ("triage=false-positive", Wanted(triage=(TriageStatus.FALSE_POSITIVE,))),
        ("present=unknown&present=no", Wanted(presence=(None, False))),
        ("privilege=unknown", Wanted(privileges=(None,))),
        ("canaries=none", Wanted(is_canary=False)),
        ("canaries=only", Wanted(is_canary=True)),
        ("project=project-007", Wanted(project="project-007")),
        ("project=t-00", Wanted(project="project-00?")),
        ("path=3.py", Wanted(path="*3.py")),
        ("detector=slack-*", Wanted(detector="slack-bot-token")),
        ("provider=slack", Wanted(detector="slack-bot-token")),
        ("year=2021", Wanted(year=2021)),
        ("kind=sdist&q=GITHUB+project-001", Wanted(search="github-pat project-001")),
        ("kind=wheel", Wanted(kind="wheel")),
    ],
)
def test_filters(reader: Visit, big: Store, query: str, wanted: Wanted) -> None:
    """Each field of the form chooses what it says, and the number of all says how many."""
    with big.reading() as connection:
        expected = all_of(connection, wanted)
    assert len(expected) != _MANY
    seen, _ = _walked(reader, f"/findings?{query}&size=200")
    assert sorted(seen) == expected
    answer = words(reader.get(f"/findings?{query}"))
    one = "finding" if len(expected) == 1 else "findings"
    assert f"{len(expected):,} {one} that match" in answer


def test_numbers_of_choices_add_up(reader: Visit) -> None:
    """The numbers beside the choices of one kind are the findings without that choice."""
    answer = words(reader.get("/findings?triage=open"))
    found = re.search(r"Triage open (\d+) false positive (\d+) test (\d+) .*?revoked (\d+)", answer)
    assert found is not None
    accepted = re.search(r"accepted (\d+)", answer)
    assert accepted is not None
    assert sum(map(int, [*found.groups(), accepted.group(1)])) == _MANY


@pytest.mark.parametrize(
    "query",
    [
        "severity=dreadful",
        "sort=luck",
        "order=sideways",
        "size=7",
        "size=100000",
        "year=20",
        "year=9999",
        "kind=paper",
        "present=perhaps",
        "cursor=AAAA",
        "canaries=all",
        "q=" + "x" * 501,
        "q=%00",
    ],
)
def test_what_makes_no_sense_is_refused(reader: Visit, query: str) -> None:
    """An address that makes no sense is answered by a sentence, not by another list."""
    answer = reader.get(f"/findings?{query}")
    assert answer.status_code == 400
    assert "Bad Request" in words(answer)
    assert not reader.reports


def test_a_cursor_of_another_order_is_refused(reader: Visit) -> None:
    """A cursor belongs to its order."""
    link = _NEXT.search(reader.get("/findings?sort=places").text)
    assert link is not None
    cursor = parse_qs(urlsplit(link.group(1).replace("&amp;", "&")).query)["cursor"][0]
    assert reader.get(f"/findings?sort=project&cursor={cursor}").status_code == 400


def test_decisions_about_what_is_ticked(visit: Visit, small: Store) -> None:
    """Those that were ticked are decided about, in the name of who did it, and the page stays."""
    query = "severity=high&triage=open"
    first, second, other = _numbers(visit.get("/findings").text)[:3]
    fields = {
        "secret": [first, second],
        "status": "accepted",
        "note": " rotated\r\n ",
        "query": query,
    }
    answer = visit.post("/findings/triage", fields)
    assert answer.status_code == 303
    assert answer.headers["location"] == f"/findings?{query}"
    with small.reading() as connection:
        for number in (first, second):
            last = trail(connection, number)[-1]
            assert (last.status, last.note, last.author) == (
                TriageStatus.ACCEPTED,
                "rotated",
                "ada",
            )
        assert all(one.note != "rotated" for one in trail(connection, other))
    assert "2 findings: accepted." in words(visit.get("/findings"))


def test_decisions_about_all_are_confirmed(visit: Visit, small: Store) -> None:
    """About all that match nothing is decided before somebody confirmed how many these are."""
    with small.reading() as connection:
        expected = all_of(connection, Wanted(severities=(Severity.HIGH,)))
        before = _decisions(small)
    fields = {"all": "1", "status": "test", "note": "<b>", "query": "severity=high"}
    asked = visit.post("/findings/triage", fields)
    assert asked.status_code == 200
    assert f"Decide about {len(expected)} findings?" in words(asked)
    assert "severity: high" in words(asked)
    assert _decisions(small) == before
    # What was confirmed is not what matches: it is asked again.
    again = visit.post("/findings/triage", fields | {"number": str(len(expected) + 1)})
    assert "Decide about" in words(again)
    assert _decisions(small) == before
    done = visit.post("/findings/triage", fields | {"number": str(len(expected))})
    assert done.status_code == 303
    assert _decisions(small) == before + len(expected)
    with small.reading() as connection:
        assert all(trail(connection, one)[-1].status is TriageStatus.TEST for one in expected)


def _decisions(store: Store) -> int:
    with store.reading() as connection:
        query = sa.select(sa.func.count()).select_from(t.triage)
        number: int = connection.execute(query).scalar_one()
    return number


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"secret": "1", "status": "lovely"}, 400),
        ({"secret": "1", "status": ""}, 400),
        ({"secret": ["1", "x"], "status": "test"}, 400),
        ({"secret": ["1", "-1"], "status": "test"}, 400),
        ({"secret": ["1", "999999"], "status": "test"}, 404),
        ({"secret": [str(one) for one in range(1, 300)], "status": "test"}, 400),
        ({"secret": "1", "status": "test", "note": "n" * 4001}, 400),
        ({"secret": "1", "status": "test", "note": "\0"}, 400),
        ({"secret": "1", "status": "test", "query": "severity=x"}, 400),
        ({"status": "test"}, 303),
    ],
)
def test_senseless_decisions_change_nothing(
    visit: Visit, small: Store, fields: dict[str, str], status: int
) -> None:
    """What makes no sense decides about nothing, the sensible part of it included."""
    before = _decisions(small)
    assert visit.post("/findings/triage", fields).status_code == status
    assert _decisions(small) == before


def test_deciding_needs_the_role_and_the_form(small: Store, told: WebSettings) -> None:
    """Who may only read has no form, and nobody decides by a form of another session."""
    before = _decisions(small)
    fields = {"secret": "1", "status": "test"}
    with visiting(small, told, Role.READ) as visit:
        page = visit.get("/findings")
        assert 'action="/findings/triage"' not in page.text
        assert "needs the role triage" in words(page)
        assert visit.post("/findings/triage", fields).status_code == 403
    with visiting(small, told, Role.TRIAGE) as visit:
        assert visit.post("/findings/triage", fields, csrf="x" * 43).status_code == 403
        assert visit.post("/findings/triage", fields, csrf="").status_code == 403
    assert _decisions(small) == before


def test_saved_lists(visit: Visit, small: Store) -> None:
    """A list is saved without its page, everybody sees it, and only its author deletes it."""
    query = "severity=high&evil=1&cursor=abc&sort=severity&q=<b>"
    answer = visit.post("/findings/views", {"name": "  my   list ", "query": query})
    assert answer.status_code == 303
    with small.writing() as connection:
        save(connection, "grace", "hers", "triage=open")
        mine, hers = sorted(views(connection), key=lambda one: one.author)
    assert (mine.name, mine.query) == ("my list", "q=%3Cb%3E&severity=high")
    page = visit.get("/findings")
    assert "my list" in words(page)
    assert "hers" in words(page)
    assert 'href="/findings?q=%3Cb%3E&amp;severity=high"' in page.text
    assert f"/findings/views/{hers.id}/delete" not in page.text
    assert visit.post(f"/findings/views/{hers.id}/delete").status_code == 403
    assert visit.post(f"/findings/views/{2**70}/delete").status_code == 403
    assert visit.post(f"/findings/views/{mine.id}/delete").status_code == 303
    with small.reading() as connection:
        assert [one.name for one in views(connection)] == ["hers"]


def test_whoever_only_reads_saves_no_list(small: Store, told: WebSettings) -> None:
    """But sees those of others."""
    with small.writing() as connection:
        save(connection, "grace", "hers", "triage=open")
    with visiting(small, told, Role.READ) as visit:
        page = visit.get("/findings")
        assert "hers" in words(page)
        assert 'action="/findings/views' not in page.text
        assert visit.post("/findings/views", {"name": "more", "query": ""}).status_code == 403
        assert visit.post("/findings/views/1/delete").status_code == 403
    with small.reading() as connection:
        assert [one.name for one in views(connection)] == ["hers"]


@pytest.mark.parametrize("name", ["", "  ", "x" * 61, "a\u202eb", "a\x1bb"])
def test_names_of_saved_lists(visit: Visit, name: str) -> None:
    """A saved list has a name that can be read."""
    assert visit.post("/findings/views", {"name": name, "query": ""}).status_code == 400


def test_saved_lists_are_limited(visit: Visit, small: Store) -> None:
    """Nobody fills the store with lists; one that exists can still be saved anew."""
    with small.writing() as connection:
        for number in range(50):
            save(connection, "ada", f"list {number}", "")
    assert visit.post("/findings/views", {"name": "more", "query": ""}).status_code == 400
    assert visit.post("/findings/views", {"name": "list 7", "query": "q=x"}).status_code == 303


def test_files_hold_what_the_list_holds(visit: Visit) -> None:
    """Files of each kind have all findings of the list, in its order, and no value."""
    query = "confidence=high&sort=places&size=50"
    shown, _ = _walked(visit, f"/findings?{query}")
    table = visit.get(f"/findings/export/csv?{query}")
    rows = list(csv.DictReader(io.StringIO(table.text)))
    assert [int(row["id"]) for row in rows] == shown
    document = json.loads(visit.get(f"/findings/export/json?{query}").text)
    assert [one["id"] for one in document["findings"]] == shown
    assert document["total"] == len(shown)
    lines = [
        json.loads(line) for line in visit.get(f"/findings/export/jsonl?{query}").text.splitlines()
    ]
    assert [one["id"] for one in lines[:-1]] == shown
    assert lines[-1]["type"] == "summary"
    assert table.headers["content-disposition"] == 'attachment; filename="keysift-findings.csv"'
    assert table.headers["cache-control"] == "no-store"
    for ending in ("csv", "json", "jsonl"):
        text = visit.get(f"/findings/export/{ending}").text
        assert not any(value(seed).reveal_text() in text for seed in range(1, 61))
    assert visit.get("/findings/export/exe").status_code == 404


def test_an_empty_store(store: Store, told: WebSettings) -> None:
    """A store without findings says what to do; a filter without any, how to go on."""
    with visiting(store, told) as visit:
        assert "No findings yet" in words(visit.get("/findings"))
        assert "Nothing matches" in words(visit.get("/findings?severity=high"))
        assert visit.get("/findings/export/csv").text.count("\n") == 1


def test_hostile_texts_stay_texts(store: Store, told: WebSettings) -> None:
    """Nothing that a package, an index or a person wrote becomes a part of the page."""
    hostile(store)
    with store.writing() as connection:
        for text in HOSTILE:
            save(connection, text, text, text)
    with visiting(store, told) as visit:
        page = visit.get("/findings")
        assert len(_numbers(page.text)) == len(HOSTILE)
        assert Markup(page.text).problems == []
        for text in HOSTILE:
            asked = visit.get("/findings?" + urlencode({"q": text[:500], "project": text[:500]}))
            assert asked.status_code == 200
            assert Markup(asked.text).problems == []
        for ending in ("csv", "json", "jsonl"):
            assert visit.get(f"/findings/export/{ending}").status_code == 200
        table = visit.get("/findings/export/csv").text
        assert not any(line.startswith(("=", "+", "@")) for line in re.split(r"[,\r\n]", table))
        assert visit.reports == []
