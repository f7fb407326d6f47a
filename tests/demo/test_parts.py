"""What the made-up index is made of: names, types, specimens, places, a timeline."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from random import Random

import pytest
from packaging.utils import parse_sdist_filename, parse_wheel_filename

from keysift.catalogue import Catalogue, load
from keysift.catalogue.cache import Cache
from keysift.catalogue.validities import load_validities
from keysift.demo.lifetimes import ended_at
from keysift.demo.names import Names
from keysift.demo.places import PLACES, fits, place
from keysift.demo.projects import Project, Release, project, volume
from keysift.demo.specimens import Specimens
from keysift.demo.timeline import NEWEST, Timeline, known_since
from keysift.demo.weights import AI, WEIGHTS, Draw, Weight
from keysift.model import CANARY_FACT, Verdict
from keysift.sources.spec import normalise
from keysift.store.pages import kind_of

NOW = datetime(2026, 9, 1, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def catalogue(cache: Cache) -> Catalogue:
    """Return the detectors."""
    return load(cache=cache)


@pytest.fixture(scope="module")
def specimens(catalogue: Catalogue, cache: Cache) -> Specimens:
    """Return what makes specimens of the types of the demo."""
    wanted = [weight.detector for weight in WEIGHTS]
    return Specimens(catalogue, wanted, load_validities(cache=cache), cache)


def test_types_are_those_of_the_catalogue(catalogue: Catalogue) -> None:
    """A detector that gets another id takes its weight along."""
    ids = [weight.detector for weight in WEIGHTS]
    assert len(set(ids)) == len(ids)
    assert set(ids) <= catalogue.by_id.keys()


def test_every_type_has_specimens(specimens: Specimens) -> None:
    """The scanner finds an example of each; those of a canary are known to be one."""
    for weight in WEIGHTS:
        found = specimens.of(weight.detector)
        assert found, weight.detector
        assert {one.match.detector for one in found} == {weight.detector}
    assert CANARY_FACT in specimens.canary.match.facts


def test_answers_are_the_documented_ones(specimens: Specimens) -> None:
    """What a provider is made to say is read as its validity table says."""
    for specimen in specimens.of("github-pat"):
        assert {one.verdict for one in specimen.active} == {Verdict.ACTIVE}
        assert {one.verdict for one in specimen.inactive} == {Verdict.INACTIVE}
        assert any(one.privilege for one in specimen.active)
    offline = specimens.of("private-key-rsa")[0].offline
    assert offline is not None
    assert offline.verdict is Verdict.NOT_CHECKABLE


def test_a_trend_moves_a_type_between_years_and_keeps_its_total() -> None:
    """However late a type came up, as many of its secrets are drawn as its weight says."""
    assert Weight("a", 1, AI).at(2019) == 0
    assert Weight("a", 1, AI).at(2023.5) == 3.5
    draw, chance = Draw({2018: 1.0, 2023: 1.0, 2025: 2.0}), Random(1)
    drawn = {year: [draw.detector(chance, year) for _ in range(3000)] for year in (2018, 2025)}
    assert "groq-api-key" not in drawn[2018]
    assert "groq-api-key" in drawn[2025]
    assert draw.detector(Random(2), 1990) == draw.detector(Random(2), 2018)


def test_names_are_those_of_projects_and_none_comes_twice() -> None:
    """Each is as an index normalises it."""
    names = Names(Random(1))
    made = [names.project() for _ in range(5000)]
    made += [names.fork(made[0]) for _ in range(20)]
    assert len(set(made)) == len(made)
    assert all(name == normalise(name) for name in made)
    assert all(re.fullmatch(r"[a-z]{5,14}(-[a-z]+)*", name) for name in made)


def test_files_are_named_as_their_kind_wants() -> None:
    """Names of files say the project, the version and the kind that their rows have."""
    chance = Random(1)
    for number in range(400):
        made = project(f"belcobra-{'abcd'[number % 4]}", NOW, chance)
        versions = [release.version for release in made.releases]
        assert len(set(versions)) == len(versions)
        times = [release.uploaded_at for release in made.releases]
        assert times == sorted(times)
        assert times[-1] < NOW
        for release in made.releases:
            assert all(file.kind == kind_of(file.name) for file in release.files)
            _check_names(made, release)


def _check_names(made: Project, release: Release) -> None:
    if release.version == "0.0-initial":
        return
    for file in release.files:
        if file.kind == "wheel":
            name, version, *_ = parse_wheel_filename(file.name)
        elif file.kind == "sdist":
            name, version = parse_sdist_filename(file.name)
        else:
            continue
        assert (name, str(version)) == (made.name, release.version)


def test_places_are_those_of_the_type_and_the_files() -> None:
    """A key for packages never stands in a file of private keys, nor in a wheel what it lacks."""
    chance = Random(1)
    for one in PLACES:
        assert one.copies
    for _ in range(300):
        found = place("pypi-api-token", 2020, chance, kinds=["wheel"])
        assert fits(found, "pypi-api-token")
        assert not found.since
        assert any("wheel" in copy.kinds for copy in found.copies)


def test_the_timeline_ends_now(catalogue: Catalogue) -> None:
    """Crawls are in order, each ruleset begins with a crawl of its own, and the newest is ours."""
    timeline = Timeline(NOW, Random(1), catalogue)
    times = [run.began_at for run in timeline.runs]
    assert times == sorted(times)
    assert timeline.runs[-1].ended_at < NOW
    assert [run.ruleset for run in timeline.rescans] == list(range(NEWEST + 1))
    assert all(run.is_rescan for run in timeline.rescans)
    assert timeline.rulesets[NEWEST].digest == catalogue.digest
    assert timeline.rulesets[NEWEST].detectors == catalogue.digests()
    for weight in WEIGHTS:
        first = known_since(weight.detector)
        known = [weight.detector in ruleset.detectors for ruleset in timeline.rulesets]
        assert known == [number >= first for number in range(NEWEST + 1)]
    assert timeline.checks[-1] < NOW
    assert timeline.run_after(NOW) == len(timeline.runs)


def test_who_looks_for_its_tokens_ends_them_fast() -> None:
    """After ninety days hardly a token of GitHub works, and most bots of Telegram do."""

    def alive(provider: str) -> int:
        chance, published = Random(1), datetime(2024, 1, 1, tzinfo=UTC)
        ends = [ended_at(provider, published, chance) for _ in range(500)]
        return sum(end is None or (end - published).days > 90 for end in ends)

    assert alive("GitHub") < 50
    assert alive("Telegram") > 350


def test_the_present_year_counts_as_far_as_it_has_come() -> None:
    """Else its secrets would be drawn as if it were over."""
    years = volume(NOW)
    assert list(years) == list(range(2012, 2027))
    assert years[2025] > years[2024] > years[2012]
    assert years[2026] < years[2025]
