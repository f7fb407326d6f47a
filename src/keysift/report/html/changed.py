"""What changed since an earlier report."""

from __future__ import annotations

from typing import Final

from keysift.report.html.figure import Column, Figure
from keysift.report.html.page import Section
from keysift.report.html.words import day
from keysift.report.summary import count
from keysift.statistics.values import Changes, Comparison, Count, Difference

_COLUMNS: Final = (
    Column("Figure"),
    Column("Of"),
    Column("Before"),
    Column("Now"),
    Column("Difference"),
)


def changed(comparison: Comparison) -> Section:
    """Return the part about what changed."""
    text = [
        (
            f"Compared with the report of {day(comparison.before.at)}, by keysift "
            f"{comparison.before.version}."
        ),
        *comparison.limits,
    ]
    if comparison.changes is not None:
        text.append(_news(comparison.changes))
    figures = [_differences("changes", "The headline, before and now", comparison.headline)]
    if comparison.groups:
        figures.append(
            _differences("changed-groups", "Groups that differ the most", comparison.groups)
        )
    return Section(name="changed", title="What changed", text=tuple(text), figures=tuple(figures))


def _news(known: Changes) -> str:
    parts = [
        (known.new, "found for the first time"),
        (known.newly_published, "published since as well"),
        (known.revoked, "revoked"),
        (known.newly_active, "found to work"),
        (known.removed, "removed from the newest releases"),
    ]
    told = [f"{_number(number)} {what}" for number, what in parts if number is not None]
    return f"Since {day(known.since)}: {', '.join(told)}."


def _number(number: Count) -> str:
    return count(number.secrets, "secret")


def _differences(name: str, heading: str, differences: tuple[Difference, ...]) -> Figure:
    return Figure(
        name=name,
        title=heading,
        reading="Only figures are compared; no secret is recognised from one report in another.",
        counts="As in the figures themselves.",
        draw=None,
        columns=_COLUMNS,
        rows=[
            (
                one.measure.replace("_", " "),
                one.group or one.table.removeprefix("by_").replace("_", " "),
                one.before,
                one.after,
                one.difference,
            )
            for one in differences
        ],
    )
