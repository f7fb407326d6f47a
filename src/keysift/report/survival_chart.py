"""Curves of survival as a picture, SVG or PNG, with the numbers at risk below, as medicine has it.

Drawn by Vega-Lite through Altair; both come with ``keysift[plot]``, and fetch nothing.
"""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from keysift.errors import ConfigurationError, UsageError
from keysift.report.drawing import altair
from keysift.report.escape import visible
from keysift.report.summary import count
from keysift.report.survival_axis import Axis, axis, duration, span
from keysift.report.survival_text import headline
from keysift.statistics.study import OTHERS, Group, Study
from keysift.survival import GRACE_DAYS, Curve, Estimate

if TYPE_CHECKING:
    from types import ModuleType
    from typing import TextIO

_WIDTH: Final = 640
_HEIGHT: Final = 320
_ROW: Final = 16
"""Pixels of a line of numbers at risk."""

_TICKS: Final = 10
_POINTS: Final = 2 * _WIDTH
"""Points of a curve at most: more than there are half pixels nobody sees."""

_COLORS: Final = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#E69F00", "#000000")
"""The palette of Okabe and Ito, which colour-blind people tell apart."""

_DASHES: Final = ([1, 0], [6, 2], [2, 2], [8, 2, 2, 2], [4, 4], [10, 3], [1, 3])
"""The same once more, for who prints in grey."""

_INK: Final = "#222222"
_GREY: Final = "#666666"


def write_survival_svg(study: Study, stream: TextIO) -> None:
    """Write the picture as SVG.

    Raises:
        UsageError: Altair is not installed, or there is no curve.
    """
    buffer = io.StringIO()
    survival_chart(study).save(buffer, format="svg")
    stream.write(buffer.getvalue() + "\n")


def write_survival_png(study: Study, path: Path) -> None:
    """Write the picture as PNG, twice as fine as a screen.

    Raises:
        UsageError: As above.
        ConfigurationError: The file cannot be written.
    """
    buffer = io.BytesIO()
    survival_chart(study).save(buffer, format="png", scale_factor=2)
    try:
        path.write_bytes(buffer.getvalue())
    except OSError as error:
        raise ConfigurationError(f"--output {path}: {error.strerror or error}") from error


def survival_chart(study: Study) -> Any:  # noqa: ANN401 (a chart of a library that may be absent)
    """Return the picture as Altair's chart, also for reports.

    Raises:
        UsageError: Altair is not installed, or there is no curve.
    """
    alt = altair("pictures need two more packages: pip install 'keysift[plot]'")
    shown = [(group, group.curve) for group in study.shown if group.curve is not None]
    if not shown:
        raise UsageError("there is no curve to draw yet; `keysift survival` says why")
    ages = axis(study, _TICKS)
    names = [_name(group) for group, _ in shown]
    return (
        alt.vconcat(
            _curves(alt, shown, ages, names),
            _at_risk(alt, shown, ages, names),
            spacing=4,
            title=alt.TitleParams(
                "How long leaked secrets work",
                subtitle=_subtitle(study),
                anchor="start",
                frame="group",
                fontSize=15,
                subtitleColor=_GREY,
                subtitleFontSize=11,
                offset=12,
            ),
        )
        .resolve_scale(x="shared")
        .configure(font="Helvetica, Arial, Liberation Sans, sans-serif", background="white")
        .configure_view(stroke=None)
        .configure_axis(
            labelColor=_INK,
            titleColor=_INK,
            titleFontWeight="normal",
            labelFontSize=11,
            titleFontSize=12,
            gridColor="#E6E6E6",
            domainColor=_INK,
            tickColor=_INK,
        )
    )


def _subtitle(study: Study) -> list[str]:
    lines = [headline(study)]
    if not study.groups and study.whole.curve is not None:
        median = study.whole.curve.median
        age = "not reached" if median.age is None else duration(median.age)
        interval = f"{study.level * 100:g}% interval: {span((median.lower, median.upper))}"
        lines.append(f"Median {age} ({interval}).")
    late = f"secrets first checked later than {GRACE_DAYS:.0f} days enter at that age"
    lines.append(f"Kaplan-Meier; bands: {study.level * 100:g}% (log-log); {late}.")
    if any(group.curve is not None and group.curve.begin for group in study.shown):
        lines.append("A curve that begins later is about secrets that were alive at that age.")
    return lines


def _curves(alt: ModuleType, shown: list[tuple[Group, Curve]], ages: Axis, names: list[str]) -> Any:  # noqa: ANN401 (as above)
    rows = [row for group, curve in shown for row in _rows(_name(group), curve, ages)]
    is_one = len(shown) == 1
    x = alt.X(
        "age:Q",
        title=None,
        scale=alt.Scale(domain=[0, ages.end / ages.days], nice=False),
        axis=alt.Axis(values=list(ages.ticks), format=".4~g", grid=False, labelFlush=False),
    )
    percent = alt.Axis(format="%", values=[0, 0.25, 0.5, 0.75, 1])
    y = alt.Y("survival:Q", title="Still working", scale=alt.Scale(domain=[0, 1]), axis=percent)
    legend = (
        None
        if is_one
        else alt.Legend(
            title=None,
            symbolType="stroke",
            symbolOpacity=1,
            symbolStrokeWidth=2,
            symbolSize=700,
            labelFontSize=11,
        )
    )
    colors = alt.Scale(
        domain=names, range=[_COLORS[place % len(_COLORS)] for place in range(len(names))]
    )
    dashes = alt.Scale(domain=names, range=[_dash(place) for place in range(len(names))])
    color = alt.Color("group:N", sort=names, scale=colors, legend=legend)
    dash = alt.StrokeDash("group:N", sort=names, scale=dashes, legend=legend)
    base = alt.Chart(alt.Data(values=rows))
    band = base.mark_area(interpolate="step-after", opacity=0.16 if is_one else 0.09).encode(
        x=x, y=alt.Y("lower:Q"), y2="upper:Q", color=color
    )
    line = base.mark_line(interpolate="step-after", strokeWidth=1.8).encode(
        x=x, y=y, color=color, strokeDash=dash
    )
    half = (
        alt.Chart(alt.Data(values=[{"half": 0.5}]))
        .mark_rule(color=_GREY, strokeDash=[2, 3], strokeWidth=0.8)
        .encode(y="half:Q")
    )
    return alt.layer(half, band, line).properties(width=_WIDTH, height=_HEIGHT)


def _at_risk(
    alt: ModuleType, shown: list[tuple[Group, Curve]], ages: Axis, names: list[str]
) -> Any:  # noqa: ANN401 (as above)
    rows = [
        {"group": _name(group), "age": tick, "count": f"{curve.at_risk(tick * ages.days):,}"}
        for group, curve in shown
        for tick in ages.ticks
    ]
    return (
        alt.Chart(alt.Data(values=rows))
        .mark_text(fontSize=11, baseline="middle", color=_INK)
        .encode(
            x=alt.X(
                "age:Q",
                title=f"Age in {ages.unit}, from the publication on",
                scale=alt.Scale(domain=[0, ages.end / ages.days], nice=False),
                axis=alt.Axis(
                    values=list(ages.ticks), grid=False, labels=False, ticks=False, domain=False
                ),
            ),
            y=alt.Y(
                "group:N",
                sort=names,
                title=None,
                axis=alt.Axis(
                    domain=False, ticks=False, grid=False, labels=len(shown) > 1,
                    labelPadding=18, labelLimit=110,
                ),
            ),
            text="count:N",
        )
        .properties(
            width=_WIDTH,
            height=_ROW * len(shown),
            title=alt.TitleParams(
                "Under observation", anchor="start", frame="group", fontSize=11,
                fontWeight="normal", color=_GREY, offset=2,
            ),
        )
    )  # fmt: skip


def _rows(name: str, curve: Curve, ages: Axis) -> list[dict[str, Any]]:
    """Return the points of a curve: where it begins, its steps, where it ends."""
    kept = [(curve.begin, Estimate(1.0, 1.0, 1.0))]
    # Of steps within half a pixel the last is what the others lead to.
    last = {int(step.age / ages.end * _POINTS): step for step in curve.steps}
    kept += [(step.age, Estimate(step.survival, step.lower, step.upper)) for step in last.values()]
    kept.append((curve.end, curve.value(curve.end)))
    return [
        {
            "group": name,
            "age": age / ages.days,
            "survival": value.survival,
            "lower": value.lower,
            "upper": value.upper,
        }
        for age, value in kept
    ]


def _name(group: Group) -> str:
    merged = group.name == OTHERS and group.merged > 1
    # A control character would end the process: what draws the picture cannot write it as XML.
    return count(group.merged, "other") if merged else visible(group.name) or "all"


def _dash(place: int) -> list[int]:
    """Return the dashes of a curve; those of one colour differ."""
    return _DASHES[(place + place // len(_COLORS)) % len(_DASHES)]
