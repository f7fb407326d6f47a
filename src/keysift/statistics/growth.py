"""Growth without the years that would tell about too few projects."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

from msgspec.structs import replace

from keysift.statistics.values import Year


def anonymous_growth(years: Sequence[Year], away: Collection[str], k: int) -> tuple[Year, ...]:
    """Return years; of those that may not be told only what was published in them is.

    Args:
        years: As they were measured.
        away: Names of the years in which too few projects were affected.
        k: Projects that are enough.
    """
    gone = {place for place, one in enumerate(years) if _name(one) in away or _is_small(one, k)}
    # All newly affected projects are in one year each, and all affected artifacts too: what is not
    # told of them is the difference to the whole, all together.
    for size in (_newly_affected, _affected):
        inside = [size(years[place]) for place in gone if size(years[place])]
        rest = [place for place in range(len(years)) if place not in gone]
        enough = [place for place in rest if size(years[place]) >= k]
        if inside and max(inside) < k and enough:
            gone.add(min(enough, key=lambda place: (size(years[place]), place)))
    return tuple(
        _silent(one) if place in gone else replace(one, cumulated=None) if gone else one
        for place, one in enumerate(years)
    )


def _name(year: Year) -> str:
    return "" if year.year is None else f"{year.year:04}"


def _newly_affected(year: Year) -> int:
    return year.newly_affected or 0


def _affected(year: Year) -> int:
    return year.affected.count if year.affected else 0


_SIZES: tuple[Callable[[Year], int], ...] = (_newly_affected, _affected)


def _is_small(year: Year, k: int) -> bool:
    return any(0 < size(year) < k for size in _SIZES)


def _silent(year: Year) -> Year:
    return replace(
        year,
        secrets=None,
        cumulated=None,
        newly_affected=None,
        affected=None,
        artifacts=None,
        per_1000_projects=None,
        per_1000_artifacts=None,
    )
