"""Pictures of figures: bars, alone or stacked, in the colours of the page.

Each has its figures as a table too, with the links of its bars, for whoever cannot click on them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from msgspec import Struct
from msgspec.structs import replace

from keysift.model import Severity, Verdict
from keysift.report.escape import visible
from keysift.web.shown import Chart, Link

VERDICTS: Final[Mapping[Verdict, tuple[str, str]]] = {
    Verdict.ACTIVE: ("active", "var(--critical)"),
    Verdict.INACTIVE: ("inactive", "var(--series-1)"),
    Verdict.UNKNOWN: ("unknown", "var(--series-5)"),
    Verdict.NOT_CHECKABLE: ("not checkable", "var(--series-3)"),
    Verdict.UNCHECKED: ("not asked", "var(--series-6)"),
}
"""Name and colour of each verdict, in the order of stacks; canaries are counted apart."""

SEVERITIES: Final[Mapping[Severity, tuple[str, str]]] = {
    one: (one.value, f"var(--{one.value})")
    for one in sorted(Severity, key=lambda one: one.rank, reverse=True)
}
"""The same of severities."""

_BAR_STEP: Final = 22
_UPRIGHT: Final = 220
_SIDE_BY_SIDE: Final = 3
_LONGEST: Final = 60


def label(text: str) -> str:
    """Return a text for a chart.

    Vega-Lite writes the names of groups into expressions, where some characters are no text: those
    that cannot be seen are shown as escapes. Nothing is longer than a label can be.
    """
    shown = visible(text)
    return shown if len(shown) <= _LONGEST else f"{shown[: _LONGEST - 1]}…"


class Bar(Struct, frozen=True):
    """A bar, or a part of one.

    Attributes:
        group: Which bar.
        part: Which part of it; empty: it has no parts.
        value: How long it is.
        target: Where it leads; empty: nowhere.
    """

    group: str
    part: str
    value: int
    target: str = ""


def bars(  # noqa: PLR0913 (each by its name)
    name: str,
    title: str,
    description: str,
    shown: Sequence[Bar],
    *,
    axis: str,
    unit: str,
    parts: Iterable[tuple[str, str]] = (),
    is_upright: bool = False,
) -> Chart:
    """Return a chart of bars.

    Args:
        name: Of the chart on its page.
        title: What it shows.
        description: In a sentence, for people.
        shown: The bars, in their order.
        axis: What the groups are.
        unit: What is counted.
        parts: Name and colour of the parts, from the beginning of a bar.
        is_upright: Whether the groups go from left to right, as time does.
    """
    colours = dict(parts)
    shown = [replace(one, group=label(one.group)) for one in shown]
    groups = list(dict.fromkeys(one.group for one in shown))
    values = [
        {"group": one.group, "part": one.part, "value": one.value, "href": one.target}
        | ({"order": list(colours).index(one.part)} if colours else {})
        for one in shown
        if one.value
    ]
    place: dict[str, Any] = {"field": "group", "type": "nominal", "sort": groups, "title": None}
    place["axis"] = {"labelAngle": 0, "labelOverlap": True} if is_upright else {"labelLimit": 190}
    length = {
        "field": "value",
        "type": "quantitative",
        "title": unit,
        "axis": {"tickMinStep": 1, "format": ",d", "tickCount": 4, "labelOverlap": "greedy"},
    }
    encoding: dict[str, Any] = {
        "x" if is_upright else "y": place,
        "y" if is_upright else "x": length,
        "href": {"field": "href"},
        "tooltip": [
            {"field": "group", "title": axis},
            *([{"field": "part", "title": "of these"}] if colours else []),
            {"field": "value", "title": unit, "format": ",d"},
        ],
    }
    if colours:
        encoding["color"] = {
            "field": "part",
            "type": "nominal",
            "title": None,
            # In one row, they would not fit a narrow screen.
            "legend": {"columns": 2 if len(colours) > _SIDE_BY_SIDE else 0},
            "scale": {"domain": list(colours), "range": list(colours.values())},
        }
        encoding["order"] = {"field": "order"}
    spec = {
        "width": "container",
        # A number: by steps, Vega-Lite warns that it cannot fit the height, which nobody wants.
        "height": _UPRIGHT if is_upright else _BAR_STEP * max(1, len(groups)),
        "data": {"values": values},
        "mark": {"type": "bar", "cursor": "pointer" if any(one.target for one in shown) else ""},
        "encoding": encoding,
    }
    return Chart(
        id=name,
        title=title,
        description=description,
        spec=spec,
        columns=[axis, *(colours or [unit])],
        rows=[_row(group, shown, list(colours) or [""]) for group in groups],
    )


def _row(group: str, shown: Sequence[Bar], parts: Sequence[str]) -> list[str | int | float | Link]:
    found = {one.part: one for one in shown if one.group == group}
    row: list[str | int | float | Link] = [group]
    for part in parts:
        one = found.get(part)
        if one is None or not one.value:
            row.append(0)
        else:
            row.append(Link(one.value, one.target) if one.target else one.value)
    return row
