"""Shares with their intervals, and what stands in the middle of many numbers."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from math import sqrt
from statistics import NormalDist
from typing import Final

from keysift.statistics.values import Share

LEVEL: Final = 0.95
"""Confidence of intervals and bands, unless somebody wants another."""

_DIGITS: Final = 6
"""Of shares: more would be noise."""


def share(count: int, of: int, level: float = LEVEL) -> Share:
    """Return so many of so many, with the interval of Wilson (1927).

    With p = count / of, n = of and z the quantile of the normal distribution its ends are

        (p + z²/2n ± z √(p(1 - p)/n + z²/4n²)) / (1 + z²/n)

    They never leave 0 to 1 and hold for small numbers and for none at all. Newcombe, Two-sided
    confidence intervals for the single proportion, Statistics in Medicine 17 (1998), method 3;
    Brown, Cai and DasGupta, Interval estimation for a binomial proportion, Statistical Science 16
    (2001), equation 4.

    Args:
        count: How many; at most ``of``.
        of: Of how many.
        level: Confidence of the interval.
    """
    if not of:
        return Share(count, of, None, None, None)
    z = _quantile(level)
    ratio = count / of
    center = ratio + z * z / (2 * of)
    width = z * sqrt(ratio * (1 - ratio) / of + z * z / (4 * of * of))
    scale = 1 + z * z / of
    # At the ends rounding would leave a trace of what is 0 or 1.
    lower = 0.0 if not count else (center - width) / scale
    upper = 1.0 if count == of else (center + width) / scale
    return Share(count, of, round(ratio, _DIGITS), round(lower, _DIGITS), round(upper, _DIGITS))


@cache
def _quantile(level: float) -> float:
    return NormalDist().inv_cdf((1 + level) / 2)


def quantile(numbers: Mapping[int, int], part: float) -> int | None:
    """Return the least number that a part of all do not exceed; None when there are none.

    That is the inverse of the empirical distribution: Hyndman and Fan, Sample quantiles in
    statistical packages, The American Statistician 50 (1996), definition 1.

    Args:
        numbers: How often there is each number.
        part: From 0 to 1.
    """
    needed = part * sum(numbers.values())
    passed = 0
    for number in sorted(numbers):
        passed += numbers[number]
        if passed >= needed and numbers[number]:
            return number
    return None


def mean(numbers: Mapping[int, int]) -> float | None:
    """Return the mean of numbers, given how often there is each; None when there are none."""
    total = sum(numbers.values())
    if not total:
        return None
    return round(sum(number * times for number, times in numbers.items()) / total, _DIGITS)
