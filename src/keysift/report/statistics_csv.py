"""The figures of a report as CSV: one row a number, all tables in one tidy shape.

Tables, groups and measures are called as the fields of the JSON document, whose schema says what
each counts (``docs/schemas/report-1.schema.json``). Every figure is written, denominators included;
what is not known, or not told, has no row.
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from msgspec import Struct
from msgspec.structs import replace

from keysift.report.csv import cell
from keysift.statistics.values import (
    ArtifactCoverage,
    At,
    Bin,
    Count,
    Difference,
    Group,
    PlaceGroup,
    ProjectFigures,
    RulesetUse,
    Share,
    SharedGroup,
    Skipped,
    Statistics,
    Stratum,
    SurvivalGroup,
    Year,
)
from keysift.survival import Median, Step

if TYPE_CHECKING:
    from typing import TextIO

    from keysift.statistics.values import Comparison


class _Row(NamedTuple):
    """What a number is of, what it counts, and of how many it is; an empty cell: of nothing.

    ``lower`` and ``upper`` are the interval of the share, else of the value itself.
    """

    table: str
    group: str
    measure: str
    unit: str
    value: int | float | str
    of: int | str | None = None
    share: float | None = None
    lower: float | None = None
    upper: float | None = None


COLUMNS: Final = _Row._fields
"""The header."""

_WHOLE: Final = "whole"
"""Table of the figures that belong to no other."""

_ALONE: Final = ("merged", 1)
"""A group that is one group, as nearly all are."""

_UNITS: Final[dict[str, str]] = {
    **dict.fromkeys(
        ("projects", "projects_only", "projects_rid", "broad_projects", "active_projects"),
        "projects",
    ),
    **dict.fromkeys(("newly_affected", "affected", "new_projects", "index_count"), "projects"),
    **dict.fromkeys(("gap", "age", "begin", "end", "median"), "days"),
    **dict.fromkeys(("bytes", "scanned_bytes", "fetched_bytes", "content_bytes"), "bytes"),
    **dict.fromkeys(("survival", "level"), "share"),
    **dict.fromkeys(("p_providers", "p_years"), "probability"),
    "occurrences": "occurrences",
    "releases": "releases",
    "artifacts": "artifacts",
    "members": "members",
    "skips": "skips",
    "detectors": "detectors",
    "providers": "providers",
    "merged": "groups",
    "per_1000_projects": "secrets per 1,000 projects",
    "per_1000_artifacts": "secrets per 1,000 artifacts",
    "k": "projects",
}
"""What a measure counts; those that are not here count secrets."""

_UNITS_OF_TABLES: Final[dict[str, str]] = {
    "coverage.projects": "projects",
    "coverage.releases": "releases",
    "coverage.artifacts": "artifacts",
    "coverage.kinds": "artifacts",
    "coverage.skipped": "skips",
    "removal": "lives",
    "removal.curve.at": "lives",
    "removal.curve.steps": "lives",
    "removal.projects_by_end": "projects",
}
"""The same of whole tables, where a measure by itself says nothing else."""

_DISTRIBUTED: Final = {"releases": "releases", "shared.spread": "projects"}
"""Tables of quartiles, and what the number counts that is distributed."""

_SHARE: Final = "share_"
"""Begins the measures of shares that are compared."""

_BY_VERDICT: Final = "projects_by_verdict"
"""Verdicts that count projects."""


def write_report_csv(
    found: Statistics, stream: TextIO, *, comparison: Comparison | None = None
) -> None:
    """Write a header, then a row for each number.

    The stream must not translate line ends (``newline=""``). Shares are from 0 to 1, times are
    ISO 8601 (UTC), yes and no are 1 and 0.
    """
    writer = csv.writer(stream)
    writer.writerow(COLUMNS)
    # Examples are no figures, and the masks of values are for whoever asks for them in JSON.
    for row in _rows("", "", replace(found, examples=())):
        writer.writerow(row._replace(table=row.table or _WHOLE))
    if comparison is not None:
        writer.writerows(_differences(comparison))


def _rows(table: str, group: str, value: Struct) -> Iterator[_Row]:
    """Yield the rows of a value and of all that is in it."""
    for name in value.__struct_fields__:
        inner = getattr(value, name)
        if name in _KEYS.get(type(value), ()) or inner is None or (name, inner) == _ALONE:
            continue
        if isinstance(inner, Struct):
            yield from _inside(table, group, name, inner)
        elif isinstance(inner, dict):
            below = _below(table, name)
            yield from (_row(below, group, key, number) for key, number in inner.items())
        elif isinstance(inner, tuple) and inner and isinstance(inner[0], Struct):
            below = _below(table, name)
            for key, one in zip(_keys(inner), inner, strict=True):
                yield from _rows(below, f"{group}.{key}" if group else key, one)
        elif isinstance(inner, tuple):
            if inner:
                yield _row(table, group, name, ", ".join(inner))
        else:
            yield _row(table, group, name, inner)


def _inside(table: str, group: str, name: str, value: Struct) -> Iterator[_Row]:
    """Yield the rows of a value that a field holds."""
    match value:
        case Share():
            yield _row(table, group, name, value.count)._replace(
                of=value.of, share=value.share, lower=value.lower, upper=value.upper
            )
        case Median():
            yield _row(table, group, name, value.age)._replace(lower=value.lower, upper=value.upper)
        case Count():
            yield _row(table, group, name, value.secrets)
            yield _row(table, group, f"{name}.projects", value.projects)
        case _ if group:
            # What a row of a table holds belongs to its group.
            prefix = "" if name == "curve" else f"{name}."
            for row in _rows(table, group, value):
                unit = "projects" if name == _BY_VERDICT else row.unit
                yield row._replace(measure=prefix + row.measure, unit=unit)
        case _:
            yield from _rows(_below(table, name), "", value)


def _below(table: str, name: str) -> str:
    return f"{table}.{name}" if table else name


def _row(table: str, group: str, measure: str, value: Any) -> _Row:  # noqa: ANN401 (of any field)
    return _Row(table, cell(group), measure, _unit(table, measure, value), _shown(value))


def _unit(table: str, measure: str, value: Any) -> str:  # noqa: ANN401 (of any field)
    if isinstance(value, str | bool):
        return "text"
    if isinstance(value, datetime):
        return "time"
    last = measure.rpartition(".")[2]
    if last.startswith(_SHARE):
        return "share"
    if table in _DISTRIBUTED:
        return _DISTRIBUTED[table]
    return _UNITS.get(last) or _UNITS_OF_TABLES.get(table) or "secrets"


def _shown(value: Any) -> int | float | str:  # noqa: ANN401 (of any field)
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, datetime):
        return value.isoformat()
    return cell(value) if isinstance(value, str) else value


_KEYS: Final[dict[type, tuple[str, ...]]] = {
    Group: ("name", "title"),
    PlaceGroup: ("name", "title"),
    Year: ("year",),
    Skipped: ("reason",),
    RulesetUse: ("digest",),
    ArtifactCoverage: ("kind",),
    Bin: ("lower", "upper"),
    At: ("age",),
    Step: ("age",),
    SurvivalGroup: ("name",),
    ProjectFigures: ("name",),
    Stratum: ("detector", "provider", "category", "severity"),
}
"""Fields that name a row of a table rather than count something."""

_NAMES: Final[dict[type, Callable[[Any], str]]] = {
    Year: lambda one: "" if one.year is None else str(one.year),
    Skipped: lambda one: str(one.reason),
    RulesetUse: lambda one: str(one.digest),
    ArtifactCoverage: lambda one: str(one.kind),
    Bin: lambda one: f"{one.lower:g}-" + ("" if one.upper is None else f"{one.upper - 1:g}"),
    At: lambda one: f"{one.age:g}",
    Step: lambda one: f"{one.age:g}",
    SurvivalGroup: lambda one: one.name or "all",
    ProjectFigures: lambda one: str(one.name),
    Stratum: lambda one: f"{one.detector} {one.severity}",
}


def _keys(rows: Sequence[Struct]) -> list[str]:
    """Return what the rows of a table are called, each otherwise."""
    if isinstance(rows[0], SharedGroup):
        return [str(number) for number in range(1, len(rows) + 1)]
    names = [
        _text(one.name) if isinstance(one, Group) else _text(_NAMES[type(one)](one)) for one in rows
    ]
    several = {name for name, times in Counter(names).items() if times > 1}
    return [
        f"{name} #{number}" if name in several else name for number, name in enumerate(names, 1)
    ]


def _text(name: str) -> str:
    return name or "not known"


def _differences(comparison: Comparison) -> Iterator[_Row]:
    for one in (*comparison.headline, *comparison.groups):
        group = _difference_name(one)
        for measure in ("before", "after", "difference"):
            value = getattr(one, measure)
            if value is not None:
                row = _row("comparison", group, measure, value)
                yield row._replace(unit=_unit(one.table, one.measure, value))


def _difference_name(one: Difference) -> str:
    return ".".join(part for part in (one.table, one.group, one.measure) if part)
