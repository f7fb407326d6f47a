"""The made-up index has the shapes of a real one, and something of everything there is to show."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from statistics import median
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import Connection

from keysift.catalogue import Catalogue, load
from keysift.catalogue.cache import Cache
from keysift.catalogue.schema import Category
from keysift.catalogue.validities import load_validities
from keysift.demo.fill import fill
from keysift.demo.misses import NOT_HERE
from keysift.model import (
    CANARY_FACT,
    FACTS,
    Confidence,
    Doubt,
    Privilege,
    Severity,
    SkipReason,
    TriageStatus,
    Verdict,
)
from keysift.store import tables as t
from keysift.store.asked import last_asking
from keysift.store.database import Store
from keysift.store.queries.choose import Filters, choose
from keysift.store.queries.describe import describe
from keysift.store.queries.lifetimes import lifetimes
from keysift.store.queries.status import status
from keysift.store.queries.values import StoredFinding
from keysift.verify.plan import Planner
from tests.store.samples import SEALER

NOW = datetime(2026, 9, 1, 12, tzinfo=UTC)
PROJECTS = 3000


@pytest.fixture(scope="module")
def connection(tmp_path_factory: pytest.TempPathFactory, cache: Cache) -> Iterator[Connection]:
    """Return a connection to a store that is large enough for shares."""
    store = Store(str(tmp_path_factory.mktemp("demo") / "store.db"))
    fill(store, projects=PROJECTS, now=NOW, sealer=SEALER, cache=cache)
    with store.reading() as opened:
        yield opened
    store.close()


@pytest.fixture(scope="module")
def catalogue(cache: Cache) -> Catalogue:
    """Return the detectors."""
    return load(cache=cache)


@pytest.fixture(scope="module")
def findings(connection: Connection) -> list[StoredFinding]:
    """Return all secrets with their lives."""
    chosen = choose(connection, Filters(confidence=Confidence.LOW, outdated=True))
    return list(describe(connection, [one.id for one in chosen]))


def numbers(connection: Connection, column: sa.Column[Any]) -> Counter[Any]:
    """Return how many rows have each value of a column."""
    query = sa.select(column, sa.func.count()).group_by(column)
    return Counter({row[0]: row[1] for row in connection.execute(query)})


def test_everything_there_is_occurs(connection: Connection) -> None:
    """No colour, filter or word of a page is left without an example."""
    artifacts = t.artifacts.c
    assert numbers(connection, artifacts.kind).keys() == {"sdist", "wheel", "egg", "other"}
    assert numbers(connection, artifacts.state).keys() == {"scanned", "failed", "pending"}
    statuses = {"active", "archived", "quarantined", "deprecated", None}
    assert numbers(connection, t.projects.c.status).keys() == statuses
    kinds = {"yanked", "unyanked", "deleted", "restored", "replaced"}
    assert numbers(connection, t.events.c.kind).keys() == kinds
    reasons = {reason.value for reason in SkipReason if reason not in NOT_HERE}
    assert numbers(connection, t.skips.c.reason).keys() == reasons
    assert numbers(connection, t.matches.c.severity).keys() == {one.value for one in Severity}
    grades = {one.value for one in Confidence}
    assert numbers(connection, t.occurrences.c.confidence).keys() == grades
    assert numbers(connection, t.triage.c.status).keys() == {one.value for one in TriageStatus}


def test_every_answer_occurs(connection: Connection) -> None:
    """Every verdict is there, every privilege, and every doubt that a provider can raise."""
    verdicts = {one.value for one in Verdict if one is not Verdict.UNCHECKED}
    assert numbers(connection, t.verdicts.c.verdict).keys() == verdicts
    privileges = {one.value for one in Privilege} | {None}
    assert numbers(connection, t.verdicts.c.privilege).keys() == privileges
    doubts = numbers(connection, t.verdicts.c.doubt).keys()
    often = {Doubt.NETWORK, Doubt.TIMEOUT, Doubt.RATE_LIMITED, Doubt.SERVER_ERROR}
    often |= {Doubt.INCOMPLETE, Doubt.DOUBTFUL_REFUSAL, Doubt.UNEXPECTED_RESPONSE}
    assert {one.value for one in often} <= doubts
    unchecked = sa.select(t.secrets.c.id).where(
        t.secrets.c.id.not_in(sa.select(t.verdicts.c.secret_id))
    )
    assert connection.execute(unchecked).first() is not None


def test_projects_grow_in_number(connection: Connection) -> None:
    """Each year more projects are born than three years before; releases are unevenly spread."""
    query = (
        sa.select(sa.func.min(t.artifacts.c.uploaded_at), sa.func.count(t.releases.c.id.distinct()))
        .join(t.releases, t.releases.c.id == t.artifacts.c.release_id)
        .group_by(t.releases.c.project_id)
    )
    born: Counter[int] = Counter()
    releases = []
    for first, number in connection.execute(query):
        born[first.year] += 1
        releases.append(number)
    assert sorted(born) == list(range(2012, 2027))
    assert all(born[year] > born[year - 3] for year in range(2015, 2026))
    assert 3 <= median(releases) <= 8
    assert max(releases) > 100
    assert sum(releases) / len(releases) > 1.2 * median(releases)


def test_shares_are_as_announced(connection: Connection, findings: list[StoredFinding]) -> None:
    """One project in sixteen has a secret; most files were scanned, few of them in part."""
    affected = {life.introduced.project for one in findings for life in one.lives}
    assert 0.045 <= len(affected) / PROJECTS <= 0.08
    states = numbers(connection, t.artifacts.c.state)
    assert states["scanned"] / states.total() > 0.97
    is_complete = numbers(connection, t.artifacts.c.is_complete)
    assert 0.005 <= is_complete[0] / states.total() <= 0.04


def test_lives_are_of_every_shape(findings: list[StoredFinding]) -> None:
    """There and gone, back again, yanked, deleted, shared; in sdists, in wheels, in both."""
    lives = [life for one in findings for life in one.lives]
    assert 0.3 <= sum(bool(life.still_present) for life in lives) / len(lives) <= 0.75
    assert any(life.removed_in is not None for life in lives)
    assert any(one.is_yanked_only for one in findings)
    assert any(one.is_deleted_only for one in findings)
    assert any(one.projects > 1 for one in findings)
    assert any(one.is_outdated for one in findings)
    assert sum(one.releases for one in findings) / len(findings) > 4
    kinds = Counter(one.kinds for one in findings)
    assert {("sdist",), ("wheel",), ("sdist", "wheel")} <= kinds.keys()
    masks = Counter(one.mask for one in findings if not one.mask.startswith("-----"))
    assert len(masks) > 0.9 * masks.total()


def test_a_secret_comes_back(connection: Connection) -> None:
    """Some are removed and published again: a release between two that have it has it not."""
    query = (
        sa.select(t.matches.c.secret_id, t.releases.c.project_id, t.releases.c.id.label("release"))
        .distinct()
        .join(t.occurrences, t.occurrences.c.match_id == t.matches.c.id)
        .join(t.artifacts, t.artifacts.c.id == t.occurrences.c.artifact_id)
        .join(t.releases, t.releases.c.id == t.artifacts.c.release_id)
    )
    releases: dict[tuple[int, int], set[int]] = {}
    for secret, project, release in connection.execute(query):
        releases.setdefault((secret, project), set()).add(release)
    # The releases of a project are numbered one after the other.
    assert any(len(one) < max(one) - min(one) + 1 for one in releases.values())


def test_what_is_told_is_what_a_scan_tells(
    findings: list[StoredFinding], catalogue: Catalogue
) -> None:
    """Detectors, facts and reasons are those of the catalogue; severities fit them."""
    for one in findings:
        assert one.detector in catalogue.by_id
        assert one.reasons or CANARY_FACT in one.facts
        assert one.facts.keys() <= FACTS.keys()
        assert one.outcome is None or one.outcome.facts.keys() <= FACTS.keys()
        assert one.introduced.uploaded_at is not None
        assert one.introduced.uploaded_at < NOW
        assert one.checked_at is None or one.introduced.uploaded_at < one.checked_at < NOW


def test_types_come_up_when_they_did(findings: list[StoredFinding], catalogue: Catalogue) -> None:
    """Keys of AI services grow since 2023, Telegram bots rise until then."""
    years: dict[Category, Counter[int]] = {}
    telegram: Counter[int] = Counter()
    for one in findings:
        at = one.first_uploaded_at
        assert at is not None
        years.setdefault(catalogue.by_id[one.detector].category, Counter())[at.year] += 1
        telegram[at.year] += one.detector.startswith("telegram-")
    assert not sum(number for year, number in years[Category.AI].items() if year < 2021)
    assert sum(years[Category.AI][year] for year in (2023, 2024, 2025)) > 5
    assert len(years) > 8
    assert sum(telegram[year] for year in range(2023, 2026)) > sum(
        telegram[year] for year in range(2012, 2021)
    )


def test_answers_change_over_the_years(connection: Connection) -> None:
    """Some secrets worked and then did not; some have worked for years; checks are repeated."""
    chosen = [one.id for one in choose(connection, Filters(confidence=Confidence.LOW))]
    lives = [one for one in lifetimes(connection, chosen) if one.answers]
    assert len(lives) > 50
    died = [one for one in lives if one.answers[0][1] and not one.answers[-1][1]]
    alive = [one for one in lives if one.answers[-1][1]]
    assert died
    assert 0.15 <= len(alive) / len(lives) <= 0.6
    assert any(NOW - one.published_at > timedelta(days=2000) for one in alive)
    assert median(len(one.answers) for one in alive) > 4
    assert all(
        not later or earlier
        for one in lives
        for (_, earlier), (_, later) in zip(one.answers, one.answers[1:], strict=False)
    )


def test_checks_are_due(connection: Connection, catalogue: Catalogue, cache: Cache) -> None:
    """With their values kept, secrets are due to be asked about again; most know their provider."""
    planner = Planner(catalogue, load_validities(cache=cache))
    filters = Filters(confidence=Confidence.LOW)
    counted = status(connection, filters, planner, NOW, last_asking(connection))
    assert counted.due.month > counted.due.week > 0
    assert counted.canaries > 0
    assert counted.broad > 0
    assert "" not in counted.providers
    assert len(counted.providers) > 20
