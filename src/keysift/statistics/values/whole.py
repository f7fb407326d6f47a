"""All figures of a report."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct

from keysift.statistics.values.common import Count, Share, Verdicts
from keysift.statistics.values.coverage import Coverage, NotCounted
from keysift.statistics.values.frame import Made, Period, Scope
from keysift.statistics.values.groups import Distribution, Group, PlaceGroup, Stratum
from keysift.statistics.values.projects import Example, ProjectFigures, Repository, Returns, Shared
from keysift.statistics.values.time import Removal, Revocation, Year


class Headline(Struct, frozen=True, kw_only=True):
    """The figures that a report begins with.

    The denominators of the affected ones are what was scanned; an artifact that holds a counted
    secret and could not be scanned again since is among them.

    Attributes:
        secrets: Counted secrets.
        occurrences: Their occurrences.
        detectors: Types of secret that they are of.
        providers: Providers that they are of.
        projects: Affected projects, of those of which an artifact was scanned.
        releases: Affected releases, of those of which an artifact was scanned.
        artifacts: Affected artifacts, of those that were scanned.
        verdicts: Secrets by the verdict that stands now.
        active: Active secrets, of those with a clear answer.
        active_projects: Projects in which an active secret stands, of those of which an artifact
            was scanned.
        still_present: Secrets that the newest release of a project has, in a file that is neither
            yanked nor deleted, of those of which that is known.
        active_and_present: Secrets that are active and that such a release has.
        oldest_active: When the active secret was introduced that has been published for longest
            (UTC); None: no active one has a date.
    """

    secrets: int
    occurrences: int
    detectors: int
    providers: int
    projects: Share
    releases: Share
    artifacts: Share
    verdicts: Verdicts | None
    active: Share | None
    active_projects: Share | None
    still_present: Share | None
    active_and_present: Count | None
    oldest_active: datetime | None


class Changes(Struct, frozen=True, kw_only=True):
    """What the store learned since a time, from its own history. Canaries are in none.

    Attributes:
        since: The time (UTC).
        new: Counted secrets that the store first saw since.
        newly_published: Those of them that were introduced since as well; the others are old and
            were found late.
        revoked: Counted secrets that do not work now and did, by the last clear answer before.
        newly_active: Counted secrets that work now, and of which that was not known before: there
            was no clear answer, or it said that they do not.
        removed: Counted secrets that the newest release of every project is rid of, the last one
            by a release that was uploaded since.
    """

    since: datetime
    new: Count | None
    newly_published: Count | None
    revoked: Count | None
    newly_active: Count | None
    removed: Count | None


class Statistics(Struct, frozen=True, kw_only=True):
    """Everything that is measured of a store.

    In the tables every counted secret is in exactly one group, but for those that say that a secret
    may be in several.

    Attributes:
        made: How the figures were made.
        scope: What was measured.
        period: Which time they are about.
        coverage: The denominators.
        headline: What to say first.
        not_counted: Secrets that are in no figure but these.
        by_year: Secrets by the year (UTC) in which they were introduced, in its order; the last
            without a name: no date. With the verdict of today: leaked then, active now.
        by_month: The same by month (``2017-03``).
        by_detector: By type, the most secrets first; so in all tables below where groups have no
            order of their own.
        by_provider: By who issues them; an empty name: their types are in the catalogue no more.
        by_category: By what the provider is for, as the catalogue says.
        by_severity: By severity, the worst first.
        by_confidence: By confidence, the surest first.
        by_verdict: By the verdict that stands now, in the order of ``Verdicts``.
        by_triage: By what people decided: ``open``, ``accepted``, ``revoked``.
        by_presence: ``newest``: the newest release of a project has it; ``unknown``: that was not
            looked at, nobody knows; ``old``: only older releases; ``yanked``: all that the index
            still has of it is yanked; ``deleted``: the index has nothing of it any more.
        by_artifact: By the kinds of artifacts that have it: ``sdist``, ``wheel`` (alone),
            ``sdist+wheel``, ``other`` (anything with eggs or other files).
        by_mode: ``live`` or ``test``, as the value itself or its provider says; else ``unknown``.
        by_place: By kind of file (``keysift.statistics.place``); a secret may be in several.
        by_extension: By extension of the file's name; a secret may be in several.
        by_privilege: Active secrets alone, by how much they may do; empty name: not known, which
            is not little.
        by_power: Active secrets alone, by what they may do; a secret may be in several.
        broad: Active secrets that seem broader than they need to be, of all active ones.
        broad_projects: Projects in which one of these stands.
        growth: Year by year, in their order; the last one without a year.
        releases: Number of releases (of all projects of the scope) that a secret stands in.
        removal: How long until projects are rid of secrets.
        revocation: How long until secrets stop working.
        shared: Secrets in several projects.
        returns: Secrets that came back.
        most_secrets: Projects with the most counted secrets; at most twenty.
        most_active: Projects with the most active secrets; at most twenty.
        repository: Packaged, but not in the repository.
        changes: What is new since a time that was asked for; None: none was.
        examples: Some secrets, masked; only when they were asked for.
        strata: Secrets by type and severity together; none in an anonymised report.
    """

    made: Made
    scope: Scope
    period: Period
    coverage: Coverage
    headline: Headline
    not_counted: NotCounted
    by_year: tuple[Group, ...]
    by_month: tuple[Group, ...]
    by_detector: tuple[Group, ...]
    by_provider: tuple[Group, ...]
    by_category: tuple[Group, ...]
    by_severity: tuple[Group, ...]
    by_confidence: tuple[Group, ...]
    by_verdict: tuple[Group, ...]
    by_triage: tuple[Group, ...]
    by_presence: tuple[Group, ...]
    by_artifact: tuple[Group, ...]
    by_mode: tuple[Group, ...]
    by_place: tuple[PlaceGroup, ...]
    by_extension: tuple[PlaceGroup, ...]
    by_privilege: tuple[Group, ...]
    by_power: tuple[Group, ...]
    broad: Share | None
    broad_projects: int | None = None
    growth: tuple[Year, ...]
    releases: Distribution | None
    removal: Removal | None
    revocation: Revocation | None
    shared: Shared | None
    returns: Returns | None
    most_secrets: tuple[ProjectFigures, ...]
    most_active: tuple[ProjectFigures, ...]
    repository: Repository
    changes: Changes | None = None
    examples: tuple[Example, ...] = ()
    strata: tuple[Stratum, ...] = ()
