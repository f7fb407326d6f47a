"""Tables of time: growth, and how long secrets last."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from keysift.statistics.tables.values import (
    NOTHING,
    Line,
    Measure,
    Table,
    Unit,
    Value,
    line,
    part,
)
from keysift.statistics.values import CurveValues, Removal, Revocation, Statistics, SurvivalGroup
from keysift.survival import Median

_ENDED: Final = {
    "lives": "lives with a date",
    "undated": "lives without one",
    "removed": "ended by a release without the secret",
    "present": "in the newest release still",
    "withdrawn": "all that had it was yanked or deleted",
    "unknown": "newest release not looked at",
}
_GROUP: Final = (
    Measure("asked", "with a clear answer", Unit.SECRETS),
    Measure("watched", "watched", Unit.SECRETS),
    Measure("revoked", "revoked", Unit.SECRETS),
    Measure("active", "active at last", Unit.SECRETS),
    Measure("once", "asked once, late", Unit.SECRETS),
    Measure("late", "dead when first asked, late", Unit.SECRETS),
    Measure("unborn", "dead when published", Unit.SECRETS),
    Measure("unasked", "without an answer", Unit.SECRETS),
    Measure("median", "median", Unit.DAYS),
    Measure("gap", "between checks", Unit.DAYS),
)


def growth_table(statistics: Statistics) -> Table:
    """Return growth year by year."""
    return Table(
        id="growth",
        title="Growth, year by year",
        counts=(
            "Secrets introduced in a year (UTC), beside what was published in it and scanned: "
            "whether leaks grow faster than the index does. Newly affected are projects whose "
            "first upload with a counted secret was in the year; affected artifacts are of those "
            "uploaded in it."
        ),
        head="year",
        measures=(
            Measure("secrets", "introduced", Unit.SECRETS),
            Measure("cumulated", "all in all", Unit.SECRETS),
            Measure("newly_affected", "newly affected", Unit.PROJECTS),
            Measure("affected", "affected of those that published", Unit.PROJECTS),
            Measure("projects", "projects that published", Unit.PROJECTS),
            Measure("new_projects", "of these new", Unit.PROJECTS),
            Measure("artifacts", "affected artifacts", Unit.ARTIFACTS),
            Measure("per_1000_projects", "secrets per 1,000 projects", Unit.RATE),
            Measure("per_1000_artifacts", "secrets per 1,000 artifacts", Unit.RATE),
        ),
        lines=tuple(
            line(
                "" if one.year is None else str(one.year),
                "no date known" if one.year is None else str(one.year),
                one.secrets,
                one.cumulated,
                one.newly_affected,
                part(one.affected),
                one.projects,
                one.new_projects,
                part(one.artifacts),
                one.per_1000_projects,
                one.per_1000_artifacts,
            )
            for one in statistics.growth
        ),
    )


def removal_tables(removal: Removal) -> Iterator[Table]:
    """Yield how long secrets stay in projects.

    Args:
        removal: The figures.
    """
    lines = [line(name, title, getattr(removal, name)) for name, title in _ENDED.items()]
    if removal.curve is not None:
        lines.append(line("median", "median, in days", _median(removal.curve.median)))
    yield Table(
        id="removal",
        title="From publication to removal",
        counts=(
            "Lives: a secret in a project, from the first upload that has it to the upload of the "
            "first later release that was looked at and does not have it. Lives that have not "
            "ended count as far as they are known (Kaplan-Meier); a mean of those that ended "
            "would be too short. Old releases stay on the index."
        ),
        head="lives",
        measures=(Measure("lives", "lives", Unit.LIVES),),
        lines=tuple(lines),
    )
    yield from _curve_tables("removal", "stay in a project", "lives", removal.curve)


def revocation_tables(revocation: Revocation) -> Iterator[Table]:
    """Yield how long secrets keep working.

    Args:
        revocation: The figures.
    """
    groups = (revocation.whole, *revocation.providers)
    yield _survival("revocation.providers", "By provider", "provider", groups)
    groups = (revocation.whole, *revocation.years)
    yield _survival("revocation.years", "By year of publication", "introduced in", groups)
    yield Table(
        id="revocation.differences",
        title="Do the groups differ?",
        counts=(
            "The log-rank test: the probability of a difference so large if the groups did not "
            "differ; nothing where it cannot be said."
        ),
        head="groups",
        measures=(Measure("p", "p", Unit.PROBABILITY),),
        lines=(
            line("providers", "providers", revocation.p_providers),
            line("years", "years", revocation.p_years),
        ),
    )
    yield from _curve_tables("revocation", "work", "secrets", revocation.whole.curve)


def _survival(name: str, title: str, head: str, groups: Sequence[SurvivalGroup]) -> Table:
    return Table(
        id=name,
        title=f"From publication to revocation: {title[0].lower()}{title[1:]}",
        counts=(
            "Counted secrets, from their introduction (else from when the store first saw them) to "
            "the check that found them dead. The median rests on the watched ones: those revoked, "
            "and those that worked when last asked about, which are censored then. The last column "
            "is the median time between the two checks that a death lies between: how exact ages "
            "are."
        ),
        head=head,
        measures=_GROUP,
        lines=tuple(_survival_line(group) for group in groups),
    )


def _survival_line(group: SurvivalGroup) -> Line:
    cells: list[Value | int | float | None] = [
        getattr(group, measure.id) for measure in _GROUP[:-2]
    ]
    cells.append(NOTHING if group.curve is None else _median(group.curve.median))
    cells.append(group.gap)
    title = "others together" if group.merged > 1 else group.name or "all"
    return line(group.name or "all", title, *cells)


def _median(median: Median) -> Value:
    return Value(median.age, lower=median.lower, upper=median.upper)


def _curve_tables(name: str, what: str, risk: str, curve: CurveValues | None) -> Iterator[Table]:
    if curve is None:
        return
    measures = (
        Measure("survival", "last longer", Unit.SHARE),
        Measure("at_risk", "under observation", Unit(risk)),
    )
    known = f"Known from an age of {curve.begin:g} to one of {curve.end:g} days."
    yield Table(
        id=f"{name}.at",
        title=f"Share of {risk} that {what} longer than",
        counts=f"The curve of Kaplan and Meier at some ages, with its band. {known}",
        head="days",
        measures=measures,
        lines=tuple(
            line(
                f"{one.age:g}",
                f"{one.age:g}",
                Value(one.survival, lower=one.lower, upper=one.upper),
                one.at_risk,
            )
            for one in curve.at
        ),
    )
    yield Table(
        id=f"{name}.curve",
        title=f"Share of {risk} that {what} longer than: the whole curve",
        counts=f"Every age at which the curve falls, as far as that can be seen. {known}",
        head="days",
        measures=(*measures, Measure("deaths", "ended", Unit(risk))),
        lines=tuple(
            line(
                f"{one.age:g}",
                f"{one.age:g}",
                Value(one.survival, lower=one.lower, upper=one.upper),
                one.at_risk,
                one.deaths,
            )
            for one in curve.steps
        ),
    )
