"""The log-rank test (Mantel 1966, Peto and Peto 1972): do groups die at the same rate?"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence
from math import erfc, exp, gamma, sqrt

from msgspec import Struct

from keysift.survival.observe import Span

_NONE = 1e-9
"""Variances below this are rounding."""


class Comparison(Struct, frozen=True):
    """What the test says.

    Attributes:
        statistic: Chi squared.
        degrees: Its degrees of freedom: groups less one.
        p: Probability of a statistic so large, or larger, when the groups do not differ.
    """

    statistic: float
    degrees: int
    p: float


def logrank(groups: Sequence[Sequence[Span]]) -> Comparison | None:
    """Compare groups; None when there are fewer than two, or no death could tell them apart.

    At each age with a death, deaths are compared with what each group's share of those under risk
    lets expect; spans that begin late are under risk when they have begun. Klein and Moeschberger,
    Survival Analysis, 2nd edition, section 7.3.
    """
    kept = [[span for span in group if not span.is_empty] for group in groups]
    kept = [group for group in kept if group]
    if len(kept) < 2:
        return None
    difference, variance = _moments(kept)
    solved = _solve(variance, difference)
    if solved is None:
        return None
    statistic = sum(one * other for one, other in zip(difference, solved, strict=True))
    degrees = len(kept) - 1
    return Comparison(statistic, degrees, chi_squared_tail(statistic, degrees))


def chi_squared_tail(x: float, degrees: int) -> float:
    """Return the probability that chi squared exceeds ``x`` (Abramowitz and Stegun, 26.4.4-5)."""
    if x <= 0:
        return 1.0
    half = x / 2
    if degrees % 2 == 0:
        tail, term, begin = 0.0, exp(-half), 1.0
    else:
        tail, term, begin = erfc(sqrt(half)), exp(-half) * sqrt(half) / gamma(1.5), 1.5
    for number in range(degrees // 2):
        tail += term
        term *= half / (begin + number)
    return tail


def _moments(groups: Sequence[Sequence[Span]]) -> tuple[list[float], list[list[float]]]:
    """Return observed less expected deaths of all groups but the last, and their covariances."""
    size = len(groups) - 1
    difference = [0.0] * size
    variance = [[0.0] * size for _ in range(size)]
    entries = [sorted(span.entry for span in group) for group in groups]
    exits = [sorted(span.exit for span in group) for group in groups]
    deaths = [Counter(span.exit for span in group if span.died) for group in groups]
    for age, dead in sum(deaths, Counter[float]()).items():
        at_risk = [
            bisect_left(enter, age) - bisect_left(leave, age)
            for enter, leave in zip(entries, exits, strict=True)
        ]
        total = sum(at_risk)
        spread = dead * (total - dead) / (total - 1) if total > 1 else 0.0
        shares = [number / total for number in at_risk]
        for row in range(size):
            difference[row] += deaths[row][age] - dead * shares[row]
            for column in range(size):
                own = 1.0 if row == column else 0.0
                variance[row][column] += spread * shares[row] * (own - shares[column])
    return difference, variance


def _solve(matrix: list[list[float]], right: list[float]) -> list[float] | None:
    """Return the solution of linear equations, by elimination; None when they have not one."""
    size = len(right)
    rows = [[*row, value] for row, value in zip(matrix, right, strict=True)]
    for column in range(size):
        pivot = max(range(column, size), key=lambda row: abs(rows[row][column]))
        if abs(rows[pivot][column]) < _NONE:
            return None
        rows[column], rows[pivot] = rows[pivot], rows[column]
        for row in range(size):
            if row != column:
                factor = rows[row][column] / rows[column][column]
                rows[row] = [a - factor * b for a, b in zip(rows[row], rows[column], strict=True)]
    return [row[-1] / row[number] for number, row in enumerate(rows)]
