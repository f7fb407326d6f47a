"""From what was read to the figures: pure counting."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Final

from msgspec import Struct

from keysift.catalogue import Catalogue
from keysift.statistics import keys, sharing
from keysift.statistics.counted import Counted
from keysift.statistics.coverage import Census, Published
from keysift.statistics.groups import Groups
from keysift.statistics.keys import PROJECTS, RELEASES, Mark
from keysift.statistics.lasting import revocation
from keysift.statistics.place import PLACES
from keysift.statistics.reading import Standing
from keysift.statistics.shares import share
from keysift.statistics.tally import Tally, verdicts_of
from keysift.statistics.values import (
    Changes,
    Coverage,
    Example,
    Headline,
    Made,
    NotCounted,
    Period,
    Repository,
    Returns,
    Scope,
    Shared,
    Statistics,
    Stratum,
    Year,
)

UNKNOWN_REPOSITORY: Final = (
    "A store knows what indexes serve and not what stands in the repositories of projects."
)

_PER: Final = 1000
_DIGITS: Final = 3


class Material(Struct, kw_only=True):
    """All that was read of a store.

    Attributes:
        made: How.
        scope: Of what.
        period: Of which time.
        coverage: The denominators.
        census: Those of each year.
        secrets: The counted secrets, by their numbers, with all that is known of them.
        not_counted: The others.
        standing: Where they stand.
        elsewhere: Counted secrets that stand outside of the scope too; None: it is everything.
        since: The time from which changes are counted; None: none are.
        catalogue: Says what types are called.
    """

    made: Made
    scope: Scope
    period: Period
    coverage: Coverage
    census: Census
    secrets: dict[int, Counted]
    not_counted: NotCounted
    standing: Standing
    elsewhere: int | None
    since: datetime | None
    catalogue: Catalogue


def figures(read: Material) -> Statistics:
    """Return the figures."""
    tally = tally_of(read.secrets, read.standing.secrets.values(), read.since)
    secrets, standing, level = read.secrets.values(), read.standing, read.made.level
    titles = {"detector": {one.id: one.name for one in read.catalogue.detectors}}
    groups = Groups(tally, level, titles)
    active = tally.mark(Mark.ALL).verdicts[0]
    broad = tally.mark(Mark.BROAD)
    releases = Counter(secret.releases for secret in secrets)
    places = {place.value: standing.places[number] for number, place in enumerate(PLACES)}
    return Statistics(
        made=read.made,
        scope=read.scope,
        period=read.period,
        coverage=read.coverage,
        headline=_headline(read, tally),
        not_counted=read.not_counted,
        by_year=groups.table("year"),
        by_month=groups.table("month"),
        by_detector=groups.table("detector"),
        by_provider=groups.table("provider"),
        by_category=groups.table("category"),
        by_severity=groups.table("severity"),
        by_confidence=groups.table("confidence"),
        by_verdict=groups.table("verdict"),
        by_triage=groups.table("triage"),
        by_presence=groups.table("presence"),
        by_artifact=groups.table("artifact"),
        by_mode=groups.table("mode"),
        by_place=groups.places("place", places),
        by_extension=groups.places("extension", standing.extensions),
        by_privilege=groups.table("privilege"),
        by_power=groups.table("power"),
        broad=share(broad.secrets, active, level),
        broad_projects=broad.projects,
        growth=growth(tally, read.census.years, standing, level),
        releases=groups.distribution("releases", RELEASES, releases),
        removal=standing.removals.removal(),
        revocation=revocation(secrets, level, tally),
        shared=_shared(read, tally, groups),
        returns=_returns(secrets, tally, level),
        most_secrets=standing.most_secrets.projects(),
        most_active=standing.most_active.projects(),
        repository=Repository(only_packaged=None, reason=UNKNOWN_REPOSITORY),
        changes=None if read.since is None else _changes(tally, read.since),
        examples=_examples(read),
        strata=_strata(tally, secrets),
    )


def tally_of(
    secrets: Mapping[int, Counted], projects: Iterable[Sequence[int]], since: datetime | None
) -> Tally:
    """Return what is counted of all groups.

    Args:
        secrets: The counted secrets, by their numbers.
        projects: The numbers of those that stand in each project.
        since: The time from which changes are counted.
    """
    tally = Tally()
    for numbers in projects:
        own = []
        for number in numbers:
            secret = secrets[number]
            groups, verdict = keys.keys_of(secret, since), secret.told.verdict
            own.append((groups, verdict))
            if not secret.is_added:
                secret.is_added = True
                tally.secret(groups, verdict, secret.occurrences)
        tally.project(own)
    return tally


def _strata(tally: Tally, secrets: Iterable[Counted]) -> tuple[Stratum, ...]:
    """Return the secrets by type and severity."""
    about = {keys.stratum(secret): secret for secret in secrets}
    cells = tally.table("stratum")
    return tuple(
        Stratum(
            detector=one.detector,
            provider=one.provider,
            category=one.category,
            severity=one.severity.value,
            secrets=cells[name].secrets,
            projects=cells[name].projects,
            verdicts=verdicts_of(cells[name].verdicts),
            projects_by_verdict=verdicts_of(cells[name].projects_by_verdict),
        )
        for name, one in sorted(about.items())
    )


def _headline(read: Material, tally: Tally) -> Headline:
    level, looked_at = read.made.level, read.coverage
    whole = tally.mark(Mark.ALL)
    presence = tally.table("presence")
    unknown = presence["unknown"].secrets if "unknown" in presence else 0
    newest = presence["newest"].secrets if "newest" in presence else 0
    active, inactive = whole.verdicts[:2]
    dates = (one.introduced_at for one in read.secrets.values() if one.is_active)
    return Headline(
        secrets=whole.secrets,
        occurrences=whole.occurrences,
        detectors=len(tally.table("detector")),
        providers=len([name for name in tally.table("provider") if name]),
        projects=share(whole.projects, looked_at.projects.scanned, level),
        releases=share(read.standing.releases, looked_at.releases.scanned, level),
        artifacts=share(read.standing.artifacts.total(), looked_at.artifacts.scanned, level),
        verdicts=verdicts_of(whole.verdicts),
        active=share(active, active + inactive, level),
        active_projects=share(whole.projects_by_verdict[0], looked_at.projects.scanned, level),
        still_present=share(newest, whole.secrets - unknown, level),
        active_and_present=tally.mark(Mark.ACTIVE_AND_PRESENT).count,
        oldest_active=min((date for date in dates if date is not None), default=None),
    )


def growth(
    tally: Tally, years: Mapping[int | None, Published], standing: Standing, level: float
) -> tuple[Year, ...]:
    """Return what was published in each year, from the first to the last; then without one.

    Args:
        tally: The counters.
        years: What was published and scanned.
        standing: What of it is affected.
        level: Confidence of the intervals.
    """
    introduced: dict[int | None, int] = {
        int(name) if name else None: cell.secrets for name, cell in tally.table("year").items()
    }
    known = {*introduced, *years, *standing.artifacts, *standing.newly_affected}
    dated = sorted(year for year in known if year is not None)
    every: list[int | None] = list(range(dated[0], dated[-1] + 1)) if dated else []
    rows, cumulated = [], 0
    for year in every + [None] * (None in known):
        secrets = introduced.get(year, 0)
        cumulated = secrets if year is None else cumulated + secrets
        published = years.get(year, Published())
        rows.append(
            Year(
                year=year,
                secrets=secrets,
                cumulated=cumulated,
                newly_affected=standing.newly_affected[year],
                affected=share(standing.affected[year], published.projects, level),
                projects=published.projects,
                new_projects=published.new_projects,
                artifacts=share(standing.artifacts[year], published.artifacts, level),
                per_1000_projects=_rate(secrets, published.projects),
                per_1000_artifacts=_rate(secrets, published.artifacts),
            )
        )
    return tuple(rows)


def _rate(count: int, of: int) -> float | None:
    return round(count * _PER / of, _DIGITS) if of else None


def _shared(read: Material, tally: Tally, groups: Groups) -> Shared:
    secrets = read.secrets
    projects: dict[int, list[int]] = {}
    for project, numbers in sorted(read.standing.secrets.items()):
        for number in numbers:
            if secrets[number].projects > 1:
                projects.setdefault(number, []).append(project)
    standing = ((secrets[number], tuple(own)) for number, own in sorted(projects.items()))
    spread = Counter(secret.projects for secret in secrets.values())
    shared = tally.mark(Mark.SHARED)
    return Shared(
        shared=share(shared.secrets, len(secrets), read.made.level),
        projects=shared.projects,
        spread=groups.distribution("projects", PROJECTS, spread),
        elsewhere=read.elsewhere,
        largest=sharing.largest(standing, read.standing.names),
    )


def _returns(secrets: Collection[Counted], tally: Tally, level: float) -> Returns:
    returned = [secret for secret in secrets if secret.returns]
    return Returns(
        returned=share(len(returned), sum(secret.was_rid for secret in secrets), level),
        projects=tally.mark(Mark.RETURNED).projects,
        projects_rid=tally.mark(Mark.RID).projects,
        times=sum(secret.returns for secret in returned),
        present=sum(secret.presence == "newest" for secret in returned),
        active=sum(secret.is_active for secret in returned),
        introduced_later=tally.mark(Mark.LATE).count,
    )


def _changes(tally: Tally, since: datetime) -> Changes:
    return Changes(
        since=since,
        new=tally.mark(Mark.NEW).count,
        newly_published=tally.mark(Mark.NEWLY_PUBLISHED).count,
        revoked=tally.mark(Mark.REVOKED).count,
        newly_active=tally.mark(Mark.NEWLY_ACTIVE).count,
        removed=tally.mark(Mark.REMOVED).count,
    )


def _examples(read: Material) -> tuple[Example, ...]:
    examples = []
    for number, (project, version) in read.standing.firsts.items():
        secret = read.secrets[number]
        examples.append(
            Example(
                detector=secret.detector,
                mask=secret.mask,
                project=project,
                version=version,
                severity=secret.severity.value,
                verdict=secret.told.verdict.value,
                introduced_at=secret.introduced_at,
            )
        )
    return tuple(examples)
