"""What is forgotten, and what is not."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from keysift.model import TriageStatus
from keysift.store import tables as t
from keysift.store.check import problems
from keysift.store.database import Store
from keysift.store.ledger import now
from keysift.store.purge import Purged, purge
from keysift.store.triage import decide, trail
from tests.store.filled import change, fill, names
from tests.store.samples import KEY, SEALER, Writer, index_file

LONG_AGO = datetime(2021, 1, 1, tzinfo=UTC)
BEFORE = datetime(2022, 1, 1, tzinfo=UTC)
NOTHING = Purged()


def purged(store: Store, *, findings: bool = False, dry_run: bool = False) -> Purged:
    """Purge what was last public before 2022."""
    with store.writing() as connection:
        return purge(connection, BEFORE, findings=findings, dry_run=dry_run)


def with_values(store: Store) -> set[int]:
    """Return the secrets that still have a value."""
    with store.reading() as connection:
        return set(names(connection, t.values.c.secret_id))


def gone(store: Store, name: str) -> None:
    """Let a file have been deleted from the index long ago."""
    change(store, t.artifacts, t.artifacts.c.name == name, deleted_at=LONG_AGO)


def test_what_is_published_and_crawled_stays(store: Store) -> None:
    """However old a secret is: it is still there for everybody."""
    fill(store)
    change(store, t.artifacts, uploaded_at=LONG_AGO, first_seen_at=LONG_AGO, scanned_at=LONG_AGO)
    change(store, t.secrets, first_seen_at=LONG_AGO)
    assert purged(store, findings=True) == NOTHING
    assert with_values(store) == {1, 2, 3}


def test_the_value_goes_when_the_last_file_is_gone_for_long(store: Store) -> None:
    """A secret that another listed file holds keeps its value; rows and decisions stay."""
    fill(store)
    gone(store, "demo-1.tar.gz")
    assert purged(store) == Purged(secrets=1, values=2)
    assert with_values(store) == {1, 3}
    with store.reading() as connection:
        assert names(connection, t.secrets.c.id) == [1, 2, 3]
        assert len(names(connection, t.occurrences.c.match_id)) == 4


def test_a_file_that_is_gone_since_yesterday_is_not_old(store: Store) -> None:
    """The time runs from when we saw that it was gone."""
    fill(store)
    change(store, t.artifacts, deleted_at=now() - timedelta(days=1), scanned_at=LONG_AGO)
    assert purged(store) == NOTHING


def test_what_is_crawled_no_more_gets_old(store: Store) -> None:
    """Without a crawl nobody knows whether a file is still there: values are not kept for ever."""
    fill(store)
    change(store, t.projects, read_at=LONG_AGO)
    assert purged(store).secrets == 3
    assert with_values(store) == set()


def test_reading_the_list_of_an_index_is_enough(store: Store) -> None:
    """A project that does not change is not read again as long as the list has the same serial."""
    fill(store)
    change(store, t.projects, read_at=LONG_AGO)
    with store.writing() as connection:
        registry = connection.scalars(sa.select(t.registries.c.id)).one()
        cursor = {"registry_id": registry, "read_at": now()}
        connection.execute(sa.insert(t.cursors).values(cursor))
    assert purged(store) == NOTHING
    gone(store, "demo-2.tar.gz")
    assert purged(store) == Purged(secrets=1, values=2)


def test_findings_go_with_everything_that_only_they_need(store: Store) -> None:
    """Secrets, matches, occurrences, blobs and paths go; the others and the files stay."""
    fill(store)
    gone(store, "demo-1.tar.gz")
    assert purged(store, findings=True) == Purged(secrets=1, values=2, findings=1, occurrences=1)
    with store.reading() as connection:
        assert names(connection, t.secrets.c.id) == [1, 3]
        assert names(connection, t.paths.c.path) == ["a.py", "c.py"]
        assert len(names(connection, t.blobs.c.id)) == 2
        assert len(names(connection, t.artifacts.c.id)) == 2
    assert list(problems(store, SEALER, KEY)) == []


def test_a_decision_outlives_the_finding(store: Store) -> None:
    """A triaged secret keeps its row, its trail and its verdicts, and gets its value back."""
    fill(store)
    gone(store, "demo-1.tar.gz")
    with store.writing() as connection:
        decide(connection, 2, TriageStatus.FALSE_POSITIVE, note="", author="me")
        verdict = {"secret_id": 2, "verdict": "inactive", "checked_at": now()}
        connection.execute(sa.insert(t.verdicts).values(verdict))
    done = purged(store, findings=True)
    assert done == Purged(secrets=1, values=2, occurrences=1, kept=1)
    assert list(problems(store, SEALER, KEY)) == []
    with store.writing() as connection:
        pages = [index_file("demo", str(number), f"demo-{number}.tar.gz") for number in (1, 2)]
        Writer(connection).page("demo", *pages)
    fill(store)
    with store.reading() as connection:
        assert [one.status for one in trail(connection, 2)] == [TriageStatus.FALSE_POSITIVE]
        assert names(connection, t.verdicts.c.verdict) == ["inactive"]
    assert with_values(store) == {1, 2, 3}


@pytest.mark.parametrize("findings", [False, True])
def test_a_dry_run_tells_the_same_and_does_nothing(store: Store, findings: bool) -> None:  # noqa: FBT001 (a parameter of the test)
    """What would be deleted is what is deleted then."""
    fill(store)
    gone(store, "demo-1.tar.gz")
    with store.reading() as connection:
        told = purge(connection, BEFORE, findings=findings, dry_run=True)
        assert names(connection, t.secrets.c.id) == [1, 2, 3]
    assert with_values(store) == {1, 2, 3}
    assert told == purged(store, findings=findings)
    assert purged(store, findings=True).values == 0


def test_what_is_kept_for_a_decision_is_not_counted_for_ever(store: Store) -> None:
    """A second purge finds nothing left to do for it."""
    fill(store)
    gone(store, "demo-1.tar.gz")
    change(store, t.secrets, first_seen_at=LONG_AGO)
    with store.writing() as connection:
        decide(connection, 2, TriageStatus.TEST, note="", author="me")
    purged(store, findings=True)
    assert purged(store, findings=True) == NOTHING
    assert purged(store) == NOTHING
