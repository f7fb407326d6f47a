"""What a table is."""

from __future__ import annotations

from datetime import datetime
from enum import Enum
from typing import TypeAlias

from msgspec import Struct

from keysift.statistics.values import Count, Share

Cell: TypeAlias = "int | float | str | datetime | bool"


class Unit(Enum):
    """What a number counts, or what a cell is. The value is the word in CSV."""

    SECRETS = "secrets"
    OCCURRENCES = "occurrences"
    PROJECTS = "projects"
    RELEASES = "releases"
    ARTIFACTS = "artifacts"
    BYTES = "bytes"
    MEMBERS = "members"
    SKIPS = "skips"
    LIVES = "lives"
    DETECTORS = "detectors"
    PROVIDERS = "providers"
    TIMES = "times"
    DAYS = "days"
    SHARE = "share"
    RATE = "per 1,000"
    PROBABILITY = "probability"
    DATE = "date"
    TEXT = "text"


class Value(Struct, frozen=True):
    """A cell.

    Attributes:
        value: What stands in it; None: not known, or not told.
        of: Of how many it is, when it is a part of something.
        share: The one by the other.
        lower: Lower end of the interval of the share, or of the value when there is no share.
        upper: Upper end.
    """

    value: Cell | None
    of: int | None = None
    share: float | None = None
    lower: float | None = None
    upper: float | None = None


class Measure(Struct, frozen=True):
    """A column.

    Attributes:
        id: Its name for programs.
        title: Its heading.
        unit: What its numbers count.
    """

    id: str
    title: str
    unit: Unit


class Line(Struct, frozen=True):
    """A row.

    Attributes:
        group: Its name for programs.
        title: Its name for people.
        values: One for each measure.
        unit: What its numbers count, where that differs from line to line.
    """

    group: str
    title: str
    values: tuple[Value, ...]
    unit: Unit | None = None


class Table(Struct, frozen=True, kw_only=True):
    """Figures that belong together.

    Attributes:
        id: Its name for programs: that of the field of ``Statistics`` that it shows.
        title: Its heading.
        counts: What its figures count, and of which time they are, in sentences.
        head: Heading of the names of its lines.
        measures: Its columns.
        lines: Its rows.
        is_partition: Whether every counted secret is in exactly one line.
    """

    id: str
    title: str
    counts: str
    head: str
    measures: tuple[Measure, ...]
    lines: tuple[Line, ...]
    is_partition: bool = False


class Section(Struct, frozen=True):
    """Tables that belong together.

    Attributes:
        id: Its name for programs.
        title: Its heading.
        tables: Those that have something to show.
    """

    id: str
    title: str
    tables: tuple[Table, ...]


NOTHING = Value(None)
"""A cell about which nothing is known or told."""


def part(share: Share | None) -> Value:
    """Return so many of so many as a cell."""
    if share is None:
        return NOTHING
    return Value(share.count, share.of, share.share, share.lower, share.upper)


def line(group: str, title: str, *values: Cell | Value | None, unit: Unit | None = None) -> Line:
    """Return a row; what is no ``Value`` becomes one."""
    cells = (one if isinstance(one, Value) else Value(one) for one in values)
    return Line(group, title, tuple(cells), unit)


def counted(group: str, title: str, count: Count | None) -> Line:
    """Return a row of secrets and projects."""
    if count is None:
        return line(group, title, None, None)
    return line(group, title, count.secrets, count.projects)


COUNTED = (
    Measure("secrets", "secrets", Unit.SECRETS),
    Measure("projects", "projects", Unit.PROJECTS),
)
"""Columns of ``counted``."""
