"""Anonymous reports: no name, and nothing that tells about fewer than k projects.

What is told is judged by who could subtract: the true projects of all that is missing are counted.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator, Sequence
from fractions import Fraction
from pathlib import Path

import pytest
from msgspec import json
from msgspec.structs import replace

from keysift.errors import UsageError
from keysift.model import Severity
from keysift.statistics.anonymise import anonymise
from keysift.statistics.measure import Plan, measure
from keysift.statistics.values import Group, NotCounted, Statistics, Verdicts
from keysift.store.database import Store
from tests.statistics import scattered
from tests.statistics.naive import Naive, World, extensions, places
from tests.store.samples import catalogue

SEEDS = 40

PARTITIONS: dict[str, Callable[[World, Naive], str]] = {
    "year": lambda _, secret: secret.year,
    "month": lambda _, secret: (
        "" if secret.introduced_at is None else f"{secret.introduced_at:%Y-%m}"
    ),
    "detector": lambda _, secret: secret.detector,
    "provider": lambda world, secret: world.provider(secret),
    "category": lambda world, secret: world.category(secret),
    "severity": lambda _, secret: (
        max((Severity(row.severity) for row in secret.rows), key=lambda one: one.rank).value
    ),
    "confidence": lambda *_: "high",
    "verdict": lambda _, secret: secret.verdict.value,
    "triage": lambda _, secret: secret.triage.value,
    "presence": lambda _, secret: secret.presence,
    "artifact": lambda _, secret: secret.artifact,
    "mode": lambda _, secret: (
        mode if (mode := secret.rows[0].mode) in {"live", "test"} else "unknown"
    ),
}
"""Tables in which every secret is in one group."""

NESTED = (("month", "year"), ("detector", "provider", "category", "severity"))
"""Tables of which sums can be subtracted from one another."""


class Case:
    """A store, its figures, and the anonymous ones."""

    def __init__(self, folder: Path, seed: int) -> None:
        dice = random.Random(seed)
        self.k = dice.choice((2, 3, 5))
        store = Store(str(folder / "store.db"))
        scattered.fill(store, seed, projects=dice.randrange(4, 40), secrets=dice.randrange(3, 90))
        with store.reading() as connection:
            plan = Plan(
                projects=("zzproject*",),
                org="zzorgzz",
                since=scattered.BEGIN,
                examples=3,
            )
            self.measured = measure(connection, catalogue(), plan)
            self.world = World(connection, catalogue())
        store.close()

    def anonymous(self) -> Statistics | None:
        """Return the anonymous figures; None: too few projects are affected."""
        try:
            return anonymise(self.measured, self.k)
        except UsageError:
            assert 0 < self.measured.headline.projects.count < self.k
            return None

    def projects(self, secrets: Iterable[Naive]) -> int:
        """Return in how many projects any of some secrets stands."""
        return len({project for secret in secrets for project in secret.projects})

    def of(self, table: str) -> dict[str, list[Naive]]:
        """Return the secrets of each group of a table."""
        found: dict[str, list[Naive]] = {}
        for secret in self.world.secrets:
            found.setdefault(PARTITIONS[table](self.world, secret), []).append(secret)
        return found

    def is_enough(self, secrets: Sequence[Naive]) -> bool:
        """Tell whether there are none, or they are in enough projects."""
        return not secrets or self.projects(secrets) >= self.k


@pytest.mark.parametrize("seed", range(SEEDS))
def test_nothing_small_is_told(tmp_path: Path, seed: int) -> None:
    """Not by name, not by a group, nor by whatever is added up and subtracted; and enough is."""
    case = Case(tmp_path, seed)
    found = case.anonymous()
    if found is None:
        return
    nobody_is_named(found)
    groups_are_large(found, case.k)
    alone = [(table,) for table in PARTITIONS if not any(table in own for own in NESTED)]
    for tables in (*NESTED, *alone):
        no_count_is_small(case, found, tables)
        no_verdict_is_small(case, found, tables)
    places_are_large(case, found)
    years_are_large(case, found)
    bars_are_large(case, found)
    marks_are_large(case, found)
    enough_is_told(case, found)


def nobody_is_named(found: Statistics) -> None:
    """All names of the made-up store begin with the same letters."""
    assert b"zz" not in json.encode(found)
    assert not found.most_secrets
    assert not found.most_active
    assert not found.examples
    assert found.scope.is_part


def groups_are_large(found: Statistics, k: int) -> None:
    """Whatever is called a group has k projects."""
    for group in groups(found):
        assert group.projects >= k
        if group.verdicts is None:
            assert group.active is None
            continue
        for name in Verdicts.__struct_fields__:
            projects = getattr(group.projects_by_verdict, name)
            assert projects >= k or getattr(group.verdicts, name) == 0


def groups(found: Statistics) -> Iterator[Group]:
    """Yield all groups of all tables."""
    for name in found.__struct_fields__:
        if name.startswith("by_"):
            yield from getattr(found, name)


def no_count_is_small(case: Case, found: Statistics, tables: tuple[str, ...]) -> None:
    """What tables tell of how many secrets there are."""
    told = []
    for table in tables:
        members = case.of(table)
        for group in getattr(found, f"by_{table}"):
            if group.merged == 1 and group.name in members:
                assert group.secrets == len(members[group.name])
                assert group.projects == case.projects(members[group.name])
                told.append(members[group.name])
    nothing_small_is_computed(case, tables, case.world.secrets, told)


def no_verdict_is_small(case: Case, found: Statistics, tables: tuple[str, ...]) -> None:
    """The same for the secrets of each verdict that the total by verdict tells, and of the rest."""
    totals = {group.name for group in found.by_verdict}
    for names in (*({name} for name in totals), set(Verdicts.__struct_fields__) - totals):
        told = []
        for table in tables:
            members = case.of(table)
            for group in getattr(found, f"by_{table}"):
                own = () if group.verdicts is None else members[group.name]
                told.append([one for one in own if one.verdict.value in names])
        whole = [one for one in case.world.secrets if one.verdict.value in names]
        nothing_small_is_computed(case, tables, whole, told)


def nothing_small_is_computed(
    case: Case, tables: tuple[str, ...], whole: Sequence[Naive], told: Sequence[Sequence[Naive]]
) -> None:
    """Whoever knows how many secrets there are of some groups, and of all, learns of no few."""
    atoms: dict[tuple[str, ...], list[Naive]] = {}
    for one in whole:
        atoms.setdefault(tuple(PARTITIONS[table](case.world, one) for table in tables), []).append(
            one
        )
    names = list(atoms)
    numbers = [{one.id for one in own} for own in (whole, *told)]
    rows = [[Fraction(atoms[name][0].id in own) for name in names] for own in numbers]
    for chosen in counts(rows):
        secrets = [
            one for name, is_in in zip(names, chosen, strict=True) if is_in for one in atoms[name]
        ]
        assert case.is_enough(secrets), chosen


def counts(rows: list[list[Fraction]]) -> Iterator[tuple[int, ...]]:
    """Yield every sum of multiples of some rows that consists of ones and zeros."""
    basis = reduced(rows)
    if not basis:
        return
    width = len(basis[0])
    # A place is final when every row that is not zero there has its factor.
    last = [
        max((order for order, row in enumerate(basis) if row[place]), default=-1)
        for place in range(width)
    ]

    def extend(order: int, so_far: list[Fraction]) -> Iterator[tuple[int, ...]]:
        if order == len(basis):
            yield tuple(int(number) for number in so_far)
            return
        for factor in (0, 1):
            longer = [
                number + factor * other for number, other in zip(so_far, basis[order], strict=True)
            ]
            final = [longer[place] for place in range(width) if last[place] == order]
            if all(number in {0, 1} for number in final):
                yield from extend(order + 1, longer)

    # Each row has a one where all others have none: its factor is zero or one.
    yield from extend(0, [Fraction(0)] * width)


def reduced(rows: list[list[Fraction]]) -> list[list[Fraction]]:
    """Return the reduced row echelon form, without rows of zeros."""
    rows = [list(row) for row in rows]
    done = 0
    for place in range(len(rows[0])):
        best = next((order for order in range(done, len(rows)) if rows[order][place]), None)
        if best is None:
            continue
        rows[done], rows[best] = rows[best], rows[done]
        rows[done] = [number / rows[done][place] for number in rows[done]]
        for order, row in enumerate(rows):
            if order != done and row[place]:
                rows[order] = [
                    number - row[place] * other
                    for number, other in zip(row, rows[done], strict=True)
                ]
        done += 1
    return rows[:done]


def places_are_large(case: Case, found: Statistics) -> None:
    """Occurrences add up to a total: they are told of all kinds or of none."""
    for measured, told in (
        (case.measured.by_place, found.by_place),
        (case.measured.by_extension, found.by_extension),
    ):
        if len(told) < len(measured):
            assert {group.occurrences for group in told} <= {None}
        for group in told:
            names = places if told is found.by_place else extensions
            others = [one for one in case.world.secrets if group.name not in names(one)]
            assert case.is_enough(others)
            assert group.only is None or group.only == 0 or (group.projects_only or 0) >= case.k
    told_of = {group.name for group in found.by_extension}
    assert len({"pyc", "pyo"} & told_of) != 1 or {
        group.name for group in case.measured.by_extension
    }.isdisjoint({"pyc", "pyo"} - told_of)


def years_are_large(case: Case, found: Statistics) -> None:
    """Nor does growth tell of a year what the table of years does not."""
    members = case.of("year")
    rows = [row for secret in case.world.secrets for row in secret.rows]
    silent = [one for one in found.growth if one.secrets is None]
    for one in found.growth:
        name = "" if one.year is None else str(one.year)
        if one.secrets is not None:
            assert case.is_enough(members.get(name, []))
            assert one.newly_affected is not None
            assert one.newly_affected == 0 or one.newly_affected >= case.k
            assert one.affected is not None
            assert one.affected.count == 0 or one.affected.count >= case.k
        if silent:
            assert one.cumulated is None
    years = {one.year for one in silent}
    holders = {row.project for row in rows if (row.uploaded_at and row.uploaded_at.year) in years}
    assert not holders or len(holders) >= case.k


def bars_are_large(case: Case, found: Statistics) -> None:
    """Bars are joined until each has enough projects."""
    assert found.shared is not None
    for distribution in (found.releases, found.shared.spread):
        if distribution is not None:
            assert all(one.projects >= case.k or one.secrets == 0 for one in distribution.bins)
            assert distribution.largest is None
            assert sum(one.secrets for one in distribution.bins) == len(case.world.secrets)


def marks_are_large(case: Case, found: Statistics) -> None:
    """Parts of all secrets, and what they leave of them."""
    secrets = case.world.secrets
    shared = [one for one in secrets if len(one.projects) > 1]
    if found.shared is not None and found.shared.shared is not None:
        assert case.is_enough(shared)
        assert case.is_enough([one for one in secrets if one not in shared])
    assert found.changes is not None
    if found.changes.new is not None:
        assert found.changes.new.secrets == 0 or found.changes.new.projects >= case.k
    working = [one for one in secrets if one.verdict.value == "active"]
    if found.headline.active is not None:
        assert case.is_enough(working)
    present = [one for one in working if one.presence == "newest"]
    if found.headline.active_and_present is not None:
        assert case.is_enough(present)
        assert case.is_enough([one for one in working if one not in present])
    assert found.headline.oldest_active is None


def enough_is_told(case: Case, found: Statistics) -> None:
    """What needs no protection is not taken away."""
    assert found.coverage == case.measured.coverage
    assert found.headline.projects == case.measured.headline.projects
    assert found.headline.secrets == case.measured.headline.secrets
    for table in PARTITIONS:
        measured: tuple[Group, ...] = getattr(case.measured, f"by_{table}")
        told: tuple[Group, ...] = getattr(found, f"by_{table}")
        is_alone = not any(table in own for own in NESTED)
        if is_alone and all(group.projects >= case.k for group in measured):
            assert [group.name for group in told] == [group.name for group in measured]


def test_too_few_projects_are_no_crowd(tmp_path: Path) -> None:
    """Nothing can be told of them; of a clean scope there is nothing to hide."""
    store = Store(str(tmp_path / "store.db"))
    scattered.fill(store, 1, projects=3, secrets=5)
    with store.reading() as connection:
        measured = measure(connection, catalogue(), Plan())
        clean = measure(connection, catalogue(), Plan(projects=("no-such-project",)))
    store.close()
    with pytest.raises(UsageError, match=r"projects with a secret: \d only"):
        anonymise(measured, 5)
    with pytest.raises(UsageError, match="hides nobody"):
        anonymise(measured, 1)
    assert anonymise(clean, 5).headline.secrets == 0


def test_what_is_left_out_is_judged_by_its_number(tmp_path: Path) -> None:
    """A small number goes, and so does the next, when it were the only one."""
    store = Store(str(tmp_path / "store.db"))
    scattered.fill(store, 4, projects=30, secrets=80)
    with store.reading() as connection:
        measured = measure(connection, catalogue(), Plan())
    store.close()
    numbers = NotCounted(
        outdated=2, canaries=0, low_confidence=50, low_severity=0, false_positives=9, tests=6
    )
    told = anonymise(replace(measured, not_counted=numbers), 5).not_counted
    assert told == NotCounted(
        outdated=None,
        canaries=0,
        low_confidence=50,
        low_severity=0,
        false_positives=9,
        tests=None,
    )
