"""Figures of groups of secrets: the same columns everywhere, so that a reader learns them once."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, Final

from msgspec import structs

from keysift.report.html import charts
from keysift.report.html.figure import Cell, Column, Figure
from keysift.report.html.words import title
from keysift.statistics.values import Group, Share, Verdicts

MOST: Final = 20
"""Bars of a picture at most; the table has all groups."""

VERDICTS: Final = (
    ("Works", charts.ORANGE),
    ("Does not", charts.BLUE),
    ("No clear answer", charts.YELLOW),
    ("Cannot be checked", charts.PURPLE),
    ("Nobody asked", charts.GREY),
)
"""What a reader calls the verdicts, with their colours, from the bottom of a stack."""

COLUMNS: Final = (
    Column("Secrets"),
    Column("Occurrences"),
    Column("Projects"),
    *(Column(name) for name, _ in VERDICTS),
    Column("Works, of those with a clear answer", is_share=True),
    Column("95% from", is_share=True),
    Column("to", is_share=True),
)


def cells(group: Group) -> tuple[Cell, ...]:
    """Return the row of a group, under ``COLUMNS``."""
    return (
        title(group),
        group.secrets,
        group.occurrences,
        group.projects,
        *said(group.verdicts),
        *ends(group.active),
    )


def renamed(groups: Sequence[Group], names: Mapping[str, str]) -> list[Group]:
    """Return groups with titles for people; one that has no name here keeps what it has."""
    return [structs.replace(group, title=names.get(group.name, group.title)) for group in groups]


def largest_first(groups: Sequence[Group]) -> list[Group]:
    """Return groups whose order means nothing, the largest first; merged ones stay last."""
    return sorted(groups, key=lambda group: (group.merged > 1, -group.secrets))


def said(verdicts: Verdicts | None) -> tuple[int | None, ...]:
    """Return numbers by verdict, in the order of ``VERDICTS``."""
    if verdicts is None:
        return (None,) * len(VERDICTS)
    return (
        verdicts.active,
        verdicts.inactive,
        verdicts.unknown,
        verdicts.not_checkable,
        verdicts.unchecked,
    )


def ends(share: Share | None) -> tuple[float | None, ...]:
    """Return a share with its interval."""
    return (None, None, None) if share is None else (share.share, share.lower, share.upper)


def bars(
    name: str,
    heading: str,
    key: str,
    groups: Sequence[Group],
    *,
    reading: str,
    counts: str,
) -> Figure:
    """Return a figure of groups as lying bars; a table alone where there are none.

    Args:
        name: Of the figure.
        heading: Its title.
        key: What groups have in common.
        groups: In the order of the bars.
        reading: As in ``Figure``.
        counts: As in ``Figure``.
    """
    shown = [(title(group), group.secrets) for group in groups[:MOST]]
    return Figure(
        name=name,
        title=heading,
        reading=reading,
        counts=counts,
        draw=partial(charts.bars, _distinct(shown), "Secrets") if shown else None,
        columns=(Column(key), *COLUMNS),
        rows=[cells(group) for group in groups],
    )


def by_verdict(groups: Sequence[Group], place: str) -> Callable[[], dict[str, Any]] | None:
    """Return what draws groups as stacks of verdicts; None when there is nothing to show."""
    rows = [
        (title(group), name, number)
        for group in groups
        for (name, _), number in zip(VERDICTS, said(group.verdicts), strict=True)
        if number
    ]
    if not rows:
        return None
    present = {name for _, name, _ in rows}
    colors = [(name, color) for name, color in VERDICTS if name in present]
    return partial(charts.stacks, rows, place=place, unit="Secrets", colors=colors)


def _distinct(rows: Sequence[tuple[str, int]]) -> list[tuple[str, int]]:
    """Return rows whose names differ: one axis has one place for a name."""
    seen: dict[str, int] = {}
    kept = []
    for name, number in rows:
        seen[name] = seen.get(name, 0) + 1
        kept.append((name if seen[name] == 1 else f"{name} ({seen[name]})", number))
    return kept
