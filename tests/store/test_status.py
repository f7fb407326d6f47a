"""Where the checks of secrets stand, against a store of which everything is known."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from keysift.catalogue.validities import Validities
from keysift.catalogue.validity import Validity
from keysift.model import Confidence, Doubt, Privilege, Verdict
from keysift.store.asked import last_asking, note_asking
from keysift.store.asking import Ledger
from keysift.store.database import Store
from keysift.store.queries.choose import Filters, choose, dated
from keysift.store.queries.status import LISTED, Changed, Status, status
from keysift.verify.plan import Chosen, Plan, Planner, Unasked
from tests.store.history import History
from tests.store.samples import BEGIN, Writer, catalogue, found, member

NOW = datetime(2026, 6, 1, tzinfo=UTC)
ASKED = Validity(detectors=("github-pat",), url="https://api.acme.example/user")
REFUSED = Validity(detectors=("npm-access-token",), not_checkable="it would publish")
NAMED = Validity(detectors=("slack-bot-token",), by_name="it may raise an alarm")


def ago(days: float) -> datetime:
    """Return so many days before now."""
    return NOW - timedelta(days=days)


@pytest.fixture
def history(store: Store) -> History:
    """Return a store whose ledger has something of everything."""
    history = History(store)
    history.publish(
        "demo", "1.0", *(found(n, start=n * 100) for n in (1, 2, 3)), uploaded=_year(17)
    )
    history.publish(
        "demo", "1.1", *(found(n, start=n * 100) for n in (2, 4, 5)), uploaded=_year(20)
    )
    history.publish("other", "1.0", found(6), found(7, start=200), uploaded=None)
    npm = found(8, "npm-access-token", start=300)
    history.publish("more", "1.0", npm, found(9, "slack-bot-token", start=400))
    history.publish("more", "1.1", found(10, "no-such-type"), found(11, start=500))
    low = found(12, confidence=Confidence.LOW)
    history.publish("guess", "1.0", low)
    version = ASKED.version

    def said(seed: int, days: float, verdict: Verdict, **told: Any) -> None:  # noqa: ANN401 (columns)
        history.answered(seed, ago(days), verdict, **({"validity": version} | told))

    # 1 works, is 2017's, and could do less. 2 died since the last run; 3 was dead before.
    said(1, 60, Verdict.ACTIVE)
    said(1, 40, Verdict.ACTIVE, privilege="admin", warnings=["root"])
    said(1, 1, Verdict.UNKNOWN, doubt="network")
    said(2, 60, Verdict.ACTIVE)
    said(2, 1, Verdict.INACTIVE)
    said(3, 60, Verdict.ACTIVE)
    said(3, 20, Verdict.INACTIVE)
    said(3, 19, Verdict.INACTIVE)
    # 4 came back to life; a doubt stood between. 5 is unknown by its answer, 6 for lack of one.
    said(4, 60, Verdict.INACTIVE)
    said(4, 9, Verdict.UNKNOWN, doubt="doubtful_refusal")
    said(4, 0.5, Verdict.ACTIVE, privilege="low", warnings=None)
    said(5, 9, Verdict.UNKNOWN, doubt="doubtful_refusal")
    for days in (3, 2, 1):
        said(5, days, Verdict.UNKNOWN, doubt="timeout")
    said(6, 2, Verdict.UNKNOWN)
    said(6, 1, Verdict.UNKNOWN)
    said(7, 5, Verdict.CANARY)
    history.answered(8, ago(3), Verdict.NOT_CHECKABLE, "npm-access-token")
    said(12, 1, Verdict.ACTIVE)
    return history


def _year(year: int) -> datetime:
    return datetime(2000 + year, 3, 1, tzinfo=UTC)


def counted(history: History, since: datetime | None = None, **filters: object) -> Status:
    """Return the state of a store."""
    planner = Planner(catalogue(), Validities((ASKED, REFUSED, NAMED)))
    chosen = Filters(**({"confidence": Confidence.MEDIUM} | filters))  # type: ignore[arg-type]
    with history.store.reading() as connection:
        return status(connection, chosen, planner, NOW, since)


def test_secrets_are_counted_by_where_they_stand(history: History) -> None:
    """Each secret is counted once, where its last telling answer puts it; canaries are apart."""
    found = counted(history)
    assert found.verdicts == {
        Verdict.ACTIVE: 2,
        Verdict.INACTIVE: 2,
        Verdict.UNKNOWN: 2,
        Verdict.NOT_CHECKABLE: 1,
        Verdict.UNCHECKED: 3,
    }
    assert (found.secrets, found.canaries) == (10, 1)
    assert found.checked_at == ago(0.5)
    by_provider = {name: one.verdicts for name, one in found.providers.items()}
    assert by_provider["npm"] == {Verdict.NOT_CHECKABLE: 1}
    assert by_provider[""] == {Verdict.UNCHECKED: 1}
    assert sum(by_provider.values(), Counter()) == found.verdicts


def test_clear_answers_are_counted_by_year_of_publication(history: History) -> None:
    """The first upload counts; what no index dates stands apart."""
    assert counted(history).years == {
        2017: {Verdict.ACTIVE: 1, Verdict.INACTIVE: 2},
        2020: {Verdict.ACTIVE: 1},
    }


def test_what_works_is_counted_by_privilege(history: History) -> None:
    """The answer that stands tells the privilege; one that told nothing hides none."""
    found = counted(history)
    assert found.privileges == {Privilege.ADMIN: 1, Privilege.LOW: 1}
    assert found.broad == 1
    assert counted(history, confidence=Confidence.LOW).privileges[None] == 1


def test_doubts_are_counted(history: History) -> None:
    """The reason is that of the answer that stands, else of the last attempt."""
    assert counted(history).doubts == {Doubt.DOUBTFUL_REFUSAL: 1, None: 1}


@pytest.mark.parametrize(
    ("since", "dead", "alive"),
    [(None, [], []), (ago(2), [2], [4]), (ago(30), [2, 3], [4]), (ago(90), [], [])],
)
def test_what_changed_is_new_since_a_time(
    history: History, since: datetime | None, dead: list[int], alive: list[int]
) -> None:
    """A clear answer before that time and another one now make a change; a first one does not."""
    found = counted(history, since)
    assert found.dead.secrets == [history.number(seed) for seed in dead]
    assert found.alive.secrets == [history.number(seed) for seed in alive]
    assert (found.dead.number, found.alive.number) == (len(dead), len(alive))


def test_what_is_due_is_what_would_be_asked(history: History) -> None:
    """Types that nobody asks about are due at no time, and each is counted by its reason."""
    found = counted(history)
    # Now 1, 2 and 11; 4 tomorrow, 6 in 6 days; 5 and 3, which was made sure of, within a month.
    assert (found.due.now, found.due.week, found.due.month) == (3, 5, 7)
    assert found.providers["GitHub"].due == found.due
    assert found.never == {
        Unasked.NOT_CHECKABLE: 1,
        Unasked.BY_NAME: 1,
        Unasked.NO_QUESTION: 1,
    }


def test_filters_choose_as_those_of_findings_do(history: History) -> None:
    """The same secrets are counted that ``findings`` lists, each once and by number."""
    for filters in (
        Filters(),
        Filters(project="demo"),
        Filters(verdicts=(Verdict.ACTIVE,)),
        Filters(year=2017),
    ):
        with history.store.reading() as connection:
            chosen = sorted(one.id for one in choose(connection, filters))
            assert [one.id for one in dated(connection, filters)] == chosen
    assert counted(history, project="demo").secrets == 5
    found = counted(history, confidence=Confidence.LOW)
    with history.store.reading() as connection:
        for verdict in Verdict:
            listed = choose(connection, Filters(verdicts=(verdict,)))
            assert found.verdicts[verdict] == sum(not one.is_canary for one in listed)


def test_values_that_are_not_kept_are_not_due(store: Store) -> None:
    """Whoever keeps no values cannot ask, and nothing waits for it."""
    history = History(store)
    history.announce("demo", "1.0", "demo-1.0.zip", uploaded=BEGIN)
    with store.writing() as connection:
        Writer(connection, sealer=None).scanned("demo-1.0.zip", member("a.py", found(1)), files=1)
    found_ = counted(history)
    assert (found_.due.now, found_.never) == (0, {Unasked.NOT_KEPT: 1})


def test_the_last_run_is_remembered(store: Store) -> None:
    """What was noted last counts; before the first run there is nothing."""
    with store.writing() as connection:
        assert last_asking(connection) is None
        note_asking(connection, ago(3))
        note_asking(connection, ago(1))
    with store.reading() as connection:
        assert last_asking(connection) == ago(1)


def test_a_run_that_asks_nothing_is_not_the_last(store: Store) -> None:
    """What changed in the last run stays news until another one asks."""
    ledger = Ledger(store, None, Planner(catalogue(), Validities(())), {})
    ledger.begin(Plan())
    with store.reading() as connection:
        assert last_asking(connection) is None
    ledger.begin(Plan(asked={"GitHub": [Chosen(1, "github-pat")]}))
    with store.reading() as connection:
        assert last_asking(connection) is not None


def test_no_list_grows_without_end() -> None:
    """Changes beyond some are counted, and not named."""
    changed = Changed()
    for number in range(LISTED + 5):
        changed.add(number)
    assert (changed.number, len(changed.secrets)) == (LISTED + 5, LISTED)
