"""The page of one finding: what it tells, the decision, and how its value is revealed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from msgspec.structs import replace

from keysift.model import Excerpt, Reason, Role, Secret, TriageStatus, Verdict
from keysift.report.escape import visible
from keysift.store import tables as t
from keysift.store.database import Store
from keysift.store.disclosures import disclosures
from keysift.store.queries.places import newest_places, places
from keysift.store.queries.uploads import Upload, uploads
from keysift.store.sealing import Sealer
from keysift.store.triage import trail
from keysift.web.finding.timeline import DELETED, FREE, HAS, UNKNOWN, YANKED, points
from keysift.web.settings import WebSettings
from tests.store.history import History
from tests.store.samples import BEGIN, SEALER, Writer, found, index_file, lines, member, value
from tests.web.markup import Markup
from tests.web.stores import HOSTILE, adopt, hostile
from tests.web.visiting import Visit, visiting, words

_REASONS = (Reason("shape", 40, "has the shape of one"), Reason("word", -10, "next to a word"))
_INDEX = "https://index.invalid/simple/"


@pytest.fixture
def sealed(told: WebSettings) -> WebSettings:
    """Return what a dashboard with the key of values is told."""
    return replace(told, sealer=SEALER, advice={"github-pat": "Use a finer one."})


@pytest.fixture
def filled(store: Store) -> Store:
    """Return a store with a finding in two projects, and another one without a value."""
    with store.writing() as connection:
        adopt(connection)
    history = History(store)
    match = found(
        1, reasons=_REASONS, proof="checksum", encoding=("base64", "hex"), excerpt=lines(1)
    )
    history.publish("demo", "1.0", match)
    history.upload("demo", "2.0", "demo-2.0.tar.gz", match)
    history.upload("demo", "2.0", "demo-2.0-py3-none-any.whl")
    history.publish("demo", "3.0")
    history.announce("demo", "4.0", "demo-4.0.tar.gz")
    history.publish("other", "5.0", match)
    history.change("other", "other-5.0.tar.gz", yanked="leaks")
    history.publish("third", "1.0", found(2))
    history.answered(
        1,
        BEGIN + timedelta(days=2000),
        Verdict.ACTIVE,
        facts={"login": "octocat"},
        powers=["code", "read"],
        privilege="high",
        warnings=["classic"],
    )
    history.decided(1, "accepted")
    with store.writing() as connection:
        connection.execute(sa.delete(t.values).where(t.values.c.secret_id == 2))
    return store


@pytest.fixture
def visit(filled: Store, sealed: WebSettings) -> Iterator[Visit]:
    """Return somebody who may do everything."""
    with visiting(filled, sealed) as visit:
        yield visit


def test_it_tells_all_that_is_known(visit: Visit) -> None:
    """The page has what `keysift show` tells, masked."""
    answer = visit.get("/findings/1")
    page = words(answer)
    for sentence in (
        value(1).mask,
        "GitHub personal access token (classic)",
        "reads and writes every repository",
        "proved by checksum",
        "30 points, the sum of 2",
        "+40 has the shape of one -10 next to a word",
        "Revoke it first",
        "Delete the token in the developer settings",
        "decoded from base64, then hex",
        "3 of 6 have the secret",
        "removed in 3.0",
        "3 places",
        "yanked: leaks",
        "active",
        "privilege high",
        "login octocat",
        "Use a finer one.",
        "accepted",
        "accepted, by ada",
        "keysift scan pypi:other==5.0",
        "the store keeps those of the first, sealed",
        "Nobody has revealed it here.",
    ):
        assert sentence in page, sentence
    assert value(1).reveal_text() not in answer.text
    assert Markup(answer.text).problems == []
    assert visit.reports == []


def test_links_to_others_tell_them_nothing(visit: Visit) -> None:
    """Links of the catalogue are opened without telling where they were."""
    page = visit.get("/findings/1").text
    links = [link for link in Markup(page).links if link.startswith("https://")]
    assert len(links) > 1
    assert page.count('rel="noopener noreferrer"') == len(links)


@pytest.mark.parametrize("address", ["/findings/77", "/findings/0", f"/findings/{2**70}"])
def test_unknown_numbers(visit: Visit, address: str) -> None:
    """A number that no finding has is not found, however large it is."""
    assert visit.get(address).status_code == 404
    assert visit.post(f"{address}/triage", {"status": "test"}).status_code == 404
    assert visit.post(f"{address}/reveal").status_code == 404
    assert visit.reports == []


def test_a_decision(visit: Visit, filled: Store) -> None:
    """A decision is added to the trail in the name of who took it, and is on the page."""
    fields = {"status": "revoked", "note": "gone\r\n<b>twice</b>"}
    answer = visit.post("/findings/1/triage", fields)
    assert (answer.status_code, answer.headers["location"]) == (303, "/findings/1")
    with filled.reading() as connection:
        last = trail(connection, 1)[-1]
    assert (last.status, last.author) == (TriageStatus.REVOKED, "ada")
    assert last.note == "gone\n<b>twice</b>"
    page = visit.get("/findings/1")
    assert "Finding 1 is revoked now." in words(page)
    assert "gone<br>&lt;b&gt;twice&lt;/b&gt;" in page.text


@pytest.mark.parametrize("fields", [{"status": "fine"}, {}, {"status": "test", "note": "x" * 4001}])
def test_a_decision_that_makes_no_sense(
    visit: Visit, filled: Store, fields: dict[str, str]
) -> None:
    """It is refused, and changes nothing."""
    assert visit.post("/findings/1/triage", fields).status_code == 400
    with filled.reading() as connection:
        assert len(trail(connection, 1)) == 1


def test_roles(filled: Store, sealed: WebSettings) -> None:
    """Each role may do what it may, and has the forms for that alone."""
    with visiting(filled, sealed, Role.READ) as visit:
        page = visit.get("/findings/1").text
        assert "/findings/1/triage" not in page
        assert "/findings/1/reveal" not in page
        assert visit.post("/findings/1/triage", {"status": "test"}).status_code == 403
        assert visit.post("/findings/1/reveal").status_code == 403
    with visiting(filled, sealed, Role.TRIAGE) as visit:
        page = visit.get("/findings/1").text
        assert "/findings/1/triage" in page
        assert "/findings/1/reveal" not in page
        refused = visit.post("/findings/1/reveal")
        assert refused.status_code == 403
        assert value(1).reveal_text() not in refused.text
    with filled.reading() as connection:
        assert disclosures(connection) == []


def test_a_form_of_another_session(visit: Visit, filled: Store) -> None:
    """Nothing is decided or revealed without the token of the session."""
    for token in ("", "x" * 43):
        assert visit.post("/findings/1/triage", {"status": "test"}, csrf=token).status_code == 403
        assert visit.post("/findings/1/reveal", csrf=token).status_code == 403
    with filled.reading() as connection:
        assert disclosures(connection) == []
        assert len(trail(connection, 1)) == 1


def test_revealing(visit: Visit, filled: Store) -> None:
    """The values are in the answer, once, and who saw them is written down."""
    assert visit.get("/findings/1/reveal").status_code == 405
    answer = visit.post("/findings/1/reveal")
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    assert value(1).reveal_text() in answer.text
    page = words(answer)
    assert "key id" in page
    # The lines around it: numbered, marked, and harmless.
    assert f"<mark>{value(1).reveal_text()}</mark>" in answer.text
    assert '<span class="line-number">1</span># &lt;b&gt;one&lt;/b&gt;' in answer.text
    assert "\\x1b" in answer.text
    assert "three" in page
    assert "Revealed to ada (start token, 127.0.0.1, page)" in page
    with filled.reading() as connection:
        (entry,) = disclosures(connection)
    assert (entry.secret, entry.detector, entry.viewer.who) == (1, "github-pat", "ada")
    later = visit.get("/findings/1")
    assert value(1).reveal_text() not in later.text
    assert "three" not in words(later)
    assert "Revealed to ada" in words(later)


def test_a_file_that_is_nothing_but_a_secret(sealed: WebSettings, store: Store) -> None:
    """It is shown once, not a second time as the lines around itself."""
    with store.writing() as connection:
        adopt(connection)
    alone = Excerpt(line=1, text=Secret(value(1).reveal() + b"\n"), start=0, end=40)
    History(store).publish("demo", "1.0", found(1, excerpt=alone))
    with visiting(store, sealed) as visit:
        answer = visit.post("/findings/1/reveal")
    assert answer.text.count(value(1).reveal_text()) == 1
    assert "The lines around it" not in words(answer)


def test_nothing_is_shown_that_is_not_written_down(visit: Visit, filled: Store) -> None:
    """When the entry cannot be kept, nobody sees the value."""
    with filled.writing() as connection:
        connection.execute(sa.text("DROP TABLE disclosures"))
    answer = visit.post("/findings/1/reveal")
    assert answer.status_code == 503
    assert value(1).reveal_text() not in answer.text
    assert not any(value(1).reveal_text() in report for report in visit.reports)


def test_a_value_that_is_not_kept(visit: Visit, filled: Store) -> None:
    """Where there is no value, the page says so, and asking for it writes nothing down."""
    page = visit.get("/findings/2")
    assert "The value is not in the store" in words(page)
    assert "/findings/2/reveal" not in page.text
    assert visit.post("/findings/2/reveal").status_code == 303
    with filled.reading() as connection:
        assert disclosures(connection) == []


@pytest.mark.parametrize(
    ("sealer", "sentence"),
    [(None, "without the key that opens it"), (Sealer(b"o" * 32), "a key that the dashboard does")],
)
def test_a_key_that_is_missing(
    filled: Store, told: WebSettings, sealer: Sealer | None, sentence: str
) -> None:
    """Without the key the page says what to do, and asking for the value writes nothing down."""
    with visiting(filled, replace(told, sealer=sealer)) as visit:
        page = visit.get("/findings/1")
        assert sentence in words(page)
        assert "/findings/1/reveal" not in page.text
        answer = visit.post("/findings/1/reveal")
        assert (answer.status_code, answer.headers["location"]) == (303, "/findings/1")
        assert sentence in words(visit.get("/findings/1"))
    with filled.reading() as connection:
        assert disclosures(connection) == []


def test_values_that_are_no_text(store: Store, sealed: WebSettings) -> None:
    """Lines of a value stay lines; what cannot be seen, or would be obeyed, is marked."""
    secret = Secret(b"first <b>\nsecond \xff\x1b[0m \xe2\x80\xae")
    with store.writing() as connection:
        adopt(connection)
        writer = Writer(connection)
        writer.page("demo", index_file("demo", "1.0", "demo-1.0.tar.gz"))
        match = found(1, secret=secret)
        writer.scanned("demo-1.0.tar.gz", member("a.py", match), files=1)
    with visiting(store, sealed) as visit:
        answer = visit.post("/findings/1/reveal")
    assert "first &lt;b&gt;\nsecond \\xff" in answer.text
    assert '<span class="escape">\\x1b</span>' in answer.text
    assert '<span class="escape">\\u202e</span>' in answer.text
    assert Markup(answer.text).problems == []


def test_places_page_by_page(store: Store, sealed: WebSettings) -> None:
    """All places can be reached, those of the newest release first, each once."""
    with store.writing() as connection:
        adopt(connection)
        writer = Writer(connection)
        files = [f"demo-{major}.0.tar.gz" for major in range(1, 13)]
        listed = [index_file("demo", file[5:-7], file) for file in files]
        writer.page("demo", *listed)
        for file in files:
            members = [member(f"{number}.py", found(1)) for number in range(10)]
            writer.scanned(file, *members, files=10)
    with store.reading() as connection:
        every = list(places(connection, [1]))
        newest = newest_places(connection, 1, limit=1000)
        pages = [
            one
            for offset in range(0, 120, 50)
            for one in newest_places(connection, 1, limit=50, offset=offset)
        ]
    assert len(every) == 120
    assert pages == newest
    assert sorted(newest, key=every.index) == every
    assert [one.version for one in newest[::10]] == [f"{major}.0" for major in range(12, 0, -1)]
    with visiting(store, sealed) as visit:
        assert "1 to 50 of 120 places" in words(visit.get("/findings/1"))
        last = visit.get("/findings/1?place=100")
        assert "101 to 120 of 120 places" in words(last)
        assert 'href="/findings/1?place=50#places"' in last.text
        assert "No place so far down" in words(visit.get("/findings/1?place=5000"))
        assert visit.get("/findings/1?place=-5").status_code == 200
        assert visit.get(f"/findings/1?place={2**80}").status_code == 200
        assert visit.get("/findings/1?place=x").status_code == 400


def _upload(**changes: Any) -> Upload:  # noqa: ANN401 (attributes of any kind)
    usual: dict[str, Any] = {
        "index": _INDEX,
        "project": "demo",
        "version": "1.0",
        "kind": "wheel",
        "uploaded_at": datetime(2020, 1, 1, tzinfo=UTC),
        "is_yanked": False,
        "is_deleted": False,
        "is_looked_at": True,
        "has": True,
    }
    return Upload(**(usual | changes))


@pytest.mark.parametrize(
    ("state", "files"),
    [
        (HAS, [{}]),
        (HAS, [{"is_yanked": True}, {}]),
        (HAS, [{}, {"has": False}]),
        (YANKED, [{"is_yanked": True}]),
        (YANKED, [{"is_yanked": True}, {"is_deleted": True}]),
        (DELETED, [{"is_deleted": True, "is_yanked": True}]),
        (FREE, [{"has": False}]),
        (UNKNOWN, [{"has": False}, {"has": False, "is_looked_at": False}]),
        (HAS, [{}, {"has": False, "is_looked_at": False}]),
    ],
)
def test_states_of_releases(state: str, files: list[dict[str, bool]]) -> None:
    """A mark says what all files of its kind say together."""
    (point,) = points(_upload(**one) for one in files)
    assert point.state == state


def test_kinds_and_projects_have_their_own_marks() -> None:
    """A wheel that is free of it is told from an sdist that has it; the first upload counts."""
    later = datetime(2021, 1, 1, tzinfo=UTC)
    found_points = points(
        [
            _upload(uploaded_at=later),
            _upload(),
            _upload(kind="sdist", has=False, uploaded_at=None),
            _upload(project="other"),
        ]
    )
    assert [(one.project, one.kind, one.state) for one in found_points] == [
        ("demo", "wheel", HAS),
        ("demo", "sdist", FREE),
        ("other", "wheel", HAS),
    ]
    assert found_points[0].uploaded_at == datetime(2020, 1, 1, tzinfo=UTC)
    assert found_points[1].uploaded_at is None


def test_uploads_of_projects(filled: Store) -> None:
    """The store tells which files have a secret, and which nobody looked at."""
    with filled.reading() as connection:
        every = uploads(connection, 1, [(_INDEX, "demo"), (_INDEX, "other")], limit=100)
        latest = uploads(connection, 1, [(_INDEX, "demo")], limit=1)
    facts = {(one.project, one.version, one.kind): one for one in every}
    assert len(every) == 6
    assert [one.has for one in every].count(True) == 3
    assert facts["other", "5.0", "sdist"].is_yanked
    assert not facts["demo", "2.0", "wheel"].has
    assert not facts["demo", "4.0", "sdist"].is_looked_at
    assert [one.version for one in latest] == ["4.0"]


def _shown(text: str) -> str:
    return re.sub(r"\s+", " ", visible(text)) if len(text) < 80 else text[:40]


def test_hostile_texts_stay_texts(store: Store, sealed: WebSettings) -> None:
    """Nothing that a package, an index, a provider or a person wrote becomes part of the page."""
    last = hostile(store)
    assert last == len(HOSTILE)
    with visiting(store, sealed) as visit:
        for number in range(1, last + 1):
            for answer in (
                visit.get(f"/findings/{number}"),
                visit.post(f"/findings/{number}/reveal"),
            ):
                assert answer.status_code == 200
                assert Markup(answer.text).problems == []
                assert _shown(HOSTILE[number - 1]) in words(answer)
                assert "49" not in words(answer).split()  # what {{ 7 * 7 }} would be
        assert visit.reports == []
