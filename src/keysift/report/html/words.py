"""Numbers, shares and times in sentences."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from keysift.report.summary import count
from keysift.report.survival_axis import duration
from keysift.statistics.values import Group, Share
from keysift.survival import Median

_LEAST: Final = 0.001
"""Shares below are told in more digits."""


def percent(share: float | None) -> str:
    """Return a share as percentage: ``19.5%``, ``0.065%``; ``not known`` for one of nothing."""
    if share is None:
        return "not known"
    return f"{share:.3%}" if 0 < share < _LEAST else f"{share:.1%}"


def decimal(value: float) -> str:
    """Return a number that is no count: four digits, or all before the point."""
    return f"{value:,.4g}" if abs(value) < 1000 else f"{value:,.0f}"


def number(value: int | None) -> str:
    """Return a number; ``some`` where an anonymised report does not tell it."""
    return "some" if value is None else f"{value:,}"


def interval(share: Share) -> str:
    """Return a share with its interval: ``19.5% (95% interval 18.3% to 20.8%)``."""
    if share.share is None:
        return "not known"
    return f"{percent(share.share)} ({between(share)})"


def between(share: Share) -> str:
    """Return the interval of a share: ``95% interval 18.3% to 20.8%``."""
    if share.share is None:
        return "nothing was looked at"
    return f"95% interval {percent(share.lower)} to {percent(share.upper)}"


def of(share: Share, noun: str, plural: str = "") -> str:
    """Return a share as numbers: ``768 of 3,938 secrets``."""
    return f"{share.count:,} of {count(share.of, noun, plural)}"


def median(value: Median | None) -> str:
    """Return a median age, or that it is not reached."""
    if value is None:
        return "not known"
    return "not reached" if value.age is None else duration(value.age)


def around(value: Median) -> str:
    """Return the interval of a median: ``95% interval 3.1 days to 2.4 years``."""
    ends = ["not reached" if end is None else duration(end) for end in (value.lower, value.upper)]
    return f"95% interval {ends[0]} to {ends[1]}"


def day(when: datetime | None) -> str:
    """Return a day, in ISO 8601."""
    return "not known" if when is None else f"{when:%Y-%m-%d}"


def title(group: Group) -> str:
    """Return what a group is called."""
    if group.merged > 1:
        return count(group.merged, "other")
    return group.title or group.name or "not known"


def listed(words: Iterable[str]) -> str:
    """Return words as a sentence has them: ``a, b and c``."""
    *first, last = words
    return f"{', '.join(first)} and {last}" if first else last
