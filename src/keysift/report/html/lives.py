"""The later parts of the story: where secrets stand, how long they live, and who has them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Final

from keysift.report.html import charts, tables
from keysift.report.html.figure import Cell, Column, Figure
from keysift.report.html.page import Section
from keysift.report.html.words import around, day, interval, median, number, of, percent, title
from keysift.report.summary import count
from keysift.statistics.values import (
    CurveValues,
    Distribution,
    Group,
    ProjectFigures,
    Removal,
    Returns,
    Revocation,
    Shared,
    Statistics,
    SurvivalGroup,
)

_EACH: Final = "Secrets, each counted once"
_LONG: Final = 730.0
"""Days up to which ages are told in days."""

_YEAR: Final = 365.25
_CURVES: Final = 6
"""Curves that one still tells apart."""

_PRESENCE: Final = {
    "newest": "the newest release",
    "old": "older releases only",
    "yanked": "yanked releases only",
    "deleted": "nothing that is left",
    "unknown": "not known",
}
_ARTIFACTS: Final = {
    "sdist": "sdists only",
    "wheel": "wheels only",
    "sdist+wheel": "sdists and wheels",
    "other": "eggs and others",
}

_AGES: Final = (
    Column("Group"),
    Column("Days"),
    Column("Watched then"),
    Column("Share", is_share=True),
    Column("95% from", is_share=True),
    Column("to", is_share=True),
)


def places(found: Statistics) -> Section:
    """Return the part about where secrets stand."""
    head = found.headline
    present = head.still_present
    reading = "It is not known where they still stand."
    if present is not None and present.of:
        reading = (
            f"The newest release of a project still has {of(present, 'secret')} of which that is "
            f"known: {percent(present.share)}."
        )
    return Section(
        name="where",
        title="Where they stand",
        figures=(
            tables.bars(
                "presence",
                "Still published, and where",
                "Still in",
                tables.renamed(found.by_presence, _PRESENCE),
                reading=reading,
                counts=(
                    f"{_EACH}. Newest is what pip would install; old releases, yanked ones too, "
                    "can still be downloaded. Unknown: the newest release was not looked at."
                ),
            ),
            tables.bars(
                "artifacts",
                "Artifacts that carry them",
                "Artifacts",
                tables.renamed(found.by_artifact, _ARTIFACTS),
                reading=_first(
                    tables.renamed(found.by_artifact, _ARTIFACTS), "Most often they are in"
                ),
                counts=f"{_EACH}, by the kinds of all artifacts that have it, in any release.",
            ),
            tables.bars(
                "files",
                "Files that they stand in",
                "Kind of file",
                tables.largest_first(found.by_place),
                reading=_first(found.by_place, "The most stand in"),
                counts=(
                    "Secrets that stand in a file of this kind, in any artifact; one may be in "
                    "several kinds. Occurrences are those in such files."
                ),
            ),
            tables.bars(
                "extensions",
                "Extensions of these files",
                "Extension",
                found.by_extension,
                reading=_first(found.by_extension, "The most common extension is"),
                counts="As above.",
            ),
        ),
    )


def _first(groups: Sequence[Group], begin: str) -> str:
    named = [group for group in groups if group.merged == 1]
    if not named:
        return "There are none."
    most = max(named, key=lambda group: group.secrets)
    return f"{begin} {title(most)}: {count(most.secrets, 'secret')}."


def lasting(found: Statistics) -> Section:
    """Return the part about how long secrets last."""
    figures: list[Figure] = []
    if found.revocation is not None:
        figures += _revocation(found.revocation)
    if found.removal is not None:
        figures.append(_removal(found.removal))
    if found.releases is not None:
        figures.append(_releases(found.releases))
    text = () if found.returns is None else (_returned(found.returns),)
    return Section(name="how-long", title="How long they live", text=text, figures=tuple(figures))


def _revocation(known: Revocation) -> list[Figure]:
    whole = known.whole
    counts = (
        "Secrets of which a provider said whether they work, in days from their first publication "
        "to the answer that they do not; those that still work count as long as they were watched "
        "(Kaplan-Meier, 95% bands)."
    )
    reading = "Nobody has watched a secret for long enough yet: keysift verify does, over months."
    if whole.curve is not None:
        reading = (
            f"Half of the secrets stop working within {median(whole.curve.median)} "
            f"({around(whole.curve.median)}). Watched: {number(whole.watched)} secrets, "
            f"{number(whole.revoked)} of them until they stopped."
        )
        if whole.curve.median.age is None:
            reading = (
                f"After {whole.curve.end:,.0f} days more than half of the secrets still work. "
                f"Watched: {number(whole.watched)} secrets, {number(whole.revoked)} of them until "
                "they stopped."
            )
    figures = [
        _curves(
            "revocation",
            "How long secrets work after they were published",
            [whole],
            reading=reading,
            counts=counts,
        )
    ]
    groups = [group for group in known.providers if group.curve is not None][:_CURVES]
    if len(groups) > 1:
        figures.append(
            _curves(
                "revocation-by-provider",
                "The same by provider",
                groups,
                reading=_medians(groups),
                counts=counts,
            )
        )
    return figures


def _medians(groups: Sequence[SurvivalGroup]) -> str:
    told = [
        f"{_name(group)} {median(group.curve.median)}"
        for group in groups
        if group.curve is not None
    ]
    return f"Medians: {'; '.join(told)}."


def _name(group: SurvivalGroup) -> str:
    return count(group.merged, "other") if group.merged > 1 else group.name or "all"


def _curves(
    name: str, heading: str, groups: Sequence[SurvivalGroup], *, reading: str, counts: str
) -> Figure:
    drawn = [(_name(group), group.curve) for group in groups if group.curve is not None]
    return Figure(
        name=name,
        title=heading,
        reading=reading,
        counts=counts,
        draw=partial(_steps, drawn, "Still works") if drawn else None,
        columns=_AGES,
        rows=[row for label, curve in drawn for row in _ages(label, curve)],
    )


def _steps(drawn: Sequence[tuple[str, CurveValues]], share: str) -> dict[str, Any]:
    end = max(curve.end for _, curve in drawn)
    unit, days = ("days", 1.0) if end <= _LONG else ("years", _YEAR)
    colors = [
        (label, charts.PALETTE[place % len(charts.PALETTE)])
        for place, (label, _) in enumerate(drawn)
    ]
    rows = [
        (label, age / days, survival, lower, upper)
        for label, curve in drawn
        for age, survival, lower, upper in _points(curve)
    ]
    return charts.steps(rows, age=f"Age in {unit}", share=share, colors=colors)


def _points(curve: CurveValues) -> list[tuple[float, float, float, float]]:
    points = [(curve.begin, 1.0, 1.0, 1.0)]
    if curve.steps:
        width = (curve.end - curve.begin) / charts.WIDTH or 1.0
        # Of steps within a pixel the last is what the others lead to.
        kept = {int((step.age - curve.begin) / width): step for step in curve.steps}
        points += [(one.age, one.survival, one.lower, one.upper) for one in kept.values()]
    else:
        points += [
            (at.age, at.survival, at.lower, at.upper)
            for at in curve.at
            if at.age > curve.begin
            and at.survival is not None
            and at.lower is not None
            and at.upper is not None
        ]
    if points[-1][0] < curve.end:
        points.append((curve.end, *points[-1][1:]))
    return points


def _ages(label: str, curve: CurveValues) -> list[tuple[Cell, ...]]:
    return [(label, at.age, at.at_risk, at.survival, at.lower, at.upper) for at in curve.at]


def _removal(known: Removal) -> Figure:
    curve = known.curve
    reading = "No index says when secrets were published."
    if curve is not None:
        within = (
            f"Half of them are removed within {median(curve.median)} ({around(curve.median)})."
            if curve.median.age is not None
            else "Less than half of them were ever removed."
        )
        reading = (
            f"{within} Of {number(known.lives)} lives {number(known.removed)} ended with a "
            f"release without the secret, {number(known.present)} go on in the newest release."
        )
    return Figure(
        name="removal",
        title="How long projects keep publishing them",
        reading=reading,
        counts=(
            "Lives: a secret in a project, from its first upload to the first later release "
            "without it; a secret in three projects has three. Those that have not ended count as "
            "long as they were watched (Kaplan-Meier, 95% bands). Old releases stay published."
        ),
        draw=None if curve is None else partial(_steps, [("all", curve)], "Still in the project"),
        columns=_AGES,
        rows=[] if curve is None else _ages("all", curve),
    )


def _releases(known: Distribution) -> Figure:
    return Figure(
        name="releases",
        title="Releases that a secret is in",
        reading=(
            f"Half of the secrets are in {known.median:,.0f} releases or fewer, a quarter in "
            f"{known.lower_quartile:,.0f} or fewer, a quarter in {known.upper_quartile:,.0f} or "
            "more."
            if known.median is not None
            and known.lower_quartile is not None
            and known.upper_quartile is not None
            else "There are none."
        ),
        counts=f"{_EACH}, by the number of releases that have it, of all projects.",
        draw=_histogram(known, "Releases"),
        columns=(Column("Releases"), Column("Secrets"), Column("Projects")),
        rows=[(label, one.secrets, one.projects) for label, one in _bins(known)],
    )


def _histogram(known: Distribution, place: str) -> Callable[[], dict[str, Any]] | None:
    rows = [(label, float(one.secrets)) for label, one in _bins(known)]
    return partial(charts.columns, rows, place=place, unit="Secrets") if rows else None


def _bins(known: Distribution) -> list[tuple[str, Any]]:
    return [(_between(one.lower, one.upper), one) for one in known.bins]


def _between(lower: float, upper: float | None) -> str:
    if upper is None:
        return f"{lower:,.0f} or more"
    return f"{lower:,.0f}" if upper - lower <= 1 else f"{lower:,.0f} to {upper - 1:,.0f}"


def _returned(known: Returns) -> str:
    if known.returned is None:
        return "How many secrets came back is not told: it is about too few projects."
    if not known.returned.of:
        return "No project was ever rid of a secret, so none came back."
    later = ""
    if known.introduced_later is not None:
        later = (
            f" {count(known.introduced_later.secrets, 'secret')} came after the first release of "
            "their project."
        )
    return (
        f"Of {count(known.returned.of, 'secret')} that a project was rid of, "
        f"{known.returned.count:,} came back in a later release: {interval(known.returned)}.{later}"
    )


def holders(found: Statistics) -> Section:
    """Return the part about who has secrets, and who shares them."""
    figures: list[Figure] = []
    if found.most_secrets:
        figures.append(
            _projects("most-secrets", "Projects with the most secrets", found.most_secrets)
        )
    if any(project.active for project in found.most_active):
        figures.append(
            _projects("most-active", "Projects with the most secrets that work", found.most_active)
        )
    if found.shared is not None:
        figures += _shared(found.shared)
    return Section(name="who", title="Who has them", figures=tuple(figures))


def _projects(name: str, heading: str, projects: Sequence[ProjectFigures]) -> Figure:
    return Figure(
        name=name,
        title=heading,
        reading=f"{count(len(projects), 'project')}, the most affected first.",
        counts="Counted secrets that stand in the project, in any release.",
        draw=None,
        columns=(
            Column("Project"),
            Column("Secrets"),
            Column("Work"),
            Column("In the newest release"),
            Column("Occurrences"),
            Column("First upload"),
            Column("Last upload"),
        ),
        rows=[
            (
                project.name,
                project.secrets,
                project.active,
                project.present,
                project.occurrences,
                day(project.first),
                day(project.last),
            )
            for project in projects
        ],
    )


def _sharing(known: Shared) -> str:
    if known.shared is None:
        return "How many secrets stand in several projects is not told: it is about too few."
    return (
        f"{of(known.shared, 'secret')} ({percent(known.shared.share)}) stand in several projects, "
        f"{number(known.projects)} projects together."
    )


def _shared(known: Shared) -> list[Figure]:
    figures = [
        Figure(
            name="sharing",
            title="Projects that a secret is in",
            reading=_sharing(known),
            counts=f"{_EACH}, by the number of projects that have it.",
            draw=_histogram(spread, "Projects"),
            columns=(Column("Projects"), Column("Secrets"), Column("Projects with one of them")),
            rows=[(label, one.secrets, one.projects) for label, one in _bins(spread)],
        )
        for spread in (known.spread,)
        if spread is not None
    ]
    if known.largest:
        figures.append(
            Figure(
                name="shared-groups",
                title="Groups of projects that share secrets",
                reading=(
                    f"The largest group is {count(known.largest[0].projects, 'project')} with "
                    f"{count(known.largest[0].secrets, 'secret')} in common."
                ),
                counts="Secrets that stand in exactly these projects.",
                draw=None,
                columns=(
                    Column("Types"),
                    Column("Projects"),
                    Column("Secrets"),
                    Column("Work"),
                    Column("Names"),
                ),
                rows=[
                    (
                        ", ".join(group.detectors),
                        group.projects,
                        group.secrets,
                        group.active,
                        ", ".join(group.names) or None,
                    )
                    for group in known.largest
                ],
            )
        )
    return figures
