"""Secrets with something in common, and the histogram of a number."""

from __future__ import annotations

from msgspec import Struct

from keysift.statistics.values.common import Share, Verdicts


class Group(Struct, frozen=True, kw_only=True):
    """Counted secrets with something in common.

    Attributes:
        name: What they have in common, as a word of the store, catalogue or calendar; empty: not
            known. ``others``: several small groups together.
        title: The same for people; empty: the name is that.
        merged: How many groups these are; 1: this is one.
        secrets: Counted secrets in the group.
        occurrences: Occurrences of these; in a table by place, those in this place.
        projects: Projects in which at least one of them stands; of several groups together, at
            least so many.
        verdicts: Secrets of the group by the verdict that stands now.
        projects_by_verdict: Projects in which at least one secret of the group with that verdict
            stands; a project may be in several.
        active: Active secrets of those with a clear answer.
    """

    name: str
    title: str = ""
    merged: int = 1
    secrets: int
    occurrences: int | None
    projects: int
    verdicts: Verdicts | None
    projects_by_verdict: Verdicts | None
    active: Share | None


class PlaceGroup(Group, frozen=True, kw_only=True):
    """Counted secrets that stand in files of one kind; one may stand in several.

    Attributes:
        only: Those that stand in files of no other kind.
        projects_only: Projects in which one of these stands.
    """

    only: int | None
    projects_only: int | None


class Stratum(Struct, frozen=True, kw_only=True):
    """Counted secrets of one type and of one severity.

    Attributes:
        detector: Their type.
        provider: Who issues them; empty: the type is in the catalogue no more.
        category: What the provider is for; empty: the same.
        severity: Their severity.
        secrets: How many they are.
        projects: Projects in which at least one of them stands.
        verdicts: The secrets by the verdict that stands now.
        projects_by_verdict: Projects in which at least one with that verdict stands; a project may
            be in several.
    """

    detector: str
    provider: str
    category: str
    severity: str
    secrets: int
    projects: int
    verdicts: Verdicts
    projects_by_verdict: Verdicts


class Bin(Struct, frozen=True, kw_only=True):
    """A bar of a histogram.

    Attributes:
        lower: Least value that falls into it.
        upper: First value that does not any more; None: there is no limit.
        secrets: Secrets that fall into it.
        projects: Projects in which at least one of them stands; of bars that were joined in an
            anonymised report, at least so many.
    """

    lower: float
    upper: float | None
    secrets: int
    projects: int


class Distribution(Struct, frozen=True, kw_only=True):
    """How a number is distributed over secrets.

    Attributes:
        bins: Histogram, without bars at either end that would be empty.
        number: How many it is made of.
        lower_quartile: Value that a quarter of them do not exceed; None: there are none.
        median: Value that half of them do not exceed.
        upper_quartile: Value that three quarters of them do not exceed.
        mean: Their mean.
        largest: The largest value; None in an anonymised report too.
    """

    bins: tuple[Bin, ...]
    number: int
    lower_quartile: float | None
    median: float | None
    upper_quartile: float | None
    mean: float | None
    largest: int | None
