"""Lists from the cache say what ``choose`` and ``describe`` say, whatever happened before."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from datetime import datetime
from fnmatch import fnmatchcase
from typing import Any

import pytest
import sqlalchemy as sa
from msgspec.structs import asdict, replace
from sqlalchemy import Connection

from keysift.model import Confidence, Privilege, Severity, TriageStatus, Verdict
from keysift.store import tables as t
from keysift.store.database import Store
from keysift.store.queries.choose import Filters, choose
from keysift.store.queries.describe import describe
from keysift.store.queries.facets import facets
from keysift.store.queries.find import Listed, SortBy, all_of, count, find
from keysift.store.queries.find_projects import find_projects
from keysift.store.queries.places import places
from keysift.store.queries.standing import TRIAGE, VERDICTS
from keysift.store.queries.values import StoredFinding
from keysift.store.queries.wanted import Wanted
from keysift.store.stale import is_fresh
from keysift.store.summaries import refresh
from tests.store.chance import PROJECTS, Chance

SEEDS = 8
"""Histories on each database."""


@pytest.mark.parametrize("seed", range(SEEDS))
def test_lists_say_what_the_occurrences_say(store: Store, seed: int) -> None:
    """After any history: every finding, every filter, every order, every page."""
    chance, dice = Chance(store, seed), random.Random(seed)
    for _ in range(4):
        for _ in range(dice.randrange(1, 25)):
            chance.step()
            if dice.random() < 0.1:
                refresh(store)
        refresh(store)
        with store.reading() as connection:
            assert is_fresh(connection)
            findings = everything(connection)
            same_as_described(connection, findings)
            same_tallies(connection, findings)
            for _ in range(12):
                same_pages(connection, findings, dice)


def test_judgements_are_never_stale(store: Store) -> None:
    """A verdict or decision is in the list at once, before anything is added up again."""
    chance = Chance(store, 99)
    for _ in range(40):
        chance.step()
    refresh(store)
    with store.reading() as connection:
        before = connection.scalar(sa.select(sa.func.count()).select_from(t.summaries))
    assert before
    for _ in range(20):
        chance._judge()
        chance._decide()
    with store.reading() as connection:
        findings = everything(connection)
        same_as_described(connection, findings)
        same_tallies(connection, findings)


def everything(connection: Connection) -> dict[int, StoredFinding]:
    """Return all findings that stand anywhere, outdated ones too."""
    chosen = choose(connection, Filters(outdated=True))
    return {one.id: one for one in describe(connection, [one.id for one in chosen])}


def walked(connection: Connection, wanted: Wanted, limit: int, **order: Any) -> list[Listed]:  # noqa: ANN401 (arguments of find)
    """Return all pages forward, after checking that they are the same backward."""
    pages = [find(connection, wanted, limit=limit, **order)]
    assert pages[0].previous is None
    while (cursor := pages[-1].next) is not None:
        pages.append(find(connection, wanted, limit=limit, cursor=cursor, **order))
    for earlier, later in zip(reversed(pages[:-1]), reversed(pages[1:]), strict=True):
        back = find(connection, wanted, limit=limit, cursor=later.previous, **order)
        assert back.rows == earlier.rows
        assert (back.previous is None) == (earlier is pages[0])
    return [row for page in pages for row in page.rows]


def same_as_described(connection: Connection, findings: dict[int, StoredFinding]) -> None:
    """Check every attribute of every finding."""
    listed = walked(connection, Wanted(outdated=True), 3, sort=SortBy.ID)
    assert {one.id for one in listed} == set(findings)
    canaries = set(
        connection.scalars(
            sa.select(t.verdicts.c.secret_id).where(t.verdicts.c.verdict == Verdict.CANARY.value)
        )
    )
    for one in listed:
        known = findings[one.id]
        own = {"project", "version", "privilege", "is_canary"}
        for name, value in asdict(one).items():
            if name not in own:
                assert value == getattr(known, name), name
        assert (one.project, one.version) == (known.last_seen.project, known.last_seen.version)
        assert one.privilege == privilege(known)
        assert one.is_canary == (one.id in canaries)
    same_lives(connection, findings)


def same_lives(connection: Connection, findings: dict[int, StoredFinding]) -> None:
    """Check the rows of ``lives``, with versions in place of the numbers of releases."""
    versions = {row.id: row.version for row in connection.execute(sa.select(t.releases))}
    names = {row.id: row.name for row in connection.execute(sa.select(t.projects))}
    rows = connection.execute(sa.select(t.lives)).all()
    assert len(rows) == sum(len(one.lives) for one in findings.values())
    for row in rows:
        lives = findings[row.secret_id].lives
        life = next(one for one in lives if one.introduced.project == names[row.project_id])
        removed = None if life.removed_in is None else life.removed_in.version
        assert versions[row.introduced_in] == life.introduced.version
        assert versions[row.last_seen_in] == life.last_seen.version
        assert versions.get(row.removed_in) == removed
        assert row.still_present == (None if life.still_present is None else life.still_present)
        assert row.kinds == ",".join(life.kinds)
        for name in ("first_uploaded_at", "last_uploaded_at", "releases", "artifacts", "places"):
            assert getattr(row, name) == getattr(life, name)
        assert (row.yanked, row.deleted) == (life.yanked, life.deleted)


def same_tallies(connection: Connection, findings: dict[int, StoredFinding]) -> None:
    """Check the numbers of each project."""
    truth: dict[str, list[tuple[StoredFinding, bool | None]]] = {}
    for one in findings.values():
        if not one.is_outdated:
            for life in one.lives:
                truth.setdefault(life.introduced.project, []).append((one, life.still_present))
    page = find_projects(connection)
    assert {one.name for one in page.rows} == set(truth)
    for project in page.rows:
        several = truth[project.name]
        assert project.findings == len(several)
        assert project.severities == {
            severity: sum(one.severity is severity for one, _ in several) for severity in Severity
        }
        assert project.active == sum(one.verdict is Verdict.ACTIVE for one, _ in several)
        assert project.open == sum(one.triage is TriageStatus.OPEN for one, _ in several)
        assert project.present == sum(present is True for _, present in several)
        assert (project.releases, project.last_uploaded_at) == released(connection, project.name)


def released(connection: Connection, project: str) -> tuple[int, datetime | None]:
    """Return the releases of a project, and its last upload."""
    query = (
        sa.select(t.releases.c.id, t.artifacts.c.uploaded_at)
        .join(t.artifacts, t.artifacts.c.release_id == t.releases.c.id)
        .join(t.projects, t.projects.c.id == t.releases.c.project_id)
        .where(t.projects.c.name == project)
    )
    rows = connection.execute(query).all()
    times = [row.uploaded_at for row in rows if row.uploaded_at is not None]
    return len({row.id for row in rows}), max(times, default=None)


def same_pages(
    connection: Connection, findings: dict[int, StoredFinding], dice: random.Random
) -> None:
    """Check a random question: which findings, in which order, and how many of each kind."""
    wanted = question(dice)
    chosen = {one.id for one in choose(connection, filters_of(wanted))}
    expected = [
        one for one in findings.values() if one.id in chosen and is_wanted(connection, one, wanted)
    ]
    sort, descending = dice.choice(list(SortBy)), dice.random() < 0.5
    limit = dice.randrange(1, 5)
    listed = walked(connection, wanted, limit, sort=sort, descending=descending)
    assert [one.id for one in listed] == ordered(expected, sort, descending=descending)
    assert count(connection, wanted) == len(expected)
    assert all_of(connection, wanted) == sorted(one.id for one in expected)
    same_facets(connection, findings, wanted)
    assert facets(connection, wanted).total == len(expected)


def same_facets(connection: Connection, findings: dict[int, StoredFinding], wanted: Wanted) -> None:
    """Check that each number is what that choice alone would show."""
    said = facets(connection, wanted)
    detectors = {one.detector for one in findings.values()}
    numbers = connection.execute(sa.select(t.projects.c.id, t.projects.c.name)).all()
    anywhere = replace(wanted, project=None)
    free_severity = replace(wanted, severity=Severity.INFO)
    free_confidence = replace(wanted, confidence=Confidence.LOW)
    choices: list[tuple[Mapping[Any, int], dict[Any, Wanted]]] = [
        (said.severities, {one: replace(free_severity, severities=(one,)) for one in Severity}),
        (
            said.confidences,
            {one: replace(free_confidence, confidences=(one,)) for one in Confidence},
        ),
        (said.verdicts, {one: replace(wanted, verdicts=(one,)) for one in Verdict}),
        (said.triage, {one: replace(wanted, triage=(one,)) for one in TriageStatus}),
        (
            said.presence,
            {one: replace(wanted, presence=(one,)) for one in (True, False, None)},
        ),
        (
            said.detectors,
            {one: replace(wanted, detector=one, detectors=None) for one in detectors},
        ),
        (
            said.projects,
            {(one.id, one.name): replace(anywhere, project_id=one.id) for one in numbers},
        ),
    ]
    for counted, asked in choices:
        truth = {choice: count(connection, question) for choice, question in asked.items()}
        assert counted == {choice: number for choice, number in truth.items() if number}


def question(dice: random.Random) -> Wanted:
    """Return filters at random, few at a time."""
    asked: dict[str, Callable[[], Any]] = {
        "project": lambda: dice.choice((*PROJECTS, "beta*", "*a", "[!b]*", "absent")),
        "path": lambda: dice.choice(
            ("*/a.py", "*.py", "*settings*", "*.tgz!/in/?.env", "alpha-1.0/a.py", "*/src/*", "a.py")
        ),
        "still_present": lambda: True,
        "kind": lambda: dice.choice(("sdist", "wheel", "egg")),
        "detector": lambda: dice.choice(("github-pat", "npm-*", "x")),
        "severity": lambda: dice.choice(list(Severity)),
        "confidence": lambda: dice.choice(list(Confidence)),
        "verdicts": lambda: tuple(dice.sample(list(Verdict), 2)),
        "triage": lambda: tuple(dice.sample(list(TriageStatus), 2)),
        "year": lambda: dice.choice((2019, 2020, 2021)),
        "outdated": lambda: True,
        "project_id": lambda: dice.randrange(1, 6),
        "search": lambda: dice.choice(("A.PY", "beta settings", "github", "1.0/", "…", "nothing")),
        "detectors": lambda: frozenset(dice.sample(["github-pat", "npm-token", "x"], 2)),
        "severities": lambda: tuple(dice.sample(list(Severity), 2)),
        "confidences": lambda: tuple(dice.sample(list(Confidence), 1)),
        "presence": lambda: tuple(dice.sample([True, False, None], dice.randrange(1, 3))),
        "privileges": lambda: tuple(dice.sample([None, *Privilege], 2)),
        "is_canary": lambda: dice.random() < 0.5,
    }
    names = dice.sample(sorted(asked), dice.choice((0, 1, 1, 2, 2, 3)))
    return Wanted(**{name: asked[name]() for name in names})


def filters_of(wanted: Wanted) -> Filters:
    """Return the filters that ``choose`` knows."""
    return Filters(**{name: getattr(wanted, name) for name in Filters.__struct_fields__})


def is_wanted(connection: Connection, one: StoredFinding, wanted: Wanted) -> bool:
    """Tell whether a finding is what is asked besides."""
    asked = [
        wanted.detectors is None or one.detector in wanted.detectors,
        one.severity in (wanted.severities or Severity),
        one.confidence in (wanted.confidences or Confidence),
        not wanted.privileges or privilege(one) in wanted.privileges,
        wanted.is_canary is None or is_canary(connection, one) is wanted.is_canary,
        all(word in haystack(connection, one) for word in wanted.search.casefold().split()),
        not wanted.presence or bool(presences(connection, one, wanted) & set(wanted.presence)),
    ]
    return all(asked)


def privilege(one: StoredFinding) -> Privilege | None:
    """Return the privilege that the verdict that stands told."""
    return None if one.outcome is None else one.outcome.privilege


def is_canary(connection: Connection, one: StoredFinding) -> bool:
    """Tell whether a finding was ever known to be a canary."""
    said = sa.select(t.verdicts.c.verdict).where(t.verdicts.c.secret_id == one.id)
    return Verdict.CANARY.value in connection.scalars(said).all()


def presences(connection: Connection, one: StoredFinding, wanted: Wanted) -> set[bool | None]:
    """Return where a finding stands: in the projects that are asked for, or altogether."""
    if not wanted.names_projects:
        return {one.still_present}
    query = sa.select(t.projects.c.id, t.projects.c.name)
    numbers = {row.name: row.id for row in connection.execute(query)}
    chosen = {
        row.id: row.name
        for row in connection.execute(query)
        if wanted.project_id in (None, numbers[row.name])
    }
    with_it = {life.introduced.project: life.still_present for life in one.lives}
    return {
        with_it[name]
        for name in chosen.values()
        if name in with_it and (wanted.project is None or is_named(name, wanted.project))
    }


def is_named(name: str, glob: str) -> bool:
    """Tell whether a name matches a glob; by ``fnmatch``, whose rules they are."""
    return fnmatchcase(name, glob)


def haystack(connection: Connection, one: StoredFinding) -> str:
    """Return what a search looks through, made from the places."""
    stands = list(places(connection, [one.id]))
    paths = [
        place.path.partition("/")[2] if place.kind == "sdist" and "/" in place.path else place.path
        for place in stands
    ]
    return "\n".join(
        [one.detector, one.mask, *(place.project for place in stands), *paths]
    ).casefold()


def ordered(findings: list[StoredFinding], sort: SortBy, *, descending: bool) -> list[int]:
    """Return the numbers of findings in an order, by their values."""

    def key(one: StoredFinding) -> Any:  # noqa: ANN401 (whatever it is sorted by)
        grade = privilege(one)
        return {
            SortBy.SEVERITY: one.severity.rank * 3 + one.confidence.rank,
            SortBy.CONFIDENCE: one.confidence.rank,
            SortBy.DETECTOR: one.detector,
            SortBy.PROJECT: one.last_seen.project,
            SortBy.INTRODUCED: one.first_uploaded_at,
            SortBy.LAST_SEEN: one.last_uploaded_at,
            SortBy.PRESENT: one.still_present,
            SortBy.VERDICT: VERDICTS.index(one.verdict),
            SortBy.CHECKED: one.checked_at,
            SortBy.PRIVILEGE: None if grade is None else grade.rank,
            SortBy.TRIAGE: TRIAGE.index(one.triage),
            SortBy.ID: one.id,
            SortBy.PROJECTS: one.projects,
            SortBy.RELEASES: one.releases,
            SortBy.ARTIFACTS: one.artifacts,
            SortBy.PLACES: one.places,
        }[sort]

    worst_first = descending is not sort.is_ascending

    def ties(one: StoredFinding) -> tuple[int, int]:
        return one.severity.rank * 3 + one.confidence.rank, one.id

    if sort is SortBy.ID:
        return sorted((one.id for one in findings), reverse=descending)
    by_ties = sorted(findings, key=ties, reverse=worst_first)
    known = sorted((one for one in by_ties if key(one) is not None), key=key, reverse=descending)
    return [one.id for one in (*known, *(one for one in by_ties if key(one) is None))]
