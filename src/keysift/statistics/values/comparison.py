"""Two reports side by side."""

from __future__ import annotations

from msgspec import Struct

from keysift.statistics.values.frame import Made, Period
from keysift.statistics.values.whole import Changes


class Difference(Struct, frozen=True, kw_only=True):
    """One figure of two reports.

    Attributes:
        table: Which table it is of; ``headline`` for those that a report begins with.
        group: Which group of it; empty: the figure is of the whole.
        measure: What it is: ``secrets``, ``projects``, ``active`` and so on.
        before: The earlier value; None: the earlier report does not have it.
        after: The later value; None: the later one does not have it.
    """

    table: str
    group: str
    measure: str
    before: float | None
    after: float | None

    @property
    def difference(self) -> float | None:
        """How much more it is now; None where one of the two is not known."""
        return None if self.before is None or self.after is None else self.after - self.before


class Comparison(Struct, frozen=True, kw_only=True):
    """What changed between two reports, in figures. Identities are compared nowhere.

    Attributes:
        before: How the earlier one was made.
        before_period: Which time it is about.
        after: How the later one was made.
        limits: What limits the comparison, in sentences: another scope, ruleset or version.
        headline: The figures that a report begins with, all of them.
        groups: Those of groups that differ: years, detectors, providers, categories, verdicts and
            places; the largest difference first.
        changes: What the store of the later report says is new; None: it was not asked.
    """

    before: Made
    before_period: Period
    after: Made
    limits: tuple[str, ...]
    headline: tuple[Difference, ...]
    groups: tuple[Difference, ...]
    changes: Changes | None
