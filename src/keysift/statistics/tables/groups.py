"""Tables of groups of secrets."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from msgspec import Struct

from keysift.statistics.tables.values import Line, Measure, Table, Unit, Value, line, part
from keysift.statistics.tables.words import word
from keysift.statistics.values import Group, PlaceGroup, Statistics, Verdicts

_CELLS: Final[tuple[Measure, ...]] = (
    Measure("secrets", "secrets", Unit.SECRETS),
    Measure("occurrences", "occurrences", Unit.OCCURRENCES),
    Measure("projects", "projects", Unit.PROJECTS),
)
_VERDICTS: Final = (
    Measure("active", "active", Unit.SECRETS),
    Measure("inactive", "inactive", Unit.SECRETS),
    Measure("unknown", "unknown", Unit.SECRETS),
    Measure("not_checkable", "not checkable", Unit.SECRETS),
    Measure("unchecked", "unchecked", Unit.SECRETS),
    Measure("active_share", "active of those with a clear answer", Unit.SECRETS),
)
_ONLY: Final = (Measure("only", "nowhere else", Unit.SECRETS),)


class About(Struct, frozen=True):
    """What a table of groups is about.

    Attributes:
        title: Its heading.
        head: What its groups are.
        counts: What it says of each of them, beside ``_COUNTS``.
        is_partition: Whether every counted secret is in exactly one group.
        has_verdicts: Whether verdicts say more than the table itself.
    """

    title: str
    head: str
    counts: str
    is_partition: bool = True
    has_verdicts: bool = True


_COUNTS: Final = "Counted secrets, their occurrences, and the projects in which one of them stands."
_SEVERAL: Final = " A secret may be in several lines."

GROUPS: Final[dict[str, About]] = {
    "by_year": About(
        "By year of publication, and how they stand today",
        "introduced in",
        "The year (UTC) of the earliest upload that has the secret; the verdict is that of today.",
    ),
    "by_month": About(
        "By month of publication",
        "introduced in",
        "The month (UTC) of the earliest upload that has the secret; the verdict is that of today.",
    ),
    "by_category": About(
        "By what the provider is for", "category", "The category that the catalogue has."
    ),
    "by_provider": About("By provider", "provider", "Who issues the secret."),
    "by_detector": About("By type", "type", "The detector that found it."),
    "by_severity": About(
        "By severity", "severity", "The worst of a secret's matches: the harm it could do."
    ),
    "by_confidence": About(
        "By confidence", "confidence", "The best of a secret's occurrences: how sure we are."
    ),
    "by_verdict": About(
        "By verdict",
        "verdict",
        "What the provider said last that still stands.",
        has_verdicts=False,
    ),
    "by_privilege": About(
        "What active secrets may do",
        "privilege",
        "Active secrets alone, by how much the check that stands said they may do.",
        is_partition=False,
        has_verdicts=False,
    ),
    "by_power": About(
        "Powers of active secrets",
        "power",
        "Active secrets alone, by what they may do." + _SEVERAL,
        is_partition=False,
        has_verdicts=False,
    ),
    "by_mode": About(
        "Test or live", "mode", "As the value itself says, else as its provider said."
    ),
    "by_triage": About(
        "By what people decided",
        "decision",
        "The last decision. False positives and tests are counted apart, as left out.",
    ),
    "by_presence": About(
        "Where they still are",
        "presence",
        "Over all projects of a secret, the first line that holds. What the newest release has "
        "is as of the last reading of the project's page; yanked and deleted files do not count.",
    ),
    "by_artifact": About(
        "By kind of artifact", "artifacts", "The kinds of all artifacts that have the secret."
    ),
    "by_place": About(
        "By kind of file",
        "file",
        "The kind of file by its path inside the artifact; the occurrences are those in such "
        "files." + _SEVERAL,
        is_partition=False,
    ),
    "by_extension": About(
        "By extension",
        "extension",
        "The extension of the file's name; the occurrences are those in such files." + _SEVERAL,
        is_partition=False,
    ),
}
"""All tables of groups, by the field of ``Statistics``."""


def group_table(statistics: Statistics, name: str) -> Table:
    """Return a table of groups.

    Args:
        statistics: The figures.
        name: The field.
    """
    about = GROUPS[name]
    groups: Sequence[Group] = getattr(statistics, name)
    measures: tuple[Measure, ...] = _CELLS
    if any(isinstance(group, PlaceGroup) for group in groups):
        measures += _ONLY
    if about.has_verdicts:
        measures += _VERDICTS
    return Table(
        id=name,
        title=about.title,
        counts=f"{_COUNTS} {about.counts}",
        head=about.head,
        measures=measures,
        lines=tuple(_line(name, group, has_verdicts=about.has_verdicts) for group in groups),
        is_partition=about.is_partition,
    )


def _line(table: str, group: Group, *, has_verdicts: bool) -> Line:
    cells: list[Value | int | None] = [group.secrets, group.occurrences, group.projects]
    if isinstance(group, PlaceGroup):
        cells.append(group.only)
    if has_verdicts:
        cells += _verdicts(group.verdicts)
        cells.append(part(group.active))
    return line(group.name, word(table, group.name, group.title), *cells)


def _verdicts(verdicts: Verdicts | None) -> Iterator[int | None]:
    for name in Verdicts.__struct_fields__:
        yield None if verdicts is None else getattr(verdicts, name)
