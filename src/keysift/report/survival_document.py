"""The types of the JSON document ``keysift.survival/1``: how long secrets live.

``docs/schemas/survival-1.schema.json`` is generated from these classes. Fields may be added to
this version of the format; none is renamed, removed or given another meaning. Ages are in days,
from the publication on; shares are between 0 and 1; null: not known.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final, Literal

from msgspec import Struct

SURVIVAL_SCHEMA: Final = "keysift.survival/1"
"""Name of the format; a change that breaks readers gets another number."""


class IntervalDocument(Struct, kw_only=True):
    """The age by which half have died.

    Attributes:
        age: In days; null: more than half were alive at the end.
        lower: Lower end of its interval.
        upper: Upper end of its interval.
    """

    age: float | None
    lower: float | None
    upper: float | None


class AgeDocument(Struct, kw_only=True):
    """Survival at one age.

    Attributes:
        age: In days.
        at_risk: Secrets under observation just before; at the beginning just after.
        survival: Share that lives longer; null: the curve does not tell about this age.
        lower: Lower end of its band.
        upper: Upper end of its band.
    """

    age: float
    at_risk: int
    survival: float | None
    lower: float | None
    upper: float | None


class StepDocument(Struct, kw_only=True):
    """An age at which secrets died.

    Attributes:
        age: In days: between the two checks between which they did; deaths are spread over gaps.
        at_risk: Secrets under observation just before.
        revoked: Those of them that died.
        survival: Share that lives longer.
        lower: Lower end of its band.
        upper: Upper end of its band.
    """

    age: float
    at_risk: int
    revoked: int
    survival: float
    lower: float
    upper: float


class CurveDocument(Struct, kw_only=True):
    """A curve: 1 from ``begin`` to the first step, then what each step says, up to ``end``.

    Attributes:
        begin: Age from which it is known; when that is not 0, all of it is about secrets that were
            alive at that age.
        end: Age up to which it is known.
        cut: Whether others were observed at later ages, which nothing connects with these.
        thin: Whether fewer secrets are under observation at its beginning than one should rely on.
        median: Of the same secrets.
        at: Survival at some ages.
        steps: All of the curve.
    """

    begin: float
    end: float
    cut: bool
    thin: bool
    median: IntervalDocument
    at: list[AgeDocument]
    steps: list[StepDocument]


class LeftOutDocument(Struct, kw_only=True):
    """Secrets that say nothing about how long they lived.

    Attributes:
        no_answer: No provider said whether they work.
        inactive_when_first_asked: They did not, when they were first asked about, longer after
            publication than ``grace``.
        inactive_when_published: They did not before they were published.
        asked_once: They worked, longer after publication than ``grace``, and were not asked about
            again.
    """

    no_answer: int
    inactive_when_first_asked: int
    inactive_when_published: int
    asked_once: int


class GroupDocument(Struct, kw_only=True):
    """Secrets with something in common.

    Attributes:
        name: What they have in common; empty for all of them.
        merged: How many small groups these are; 1: this is one.
        asked: Those of which a provider said whether they work.
        watched: Those of them that the curve rests on.
        revoked: Those of the watched that were seen to die.
        active: Those of the watched that worked when last asked about.
        gap: Median of the days between the two checks that a death lies between, so how exact ages
            are; null: none died.
        left_out: Those that it does not rest on.
        curve: Null: there is none.
    """

    name: str
    merged: int
    asked: int
    watched: int
    revoked: int
    active: int
    gap: float | None
    left_out: LeftOutDocument
    curve: CurveDocument | None


class ComparisonDocument(Struct, kw_only=True):
    """The log-rank test of the groups.

    Attributes:
        statistic: Chi squared.
        degrees: Its degrees of freedom.
        p: Probability of a statistic so large, or larger, if the groups did not differ.
    """

    statistic: float
    degrees: int
    p: float


class SurvivalDocument(Struct, kw_only=True):
    """The whole document.

    Attributes:
        schema: Name and version of this format.
        version: Version of keysift.
        by: What groups have in common: provider, detector, year (of publication), kind (of the
            files it was first published in); null: there are no groups.
        level: Confidence of bands and intervals.
        grace: A secret first asked about up to so many days after publication counts as known from
            the start.
        secrets: How many were chosen, whether anybody asked about them or not; canaries aside.
        canaries: How many more were chosen that are known to raise an alarm; they count nowhere.
        without_upload: Secrets whose upload time the index does not tell; they count from when we
            first saw them.
        first_answer: The earliest answer of a provider (UTC).
        last_answer: The latest one.
        whole: All secrets.
        groups: The largest first, but years in their order; merged ones last.
        comparison: Whether the groups differ; null: it cannot be said.
    """

    schema: Literal["keysift.survival/1"]
    version: str
    by: Literal["provider", "detector", "year", "kind"] | None
    level: float
    grace: float
    secrets: int
    canaries: int
    without_upload: int
    first_answer: datetime | None
    last_answer: datetime | None
    whole: GroupDocument
    groups: list[GroupDocument]
    comparison: ComparisonDocument | None
