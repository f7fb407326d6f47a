"""What the store knows of how long secrets lived."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
import sqlalchemy as sa

from keysift.model import Verdict
from keysift.store import tables as t
from keysift.store.database import Store
from keysift.store.queries.lifetimes import Lifetime, lifetimes
from tests.store.history import History
from tests.store.samples import found


@pytest.fixture
def history(store: Store) -> History:
    """Return a history without any project."""
    return History(store)


def day(year: int, month: int = 1, date: int = 1) -> datetime:
    """Return a day."""
    return datetime(year, month, date, tzinfo=UTC)


def known(history: History, *seeds: int) -> list[Lifetime]:
    """Return what is known of secrets."""
    with history.store.reading() as connection:
        return list(lifetimes(connection, [history.number(seed) for seed in seeds]))


def test_a_life_begins_with_the_first_upload(history: History) -> None:
    """Whatever was scanned first; its kinds are those of the files of that release."""
    history.publish("demo", "2.0", found(1), uploaded=day(2022))
    history.publish("demo", "1.0", found(1), uploaded=day(2020))
    history.upload("demo", "1.0", "demo-1.0-py3-none-any.whl", found(1), uploaded=day(2021))
    history.upload("demo", "2.0", "demo-2.0-py3-none-any.egg", found(1), uploaded=day(2023))
    history.publish("fork", "1.0", found(2), uploaded=None)
    one, other = known(history, 1, 2)
    assert (one.published_at, one.has_upload) == (day(2020), True)
    assert one.kinds == ("sdist", "wheel")
    assert (one.detector, one.answers) == ("github-pat", ())
    assert not other.has_upload
    with history.store.reading() as connection:
        seen = connection.execute(
            sa.select(t.secrets.c.first_seen_at).where(t.secrets.c.id == history.number(2))
        ).scalar_one()
    assert (other.published_at, other.kinds) == (seen, ("sdist",))


def test_answers_come_in_the_order_of_time(history: History) -> None:
    """What was not learned is no answer; each secret has its own."""
    history.publish("demo", "1.0", found(1), found(2), uploaded=day(2020))
    history.answered(1, day(2020, 3), Verdict.INACTIVE)
    history.answered(2, day(2020, 5), Verdict.ACTIVE)
    history.answered(1, day(2020, 2), Verdict.ACTIVE)
    for verdict in (Verdict.UNKNOWN, Verdict.NOT_CHECKABLE, Verdict.UNCHECKED):
        history.answered(1, day(2020, 4), verdict)
    assert [one.answers for one in known(history, 2, 1)] == [
        ((day(2020, 5), True),),
        ((day(2020, 2), True), (day(2020, 3), False)),
    ]


def test_what_is_found_no_more_is_passed_over(history: History) -> None:
    """It was no secret after all; nor is a number one that nobody has."""
    history.publish("demo", "1.0", found(1), found(2))
    history.answered(2, day(2021), Verdict.ACTIVE)
    history.rescanned("demo-1.0.tar.gz", found(1), before=(found(1), found(2)))
    assert [one.answers for one in known(history, 1, 2)] == [()]
    with history.store.reading() as connection:
        assert list(lifetimes(connection, [1000])) == []


def test_canaries_are_told_apart(history: History) -> None:
    """Once a canary, always a canary, whatever else was said of it."""
    history.publish("demo", "1.0", found(1), found(2))
    history.answered(1, day(2021), Verdict.CANARY)
    history.answered(1, day(2022), Verdict.ACTIVE)
    history.answered(2, day(2022), Verdict.ACTIVE)
    assert [one.is_canary for one in known(history, 1, 2)] == [True, False]


def test_more_than_a_batch(history: History, monkeypatch: pytest.MonkeyPatch) -> None:
    """Secrets come in the order that was asked for, from several statements."""
    monkeypatch.setattr("keysift.store.queries.lifetimes.BATCH", 2)
    history.publish("demo", "1.0", *(found(seed) for seed in range(1, 6)), uploaded=day(2020))
    for seed in range(1, 6):
        history.answered(seed, day(2020 + seed), Verdict.ACTIVE)
    years = [one.answers[0][0].year for one in known(history, 5, 1, 4, 2, 3)]
    assert years == [2025, 2021, 2024, 2022, 2023]
