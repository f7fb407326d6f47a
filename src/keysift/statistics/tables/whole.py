"""Tables of the whole: the headline, sharing, re-leaks, changes, the most affected projects."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from msgspec import structs

from keysift.statistics.tables.values import (
    COUNTED,
    Line,
    Measure,
    Table,
    Unit,
    counted,
    line,
    part,
)
from keysift.statistics.values import (
    Bin,
    Changes,
    Count,
    Distribution,
    Headline,
    Period,
    ProjectFigures,
    Returns,
    Scope,
    Share,
    Shared,
    Statistics,
)


def headline_table(statistics: Statistics) -> Table:
    """Return the figures that a report begins with: each line says its own unit."""
    return Table(
        id="headline",
        title="Headline figures",
        counts=(
            "Counted secrets: found by the ruleset that looked last, of at least "
            f"{statistics.scope.confidence} confidence, without canaries and what people set "
            "aside as false positives or tests. Shares are of what was scanned, of those with a "
            "clear answer, or of those of which the newest release was looked at."
        ),
        head="figure",
        measures=(Measure("value", "value", Unit.TEXT),),
        lines=tuple(_headline(statistics.headline)),
    )


def _headline(headline: Headline) -> Iterator[Line]:
    def parts(name: str, title: str, unit: Unit) -> Line:
        return line(name, title, part(getattr(headline, name)), unit=unit)

    yield line("secrets", "unique secrets", headline.secrets, unit=Unit.SECRETS)
    yield line("occurrences", "occurrences", headline.occurrences, unit=Unit.OCCURRENCES)
    yield line("detectors", "types of secret", headline.detectors, unit=Unit.DETECTORS)
    yield line("providers", "providers", headline.providers, unit=Unit.PROVIDERS)
    yield parts("projects", "affected projects, of the scanned ones", Unit.PROJECTS)
    yield parts("releases", "affected releases, of the scanned ones", Unit.RELEASES)
    yield parts("artifacts", "affected artifacts, of the scanned ones", Unit.ARTIFACTS)
    if headline.verdicts is not None:
        for name, number in structs.asdict(headline.verdicts).items():
            title = f"secrets: {name.replace('_', ' ')}"
            yield line(f"verdict.{name}", title, number, unit=Unit.SECRETS)
    yield parts("active", "active secrets, of those with a clear answer", Unit.SECRETS)
    yield parts(
        "active_projects", "projects with an active secret, of the scanned ones", Unit.PROJECTS
    )
    yield parts(
        "still_present", "secrets in a newest release, of those where it is known", Unit.SECRETS
    )
    both = headline.active_and_present
    yield line(
        "active_and_present",
        "secrets that are active and in a newest release",
        None if both is None else both.secrets,
        unit=Unit.SECRETS,
    )
    yield line(
        "oldest_active", "oldest active secret, published", headline.oldest_active, unit=Unit.DATE
    )


def period_table(period: Period) -> Table:
    """Return which time the figures are about."""
    titles = {
        "first_upload": "earliest upload of a scanned artifact",
        "last_upload": "latest upload of one",
        "first_scan": "earliest of their last scans",
        "last_scan": "latest of their last scans",
        "last_read": "last reading of a project's page",
        "first_check": "first question to a provider about a counted secret",
        "last_check": "last question",
    }
    return Table(
        id="period",
        title="Period",
        counts="Which time the figures are about (UTC).",
        head="what",
        measures=(Measure("at", "when", Unit.DATE),),
        lines=tuple(line(name, title, getattr(period, name)) for name, title in titles.items()),
    )


def scope_table(statistics: Statistics) -> Table:
    """Return what was measured, and how."""
    scope, made = statistics.scope, statistics.made
    return Table(
        id="scope",
        title="Scope",
        counts="What was measured, and how.",
        head="what",
        measures=(Measure("value", "value", Unit.TEXT),),
        lines=(
            line("version", "keysift", made.version),
            line("at", "measured", made.at),
            line("level", "confidence of intervals", made.level),
            line("k", "projects that every group has at least", made.k),
            line("is_demo", "made up, to show what a report is", made.is_demo),
            line("projects", "projects", _projects(scope)),
            line("org", "organisation", scope.org),
            line("indexes", "package indexes", ", ".join(scope.indexes) or scope.index_count),
            line("confidence", "secrets count from this confidence on", scope.confidence),
            line("severity", "secrets count from this severity on", scope.severity),
        ),
    )


def _projects(scope: Scope) -> str:
    if scope.projects:
        return ", ".join(scope.projects)
    return "some, which are not named" if scope.is_part else "all"


def distribution_table(
    name: str, title: str, counts: str, unit: Unit, distribution: Distribution
) -> Table:
    """Return a histogram, with quartiles below.

    Args:
        name: Of the table.
        title: Its heading.
        counts: What it counts.
        unit: What the distributed number counts.
        distribution: The figures.
    """
    quartiles = ("lower_quartile", "median", "upper_quartile", "mean", "largest")
    return Table(
        id=name,
        title=title,
        counts=counts,
        head=unit.value,
        measures=(*COUNTED, Measure("value", unit.value, unit)),
        lines=(
            *(line(*_range(one), one.secrets, one.projects, None) for one in distribution.bins),
            *(
                line(one, one.replace("_", " "), None, None, getattr(distribution, one))
                for one in quartiles
            ),
        ),
    )


def _range(one: Bin) -> tuple[str, str]:
    if one.upper is None:
        return f"{one.lower:g}-", f"{one.lower:g} and more"
    last = one.upper - 1
    text = f"{one.lower:g}" if last == one.lower else f"{one.lower:g}-{last:g}"
    return text, text.replace("-", "–")  # noqa: RUF001 (a range has an en dash)


def shared_tables(shared: Shared) -> Iterator[Table]:
    """Yield what several projects share."""
    yield Table(
        id="shared",
        title="Shared by several projects",
        counts=(
            "Counted secrets that stand in two or more projects of the scope, of all; the projects "
            "in which one of them stands; and those that stand outside of the scope too."
        ),
        head="what",
        measures=COUNTED,
        lines=(
            line("shared", "in two or more projects", part(shared.shared), shared.projects),
            line("elsewhere", "outside of the scope too", shared.elsewhere, None),
        ),
    )
    if shared.spread is not None:
        yield distribution_table(
            "shared.spread",
            "Projects that a secret stands in",
            "All counted secrets, by the number of projects of the scope.",
            Unit.PROJECTS,
            shared.spread,
        )
    yield Table(
        id="shared.largest",
        title="The largest groups of projects that share secrets",
        counts="Secrets that stand in all of these projects, and in no other of the scope.",
        head="group",
        measures=(
            Measure("projects", "projects", Unit.PROJECTS),
            Measure("secrets", "secrets", Unit.SECRETS),
            Measure("active", "active", Unit.SECRETS),
            Measure("detectors", "types", Unit.TEXT),
            Measure("names", "projects", Unit.TEXT),
        ),
        lines=tuple(
            line(
                str(number),
                str(number),
                one.projects,
                one.secrets,
                one.active,
                ", ".join(one.detectors),
                ", ".join(one.names) + ", …" * (0 < len(one.names) < one.projects),
            )
            for number, one in enumerate(shared.largest, 1)
        ),
    )


def returns_table(returns: Returns) -> Table:
    """Return how many secrets came back."""
    later = returns.introduced_later
    return Table(
        id="returns",
        title="Re-leaks",
        counts=(
            "Secrets that came back: a release has it, a later one was looked at and does not, and "
            "one after that has it again, in the order of versions and of uploads. The share is of "
            "the secrets that any project was ever rid of."
        ),
        head="what",
        measures=(*COUNTED, Measure("times", "times", Unit.TIMES)),
        lines=(
            line("returned", "came back", part(returns.returned), returns.projects, returns.times),
            line("present", "of these in a newest release", returns.present, None, None),
            line("active", "of these active", returns.active, None, None),
            line(
                "introduced_later",
                "introduced by a later release than the first",
                *(_count(later)),
                None,
            ),
        ),
    )


def _count(count: Count | None) -> tuple[int | None, int | None]:
    return (None, None) if count is None else (count.secrets, count.projects)


def changes_table(changes: Changes) -> Table:
    """Return what is new."""
    titles = {
        "new": "seen for the first time",
        "newly_published": "of these introduced since as well",
        "newly_active": "found to work, which was not known before",
        "revoked": "dead, which worked before",
        "removed": "gone from every newest release",
    }
    return Table(
        id="changes",
        title="What is new",
        counts=f"Counted secrets, since {changes.since:%Y-%m-%d %H:%M} (UTC).",
        head="what",
        measures=COUNTED,
        lines=tuple(counted(name, title, getattr(changes, name)) for name, title in titles.items()),
    )


def projects_table(name: str, title: str, projects: Sequence[ProjectFigures]) -> Table:
    """Return the most affected projects."""
    return Table(
        id=name,
        title=title,
        counts=(
            "Counted secrets that stand in the project, their occurrences there, those that are "
            "active, those that its newest release has, and the uploads between which it had any."
        ),
        head="project",
        measures=(
            Measure("secrets", "secrets", Unit.SECRETS),
            Measure("active", "active", Unit.SECRETS),
            Measure("present", "in the newest release", Unit.SECRETS),
            Measure("occurrences", "occurrences", Unit.OCCURRENCES),
            Measure("first", "first", Unit.DATE),
            Measure("last", "last", Unit.DATE),
        ),
        lines=tuple(_project(one) for one in projects),
    )


def _project(one: ProjectFigures) -> Line:
    facts: tuple[Any, ...] = (
        one.secrets,
        one.active,
        one.present,
        one.occurrences,
        one.first,
        one.last,
    )
    return line(one.name, one.name, *facts)


def repository_share(share: Share | None, reason: str) -> Table:
    """Return what is packaged and not in a repository, or why nobody knows."""
    return Table(
        id="repository",
        title="Packaged, but not in the repository",
        counts=f"Not known. {reason}" if share is None else "Of those of which it is known.",
        head="what",
        measures=(Measure("secrets", "secrets", Unit.SECRETS),),
        lines=(line("only_packaged", "only packaged", part(share)),),
    )
