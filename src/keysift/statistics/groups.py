"""From counters to the tables and histograms of a report."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final

from keysift.model import Confidence, Power, Privilege, Severity, TriageStatus
from keysift.statistics.counted import PRESENCES
from keysift.statistics.place import PLACES
from keysift.statistics.shares import mean, quantile, share
from keysift.statistics.tally import VERDICTS, Cell, Tally, verdicts_of
from keysift.statistics.values import Bin, Distribution, Group, PlaceGroup

ORDERS: Final[dict[str, tuple[str, ...]]] = {
    "severity": tuple(grade.value for grade in reversed(Severity)),
    "confidence": tuple(grade.value for grade in reversed(Confidence)),
    "verdict": tuple(verdict.value for verdict in VERDICTS),
    "triage": tuple(status.value for status in TriageStatus),
    "presence": PRESENCES,
    "artifact": ("sdist", "wheel", "sdist+wheel", "other"),
    "mode": ("live", "test", "unknown"),
    "place": tuple(place.value for place in PLACES),
    "privilege": (*(grade.value for grade in reversed(Privilege)), ""),
    "power": tuple(power.value for power in Power),
}
"""The order of groups that have one of their own."""

_BY_NAME: Final = frozenset({"year", "month"})


class Groups:
    """Makes groups of what was counted.

    Args:
        tally: The counters.
        level: Confidence of the intervals.
        titles: What groups are called for people, by table and name.
    """

    def __init__(
        self,
        tally: Tally,
        level: float,
        titles: Mapping[str, Mapping[str, str]],
    ) -> None:
        self._tally = tally
        self._level = level
        self._titles = titles

    def table(self, table: str) -> tuple[Group, ...]:
        """Return the groups of a table, in its order; those without any secret are left out."""
        cells = self._tally.table(table)
        return tuple(
            Group(**self._facts(table, name, cells[name])) for name in _ordered(table, cells)
        )

    def places(self, table: str, occurrences: Mapping[str, int]) -> tuple[PlaceGroup, ...]:
        """Return the groups of a table in which a secret may be in several.

        Args:
            table: ``place`` or ``extension``.
            occurrences: Those in each group.
        """
        cells = self._tally.table(table)
        only = self._tally.table(f"{table} only")
        groups = []
        for name in _ordered(table, cells):
            facts = self._facts(table, name, cells[name])
            facts["occurrences"] = occurrences[name]
            alone = only.get(name, Cell())
            groups.append(PlaceGroup(**facts, only=alone.secrets, projects_only=alone.projects))
        return tuple(groups)

    def distribution(
        self, table: str, beginnings: Sequence[int], numbers: Mapping[int, int]
    ) -> Distribution:
        """Return how a number is distributed.

        Args:
            table: Its table; the names of the groups are the numbers of the bars.
            beginnings: Where bars begin.
            numbers: How often there is each number.
        """
        cells = self._tally.table(table)
        used = sorted(map(int, cells))
        bins = tuple(
            Bin(
                lower=beginnings[bar],
                upper=beginnings[bar + 1] if bar + 1 < len(beginnings) else None,
                secrets=cells[str(bar)].secrets if str(bar) in cells else 0,
                projects=cells[str(bar)].projects if str(bar) in cells else 0,
            )
            for bar in (range(used[0], used[-1] + 1) if used else ())
        )
        return Distribution(
            bins=bins,
            number=sum(numbers.values()),
            lower_quartile=quantile(numbers, 0.25),
            median=quantile(numbers, 0.5),
            upper_quartile=quantile(numbers, 0.75),
            mean=mean(numbers),
            largest=max(numbers, default=None),
        )

    def _facts(self, table: str, name: str, cell: Cell) -> dict[str, Any]:
        active, inactive = cell.verdicts[:2]
        return {
            "name": name,
            "title": self._titles.get(table, {}).get(name, ""),
            "secrets": cell.secrets,
            "occurrences": cell.occurrences,
            "projects": cell.projects,
            "verdicts": verdicts_of(cell.verdicts),
            "projects_by_verdict": verdicts_of(cell.projects_by_verdict),
            "active": share(active, active + inactive, self._level),
        }


def _ordered(table: str, cells: Mapping[str, Cell]) -> Iterable[str]:
    return sorted(cells, key=_order(table, cells))


def _order(table: str, cells: Mapping[str, Cell]) -> Callable[[str], tuple[Any, ...]]:
    if table in ORDERS:
        order = {name: place for place, name in enumerate(ORDERS[table])}
        return lambda name: (order.get(name, len(order)), name)
    if table in _BY_NAME:
        # What has no date comes last.
        return lambda name: (not name, name)
    return lambda name: (-cells[name].secrets, name)
