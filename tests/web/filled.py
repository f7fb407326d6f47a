"""A store with what the pages of projects, coverage and crawls show, for their tests."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from keysift.catalogue.validities import load_validities
from keysift.model import Severity, Skip, SkipReason, Verdict
from keysift.store import ledger
from keysift.store import tables as t
from keysift.store.database import Store
from keysift.store.summaries import refresh
from keysift.verify.plan import Planner
from keysift.web.verifying import Verifying
from tests.store.history import History
from tests.store.samples import Writer, artifact_number, catalogue, found, member
from tests.web.stores import adopt

BEGAN = datetime(2024, 3, 1, 10, tzinfo=UTC)


def fill(store: Store) -> History:
    """Write down projects with gaps and findings, and crawls; returns what can add to it.

    ``demo`` has releases 1.0 (findings 1 and 2), 2.0 (1; yanked), 3.0 (2; deleted), 4.0 (1; in
    part), 5.0 (failed) and 6.0 (pending). ``clean`` has one without a finding. Finding 1 works.
    """
    with store.writing() as connection:
        adopt(connection)
    history = History(store)
    first, second = found(1), found(2, "slack-bot-token", severity=Severity.HIGH)
    history.publish("demo", "1.0", first, second)
    history.publish("demo", "2.0", first)
    history.publish("demo", "3.0", second)
    history.announce("demo", "4.0", "demo-4.0.tar.gz")
    skips = (
        Skip(path="big.bin", reason=SkipReason.TOO_LARGE, detail="9 GB", size_bytes=9_000_000_000),
        Skip(path="to", reason=SkipReason.LINK),
    )
    with store.writing() as connection:
        Writer(connection).scanned("demo-4.0.tar.gz", member("a.py", first), skips=skips, files=2)
    history.announce("demo", "5.0", "demo-5.0.tar.gz")
    fail(store, "demo-5.0.tar.gz", "the index answered 500")
    history.announce("demo", "6.0", "demo-6.0.tar.gz")
    history.change("demo", "demo-2.0.tar.gz", yanked="leaks a key")
    history.delete("demo", "demo-3.0.tar.gz")
    history.publish("clean", "1.0")
    history.judged(1, Verdict.ACTIVE)
    crawls(store)
    refresh(store)
    return history


def fail(store: Store, name: str, failure: str) -> None:
    """Let a file fail."""
    with store.writing() as connection:
        Writer(connection).ledger.failed(connection, artifact_number(connection, name), failure)


def crawls(store: Store) -> None:
    """Write down a crawl that was killed, one that ended, and one that has not ended."""
    with store.writing() as connection:
        registry = ledger.registry(connection, "https://index.invalid/simple/")
        ruleset = ledger.ruleset(connection, catalogue(), "1.0")
        facts = {"registry_id": registry, "ruleset_id": ruleset, "version": "1.0"}
        counts = {"artifacts": 1234, "fetched_bytes": 5_000_000, "failed": 0}
        for day, hours in ((0, None), (1, 2), (2, None)):
            began = BEGAN + timedelta(days=day)
            row = {
                "began_at": began,
                "ended_at": None if hours is None else began + timedelta(hours=hours),
                "counts": {} if hours is None else counts,
                "wanted": {"names": ["de*"], "rescan": False},
            }
            connection.execute(sa.insert(t.runs).values(facts | row))


@pytest.fixture
def verifying(tmp_path: Path) -> Verifying:
    """Return how providers are asked, with an audit log that nobody has written yet."""
    planner = Planner(catalogue(), load_validities())
    return Verifying(planner=planner, audit=tmp_path / "audit")
