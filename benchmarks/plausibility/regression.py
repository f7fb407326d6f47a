"""Logistic regression over features that are there or not, with a belief about each weight."""

from __future__ import annotations

import math
from collections.abc import Sequence

from msgspec import Struct

_ROUNDS = 80
_STEP = 1.0
_SMALL = 0.005
_STEEP = 30.0


class Row(Struct, frozen=True):
    """An example.

    Attributes:
        features: Numbers of the features that are there.
        is_true: What it is.
        weight: How much it counts.
    """

    features: frozenset[int]
    is_true: bool
    weight: float


def fit(rows: Sequence[Row], beliefs: Sequence[float], trust: float) -> tuple[list[float], float]:
    """Return the weights, and the constant, that make the examples most likely.

    Args:
        rows: The examples.
        beliefs: What each weight is thought to be before any example is seen.
        trust: How many examples a belief is worth.
    """
    weights = list(beliefs)
    holders: list[list[int]] = [[] for _ in beliefs]
    for number, row in enumerate(rows):
        for feature in row.features:
            holders[feature].append(number)
    sums = [sum(weights[one] for one in row.features) for row in rows]
    constant = 0.0
    for _ in range(_ROUNDS):
        step = _step(rows, sums, range(len(rows)), 0.0, 1e-6)
        constant += step
        sums = [value + step for value in sums]
        largest = abs(step)
        for feature, numbers in enumerate(holders):
            pull = trust * (beliefs[feature] - weights[feature])
            step = _step(rows, sums, numbers, pull, trust)
            weights[feature] += step
            for number in numbers:
                sums[number] += step
            largest = max(largest, abs(step))
        if largest < _SMALL:
            break
    return weights, constant


def _step(
    rows: Sequence[Row], sums: Sequence[float], numbers: Sequence[int], pull: float, stiff: float
) -> float:
    """Return Newton's step for one weight, of bounded length."""
    slope, curve = pull, stiff
    for number in numbers:
        row = rows[number]
        likely = 1 / (1 + math.exp(-max(-_STEEP, min(_STEEP, sums[number]))))
        slope += row.weight * (row.is_true - likely)
        curve += row.weight * likely * (1 - likely)
    return max(-_STEP, min(_STEP, slope / curve))
