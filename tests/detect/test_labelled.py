"""Confidence means something: measured on candidates from real packages, labelled by reading."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from keysift.detect.scanner import Scanner
from keysift.model import Confidence
from tests.detect import labelling
from tests.detect.labelling import CLOSE, OPEN, Candidate, Label, Outcome

_PRECISE = pytest.mark.parametrize(
    ("level", "least"),
    [(Confidence.HIGH, 0.95), (Confidence.MEDIUM, 0.80), (Confidence.LOW, 0.30)],
    ids=str,
)
"""The share of secrets that each confidence has at least."""


@pytest.fixture(scope="module")
def candidates() -> list[Candidate]:
    """Return the labelled sample."""
    return labelling.read()


@pytest.fixture(scope="module")
def scanner(full_scanner: Scanner) -> Scanner:
    """Return a scanner of the whole catalogue."""
    return full_scanner


@pytest.fixture(scope="module")
def outcomes(scanner: Scanner, candidates: list[Candidate]) -> list[Outcome]:
    """Return what a scan makes of each candidate."""
    return labelling.examine(scanner, candidates)


def test_the_sample_is_large_and_balanced(candidates: list[Candidate]) -> None:
    """At least 600 candidates can be told, 110 of them secrets; no project dominates a kind."""
    labels = Counter(one.label for one in candidates)
    assert labels[Label.SECRET] + labels[Label.NOT] >= 600
    assert labels[Label.SECRET] >= 110
    of_one = Counter((one.id.partition("-")[0], one.kind, one.label) for one in candidates)
    assert max(of_one.values()) <= 3


def test_each_candidate_is_marked_once(candidates: list[Candidate]) -> None:
    """Ids are unique, and each text says where its candidate begins and ends."""
    assert len({one.id for one in candidates}) == len(candidates)
    for one in candidates:
        assert one.text.count(OPEN) == one.text.count(CLOSE) == 1, one.id
        content, start, end = labelling.expanded(one)
        assert 0 <= start < end <= len(content), one.id


def test_secrets_of_the_sample_are_templates(candidates: list[Candidate]) -> None:
    """What is labelled as a secret is not in the file: another of its shape is made when needed."""
    secrets = [one.text for one in candidates if one.label is Label.SECRET]
    values = [text[text.index(OPEN) + 1 : text.index(CLOSE)] for text in secrets]
    assert values
    # Two passwords that a product comes with and everybody knows.
    assert {value for value in values if "{" not in value} == {"root", "bigdata"}


@_PRECISE
def test_generic_and_keyword_detectors_are_as_precise_as_they_say(
    outcomes: list[Outcome], level: Confidence, least: float
) -> None:
    """Of what generic and keyword detectors report at a confidence, enough are secrets."""
    weak = [one for one in outcomes if one.is_weak]
    assert labelling.figure(weak, level).precision >= least, labelling.mistakes(weak)


@_PRECISE
def test_all_detectors_together_are_as_precise_as_they_say(
    outcomes: list[Outcome], level: Confidence, least: float
) -> None:
    """Of what any detector reports at a confidence, enough are secrets."""
    assert labelling.figure(outcomes, level).precision >= least, labelling.mistakes(outcomes)


@pytest.mark.parametrize(
    ("least", "share"), [(Confidence.MEDIUM, 0.80), (Confidence.LOW, 0.85)], ids=str
)
def test_the_secrets_of_the_sample_are_found(
    outcomes: list[Outcome], least: Confidence, share: float
) -> None:
    """No change loses many of the secrets that are found now."""
    assert labelling.recall(outcomes, least) >= share, labelling.mistakes(outcomes)


def test_the_page_on_confidence_has_the_figures(outcomes: list[Outcome]) -> None:
    """``docs/confidence.md`` says what ``python -m benchmarks.confidence`` measures and writes."""
    page = (Path(__file__).parents[2] / "docs" / "confidence.md").read_text("utf-8")
    assert labelling.table(outcomes) in page
