"""Coverage: what was looked at, what was not and why; a file that was not is never called clean."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from keysift.model import SkipReason
from keysift.store import tables as t
from keysift.store.database import Store
from keysift.store.queries.artifact import find_artifact
from keysift.store.queries.covered import Reason, State, covered
from keysift.web.coverage_view import MEANINGS, is_gap, meaning
from keysift.web.settings import WebSettings
from tests.store.samples import artifact_number
from tests.web.filled import fill
from tests.web.markup import Markup
from tests.web.stores import hostile
from tests.web.visiting import visiting, words


def _number(store: Store, name: str) -> int:
    with store.reading() as connection:
        return artifact_number(connection, name)


def test_a_new_store_says_what_to_run(store: Store, told: WebSettings) -> None:
    """A store of no file has not looked at all of its files."""
    with visiting(store, told) as visit:
        text = words(visit.get("/coverage"))
        assert visit.get("/coverage/artifacts/1").status_code == 404
        assert visit.get(f"/coverage/artifacts/{2**70}").status_code == 404
    assert "Nothing was looked at" in text
    assert "keysift crawl" in text


def test_what_was_looked_at_is_counted(store: Store) -> None:
    """Files that are gone count nowhere else, and links hide nothing."""
    fill(store)
    with store.reading() as connection:
        made = covered(connection)
    assert made.states == {
        State.COMPLETE: 3,
        State.INCOMPLETE: 1,
        State.FAILED: 1,
        State.PENDING: 1,
        State.DELETED: 1,
    }
    assert (made.artifacts, made.gaps, made.projects, made.unread) == (6, 3, 2, 0)
    assert made.reasons == [
        Reason("link", 1, 1, 0),
        Reason("too_large", 1, 1, 9_000_000_000),
    ]


def test_could_not_look_is_never_clean(store: Store, told: WebSettings) -> None:
    """The page begins with that, and says what each reason means."""
    fill(store)
    with visiting(store, told) as visit:
        page = visit.get("/coverage")
    text = words(page)
    assert "Could not look is never clean. 3 of 6 files were not looked at" in text
    assert MEANINGS[SkipReason.TOO_LARGE] in text
    assert MEANINGS[SkipReason.LINK] in text
    assert "the index answered 500" in text
    assert not Markup(page.text).problems


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("state=failed", {"demo-5.0.tar.gz"}),
        ("state=pending", {"demo-6.0.tar.gz"}),
        ("state=incomplete", {"demo-4.0.tar.gz"}),
        ("state=complete&project=clean", {"clean-1.0.tar.gz"}),
        ("reason=too_large", {"demo-4.0.tar.gz"}),
        ("reason=encrypted", set()),
        ("project=clean", {"clean-1.0.tar.gz"}),
        ("project=nothing", set()),
    ],
)
def test_files_are_filtered(store: Store, told: WebSettings, query: str, names: set[str]) -> None:
    """By what became of them, by the reason of a gap, and by project."""
    fill(store)
    with visiting(store, told) as visit:
        text = visit.get(f"/coverage?{query}").text
    assert {word for word in _files() if f">{word}<" in text} == names


def _files() -> list[str]:
    return [*(f"demo-{major}.0.tar.gz" for major in range(1, 7)), "clean-1.0.tar.gz"]


def test_deleted_files_are_listed_when_asked_for(store: Store, told: WebSettings) -> None:
    """The index has them no more, and others may still have copies."""
    fill(store)
    with visiting(store, told) as visit:
        assert ">demo-3.0.tar.gz<" not in visit.get("/coverage").text
        assert ">demo-3.0.tar.gz<" in visit.get("/coverage?deleted=1").text


@pytest.mark.parametrize("query", ["state=clean", "reason=bored", "at=nonsense", "at=W10"])
def test_senseless_addresses_are_refused(store: Store, told: WebSettings, query: str) -> None:
    """With a sentence, and no report of a crash."""
    with visiting(store, told) as visit:
        assert visit.get(f"/coverage?{query}").status_code == 400
        assert not visit.reports


def test_a_file_that_was_looked_at_in_part(store: Store, told: WebSettings) -> None:
    """It says what was passed over, and what it carries all the same."""
    history = fill(store)
    number = _number(store, "demo-4.0.tar.gz")
    with store.reading() as connection:
        made = find_artifact(connection, number)
    assert made is not None
    assert (made.state, made.skipped, made.placed) == (State.INCOMPLETE, 2, 1)
    assert [one.secret for one in made.spots] == [history.number(1)]
    with visiting(store, told) as visit:
        page = visit.get(f"/coverage/artifacts/{number}")
    text = words(page)
    assert "Not all of this file was looked at" in text
    assert "too large" in text
    assert "9 GB" in text
    assert f'href="/findings/{history.number(1)}"' in page.text
    assert not Markup(page.text).problems


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("demo-5.0.tar.gz", "This file could not be scanned , 1 attempt failed. What it holds"),
        ("demo-6.0.tar.gz", "This file was not scanned yet. What it holds is not known."),
        ("demo-3.0.tar.gz", "Deleted seen"),
        ("demo-2.0.tar.gz", "Yanked leaks a key"),
        ("clean-1.0.tar.gz", "No finding. Not looked at Nothing was passed over."),
    ],
)
def test_other_files(store: Store, told: WebSettings, name: str, said: str) -> None:
    """Each says what became of it; only one that was looked at has no finding."""
    fill(store)
    with visiting(store, told) as visit:
        text = words(visit.get(f"/coverage/artifacts/{_number(store, name)}"))
    assert said in text


def test_each_reason_has_a_meaning() -> None:
    """Also one that a later keysift wrote, which may hide something."""
    assert set(MEANINGS) == set(SkipReason)
    assert meaning("bored") == "A reason that this version does not know."
    assert is_gap("bored")
    assert not is_gap("link")


def test_no_text_of_a_package_becomes_markup(store: Store, told: WebSettings) -> None:
    """Names, paths, reasons of yanks, failures and details of skips."""
    hostile(store)
    with store.writing() as connection:
        numbers = list(connection.execute(sa.select(t.artifacts.c.id, t.artifacts.c.name)))
        for number, text in numbers:
            failed = {"failure": text, "state": "failed", "attempts": 1, "hashes": {text: text}}
            connection.execute(
                sa.update(t.artifacts).where(t.artifacts.c.id == number).values(**failed)
            )
            row = {"artifact_id": number, "path": text, "reason": "corrupt", "detail": text}
            connection.execute(sa.insert(t.skips).values(row))
    with visiting(store, told) as visit:
        pages = [visit.get("/coverage"), visit.get("/coverage?project=<b>%22&reason=corrupt")]
        pages += [visit.get(f"/coverage/artifacts/{number}") for number, _ in numbers]
        assert not visit.reports
    for page in pages:
        assert page.status_code == 200
        assert not Markup(page.text).problems
