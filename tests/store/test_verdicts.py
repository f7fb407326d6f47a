"""The ledger of verdicts on both databases: what is asked about, and what is kept of it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
import sqlalchemy as sa

from keysift.catalogue.validities import Validities
from keysift.catalogue.validity import Validity
from keysift.errors import StoreError
from keysift.model import Doubt, Excess, Outcome, Power, Privilege, Verdict
from keysift.store import tables as t
from keysift.store.asking import Ledger, planned
from keysift.store.database import Store
from keysift.store.queries.choose import Filters
from keysift.store.sealing import Sealer
from keysift.store.verdicts import all_standings, credentials, last_row, record, told_since
from keysift.verify.credential import Credential
from keysift.verify.engine import Answered
from keysift.verify.plan import Plan, Planner, Unasked, When
from tests.store.history import History
from tests.store.samples import SEALER, catalogue, found, value

ASKED = Validity(
    detectors=("github-pat",), url="https://api.acme.example/user", headers={"Key": "{secret}"}
)
REFUSED = Validity(detectors=("private-key-openssh",), not_checkable="it signs")
NOW = datetime.now(UTC)


@pytest.fixture
def filled(store: Store) -> Store:
    """A store with three tokens and a private key."""
    history = History(store)
    for seed in range(3):
        history.publish("demo", f"{seed + 1}.0", found(seed))
    history.publish("keys", "1.0", found(9, "private-key-openssh"))
    return store


def planner() -> Planner:
    """Return what decides, with a table for two types."""
    return Planner(catalogue(), Validities((ASKED, REFUSED)))


def plan(store: Store, when: When = When.STALE) -> Plan:
    """Return what is asked about everything."""
    with store.reading() as connection:
        return planned(connection, planner(), Filters(), when, NOW)


def answered(secret: int, outcome: Outcome) -> Answered:
    """Return what came of asking about a secret."""
    return Answered(Credential(secret, "github-pat", "0" * 32, {}), ASKED, outcome)


def test_values_come_with_their_halves_and_facts(filled: Store) -> None:
    """What a request is made of is what the scan found, opened when it is wanted."""
    lost: list[int] = []
    one, two = credentials(filled, SEALER, [1, 99, 3], lost.append)
    assert (one.key, two.key, lost) == (1, 3, [99])
    assert one.values["secret"] == value(0).reveal()
    assert one.values["kind"] == b"personal"
    assert len(one.values["key_id"]) == 16
    assert one.facts == {"kind": "personal"}
    assert value(0).reveal_text() not in repr(one)


def test_a_value_of_another_key_is_counted(filled: Store) -> None:
    """It is not asked about, and does not keep the others from being."""
    ledger = Ledger(filled, Sealer(b"x" * 32), planner(), {})
    made = plan(filled)
    (queue,) = ledger.queues(made).values()
    assert list(queue.questions) == [None] * 3
    assert [one.id for one in made.unasked[Unasked.NOT_KEPT]] == [1, 2, 3]


def test_an_outcome_is_kept_whole(filled: Store) -> None:
    """What comes out of the ledger is what went into it."""
    outcomes = [
        Outcome(
            Verdict.ACTIVE,
            facts={"user": "grace\0", "scope": "repo"},
            powers=(Power.READ, Power.CODE),
            privilege=Privilege.HIGH,
            warnings=(Excess.CLASSIC,),
            unclear="privileges not known: status 500",
        ),
        Outcome(Verdict.UNKNOWN, Doubt.UNEXPECTED_RESPONSE, "status 404"),
        Outcome(Verdict.INACTIVE),
    ]
    with filled.writing() as connection:
        mark = last_row(connection)
        answers = [answered(number, one) for number, one in enumerate(outcomes, 1)]
        record(connection, answers, {"github-pat": "digest"})
    with filled.reading() as connection:
        told = list(told_since(connection, mark))
        columns = (t.verdicts.c.detector, t.verdicts.c.validity)
        kept = set(connection.execute(sa.select(*columns)).all())
    assert [one.id for one in told] == [1, 2, 3]
    assert told[0].outcome.facts == {"user": "grace\\x00", "scope": "repo"}
    assert told[0].outcome.powers == outcomes[0].powers
    assert told[0].outcome.privilege is Privilege.HIGH
    assert told[0].outcome.warnings == outcomes[0].warnings
    assert told[0].outcome.unclear == outcomes[0].unclear
    assert [one.outcome for one in told[1:]] == outcomes[1:]
    assert kept == {("digest", ASKED.version)}


def test_what_was_asked_about_is_not_due(filled: Store) -> None:
    """The plan of the next run leaves it out, and says where it stood."""
    assert plan(filled).size == 3
    with filled.writing() as connection:
        record(connection, [answered(1, Outcome(Verdict.ACTIVE))], {})
        record(connection, [answered(1, Outcome(Verdict.UNKNOWN, Doubt.TIMEOUT))], {})
    again = plan(filled)
    assert [one.id for one in again.asked["GitHub"]] == [2, 3]
    assert [one.id for one in again.unasked[Unasked.RECENT]] == [1]
    assert again.before == {1: Verdict.ACTIVE}
    assert plan(filled, When.ALL).size == 3
    assert plan(filled, When.DUE).size == 2
    with filled.reading() as connection:
        (few,) = all_standings(connection, [1, 2])
        assert list(all_standings(connection, [2])) == []
    assert (few.verdict, few.silent) == (Verdict.ACTIVE, 1)


def test_what_cannot_be_checked_is_noted_once(filled: Store) -> None:
    """However often somebody asks about everything."""
    ledger = Ledger(filled, SEALER, planner(), {})
    for _ in range(2):
        ledger.begin(plan(filled))
    with filled.reading() as connection:
        rows = connection.execute(sa.select(t.verdicts)).all()
    assert [(row.secret_id, row.verdict, row.detail) for row in rows] == [
        (4, "not_checkable", "it signs")
    ]


def test_two_do_not_ask_at_once(filled: Store) -> None:
    """The second is told so; a crawl may go on meanwhile."""
    with filled.asking():
        with pytest.raises(StoreError, match="somebody else verifies"), filled.asking():
            pass
        with filled.alone():
            pass
    with filled.asking():
        pass
