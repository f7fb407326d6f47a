"""The first parts of the story: when secrets came, what they are, and whether they work."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Final

from keysift.report.html import charts, tables
from keysift.report.html.figure import Column, Figure
from keysift.report.html.page import Section
from keysift.report.html.words import decimal, interval, listed, of, percent, title
from keysift.report.summary import count
from keysift.statistics.values import Group, Statistics, Year

_EACH: Final = "Secrets, each counted once"
_NAMED: Final = 3
"""Groups that a sentence names."""

_UNASKED: Final = (
    "No provider has given a clear answer about any of these secrets yet: keysift verify asks them."
)

_FEWEST_MONTHS: Final = 3
"""Months below which a curve over time shows nothing."""


def introduced(found: Statistics) -> Section:
    """Return the part about when secrets were introduced, and how that grows."""
    years = [group for group in found.by_year if group.name]
    if not years:
        return Section(
            name="when",
            title="When they came",
            text=("No index of this store says when its files were uploaded.",),
        )
    peak = max(years, key=lambda group: group.secrets)
    figures = [_years(found, years, peak)]
    if sum(1 for group in found.by_month if group.name) >= _FEWEST_MONTHS:
        figures.append(_months(found))
    figures.append(_growth(found))
    return Section(name="when", title="When they came", figures=tuple(figures))


def _years(found: Statistics, years: Sequence[Group], peak: Group) -> Figure:
    answered = [group for group in years if group.active is not None and group.active.of]
    alive = [group for group in answered if group.active is not None and group.active.count]
    old = alive[0] if alive else None
    reading = (
        f"Of {count(sum(group.secrets for group in years), 'secret')} with a date, "
        f"{peak.secrets:,} were first published in {peak.name}, more than in any other year."
    )
    if old is not None and old.active is not None:
        reading += (
            f" {count(old.active.count, 'secret')} from {old.name} still "
            f"{'works' if old.active.count == 1 else 'work'} today."
        )
    return Figure(
        name="years",
        title="Secrets by the year in which they were first published, and what became of them",
        reading=reading,
        counts=(
            f"{_EACH}, in the year (UTC) of the earliest upload of a file that has it, by the "
            "verdict that stands now."
        ),
        draw=tables.by_verdict(years, "Year of first upload"),
        columns=(Column("Year"), *tables.COLUMNS),
        rows=[tables.cells(group) for group in found.by_year],
    )


def _months(found: Statistics) -> Figure:
    dated = {group.name: group for group in found.by_month if group.name and group.merged == 1}
    peak = max(dated.values(), key=lambda group: group.secrets)
    rows = [
        (f"{month}-01", dated[month].secrets if month in dated else 0) for month in _every(dated)
    ]
    return Figure(
        name="months",
        title="Secrets by the month in which they were first published",
        reading=f"The most in one month are {peak.secrets:,}, in {peak.name}.",
        counts=f"{_EACH}, in the month (UTC) of the earliest upload of a file that has it.",
        draw=partial(charts.months, rows, "Secrets"),
        columns=(Column("Month"), *tables.COLUMNS),
        rows=[tables.cells(group) for group in found.by_month],
    )


def _every(months: dict[str, Group]) -> list[str]:
    """Return all months from the first to the last: those without a secret are part of a curve."""
    when = datetime.fromisoformat(f"{min(months)}-01")
    last, names = max(months), []
    while (name := f"{when:%Y-%m}") <= last:
        names.append(name)
        when = (when + timedelta(days=31)).replace(day=1)
    return names


def _growth(found: Statistics) -> Figure:
    years = [year for year in found.growth if year.year is not None]
    rates = [(f"{year.year}", year.per_1000_artifacts) for year in years]
    shown = [(name, rate) for name, rate in rates if rate is not None]
    return Figure(
        name="growth",
        title="New secrets for every 1,000 artifacts published",
        reading=_grown(years),
        counts=(
            "Secrets introduced in a year, for every 1,000 artifacts uploaded in it and scanned: "
            "so that the growth of leaks is told from that of the index."
        ),
        draw=partial(charts.columns, shown, place="Year", unit="Secrets for 1,000 artifacts")
        if shown
        else None,
        columns=(
            Column("Year"),
            Column("New secrets"),
            Column("All so far"),
            Column("Projects with their first secret"),
            Column("Projects with an upload"),
            Column("New projects"),
            Column("Artifacts scanned"),
            Column("Those with a secret", is_share=True),
            Column("Secrets for 1,000 artifacts"),
            Column("Secrets for 1,000 projects"),
        ),
        rows=[
            (
                "not known" if year.year is None else f"{year.year}",
                year.secrets,
                year.cumulated,
                year.newly_affected,
                year.projects,
                year.new_projects,
                None if year.artifacts is None else year.artifacts.of,
                None if year.artifacts is None else year.artifacts.share,
                year.per_1000_artifacts,
                year.per_1000_projects,
            )
            for year in found.growth
        ],
    )


def _grown(years: Sequence[Year]) -> str:
    rated = [
        (year.year, decimal(year.per_1000_artifacts))
        for year in years
        if year.per_1000_artifacts is not None
    ]
    if not rated:
        return "No artifact of a year with a date was scanned."
    first, last = rated[0], rated[-1]
    return (
        f"In {last[0]} there were {last[1]} new secrets for every 1,000 artifacts, in {first[0]} "
        f"{first[1]}; the last year may not be over."
    )


def types(found: Statistics) -> Section:
    """Return the part about what secrets are."""
    head = found.headline
    leading = [title(group) for group in found.by_detector if group.merged == 1][:_NAMED]
    named = f" Most common: {listed(leading)}." if leading else ""
    return Section(
        name="what",
        title="What leaks",
        figures=(
            tables.bars(
                "detectors",
                "Types of secrets",
                "Type",
                found.by_detector,
                reading=f"{count(head.detectors, 'type')} of secrets were found.{named}",
                counts=f"{_EACH}.",
            ),
            tables.bars(
                "providers",
                "Who issues them",
                "Provider",
                found.by_provider,
                reading=f"They are of {count(head.providers, 'provider')}.",
                counts=f"{_EACH}. Not known: the types are in the ruleset no more.",
            ),
            tables.bars(
                "categories",
                "What they open",
                "Category",
                found.by_category,
                reading=_largest(found.by_category, head.secrets),
                counts=f"{_EACH}, by what its provider is for.",
            ),
            tables.bars(
                "severities",
                "How bad they would be",
                "Severity",
                found.by_severity,
                reading=_largest(found.by_severity, head.secrets),
                counts=f"{_EACH}, by what it opens if it works: the worst of its matches.",
            ),
            tables.bars(
                "confidences",
                "How sure they are",
                "Confidence",
                found.by_confidence,
                reading=_largest(found.by_confidence, head.secrets),
                counts=f"{_EACH}, by the surest of its places.",
            ),
            tables.bars(
                "modes",
                "Live or test",
                "Mode",
                found.by_mode,
                reading="As the secret itself or its provider says; most types do not tell.",
                counts=f"{_EACH}.",
            ),
        ),
    )


def _largest(groups: Sequence[Group], secrets: int) -> str:
    if not groups or not secrets:
        return "There are none."
    largest = max(groups, key=lambda group: group.secrets)
    return (
        f"The largest group is {title(largest)}: {largest.secrets:,} of "
        f"{count(secrets, 'secret')} ({percent(largest.secrets / secrets)})."
    )


def working(found: Statistics) -> Section:
    """Return the part about whether secrets work, and what they may do."""
    head = found.headline
    if head.active is None or not head.active.of:
        return Section(
            name="working",
            title="What still works",
            text=(_UNASKED,),
        )
    figures = [_alive(found)]
    if found.by_privilege:
        figures.append(
            tables.bars(
                "privileges",
                "What those that work may do",
                "Privilege",
                found.by_privilege,
                reading=_broad(found),
                counts="Secrets that work, each counted once. Not known is not little.",
            )
        )
    if found.by_power:
        figures.append(
            tables.bars(
                "powers",
                "Powers of those that work",
                "Power",
                tables.largest_first(found.by_power),
                reading="A secret may have several powers, and is counted in each.",
                counts="Secrets that work and of which it is known what they may do.",
            )
        )
    return Section(
        name="working",
        title="What still works",
        text=(
            f"{of(head.active, 'secret')} with a clear answer still work: {interval(head.active)}.",
        ),
        figures=tuple(figures),
    )


def _alive(found: Statistics) -> Figure:
    rows = [
        (group.name, group.active.share, group.active.lower, group.active.upper)
        for group in found.by_year
        if group.name and group.active is not None and group.active.of
    ]
    shown = [
        (name, share, lower, upper)
        for name, share, lower, upper in rows
        if share is not None and lower is not None and upper is not None
    ]
    reading = "No secret with a date has a clear answer."
    if shown:
        name, share, *_ = shown[0]
        reading = f"Of the secrets published in {name}, {percent(share)} still work today."
    return Figure(
        name="alive",
        title="Share that still works, by the year of first publication",
        reading=reading,
        counts=(
            "Secrets that work now, of those with a clear answer, by the year (UTC) of their first "
            "upload; with the 95% interval of Wilson."
        ),
        draw=partial(charts.shares, shown, place="Year of first upload", unit="Still works")
        if shown
        else None,
        columns=(
            Column("Year"),
            Column("Works", is_share=True),
            Column("95% from", is_share=True),
            Column("to", is_share=True),
        ),
        rows=rows,
    )


def _broad(found: Statistics) -> str:
    broad = found.broad
    if broad is None or not broad.of:
        return "What a secret may do is known where its provider tells."
    return (
        f"{of(broad, 'secret')} that work seem broader than they need to be "
        f"({percent(broad.share)})."
    )
