"""Random histories: every figure is what a count of all rows says."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import pytest
from msgspec import structs
from sqlalchemy import Connection

from keysift.model import Confidence, Severity, Verdict
from keysift.statistics.measure import Plan, measure
from keysift.statistics.place import extension_of, place_of
from keysift.statistics.shares import share
from keysift.statistics.values import Distribution, Group, PlaceGroup, Statistics, Verdicts
from keysift.store import tables as t
from keysift.store.database import Store
from tests.statistics.naive import Counts, Naive, Row, World, extensions, places
from tests.store.chance import Chance
from tests.store.samples import catalogue

SEEDS = 10
"""Histories on each database."""

GLOBS = ((), ("beta*",), ("alpha", "gam*"))


@pytest.mark.parametrize("seed", range(SEEDS))
def test_every_figure_is_what_a_count_of_all_rows_says(store: Store, seed: int) -> None:
    """After any history, for any scope."""
    chance, dice = Chance(store, seed), random.Random(seed)
    for _ in range(3):
        for _ in range(dice.randrange(5, 40)):
            chance.step()
        with store.reading() as connection:
            for globs in GLOBS:
                grades = dice.choice(list(Confidence)), dice.choice(list(Severity)[:3])
                plan = Plan(projects=globs, confidence=grades[0], severity=grades[1])
                world = World(connection, catalogue(), globs, *grades)
                same(connection, world, measure(connection, catalogue(), plan))


def same(connection: Connection, world: World, found: Statistics) -> None:
    """Compare all figures."""
    same_headline(world, found)
    same_groups(world, found)
    same_coverage(connection, world, found)
    same_growth(world, found)
    same_numbers(world, found)
    same_sharing(world, found)
    same_lives(world, found)
    same_projects(world, found)
    left_out = {name: world.left_out[name] for name in found.not_counted.__struct_fields__}
    assert structs.asdict(found.not_counted) == left_out


def same_headline(world: World, found: Statistics) -> None:
    """The figures that a report begins with."""
    head, secrets = found.headline, world.secrets
    rows = [row for secret in secrets for row in secret.rows]
    verdicts = Counter(secret.verdict for secret in secrets)
    active, inactive = verdicts[Verdict.ACTIVE], verdicts[Verdict.INACTIVE]
    scanned = [one for one in world.artifacts if world.is_scanned(one)]
    releases = {one["release_id"] for one in scanned}
    projects = {one["project_id"] for one in world.releases if one["id"] in releases}
    assert head.secrets == len(secrets)
    assert head.occurrences == len(rows)
    assert head.detectors == len({secret.detector for secret in secrets})
    assert head.providers == len({world.provider(secret) for secret in secrets} - {""})
    assert head.projects == share(len({row.project for row in rows}), len(projects))
    assert head.releases == share(len({row.release for row in rows}), len(releases))
    assert head.artifacts == share(len({row.artifact for row in rows}), len(scanned))
    assert head.active == share(active, active + inactive)
    working = [secret for secret in secrets if secret.verdict is Verdict.ACTIVE]
    holding = {project for secret in working for project in secret.projects}
    assert head.active_projects == share(len(holding), len(projects))
    presence = Counter(secret.presence for secret in secrets)
    assert head.still_present == share(presence["newest"], len(secrets) - presence["unknown"])
    both = [secret for secret in working if secret.presence == "newest"]
    assert head.active_and_present is not None
    assert head.active_and_present.secrets == len(both)
    assert head.active_and_present.projects == len(
        {project for secret in both for project in secret.projects}
    )
    dates = [secret.introduced_at for secret in working]
    assert head.oldest_active == min((date for date in dates if date), default=None)


def same_groups(world: World, found: Statistics) -> None:
    """All tables, every cell."""
    catalogued = world
    tables: dict[str, Callable[[Naive], Iterable[str]]] = {
        "by_year": lambda secret: [secret.year],
        "by_month": lambda secret: [
            "" if secret.introduced_at is None else f"{secret.introduced_at:%Y-%m}"
        ],
        "by_detector": lambda secret: [secret.detector],
        "by_provider": lambda secret: [catalogued.provider(secret)],
        "by_category": lambda secret: [catalogued.category(secret)],
        "by_severity": lambda secret: [
            max((Severity(row.severity) for row in secret.rows), key=lambda one: one.rank).value
        ],
        "by_confidence": lambda secret: [
            max((Confidence(row.confidence) for row in secret.rows), key=lambda one: one.rank).value
        ],
        "by_verdict": lambda secret: [secret.verdict.value],
        "by_triage": lambda secret: [secret.triage.value],
        "by_presence": lambda secret: [secret.presence],
        "by_artifact": lambda secret: [secret.artifact],
    }
    for name, names in tables.items():
        same_table(getattr(found, name), world.groups(names))
    assert [group.name for group in found.by_mode] == ["unknown"] * bool(world.secrets)
    same_places(world, found.by_place, places, lambda row: place_of(row.path).value)
    same_places(world, found.by_extension, extensions, lambda row: extension_of(row.path))


def same_table(groups: Sequence[Group], counts: dict[str, Counts]) -> None:
    """One table."""
    assert {group.name for group in groups} == counts.keys()
    assert len(groups) == len(counts)
    for group in groups:
        expected = counts[group.name]
        assert group.secrets == expected.secrets
        assert group.occurrences == expected.occurrences
        assert group.projects == expected.projects
        assert _told(group.verdicts) == expected.verdicts
        assert _told(group.projects_by_verdict) == expected.projects_by_verdict
        active = expected.verdicts.get("active", 0)
        assert group.active == share(active, active + expected.verdicts.get("inactive", 0))


def _told(verdicts: Verdicts | None) -> dict[str, int]:
    assert verdicts is not None
    return {name: number for name, number in structs.asdict(verdicts).items() if number}


def same_places(
    world: World,
    groups: Sequence[PlaceGroup],
    names: Callable[[Naive], set[str]],
    of_row: Callable[[Row], str],
) -> None:
    """A table in which a secret may be in several groups."""
    same_table(groups, world.groups(names, of_row))
    for group in groups:
        only = [secret for secret in world.secrets if names(secret) == {group.name}]
        assert group.only == len(only)
        assert group.projects_only == len({row.project for one in only for row in one.rows})


def same_coverage(connection: Connection, world: World, found: Statistics) -> None:
    """The denominators."""
    coverage = found.coverage
    scanned = {one["id"] for one in world.artifacts if world.is_scanned(one)}
    of_release: dict[int, list[dict[str, Any]]] = {}
    for one in world.artifacts:
        of_release.setdefault(one["release_id"], []).append(one)
    of_project: dict[int, list[dict[str, Any]]] = {}
    for release in world.releases:
        own = of_release.get(release["id"], [])
        of_project.setdefault(release["project_id"], []).extend(own)
    projects, releases = coverage.projects, coverage.releases
    assert projects.listed == len(world.projects)
    assert projects.removed == sum(one["removed_at"] is not None for one in world.projects)
    assert projects.scanned == sum(_any(own, scanned) for own in of_project.values())
    assert projects.complete == sum(map(_is_whole, of_project.values()))
    assert releases.listed == len(of_release)
    assert releases.scanned == sum(_any(own, scanned) for own in of_release.values())
    assert releases.complete == sum(map(_is_whole, of_release.values()))
    gone = [own for own in of_release.values() if all(one["deleted_at"] for one in own)]
    assert releases.deleted == len(gone)
    there = [[one for one in own if not one["deleted_at"]] for own in of_release.values()]
    assert releases.yanked == sum(
        bool(own) and all(one["yanked"] is not None for one in own) for own in there
    )
    for part in (*coverage.kinds, coverage.artifacts):
        own = [one for one in world.artifacts if part.kind in {"", one["kind"]}]
        states = Counter(_state(one, scanned) for one in own)
        names = ("scanned", "unreadable", "failed", "pending", "gone")
        assert {name: getattr(part, name) for name in names} == {
            name: states[name] for name in names
        }
        assert part.listed == len(own) == sum(getattr(part, name) for name in names)
        assert part.deleted == sum(one["deleted_at"] is not None for one in own)
        assert part.yanked == sum(
            one["yanked"] is not None and one["deleted_at"] is None for one in own
        )
        looked_at = [one for one in own if one["id"] in scanned]
        assert part.members == sum(one["files"] or 0 for one in looked_at)
        assert part.bytes == sum(one["size_bytes"] or 0 for one in own)
        assert part.scanned_bytes == sum(one["size_bytes"] or 0 for one in looked_at)
        assert part.incomplete == sum(one["is_complete"] == 0 for one in looked_at)
    used = Counter(one["ruleset_id"] for one in world.artifacts if one["id"] in scanned)
    digests = {row.id: row.digest for row in connection.execute(t.rulesets.select())}
    assert {one.digest: one.artifacts.count for one in coverage.rulesets} == {
        digests[number]: times for number, times in used.items() if number is not None
    }
    uploads = [one["uploaded_at"] for one in world.artifacts if one["id"] in scanned]
    known = [time for time in uploads if time is not None]
    assert found.period.first_upload == min(known, default=None)
    assert found.period.last_upload == max(known, default=None)


def _any(own: list[dict[str, Any]], scanned: set[int]) -> bool:
    return any(one["id"] in scanned for one in own)


def _is_whole(own: list[dict[str, Any]]) -> bool:
    there = [one for one in own if one["deleted_at"] is None]
    return bool(there) and all(one["state"] == "scanned" and one["is_complete"] for one in there)


def _state(one: dict[str, Any], scanned: set[int]) -> str:
    if one["id"] in scanned:
        return "scanned"
    if one["deleted_at"] is not None:
        return "gone"
    return "unreadable" if one["state"] == "scanned" else str(one["state"])


def same_growth(world: World, found: Statistics) -> None:
    """Year by year."""
    scanned = [one for one in world.artifacts if world.is_scanned(one)]
    project = {one["id"]: one["project_id"] for one in world.releases}
    rows = [row for secret in world.secrets for row in secret.rows]
    cumulated = 0
    for year in found.growth:
        uploaded = [one for one in scanned if _year(one["uploaded_at"]) == year.year]
        affected = {row.artifact for row in rows if _year(row.uploaded_at) == year.year}
        holders = {row.project for row in rows if _year(row.uploaded_at) == year.year}
        own = {project[one["release_id"]] for one in uploaded}
        name = "" if year.year is None else str(year.year)
        secrets = sum(secret.year == name for secret in world.secrets)
        cumulated = secrets if year.year is None else cumulated + secrets
        assert (year.secrets, year.cumulated) == (secrets, cumulated)
        assert year.projects == len(own)
        assert year.artifacts == share(len(affected), len(uploaded))
        assert year.affected == share(len(holders), len(own))
        firsts = {
            number: min(
                (
                    one["uploaded_at"]
                    for one in world.artifacts
                    if project[one["release_id"]] == number and one["uploaded_at"]
                ),
                default=None,
            )
            for number in own
        }
        assert year.new_projects == sum(
            date is not None and date.year == year.year for date in firsts.values()
        )
        begun = [
            min(
                (row.uploaded_at for row in rows if row.project == one and row.uploaded_at),
                default=None,
            )
            for one in {row.project for row in rows}
        ]
        assert year.newly_affected == sum(_year(date) == year.year for date in begun)
    assert sum(year.secrets or 0 for year in found.growth) == len(world.secrets)
    dated = [year.year for year in found.growth if year.year is not None]
    assert dated == list(range(dated[0], dated[-1] + 1)) if dated else True


def _year(date: Any) -> int | None:  # noqa: ANN401 (a time or nothing)
    return None if date is None else int(date.year)


def same_numbers(world: World, found: Statistics) -> None:
    """Histograms and their quartiles."""
    releases = [sum(life.releases for life in secret.lives) for secret in world.secrets]
    projects = [len(secret.projects) for secret in world.secrets]
    assert found.shared is not None
    assert found.releases is not None
    assert found.shared.spread is not None
    same_distribution(found.releases, releases, world.secrets)
    same_distribution(found.shared.spread, projects, world.secrets)


def same_distribution(
    found: Distribution, numbers: Sequence[int], secrets: Sequence[Naive]
) -> None:
    """One histogram."""
    assert found.number == len(numbers)
    assert sum(one.secrets for one in found.bins) == len(numbers)
    for one in found.bins:
        upper = one.upper or 10**9
        own = [
            secret
            for number, secret in zip(numbers, secrets, strict=True)
            if one.lower <= number < upper
        ]
        assert one.secrets == len(own)
        assert one.projects == len({row.project for secret in own for row in secret.rows})
    if numbers:
        ordered = sorted(numbers)
        for part, value in (
            (0.25, found.lower_quartile),
            (0.5, found.median),
            (0.75, found.upper_quartile),
        ):
            assert value is not None
            assert sum(number <= value for number in ordered) >= part * len(ordered)
            assert sum(number < value for number in ordered) < part * len(ordered)
        assert found.mean == pytest.approx(sum(numbers) / len(numbers), abs=1e-6)
        assert found.largest == max(numbers)


def same_sharing(world: World, found: Statistics) -> None:
    """What several projects share."""
    shared = [secret for secret in world.secrets if len(secret.projects) > 1]
    assert found.shared is not None
    assert found.shared.shared == share(len(shared), len(world.secrets))
    assert found.shared.projects == len({one for secret in shared for one in secret.projects})
    groups = Counter(frozenset(secret.projects) for secret in shared)
    assert Counter((one.projects, one.secrets) for one in found.shared.largest) == Counter(
        (len(own), number) for own, number in groups.items()
    )


def same_lives(world: World, found: Statistics) -> None:
    """How lives end, and what came back."""
    lives = [(life, secret) for secret in world.secrets for life in secret.lives]
    dated = [life for life, _ in lives if life.first_uploaded_at is not None]
    assert found.removal is not None
    assert found.removal.lives == len(dated)
    assert found.removal.undated == len(lives) - len(dated)
    removed = [life for life in dated if life.removed_in and life.removed_in.uploaded_at]
    assert found.removal.removed == len(removed)
    kept = [life for life in dated if life not in removed]
    assert found.removal.present == sum(life.still_present is True for life in kept)
    assert found.removal.unknown == sum(life.still_present is None for life in kept)
    assert found.removal.withdrawn == sum(life.still_present is False for life in kept)
    returned = [secret for secret in world.secrets if any(life.returns for life in secret.lives)]
    rid = [
        secret
        for secret in world.secrets
        if any(life.returns or life.removed_in for life in secret.lives)
    ]
    assert found.returns is not None
    assert found.returns.returned == share(len(returned), len(rid))
    assert found.returns.times == sum(life.returns for life, _ in lives)
    assert found.revocation is not None
    asked = sum(bool(secret.answers) for secret in world.secrets)
    assert found.revocation.whole.asked == asked
    assert found.revocation.whole.unasked == len(world.secrets) - asked


def same_projects(world: World, found: Statistics) -> None:
    """The most affected ones: here all are."""
    names = {one["id"]: one["name"] for one in world.projects}
    own: dict[str, set[int]] = {}
    working: dict[str, set[int]] = {}
    for secret in world.secrets:
        for project in secret.projects:
            own.setdefault(names[project], set()).add(secret.id)
            if secret.verdict is Verdict.ACTIVE:
                working.setdefault(names[project], set()).add(secret.id)
    assert {one.name: one.secrets for one in found.most_secrets} == {
        name: len(numbers) for name, numbers in own.items()
    }
    assert {one.name: one.active for one in found.most_active} == {
        name: len(numbers) for name, numbers in working.items()
    }
    ranked = [one.secrets for one in found.most_secrets]
    assert ranked == sorted(ranked, reverse=True)
