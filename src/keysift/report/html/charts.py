"""Pictures in Vega-Lite, made by Altair: few kinds, so that a reader learns them once.

Texts, axes and grids take the colour of the page (``currentColor``), so that one picture fits a
light and a dark page, and paper. Marks have colours that stand out on both (contrast 3:1, WCAG
1.4.11), and that colour-blind people tell apart.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from keysift.report.drawing import altair
from keysift.report.escape import visible

if TYPE_CHECKING:
    from types import ModuleType

MISSING: Final = "the HTML report needs more packages: pip install 'keysift[report]'"
"""What to tell who lacks one of the packages that make it."""

WIDTH: Final = 680
"""Pixels, where the page does not say."""

BLUE: Final = "#3B82C4"
ORANGE: Final = "#D9652B"
GREEN: Final = "#2F9E77"
GREY: Final = "#8A8F98"
PURPLE: Final = "#A65FB0"
YELLOW: Final = "#B98A1A"

PALETTE: Final = (BLUE, ORANGE, GREEN, PURPLE, YELLOW, GREY)

_HEIGHT: Final = 240
_ROW: Final = 24
"""Height of a bar that lies, with its gap."""

_LABEL: Final = 200
"""Pixels of a label beside a bar; longer ones are cut with an ellipsis."""

_TEXT: Final = "currentColor"

_CONFIG: Final[dict[str, Any]] = {
    "background": None,
    "font": "system-ui, sans-serif",
    "view": {"stroke": None},
    "axis": {
        "labelColor": _TEXT,
        "titleColor": _TEXT,
        "domainColor": _TEXT,
        "tickColor": _TEXT,
        "gridColor": _TEXT,
        "gridOpacity": 0.14,
        "domainOpacity": 0.4,
        "tickOpacity": 0.4,
        "labelFontSize": 12,
        "titleFontSize": 12,
        "titleFontWeight": "normal",
        "labelLimit": _LABEL,
    },
    "legend": {
        "labelColor": _TEXT,
        "titleColor": _TEXT,
        "labelFontSize": 12,
        "titleFontSize": 12,
        "titleFontWeight": "normal",
        "orient": "top",
        "columns": 3,
    },
    "text": {"color": _TEXT, "fontSize": 12},
    "rule": {"color": _TEXT},
}


def library() -> ModuleType:
    """Return Altair.

    Raises:
        UsageError: It is not installed, or what turns its charts into pictures is not.
    """
    return altair(MISSING)


def bars(rows: Sequence[tuple[str, int]], unit: str, color: str = BLUE) -> dict[str, Any]:
    """Return lying bars, in the order of the rows.

    Args:
        rows: Names and numbers.
        unit: What is counted; the title of the axis.
        color: Of the bars.
    """
    alt = library()
    values = [{"name": name, "number": number} for name, number in rows]
    y = alt.Y("name:N", sort=None, title=None, axis=alt.Axis(domain=False, ticks=False))
    base = alt.Chart(alt.Data(values=values)).encode(y=y)
    x = alt.X("number:Q", title=unit, axis=_counts(alt))
    bar = base.mark_bar(color=color, cornerRadiusEnd=2).encode(
        x=x, tooltip=[_told("name", "N"), _number("number", unit)]
    )
    text = base.mark_text(align="left", dx=4).encode(x=x, text=alt.Text("number:Q", format=","))
    return _spec(alt.layer(bar, text), height=max(1, len(rows)) * _ROW)


def columns(
    rows: Sequence[tuple[str, float]], *, place: str, unit: str, color: str = BLUE
) -> dict[str, Any]:
    """Return standing bars.

    Args:
        rows: Names, in the order of the bars, and numbers.
        place: Title of the axis below.
        unit: What is counted.
        color: Of the bars.
    """
    alt = library()
    values = [{"place": where, "number": number} for where, number in rows]
    chart = (
        alt.Chart(alt.Data(values=values))
        .mark_bar(color=color, cornerRadiusEnd=2)
        .encode(
            x=alt.X("place:N", sort=None, title=place, axis=_names(alt)),
            y=alt.Y("number:Q", title=unit, axis=alt.Axis(format=",.3~r", tickCount=5)),
            tooltip=[
                _told("place", "N", place),
                alt.Tooltip("number:Q", title=unit, format=",.4~r"),
            ],
        )
    )
    return _spec(chart)


def stacks(
    rows: Sequence[tuple[str, str, int]],
    *,
    place: str,
    unit: str,
    colors: Sequence[tuple[str, str]],
) -> dict[str, Any]:
    """Return standing bars, each a stack of groups.

    Args:
        rows: Places (years), groups and numbers.
        place: Title of the axis below.
        unit: What is counted.
        colors: The groups, from the bottom of a stack, with their colours.
    """
    alt = library()
    order = {name: index for index, (name, _) in enumerate(colors)}
    values = [
        {"place": where, "group": group, "number": number, "order": order[group]}
        for where, group, number in rows
    ]
    legend = None if len(colors) == 1 else alt.Legend(title=None)
    scale = alt.Scale(domain=[name for name, _ in colors], range=[color for _, color in colors])
    chart = (
        alt.Chart(alt.Data(values=values))
        .mark_bar()
        .encode(
            x=alt.X("place:N", sort=None, title=place, axis=_names(alt)),
            y=alt.Y("number:Q", title=unit, axis=_counts(alt)),
            color=alt.Color("group:N", scale=scale, legend=legend),
            order=alt.Order("order:Q"),
            tooltip=[
                _told("place", "N", place),
                *([] if legend is None else [_told("group", "N")]),
                _number("number", unit),
            ],
        )
    )
    return _spec(chart)


def shares(
    rows: Sequence[tuple[str, float, float, float]], *, place: str, unit: str, color: str = ORANGE
) -> dict[str, Any]:
    """Return shares with their intervals: points with a line through each.

    Args:
        rows: Places, shares from 0 to 1, and the ends of their intervals.
        place: Title of the axis below.
        unit: Of what the share is.
        color: Of the marks.
    """
    alt = library()
    values = [
        {"place": where, "share": share, "lower": lower, "upper": upper}
        for where, share, lower, upper in rows
    ]
    x = alt.X("place:N", sort=None, title=place, axis=_names(alt))
    base = alt.Chart(alt.Data(values=values)).encode(x=x)
    percent = alt.Axis(format="%", tickCount=5)
    y = alt.Y("share:Q", title=unit, scale=alt.Scale(domain=[0, 1]), axis=percent)
    tooltip = [
        _told("place", "N", place),
        alt.Tooltip("share:Q", title=unit, format=".1%"),
        alt.Tooltip("lower:Q", title="95% from", format=".1%"),
        alt.Tooltip("upper:Q", title="to", format=".1%"),
    ]
    line = base.mark_rule(color=color, strokeWidth=2, opacity=0.6).encode(
        y=alt.Y("lower:Q"), y2="upper:Q", tooltip=tooltip
    )
    point = base.mark_point(color=color, filled=True, size=70, opacity=1).encode(
        y=y, tooltip=tooltip
    )
    return _spec(alt.layer(line, point))


def months(rows: Sequence[tuple[str, int]], unit: str, color: str = BLUE) -> dict[str, Any]:
    """Return an area over time.

    Args:
        rows: First days of months (ISO 8601) and numbers.
        unit: What is counted.
        color: Of the area.
    """
    alt = library()
    values = [{"month": month, "number": number} for month, number in rows]
    chart = (
        alt.Chart(alt.Data(values=values))
        .mark_area(interpolate="step-after", color=color, opacity=0.75, line={"color": color})
        .encode(
            x=alt.X("month:T", title=None),
            y=alt.Y("number:Q", title=unit, axis=_counts(alt)),
            tooltip=[
                alt.Tooltip("month:T", title="Month", format="%B %Y"),
                _number("number", unit),
            ],
        )
    )
    return _spec(chart)


def steps(
    rows: Sequence[tuple[str, float, float, float, float]],
    *,
    age: str,
    share: str,
    colors: Sequence[tuple[str, str]],
) -> dict[str, Any]:
    """Return curves that fall in steps, with their bands.

    Args:
        rows: Names of curves, ages, shares from 0 to 1, and the ends of their intervals.
        age: Title of the axis below, with its unit.
        share: Title of the other.
        colors: The curves with their colours.
    """
    alt = library()
    values = [
        {"curve": name, "age": when, "share": value, "lower": lower, "upper": upper}
        for name, when, value, lower, upper in rows
    ]
    scale = alt.Scale(domain=[name for name, _ in colors], range=[color for _, color in colors])
    legend = (
        None
        if len(colors) == 1
        else alt.Legend(title=None, symbolType="stroke", symbolOpacity=1, symbolStrokeWidth=2)
    )
    color = alt.Color("curve:N", scale=scale, legend=legend)
    base = alt.Chart(alt.Data(values=values)).encode(
        x=alt.X("age:Q", title=age, scale=alt.Scale(nice=False), axis=alt.Axis(tickCount=8)),
        color=color,
    )
    percent = alt.Axis(format="%", values=[0, 0.25, 0.5, 0.75, 1])
    y = alt.Y("share:Q", title=share, scale=alt.Scale(domain=[0, 1]), axis=percent)
    band = base.mark_area(interpolate="step-after", opacity=0.15).encode(
        y=alt.Y("lower:Q"), y2="upper:Q"
    )
    line = base.mark_line(interpolate="step-after", strokeWidth=2).encode(
        y=y,
        tooltip=[
            *([] if legend is None else [_told("curve", "N")]),
            alt.Tooltip("age:Q", title=age, format=".3~g"),
            alt.Tooltip("share:Q", title=share, format=".1%"),
        ],
    )
    return _spec(alt.layer(band, line))


def _spec(chart: Any, height: int = _HEIGHT) -> dict[str, Any]:  # noqa: ANN401 (Altair's charts)
    spec: dict[str, Any] = _clean(chart.properties(width=WIDTH, height=height).to_dict())
    # Altair's own theme goes, and its schema knows no `currentColor`.
    return spec | {"config": _CONFIG, "autosize": {"type": "fit-x", "contains": "padding"}}


def _clean(value: Any) -> Any:  # noqa: ANN401 (JSON)
    """Return JSON whose texts hold nothing invisible.

    A control character cannot stand in XML, and ``vl_convert`` ends the process over it.
    """
    match value:
        case str():
            return visible(value)
        case list():
            return [_clean(one) for one in value]
        case dict():
            return {key: _clean(one) for key, one in value.items()}
        case _:
            return value


def _counts(alt: ModuleType) -> Any:  # noqa: ANN401 (as above)
    return alt.Axis(format=",~f", tickMinStep=1, tickCount=5)


def _names(alt: ModuleType) -> Any:  # noqa: ANN401 (as above)
    return alt.Axis(labelAngle=0, labelOverlap=True, grid=False)


def _told(name: str, kind: str, title: str | None = None) -> Any:  # noqa: ANN401 (as above)
    return library().Tooltip(f"{name}:{kind}", title=title or name.capitalize())


def _number(name: str, unit: str) -> Any:  # noqa: ANN401 (as above)
    return library().Tooltip(f"{name}:Q", title=unit, format=",")
