"""Made-up figures, as a store would give them: a small one, and one with everything."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from msgspec import structs

from keysift.statistics.values import (
    ArtifactCoverage,
    At,
    Bin,
    Changes,
    Comparison,
    Count,
    Coverage,
    CurveValues,
    Difference,
    Distribution,
    Group,
    Headline,
    Made,
    NotCounted,
    Period,
    PlaceGroup,
    ProjectCoverage,
    ProjectFigures,
    ReleaseCoverage,
    Removal,
    Repository,
    Returns,
    Revocation,
    RulesetUse,
    Scope,
    Share,
    Shared,
    SharedGroup,
    Skipped,
    Statistics,
    Stratum,
    SurvivalGroup,
    Verdicts,
    Year,
)
from keysift.survival import Median, Step

AT = datetime(2026, 5, 1, tzinfo=UTC)
YEARS = tuple(range(2016, 2027))


def share(number: int, of: int) -> Share:
    """Return a share whose interval is five points wide on both sides."""
    if not of:
        return Share(number, of, None, None, None)
    value = number / of
    return Share(number, of, value, max(0.0, value - 0.05), min(1.0, value + 0.05))


def group(name: str, secrets: int, title: str = "", merged: int = 1) -> Group:
    """Return a group of which a fifth works, and of which nobody asked about a half."""
    return Group(**_group(name, secrets, title, merged))


def _group(name: str, secrets: int, title: str = "", merged: int = 1) -> dict[str, Any]:
    active, inactive = secrets // 5, secrets // 5
    verdicts = Verdicts(
        active=active,
        inactive=inactive,
        unknown=secrets // 20,
        not_checkable=secrets // 20,
        unchecked=secrets - active - inactive - 2 * (secrets // 20),
    )
    return {
        "name": name,
        "title": title,
        "merged": merged,
        "secrets": secrets,
        "occurrences": secrets * 14,
        "projects": max(1, secrets * 3 // 4),
        "verdicts": verdicts,
        "projects_by_verdict": verdicts,
        "active": share(active, active + inactive),
    }


def curve(end: float = 1500.0) -> CurveValues:
    """Return a curve that falls to a third."""
    steps = tuple(
        Step(
            age=end * part / 40,
            at_risk=400 - 9 * part,
            deaths=4,
            survival=1 - part / 60,
            lower=max(0.0, 1 - part / 60 - 0.05),
            upper=min(1.0, 1 - part / 60 + 0.05),
        )
        for part in range(1, 40)
    )
    return CurveValues(
        begin=0.0,
        end=end,
        is_cut=False,
        is_thin=False,
        median=Median(end * 0.75, end * 0.6, None),
        at=(At(age=30.0, at_risk=390, survival=0.95, lower=0.9, upper=0.98),),
        steps=steps,
    )


def survival(name: str = "") -> SurvivalGroup:
    """Return a group with a curve."""
    return SurvivalGroup(
        name=name,
        merged=1,
        asked=800,
        watched=400,
        projects=390,
        revoked=156,
        active=244,
        once=100,
        late=250,
        unborn=50,
        unasked=1200,
        gap=30.0,
        curve=curve(),
    )


def empty() -> Statistics:
    """Return the figures of a store without a secret, of which little is known."""
    nothing = ArtifactCoverage(
        kind="",
        **dict.fromkeys(
            (
                "listed",
                "scanned",
                "incomplete",
                "unreadable",
                "failed",
                "pending",
                "gone",
                "yanked",
                "deleted",
                "bytes",
                "unsized",
                "scanned_bytes",
                "fetched_bytes",
                "content_bytes",
                "members",
            ),
            0,
        ),
    )
    return Statistics(
        made=Made(version="1.0", at=AT, level=0.95),
        scope=Scope(index_count=1, indexes=("https://index.invalid/simple/",)),
        period=Period(),
        coverage=Coverage(
            projects=ProjectCoverage(listed=0, removed=0, unread=0, scanned=0, complete=0),
            releases=ReleaseCoverage(listed=0, scanned=0, complete=0, yanked=0, deleted=0),
            artifacts=nothing,
            kinds=(),
            skipped=(),
            rulesets=(),
        ),
        headline=Headline(
            secrets=0,
            occurrences=0,
            detectors=0,
            providers=0,
            projects=share(0, 0),
            releases=share(0, 0),
            artifacts=share(0, 0),
            verdicts=None,
            active=None,
            active_projects=None,
            still_present=None,
            active_and_present=None,
            oldest_active=None,
        ),
        not_counted=NotCounted(
            outdated=0, canaries=0, low_confidence=0, low_severity=0, false_positives=0, tests=0
        ),
        **_no_tables(),
        broad=None,
        growth=(),
        releases=None,
        removal=None,
        revocation=None,
        shared=None,
        returns=None,
        most_secrets=(),
        most_active=(),
        repository=Repository(only_packaged=None, reason="the store knows packages only"),
    )


_TABLES = (
    "by_year",
    "by_month",
    "by_detector",
    "by_provider",
    "by_category",
    "by_severity",
    "by_confidence",
    "by_verdict",
    "by_triage",
    "by_presence",
    "by_artifact",
    "by_mode",
    "by_place",
    "by_extension",
    "by_privilege",
    "by_power",
)


def _no_tables() -> dict[str, Any]:
    return dict.fromkeys(_TABLES, ())


def full(name: str = "project") -> Statistics:
    """Return figures of everything there is.

    Args:
        name: How groups, projects and indexes are called.
    """
    base = empty()
    spread = Distribution(
        bins=(
            Bin(lower=1, upper=2, secrets=900, projects=800),
            Bin(lower=2, upper=4, secrets=300, projects=280),
            Bin(lower=4, upper=None, secrets=100, projects=90),
        ),
        number=1300,
        lower_quartile=1,
        median=1,
        upper_quartile=3,
        mean=2.1,
        largest=77,
    )
    project = ProjectFigures(
        name=name,
        index="https://index.invalid/simple/",
        secrets=12,
        occurrences=340,
        active=3,
        present=2,
        first=datetime(2017, 2, 3, tzinfo=UTC),
        last=None,
    )
    tables: dict[str, tuple[Group, ...]] = {
        table: (
            group(name, 700, f"Title of {name}"),
            group("b", 400),
            group("others", 40, merged=3),
        )
        for table in _TABLES
    }
    tables["by_year"] = tuple(group(f"{year}", 40 + 9 * place) for place, year in enumerate(YEARS))
    tables["by_month"] = tuple(group(f"2024-{month:02d}", 3 * month) for month in (1, 2, 5, 12))
    places = tuple(
        PlaceGroup(**_group(kind, number), only=number // 2, projects_only=number // 3)
        for kind, number in ((name, 500), ("docs", 100))
    )
    return structs.replace(
        base,
        **tables | {"by_place": places, "by_extension": places},
        headline=structs.replace(
            base.headline,
            secrets=1300,
            occurrences=18_200,
            detectors=90,
            providers=61,
            projects=share(900, 20_000),
            active=share(260, 520),
            still_present=share(400, 1200),
            active_and_present=Count(100, 90),
            oldest_active=datetime(2016, 3, 4, tzinfo=UTC),
        ),
        broad=share(20, 260),
        growth=tuple(
            Year(
                year=year,
                secrets=40 + 9 * place,
                cumulated=100 * place,
                newly_affected=30,
                affected=share(60, 1000),
                projects=1000,
                new_projects=300,
                artifacts=share(90, 9000),
                per_1000_projects=40.0 + place,
                per_1000_artifacts=4.0 + place,
            )
            for place, year in enumerate(YEARS)
        ),
        releases=spread,
        strata=tuple(
            Stratum(
                detector=name,
                provider=name,
                category="cloud",
                severity=severity,
                secrets=20,
                projects=9,
                verdicts=Verdicts(active=4, inactive=6, unknown=1, not_checkable=2, unchecked=7),
                projects_by_verdict=Verdicts(
                    active=3, inactive=5, unknown=1, not_checkable=2, unchecked=4
                ),
            )
            for severity in ("critical", "low")
        ),
        removal=Removal(
            lives=1500,
            undated=3,
            removed=600,
            present=500,
            withdrawn=100,
            unknown=300,
            projects=1000,
            projects_by_end={"removed": 500},
            curve=curve(),
        ),
        revocation=Revocation(
            whole=survival(),
            providers=(survival(name), survival("b")),
            years=(),
            p_providers=0.01,
            p_years=None,
        ),
        shared=Shared(
            shared=share(130, 1300),
            projects=300,
            spread=spread,
            elsewhere=None,
            largest=(
                SharedGroup(projects=9, secrets=2, active=1, detectors=(name,), names=(name, "b")),
            ),
        ),
        returns=Returns(
            returned=share(30, 600),
            projects=28,
            projects_rid=400,
            times=33,
            present=9,
            active=4,
            introduced_later=Count(100, 90),
        ),
        most_secrets=(project,),
        most_active=(project,),
        coverage=structs.replace(
            base.coverage,
            skipped=(
                Skipped(
                    reason="too_large", is_gap=True, skips=12, artifacts=9, bytes=10**9, unsized=0
                ),
            ),
            rulesets=(
                RulesetUse(
                    digest="ab" * 32,
                    version="1.0",
                    detectors=1792,
                    first_used_at=AT,
                    is_newest=True,
                    artifacts=share(100, 100),
                ),
            ),
        ),
    )


def comparison(name: str = "project") -> Comparison:
    """Return what changed since a month ago."""
    one = Difference(table="by_detector", group=name, measure="secrets", before=3.0, after=9.0)
    made = Made(version="0.9", at=datetime(2026, 4, 1, tzinfo=UTC), level=0.95)
    return Comparison(
        before=made,
        before_period=Period(),
        after=Made(version="1.0", at=AT, level=0.95),
        limits=(f"The earlier report is of other projects: {name}.",),
        headline=(
            Difference(table="headline", group="", measure="secrets", before=None, after=9.0),
        ),
        groups=(one,),
        changes=Changes(
            since=made.at,
            new=Count(9, 8),
            newly_published=Count(2, 2),
            revoked=Count(1, 1),
            newly_active=None,
            removed=Count(0, 0),
        ),
    )
