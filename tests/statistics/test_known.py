"""A small history whose figures are worked out by hand.

Three projects, all files sdists unless said. Days are of January to June 2020 and 2021::

    acme     1.0  2020-01-01  sdist: A in acme/settings.py; wheel: A
             1.1  2020-03-01  without any
             1.2  2021-02-01  A again, B in tests/test_b.py (low there)     <- newest
    base     1.0  2020-01-11  C in base/client.py
             2.0  2020-01-21  without any                                   <- newest
    core     1.0  2021-06-01  A and C in core/.env; yanked                  <- newest is 0.9
             0.9  2019-06-01  without any
             2.0  2021-07-01  pending
    empty    was read and has no file
    unread   was never read

    A github-pat    active on 2020-01-21, and when asked again on 2021-01-01
    B github-pat    nobody asked; at its only place it is less sure than asked for
    C npm-token     active on 2020-01-12, inactive on 2020-03-12
    D github-pat    in base 1.0 too, and set aside as made for tests
    E github-pat    in base 1.0 too, a canary
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final

import pytest
from msgspec import structs
from msgspec.structs import replace

from keysift.model import Confidence, Privilege, Severity, Skip, SkipReason, Verdict
from keysift.statistics.measure import Plan, measure
from keysift.statistics.shares import share
from keysift.statistics.values import (
    Count,
    Example,
    Group,
    NotCounted,
    ProjectFigures,
    SharedGroup,
    Statistics,
    Verdicts,
)
from keysift.store.database import Store
from keysift.store.records import Found
from tests.store.history import History
from tests.store.samples import Writer, catalogue, found

A, B, C, D, E = range(1, 6)
INDEX: Final = "https://index.invalid/simple/"
NOW: Final = datetime(2022, 1, 1, tzinfo=UTC)
NPM: Final = "npm-access-token"


def day(year: int, month: int, day: int) -> datetime:
    """Return a point in time."""
    return datetime(year, month, day, tzinfo=UTC)


def less_sure(seed: int) -> Found:
    """Return a match that its place makes less sure."""
    return replace(found(seed), confidence=Confidence.LOW)


def fill(store: Store) -> History:
    """Write the history."""
    history = History(store)
    acme(history)
    base(history)
    core(history)
    with store.writing() as connection:
        Writer(connection).page("empty")
    history.answered(A, day(2020, 1, 21), Verdict.ACTIVE)
    history.answered(
        A,
        day(2021, 1, 1),
        Verdict.ACTIVE,
        privilege=Privilege.ADMIN.value,
        powers=["code", "root"],
        warnings=["root"],
        facts={"mode": "production"},
    )
    history.answered(C, day(2020, 1, 12), Verdict.ACTIVE, NPM)
    history.answered(C, day(2020, 3, 12), Verdict.INACTIVE, NPM)
    history.answered(E, day(2020, 1, 12), Verdict.CANARY)
    history.decided(D, "accepted", "test")
    history.decided(A, "accepted")
    return history


def acme(history: History) -> None:
    """Publish the first project."""
    wheel = "acme-1.0-py3-none-any.whl"
    upload(history, "acme", "1.0", day(2020, 1, 1), found(A), path="acme/settings.py")
    history.announce("acme", "1.0", wheel, uploaded=day(2020, 1, 1))
    history.scanned(wheel, found(A), path="acme/settings.py", files=3, content_bytes=30)
    upload(history, "acme", "1.1", day(2020, 3, 1))
    upload(
        history,
        "acme",
        "1.2",
        day(2021, 2, 1),
        found(A),
        replace(less_sure(B), match=replace(found(B).match, start=100)),
        path="tests/test_b.py",
    )


def base(history: History) -> None:
    """Publish the second project."""
    matches = [
        replace(found(seed, NPM if seed == C else "github-pat"), match=match(seed, number))
        for number, seed in enumerate((C, D, E))
    ]
    upload(history, "base", "1.0", day(2020, 1, 11), *matches, path="base/client.py")
    upload(
        history,
        "base",
        "2.0",
        day(2020, 1, 21),
        skips=(Skip(path="a.zip", reason=SkipReason.LINK, size_bytes=5),),
    )


def match(seed: int, number: int) -> Any:  # noqa: ANN401 (a match)
    """Return a match that does not overlap others of the same file."""
    made = found(seed, NPM if seed == C else "github-pat", severity=Severity.HIGH)
    return replace(made.match, start=100 * number, end=100 * number + 40)


def core(history: History) -> None:
    """Publish the third project."""
    both = (found(A), replace(found(C, NPM), match=match(C, 1)))
    upload(history, "core", "0.9", day(2019, 6, 1))
    upload(history, "core", "1.0", day(2021, 6, 1), *both, path="core/.env", yanked="leaks")
    history.announce("core", "2.0", "core-2.0.tar.gz", uploaded=day(2021, 7, 1))


def upload(
    history: History,
    project: str,
    version: str,
    uploaded: datetime,
    *matches: Found,
    path: str = "a.py",
    skips: tuple[Skip, ...] = (),
    **said: object,
) -> None:
    """Upload an sdist of 1,000 bytes with two files, and scan it."""
    name = f"{project}-{version}.tar.gz"
    history.announce(project, version, name, uploaded=uploaded, **said)
    history.scanned(
        name, *matches, path=f"{project}-{version}/{path}", files=2, content_bytes=20, skips=skips
    )


@pytest.fixture
def measured(store: Store) -> Statistics:
    """Return the figures."""
    fill(store)
    return figures(store)


def figures(store: Store, **plan: Any) -> Statistics:  # noqa: ANN401 (of a plan)
    """Return the figures of a store."""
    with store.reading() as connection:
        return measure(connection, catalogue(), Plan(now=NOW, **plan))


def told(groups: tuple[Group, ...]) -> dict[str, tuple[int, int | None, int]]:
    """Return secrets, occurrences and projects of groups."""
    return {group.name: (group.secrets, group.occurrences, group.projects) for group in groups}


def test_what_counts(measured: Statistics) -> None:
    """A and C do; B is less sure, D was set aside, E is a canary."""
    assert measured.not_counted == NotCounted(
        outdated=0, canaries=1, low_confidence=1, low_severity=0, false_positives=0, tests=1
    )
    head = measured.headline
    assert head.secrets == 2
    # A: two files of 1.0, one of 1.2, one in core; C: one in base, one in core.
    assert head.occurrences == 6
    assert (head.detectors, head.providers) == (2, 2)
    assert head.verdicts == Verdicts(active=1, inactive=1, unknown=0, not_checkable=0, unchecked=0)
    assert head.active == share(1, 2)
    # A is in acme and core; scanned are acme, base and core.
    assert head.active_projects == share(2, 3)
    assert head.oldest_active == day(2020, 1, 1)


def test_denominators(measured: Statistics) -> None:
    """What was looked at, and what of it is affected."""
    head, coverage = measured.headline, measured.coverage
    assert head.projects == share(3, 3)
    # acme 1.0 and 1.2, base 1.0, core 1.0, of acme 3, base 2, core 2.
    assert head.releases == share(4, 7)
    assert head.artifacts == share(5, 8)
    # core's newest scanned release is 0.9: 1.0 is yanked. But 2.0 was not scanned.
    assert coverage.projects.listed == 4
    assert coverage.projects.unread == 0
    assert coverage.projects.scanned == 3
    assert coverage.projects.complete == 2
    releases = coverage.releases
    assert (releases.listed, releases.scanned, releases.complete) == (8, 7, 7)
    assert (releases.yanked, releases.deleted) == (1, 0)
    artifacts = coverage.artifacts
    assert (artifacts.listed, artifacts.scanned, artifacts.pending) == (9, 8, 1)
    assert artifacts.bytes == 9000
    assert artifacts.scanned_bytes == 8000
    assert artifacts.members == 7 * 2 + 3
    assert artifacts.content_bytes == 7 * 20 + 30
    assert artifacts.yanked == 1
    assert [kind.kind for kind in coverage.kinds] == ["sdist", "wheel"]
    assert [kind.scanned for kind in coverage.kinds] == [7, 1]
    (skipped,) = coverage.skipped
    assert (skipped.reason, skipped.is_gap, skipped.skips, skipped.bytes) == ("link", False, 1, 5)
    (ruleset,) = coverage.rulesets
    assert ruleset.is_newest
    assert ruleset.detectors == len(catalogue().detectors)
    assert ruleset.artifacts == share(8, 8)
    period = measured.period
    assert (period.first_upload, period.last_upload) == (day(2019, 6, 1), day(2021, 6, 1))
    assert (period.first_check, period.last_check) == (day(2020, 1, 12), day(2021, 1, 1))


def test_tables(measured: Statistics) -> None:
    """Secrets, occurrences and projects."""
    assert told(measured.by_year) == {"2020": (2, 6, 3)}
    assert told(measured.by_month) == {"2020-01": (2, 6, 3)}
    assert told(measured.by_detector) == {"github-pat": (1, 4, 2), NPM: (1, 2, 2)}
    assert told(measured.by_severity) == {"critical": (1, 4, 2), "high": (1, 2, 2)}
    assert told(measured.by_confidence) == {"high": (2, 6, 3)}
    assert told(measured.by_verdict) == {"active": (1, 4, 2), "inactive": (1, 2, 2)}
    assert told(measured.by_triage) == {"open": (1, 2, 2), "accepted": (1, 4, 2)}
    # A is in acme's newest release; core's 2.0 may have C or not.
    assert told(measured.by_presence) == {"newest": (1, 4, 2), "unknown": (1, 2, 2)}
    assert measured.headline.still_present == share(1, 1)
    assert measured.headline.active_and_present == Count(1, 2)
    assert told(measured.by_artifact) == {"sdist": (1, 2, 2), "sdist+wheel": (1, 4, 2)}
    assert told(measured.by_mode) == {"live": (1, 4, 2), "unknown": (1, 2, 2)}
    assert [(one.detector, one.severity, one.secrets, one.projects) for one in measured.strata] == [
        ("github-pat", "critical", 1, 2),
        (NPM, "high", 1, 2),
    ]
    (year,) = measured.by_year
    assert year.verdicts == measured.headline.verdicts
    # acme: A active; base: C inactive; core: both.
    assert year.projects_by_verdict == Verdicts(
        active=2, inactive=2, unknown=0, not_checkable=0, unchecked=0
    )


def test_places(measured: Statistics) -> None:
    """A stands in settings and in a test, C in source and in a .env; both in core's .env."""
    assert told(measured.by_place) == {
        "test": (1, 1, 2),
        "configuration": (2, 4, 3),
        "source": (1, 1, 2),
    }
    assert {group.name: group.only for group in measured.by_place} == {
        "test": 0,
        "configuration": 0,
        "source": 0,
    }
    assert told(measured.by_extension) == {"py": (2, 4, 3), "env": (2, 2, 3)}


def test_what_active_secrets_may_do(measured: Statistics) -> None:
    """Of A alone, as its last check told."""
    assert told(measured.by_privilege) == {"admin": (1, 4, 2)}
    assert told(measured.by_power) == {"code": (1, 4, 2), "root": (1, 4, 2)}
    assert measured.broad == share(1, 1)
    assert measured.broad_projects == 2


def test_growth(measured: Statistics) -> None:
    """2019 has one file, 2020 six, 2021 two of those that were scanned."""
    rows = [
        (one.year, one.secrets, one.cumulated, one.newly_affected, one.projects, one.new_projects)
        for one in measured.growth
    ]
    assert rows == [(2019, 0, 0, 0, 1, 1), (2020, 2, 2, 2, 2, 2), (2021, 0, 2, 1, 2, 0)]
    _, middle, last = measured.growth
    assert middle.artifacts == share(3, 5)
    assert middle.affected == share(2, 2)
    assert (middle.per_1000_projects, middle.per_1000_artifacts) == (1000, 400)
    assert last.artifacts == share(2, 2)


def test_releases(measured: Statistics) -> None:
    """A lives in acme 1.0, 1.2 and core 1.0; C in base 1.0 and core 1.0."""
    releases = measured.releases
    assert releases is not None
    assert [(one.lower, one.secrets, one.projects) for one in releases.bins] == [
        (2, 1, 2),
        (3, 1, 2),
    ]
    assert (releases.lower_quartile, releases.median, releases.upper_quartile) == (2, 2, 3)
    assert (releases.mean, releases.largest) == (2.5, 3)


def test_removal(measured: Statistics) -> None:
    """C left base after ten days; A lives in acme; core's are unknown since its last upload."""
    removal = measured.removal
    assert removal is not None
    assert (removal.lives, removal.removed, removal.present) == (4, 1, 1)
    assert (removal.unknown, removal.withdrawn, removal.undated) == (2, 0, 0)
    assert removal.projects == 3
    assert removal.projects_by_end == {
        "undated": 0,
        "removed": 1,
        "present": 1,
        "withdrawn": 0,
        "unknown": 1,
    }
    assert removal.curve is not None
    # Two lives of core have no length and are under risk at no age: of two one ended at 10 days.
    (step,) = removal.curve.steps
    assert (step.age, step.at_risk, step.deaths, step.survival) == (10, 2, 1, 0.5)
    # A was there when acme's page was last read, which was after `now`.
    assert removal.curve.end == (NOW - day(2020, 1, 1)).days


def test_revocation(measured: Statistics) -> None:
    """C died between 1 and 61 days after its publication; A was alive at 366."""
    revocation = measured.revocation
    assert revocation is not None
    whole = revocation.whole
    assert (whole.asked, whole.watched, whole.revoked, whole.active) == (2, 2, 1, 1)
    assert (whole.unasked, whole.once, whole.late, whole.unborn) == (0, 0, 0, 0)
    assert whole.projects == 3
    assert whole.gap == 60
    assert whole.curve is not None
    (step,) = whole.curve.steps
    assert (step.age, step.survival) == (31, 0.5)
    assert whole.curve.end == 366


def test_sharing(measured: Statistics) -> None:
    """Both are in two projects, each in other ones."""
    shared = measured.shared
    assert shared is not None
    assert shared.shared == share(2, 2)
    assert shared.projects == 3
    assert [(one.lower, one.secrets) for one in shared.spread.bins] == [(2, 2)]  # type: ignore[union-attr]
    assert shared.elsewhere is None
    assert set(shared.largest) == {
        SharedGroup(
            projects=2, secrets=1, active=1, detectors=("github-pat",), names=("acme", "core")
        ),
        SharedGroup(projects=2, secrets=1, active=0, detectors=(NPM,), names=("base", "core")),
    }


def test_returns(measured: Statistics) -> None:
    """A came back with acme 1.2; C is gone from base. In core both came with a later release."""
    returns = measured.returns
    assert returns is not None
    assert returns.returned == share(1, 2)
    assert (returns.projects, returns.projects_rid, returns.times) == (2, 3, 1)
    assert (returns.present, returns.active) == (1, 1)
    # The project that had them first counts: both were there from its beginning.
    assert returns.introduced_later == Count(0, 0)


def test_most_affected_projects(measured: Statistics) -> None:
    """The most secrets first, and of equals those with more active ones."""
    assert [one.name for one in measured.most_secrets] == ["core", "acme", "base"]
    assert [one.name for one in measured.most_active] == ["core", "acme"]
    assert measured.most_secrets[1] == ProjectFigures(
        name="acme",
        index=INDEX,
        secrets=1,
        occurrences=3,
        active=1,
        present=1,
        first=day(2020, 1, 1),
        last=day(2021, 2, 1),
    )


def test_what_nobody_knows_is_said(measured: Statistics) -> None:
    """No figure is invented for it."""
    assert measured.repository.only_packaged is None
    assert measured.repository.reason
    assert measured.changes is None
    assert measured.examples == ()


def test_a_scope_has_its_own_denominators(store: Store) -> None:
    """Of a secret that stands outside too, only what is inside counts."""
    fill(store)
    measured = figures(store, projects=("base", "nobody"), org="b-team")
    assert measured.scope.is_part
    assert (measured.scope.projects, measured.scope.org) == (("base", "nobody"), "b-team")
    assert measured.headline.projects == share(1, 1)
    assert measured.headline.artifacts == share(1, 2)
    assert told(measured.by_detector) == {NPM: (1, 1, 1)}
    # What the newest release of base has is known.
    assert told(measured.by_presence) == {"old": (1, 1, 1)}
    assert measured.shared is not None
    assert measured.shared.elsewhere == 1
    assert measured.shared.shared == share(0, 1)
    assert measured.not_counted == NotCounted(
        outdated=0, canaries=1, low_confidence=0, low_severity=0, false_positives=0, tests=1
    )
    assert [one.reason for one in measured.coverage.skipped] == ["link"]
    assert measured.coverage.projects.listed == 1


def test_grades_decide_what_counts(store: Store) -> None:
    """From low confidence on B counts too; from critical severity on C does not."""
    fill(store)
    assert figures(store, confidence=Confidence.LOW).headline.secrets == 3
    measured = figures(store, severity=Severity.CRITICAL)
    assert measured.headline.secrets == 1
    # What is set aside, but not severe enough, is counted once.
    assert (measured.not_counted.low_severity, measured.not_counted.tests) == (2, 0)
    assert (measured.scope.confidence, measured.scope.severity) == ("medium", "critical")


def test_changes(store: Store) -> None:
    """What was learned since: nothing was seen before, C died, A was known to work."""
    fill(store)
    changes = figures(store, since=day(2020, 2, 15)).changes
    assert changes is not None
    # The store saw all of them just now; both were introduced in January 2020.
    assert changes.new == Count(2, 3)
    assert changes.newly_published == Count(0, 0)
    assert changes.revoked == Count(1, 2)
    assert changes.newly_active == Count(0, 0)
    assert changes.removed == Count(0, 0)
    earlier = figures(store, since=day(2020, 1, 5)).changes
    assert earlier is not None
    assert earlier.newly_published == Count(1, 2)
    assert earlier.revoked == Count(0, 0)
    assert earlier.newly_active == Count(1, 2)
    of_base = figures(store, since=day(2020, 1, 15), projects=("base",)).changes
    assert of_base is not None
    assert of_base.removed == Count(1, 1)


def test_examples_are_masked_and_asked_for(store: Store) -> None:
    """The active ones come first."""
    fill(store)
    first, second = figures(store, examples=5).examples
    assert structs.asdict(first) | {"mask": ""} == structs.asdict(
        Example(
            detector="github-pat",
            mask="",
            project="acme",
            version="1.0",
            severity="critical",
            verdict="active",
            introduced_at=day(2020, 1, 1),
        )
    )
    assert first.mask
    assert (second.project, second.version) == ("base", "1.0")


def test_an_empty_store_has_figures_too(store: Store) -> None:
    """Shares of nothing are nothing."""
    measured = figures(store)
    assert measured.headline.secrets == 0
    assert measured.headline.projects == share(0, 0)
    assert measured.by_year == ()
    assert measured.growth == ()
    assert measured.removal is not None
    assert measured.removal.curve is None
    assert measured.releases is not None
    assert measured.releases.median is None


def test_an_outdated_secret_is_left_out(store: Store) -> None:
    """The newer ruleset does not find it any more."""
    history = History(store)
    history.publish("demo", "1.0", found(A))
    history.rescanned("demo-1.0.tar.gz", before=(found(A),))
    measured = figures(store)
    assert measured.headline.secrets == 0
    assert measured.not_counted.outdated == 1
