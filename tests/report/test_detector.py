"""What is said about a detector, in words."""

from __future__ import annotations

from keysift.catalogue import Detector, NearMiss, PartSpec
from keysift.catalogue.loader import load
from keysift.catalogue.validities import Validities
from keysift.report.detector import grouped, mentions, recognition, statements
from keysift.report.statement import Kind
from tests.detect.conftest import detector

NONE = Validities(())


def said(one: Detector) -> str:
    """Return how it is recognised."""
    return " ".join(recognition(one))


def test_a_shape_is_told_by_beginning_and_length() -> None:
    """Text that stands in every secret is named; so is how long a secret is."""
    assert said(detector("acme-token", r"(?<!\w)qz[ab]_[0-9a-f]{20}(?!\w)")) == (
        "Its shape is enough, wherever it stands. "
        "The secret begins with `qza_` or `qzb_` and is 24 characters long."
    )
    assert "is 8 to 40 characters long" in said(detector("acme-token", r"[a-z]{8,40}"))
    assert "is at least 8 characters long" in said(detector("acme-token", r"[a-z]{8,99999}"))


def test_many_beginnings_are_not_listed() -> None:
    """A list that nobody reads is left out."""
    assert "begins with" not in said(detector("acme-token", r"[abcd][abcd][0-9]{20}"))


def test_the_context_is_told() -> None:
    """Keywords, labels, kinds of characters and entropy are what a shapeless secret has."""
    one = detector(
        "acme-key",
        r"(?P<secret>[0-9a-z]{32})",
        keywords=("acme",),
        labels="key|token",
        distance=40,
        needs=("digit", "lower", "symbol"),
        min_entropy=3.0,
    )
    assert said(one) == (
        "A value that follows a keyword, or a name that ends in one of the labels. "
        "The keyword ends at most 40 bytes before it. The secret is 32 characters long. "
        "It has at least a digit, a small letter and a symbol. "
        "It looks random: at least 3.0 bits of entropy a character."
    )


def test_a_context_of_the_pattern_itself_is_told() -> None:
    """A pattern that is more than the value needs more than its shape."""
    assert said(detector("acme-line", r"login (?P<secret>[a-z]{8})")).startswith(
        "The pattern holds what stands around it. The secret is 8 characters long."
    )


def test_halves_are_told_apart() -> None:
    """When the pattern finds another half, the secret is what stands near it."""
    one = detector(
        "acme-pair",
        r"QZID[A-Z0-9]{12}",
        role="key_id",
        parts=(
            PartSpec(name="secret", pattern="[a-z]{40}", within=200),
            PartSpec(name="host", pattern="[a-z]{4}", required=False),
        ),
    )
    assert "The other part (`key_id`) begins with `QZID` and is 16 characters long." in said(one)
    assert "The secret stands within 200 bytes. Without it nothing is reported." in said(one)
    assert "The other part (`host`) stands within 400 bytes. It may be missing." in said(one)
    labels = {statement.label for statement in statements(one, NONE)}
    assert {"pattern", "pattern of secret", "pattern of host"} <= labels


def test_statements_of_a_kind_share_a_line() -> None:
    """Keywords stand together; each example and near-miss has a line of its own."""
    one = detector(
        "acme-key",
        r"qz_[a-z]{8}",
        keywords=("acme", "qz"),
        examples=("qz_{lower:8}", "x = qz_{lower:8}"),
        near_misses=(NearMiss(text="qz_", why="too short"),),
    )
    lines = [(group[0].label, len(group)) for group in grouped(statements(one, NONE))]
    assert [count for label, count in lines if label == "keywords"] == [2]
    assert [count for label, count in lines if label == "example"] == [1, 1]
    [near] = [one for one in statements(one, NONE) if one.label == "near-miss"]
    assert (near.text, near.kind, near.note) == ("qz_", Kind.CODE, "too short")


def test_words_are_searched_in_what_people_read() -> None:
    """Names, keywords, texts and links count, expressions and templates do not."""
    one = detector("acme-token", r"qz_[a-z]{8}", keywords=("roadrunner",), examples=("qz_{x}",))
    assert mentions(one, ("ACME", "made-up", "RoadRunner", "example.com"))
    assert not mentions(one, ("acme", "qz_"))
    assert mentions(one, ())


def test_everything_can_be_told_of_every_detector() -> None:
    """None of the detectors that come with keysift is left without words."""
    for one in load().detectors:
        told = list(statements(one, NONE))
        assert all(statement.text for statement in told)
        assert {"what", "revoke", "rotate", "reference", "recognised", "pattern"} <= {
            statement.label for statement in told
        }
