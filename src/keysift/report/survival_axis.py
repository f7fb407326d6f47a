"""Ages as people read them: an axis with ticks, and words for a number of days."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from msgspec import Struct

from keysift.statistics.study import Study

_MONTH: Final = 365.25 / 12
_YEAR: Final = 365.25

# Each unit with its days, up to which age it is used, and the distances that ticks may have.
_UNITS: Final = (
    ("days", 1.0, 150.0, (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50)),
    ("months", _MONTH, 1100.0, (1, 2, 3, 6, 12)),
    ("years", _YEAR, float("inf"), (0.5, 1, 2, 5, 10, 20, 50)),
)


class Axis(Struct, frozen=True):
    """An axis of ages from 0 to an end.

    Attributes:
        unit: Plural of the unit that its ticks count.
        days: Days of one.
        end: Its end in days.
        ticks: Where ticks are, in units.
    """

    unit: str
    days: float
    end: float
    ticks: tuple[float, ...]


def axis(study: Study, most: int) -> Axis:
    """Return the axis on which all curves of a study that are shown fit.

    Args:
        study: With at least one curve.
        most: Ticks that there is room for, besides that at 0.
    """
    end = max(group.curve.end for group in study.shown if group.curve is not None)
    unit, days, _, distances = next(one for one in _UNITS if end <= one[2])
    distance = next((one for one in distances if end / days / one <= most), distances[-1])
    count = int(end / days / distance + 1e-9)
    return Axis(unit, days, end, tuple(distance * number for number in range(count + 1)))


def duration(days: float, *, short: bool = False) -> str:
    """Return an age for people: ``5 hours``, ``3.5 days``, ``2.4 years``; short: ``5 h``."""
    if days < 1:
        number, unit = f"{days * 24:.2g}", "hour"
    elif days < 10:
        number, unit = f"{days:.2g}", "day"
    elif days < 2 * _YEAR:
        number, unit = f"{days:.0f}", "day"
    else:
        number, unit = f"{days / _YEAR:.1f}", "year"
    if short:
        return f"{number} {unit[0]}"
    return f"{number} {unit}" if number == "1" else f"{number} {unit}s"


def span(ends: Iterable[float | None], *, short: bool = False) -> str:
    """Return an interval: ``190 days to 2.4 years``; an end that is not reached is ``?``."""
    return " to ".join("?" if end is None else duration(end, short=short) for end in ends)
