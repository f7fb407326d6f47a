"""Growth, and how long secrets last."""

from __future__ import annotations

from msgspec import Struct

from keysift.statistics.values.common import Share
from keysift.survival import Median, Step


class Year(Struct, frozen=True, kw_only=True):
    """What was published in a year (UTC), for telling the growth of leaks from that of the index.

    Attributes:
        year: The year; None: no index says when.
        secrets: Secrets introduced in it.
        cumulated: Secrets introduced in it or before; those without a date are in none but theirs.
        newly_affected: Projects whose first upload with a counted secret was in it.
        affected: Projects with an affected artifact that was uploaded in it, of ``projects``.
        projects: Projects with an artifact that was uploaded in it and scanned.
        new_projects: Those of them whose first upload, of all artifacts that the store knows, was
            in it.
        artifacts: Artifacts uploaded in it that were scanned and in which a counted secret stands,
            of all that were uploaded in it and scanned.
        per_1000_projects: ``secrets`` for every 1,000 of ``projects``; None: there are none.
        per_1000_artifacts: ``secrets`` for every 1,000 scanned artifacts uploaded in it.
    """

    year: int | None
    secrets: int | None
    cumulated: int | None
    newly_affected: int | None
    affected: Share | None
    projects: int
    new_projects: int
    artifacts: Share | None
    per_1000_projects: float | None
    per_1000_artifacts: float | None


class At(Struct, frozen=True, kw_only=True):
    """Survival at one age.

    Attributes:
        age: In days.
        at_risk: How many are under observation just before; at the beginning just after.
        survival: Share that lasts longer; None: the curve does not tell about this age.
        lower: Lower end of its band.
        upper: Upper end of its band.
    """

    age: float
    at_risk: int | None
    survival: float | None
    lower: float | None
    upper: float | None


class CurveValues(Struct, frozen=True, kw_only=True):
    """A survival curve (Kaplan-Meier): 1 from ``begin`` to the first step, then as each step says.

    Attributes:
        begin: Age in days from which it is known; when that is not 0, all of it is about those
            that lasted until then.
        end: Age up to which it is known.
        is_cut: Whether others were observed at later ages, which nothing connects with these.
        is_thin: Whether fewer are under observation at its beginning than one should rely on.
        median: Age by which it was over for half of them, with its interval; None: not reached.
        at: Survival at some ages.
        steps: All of the curve; empty in an anonymised report, where ``at`` is all there is.
    """

    begin: float
    end: float
    is_cut: bool
    is_thin: bool
    median: Median
    at: tuple[At, ...]
    steps: tuple[Step, ...]


class Removal(Struct, frozen=True, kw_only=True):
    """How long secrets stay in a project: from its first release that has one to its removal.

    It counts lives: a secret in a project; one in three projects has three. A life begins with the
    first upload that has it and ends with the upload of the first later release that was looked at
    and does not have it (or with the last upload that has it, when that came after: an old branch).
    Lives that have not ended are censored, and are part of the curve: a mean of those that ended
    would make removal look quicker than it is. Old releases stay on the index after that.

    Attributes:
        lives: All lives of counted secrets with a date.
        undated: Lives that no index dates; they are not in the curve.
        removed: Lives that ended, by a release without the secret.
        present: Lives of which the newest release still has it, censored when the project was last
            read.
        withdrawn: Lives that ended otherwise, when nobody knows: what had it was yanked or deleted;
            censored at the last upload that has it.
        unknown: Lives of which nobody knows, since the newest release was not looked at; censored
            at the last upload that has it.
        projects: Projects with a life that has a date.
        projects_by_end: Projects with a life of each kind, by the name of its field: ``undated``,
            ``removed``, ``present``, ``withdrawn``, ``unknown``.
        curve: Share of lives that last longer than an age; None: there is none.
    """

    lives: int | None
    undated: int | None
    removed: int | None
    present: int | None
    withdrawn: int | None
    unknown: int | None
    projects: int
    projects_by_end: dict[str, int]
    curve: CurveValues | None


class SurvivalGroup(Struct, frozen=True, kw_only=True):
    """How long secrets with something in common kept working after they were published.

    Attributes:
        name: What they have in common; empty for all of them; ``others``: small groups together.
        merged: How many groups these are; 1: this is one.
        asked: Counted secrets of which a provider said whether they work.
        watched: Those of them that the curve rests on.
        projects: Projects in which one of the watched stands; of small groups together, at least
            so many.
        revoked: Those of the watched that were seen to die.
        active: Those of the watched that worked when last asked about; they are censored then.
        once: Those that worked when asked about for the only time, long after publication.
        late: Those that were dead when first asked about, long after publication: at which age?
        unborn: Those that were dead before they were published.
        unasked: Counted secrets of which no provider said whether they work.
        gap: Median of the days between the two checks that a death lies between; None: none died.
        curve: Share that works longer than an age, in days from publication; None: there is none.
    """

    name: str
    merged: int
    asked: int | None
    watched: int | None
    projects: int
    revoked: int | None
    active: int | None
    once: int | None
    late: int | None
    unborn: int | None
    unasked: int | None
    gap: float | None
    curve: CurveValues | None


class Revocation(Struct, frozen=True, kw_only=True):
    """How long secrets keep working: from publication to revocation (``docs/survival.md``).

    Secrets count from when they were introduced, else from when the store first saw them. Those
    that still work are censored when they were last asked about.

    Attributes:
        whole: All counted secrets.
        providers: The same by provider, the largest first; small ones together, last.
        years: By year of publication, in their order; small ones together, last.
        p_providers: The log-rank test whether providers differ: the probability of a difference so
            large if they did not; None: it cannot be said.
        p_years: The same of years.
    """

    whole: SurvivalGroup
    providers: tuple[SurvivalGroup, ...]
    years: tuple[SurvivalGroup, ...]
    p_providers: float | None
    p_years: float | None
