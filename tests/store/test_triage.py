"""What people decide about a secret, and that nothing takes it away."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy import Connection

from keysift.catalogue import Catalogue, load
from keysift.model import TriageStatus
from keysift.store import ledger
from keysift.store import tables as t
from keysift.store.database import Store
from keysift.store.records import Scanned
from keysift.store.triage import decide, trail
from tests.store.filled import fill
from tests.store.samples import KEY, SEALER, Writer, artifact_number, found, index_file, member


def statuses(connection: Connection, secret: int = 1) -> list[str]:
    """Return what was decided, the oldest first."""
    return [one.status.value for one in trail(connection, secret)]


def decided(store: Store, status: TriageStatus = TriageStatus.ACCEPTED) -> None:
    """Decide about the first secret."""
    with store.writing() as connection:
        decide(connection, 1, status, note="why", author="me")


def test_every_decision_is_kept(store: Store) -> None:
    """Lines are added and never changed, in the order of deciding, with author and note."""
    fill(store)
    decided(store, TriageStatus.REVOKED)
    decided(store, TriageStatus.OPEN)
    with store.reading() as connection:
        first, last = trail(connection, 1)
        assert (first.status, last.status) == (TriageStatus.REVOKED, TriageStatus.OPEN)
        assert (first.note, first.author) == ("why", "me")
        assert first.decided_at <= last.decided_at
        assert trail(connection, 2) == []


def test_the_database_knows_every_status(store: Store) -> None:
    """What can be decided can be written down."""
    fill(store)
    for status in TriageStatus:
        decided(store, status)
    with store.reading() as connection:
        assert statuses(connection) == [status.value for status in TriageStatus]


def test_it_survives_another_scan(store: Store) -> None:
    """Scanning the same files again changes nothing about decisions."""
    fill(store)
    decided(store)
    fill(store)
    with store.reading() as connection:
        assert statuses(connection) == ["accepted"]


def test_it_survives_another_ruleset(store: Store) -> None:
    """The same secret found by a newer ruleset, with another span, is the one decided about."""
    fill(store)
    decided(store)
    with store.writing() as connection:
        number = ledger.ruleset(connection, Catalogue(load().detectors[:5]), "2.0")
        newer = ledger.Ledger(number, KEY, SEALER)
        content = member("a.py", found(1, start=5, end=60))
        file = artifact_number(connection, "demo-1.tar.gz")
        newer.scanned(connection, file, Scanned(members=(content,)))
    with store.reading() as connection:
        query = sa.select(t.matches.c.secret_id).where(t.matches.c.found_by == number)
        assert connection.scalars(query).all() == [1]
        assert statuses(connection) == ["accepted"]


def test_it_survives_a_move(store: Store) -> None:
    """The same secret at another path of another project is the one decided about."""
    fill(store)
    decided(store)
    with store.writing() as connection:
        writer = Writer(connection)
        writer.page("other", index_file("other", "1", "other-1.tar.gz"))
        writer.scanned("other-1.tar.gz", member("deep/b.py", found(1), digest=b"d" * 32))
        here = (
            sa.select(t.matches.c.secret_id)
            .join(t.occurrences, t.occurrences.c.match_id == t.matches.c.id)
            .where(t.occurrences.c.artifact_id == artifact_number(connection, "other-1.tar.gz"))
        )
        assert connection.scalars(here).all() == [1]
        assert statuses(connection) == ["accepted"]


def test_it_survives_the_end_of_every_match(store: Store) -> None:
    """When the old match is gone the decision stays, and holds when the secret comes back."""
    fill(store)
    decided(store)
    with store.writing() as connection:
        connection.execute(sa.delete(t.matches).where(t.matches.c.secret_id == 1))
    with store.reading() as connection:
        assert statuses(connection) == ["accepted"]
    fill(store)
    with store.reading() as connection:
        query = sa.select(t.matches.c.id).where(t.matches.c.secret_id == 1)
        assert connection.scalars(query).all()
        assert statuses(connection) == ["accepted"]
