"""Two reports side by side."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from msgspec import json
from msgspec.structs import replace

from keysift.errors import UsageError
from keysift.model import Severity
from keysift.statistics.anonymise import anonymise
from keysift.statistics.compare import compare
from keysift.statistics.measure import Plan, measure
from keysift.statistics.values import Difference, Statistics
from keysift.store.database import Store
from tests.statistics import scattered
from tests.store.samples import catalogue

K = 5


def figures(folder: Path, seed: int, **plan: object) -> Statistics:
    """Return the figures of a made-up store."""
    store = Store(str(folder / f"{seed}-{len(plan)}.db"))
    scattered.fill(store, seed, projects=30, secrets=70)
    with store.reading() as connection:
        found = measure(connection, catalogue(), Plan(**plan))  # type: ignore[arg-type]
    store.close()
    return found


@pytest.fixture(scope="module")
def before(tmp_path_factory: pytest.TempPathFactory) -> Statistics:
    """Return the earlier figures."""
    return figures(tmp_path_factory.mktemp("before"), 1)


@pytest.fixture(scope="module")
def after(tmp_path_factory: pytest.TempPathFactory) -> Statistics:
    """Return the later ones."""
    return figures(tmp_path_factory.mktemp("after"), 2)


def test_a_report_compared_with_itself_has_no_difference(before: Statistics) -> None:
    """And nothing limits the comparison."""
    found = compare(before, before)
    assert found.limits == ()
    assert found.groups == ()
    assert {one.difference for one in found.headline} <= {0, None}


def test_headline_figures_are_all_compared(before: Statistics, after: Statistics) -> None:
    """Counts and shares."""
    found = {one.measure: one for one in compare(before, after).headline}
    assert found["secrets"].before == before.headline.secrets
    assert found["secrets"].after == after.headline.secrets
    assert found["share_projects"].after == after.headline.projects.share
    assert found["projects"].difference == (
        after.headline.projects.count - before.headline.projects.count
    )


def test_groups_that_differ_are_told_of_the_largest_difference_first(
    before: Statistics, after: Statistics
) -> None:
    """A group that one of them does not have has no secret there."""
    found = compare(before, after).groups
    sizes = [abs(one.difference or 0) for one in found]
    assert sizes == sorted(sizes, reverse=True)
    assert 0 not in sizes
    gone = replace(after, by_detector=after.by_detector[1:])
    name, secrets = after.by_detector[0].name, after.by_detector[0].secrets
    one = next(one for one in compare(after, gone).groups if one.group == name)
    assert one == Difference(
        table="by_detector", group=name, measure="secrets", before=secrets, after=0
    )


def test_what_limits_a_comparison_is_said(before: Statistics, tmp_path: Path) -> None:
    """Another scope, other grades, another ruleset, version or time."""
    made, coverage = before.made, before.coverage
    ruleset = replace(coverage.rulesets[0], digest="other")
    others = {
        "the scope differs": replace(before, scope=replace(before.scope, is_part=True)),
        "other indexes": replace(
            before, scope=replace(before.scope, indexes=("https://x.invalid",))
        ),
        "counts from medium confidence": figures(tmp_path, 1, severity=Severity.HIGH),
        "Another ruleset": replace(before, coverage=replace(coverage, rulesets=(ruleset,))),
        "made by keysift": replace(before, made=replace(made, version="0.0")),
        "made-up data": replace(before, made=replace(made, is_demo=True)),
        "made after this one": replace(before, made=replace(made, at=made.at - timedelta(days=1))),
        "scanned artifacts": replace(
            before,
            coverage=replace(coverage, artifacts=replace(coverage.artifacts, scanned=1)),
        ),
    }
    for words, other in others.items():
        assert any(words in limit for limit in compare(before, other).limits), words


def test_an_anonymous_comparison_has_no_name_of_the_earlier_report(
    before: Statistics, after: Statistics
) -> None:
    """Nor a group that was small then: both hide as much."""
    found = compare(before, anonymise(after, K))
    assert b"zz" not in json.encode(found)
    assert found.before.k == K
    hidden = anonymise(before, K)
    told = {group.name for group in hidden.by_detector if group.merged == 1}
    for one in found.groups:
        if one.table == "by_detector" and one.before is not None:
            assert one.group in told
    assert any("may come from fewer" in limit for limit in found.limits)


def test_a_group_that_is_hidden_is_not_one_without_secrets(
    before: Statistics, after: Statistics
) -> None:
    """Its number is not known, and there is no difference."""
    found = compare(anonymise(before, K), anonymise(after, K))
    assert all(one.difference is None or one.before is not None for one in found.groups)


def test_an_earlier_report_that_hides_less_cannot_be_used(
    before: Statistics, after: Statistics
) -> None:
    """What it tells of small groups cannot be taken back; one that hides more is fine."""
    with pytest.raises(UsageError, match="not anonymised, or with a lower number"):
        compare(anonymise(before, 2), anonymise(after, K))
    assert compare(anonymise(before, K), anonymise(after, 2)).before.k == K
