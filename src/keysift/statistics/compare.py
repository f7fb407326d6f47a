"""What changed between two reports, in figures."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from keysift.errors import UsageError
from keysift.statistics.anonymise import anonymise
from keysift.statistics.values import (
    Comparison,
    Difference,
    Group,
    Made,
    Share,
    Statistics,
)

TABLES: Final = (
    "by_year",
    "by_detector",
    "by_provider",
    "by_category",
    "by_severity",
    "by_verdict",
    "by_presence",
    "by_place",
)
"""Tables whose groups are compared."""

MOST: Final = 30
"""Groups that are told of."""

_COUNTS: Final = ("secrets", "occurrences", "detectors", "providers")
_SHARES: Final = ("projects", "releases", "artifacts", "active", "active_projects", "still_present")


def compare(before: Statistics, after: Statistics) -> Comparison:
    """Return what changed between two reports.

    Args:
        before: The earlier one.
        after: The later one; when it is anonymised, the earlier one is made so too.

    Raises:
        UsageError: The earlier one tells of groups that the later one may not, and cannot be
            anonymised any more.
    """
    if after.made.k is not None:
        before = _hidden_alike(before, after.made.k)
    differences = [one for name in TABLES for one in _groups(name, before, after)]
    return Comparison(
        before=before.made,
        before_period=before.period,
        after=after.made,
        limits=tuple(_limits(before, after)),
        headline=tuple(_headline(before, after)),
        groups=tuple(sorted(differences, key=_size)[:MOST]),
        changes=after.changes,
    )


def _hidden_alike(before: Statistics, k: int) -> Statistics:
    if before.made.k is None:
        return anonymise(before, k)
    if before.made.k >= k:
        return before
    raise UsageError(
        f"the earlier report tells of groups of {before.made.k} projects, this one hides those of "
        f"fewer than {k}; compare with one that was not anonymised, or with a lower number"
    )


def _size(one: Difference) -> tuple[float, str, str]:
    return (-abs((one.after or 0) - (one.before or 0)), one.table, one.group)


def _headline(before: Statistics, after: Statistics) -> Iterator[Difference]:
    for name in _COUNTS:
        yield _difference(
            "headline", "", name, getattr(before.headline, name), getattr(after.headline, name)
        )
    for name in _SHARES:
        old: Share | None = getattr(before.headline, name)
        new: Share | None = getattr(after.headline, name)
        counted = (None if one is None else one.count for one in (old, new))
        yield _difference("headline", "", name, *counted)
        shares = (None if one is None else one.share for one in (old, new))
        yield _difference("headline", "", f"share_{name}", *shares)


def _groups(table: str, before: Statistics, after: Statistics) -> Iterator[Difference]:
    old, new = _named(getattr(before, table)), _named(getattr(after, table))
    # A group that an anonymised report hides is not one without secrets.
    none = None if before.made.k is not None or after.made.k is not None else 0
    for name in old.keys() | new.keys():
        values = [one[name].secrets if name in one else none for one in (old, new)]
        if values[0] != values[1]:
            yield _difference(table, name, "secrets", *values)


def _named(groups: Sequence[Group]) -> dict[str, Group]:
    # Small groups that are told of together may be other ones in the other report.
    return {group.name: group for group in groups if group.merged == 1}


def _difference(
    table: str, group: str, measure: str, before: float | None, after: float | None
) -> Difference:
    return Difference(table=table, group=group, measure=measure, before=before, after=after)


def _limits(before: Statistics, after: Statistics) -> Iterator[str]:
    old, new = before.scope, after.scope
    if (old.projects, old.org, old.is_part) != (new.projects, new.org, new.is_part):
        yield "The two reports are about other projects: the scope differs."
    if old.indexes != new.indexes and old.indexes and new.indexes:
        yield "The two reports are about other indexes."
    if (old.confidence, old.severity) != (new.confidence, new.severity):
        yield (
            f"The earlier report counts from {old.confidence} confidence and {old.severity} "
            f"severity on, this one from {new.confidence} and {new.severity}."
        )
    scanned = [one.coverage.artifacts.scanned for one in (before, after)]
    if scanned[0] != scanned[1]:
        yield (
            f"The earlier report rests on {scanned[0]:,} scanned artifacts, this one on "
            f"{scanned[1]:,}."
        )
    if _newest(before) != _newest(after):
        yield ("Another ruleset was used: part of what is new was there before and not looked for.")
    if before.made.version != after.made.version:
        yield f"The earlier report was made by keysift {before.made.version}."
    if before.made.is_demo != after.made.is_demo:
        yield "One of the two reports is about made-up data."
    if before.made.at > after.made.at:
        yield "The report that is compared with was made after this one."
    yield from _hidden(before.made, after.made)


def _newest(found: Statistics) -> set[str]:
    return {one.digest for one in found.coverage.rulesets if one.is_newest}


def _hidden(before: Made, after: Made) -> Iterator[str]:
    if before.k != after.k:
        yield "One of the two reports hides small groups, or they hide other ones."
    if after.k is not None:
        yield (
            f"Groups of fewer than {after.k} projects are hidden in both; the difference between "
            "two numbers may come from fewer."
        )
