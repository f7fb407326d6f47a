"""A store knows canaries as such, without anybody having asked a provider."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from msgspec import structs

from keysift.model import CANARY_FACT, Severity, Verdict
from keysift.store import tables as t
from keysift.store.database import Store
from keysift.store.queries.choose import Filters, choose
from keysift.store.queries.describe import describe
from keysift.store.records import Found
from tests.store.history import History
from tests.store.samples import found


@pytest.fixture
def history(store: Store) -> History:
    """Return an empty history."""
    return History(store)


def canary(seed: int) -> Found:
    """Return a match that a list knows."""
    one = found(seed, severity=Severity.INFO)
    facts = one.match.facts | {CANARY_FACT: "Thinkst Canary"}
    return structs.replace(one, match=structs.replace(one.match, facts=facts))


def test_the_verdict_is_written_down_once(history: History) -> None:
    """However many releases have it, and however often they are scanned."""
    history.publish("demo", "1.0", canary(1), found(2))
    history.publish("demo", "1.1", canary(1))
    with history.store.reading() as connection:
        rows = connection.execute(sa.select(t.verdicts)).all()
    assert [(row.secret_id, row.verdict, row.detail) for row in rows] == [
        (history.number(1), "canary", "Thinkst Canary")
    ]


def test_canaries_are_chosen_and_counted_apart(history: History) -> None:
    """The filter finds them, and the choice tells which they are."""
    history.publish("demo", "1.0", canary(1), found(2))
    with history.store.reading() as connection:
        [one] = choose(connection, Filters(verdicts=(Verdict.CANARY,)))
        assert (one.id, one.is_canary) == (history.number(1), True)
        everything = choose(connection, Filters())
        assert [one.is_canary for one in everything].count(True) == 1
        [described] = describe(connection, [one.id])
    assert described.verdict is Verdict.CANARY
    assert described.facts[CANARY_FACT] == "Thinkst Canary"


def test_a_later_verdict_is_not_undone(history: History) -> None:
    """What was written down stays the first line of the history."""
    history.publish("demo", "1.0", canary(1))
    history.judged(1, Verdict.INACTIVE)
    history.publish("demo", "1.1", canary(1))
    with history.store.reading() as connection:
        [described] = describe(connection, [history.number(1)])
    assert described.verdict is Verdict.INACTIVE
