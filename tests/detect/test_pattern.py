"""What the automaton looks for is contained in every exact match."""

from __future__ import annotations

import re

import hyperscan
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keysift.detect.pattern import PatternError, derive
from keysift.detect.steps import CEILING, begins_open, count, worst_growth

PATTERNS = [
    r"\bqz_[A-Za-z0-9]{6}\b",
    r"(?P<secret>qz-(?:one|two)-[a-z]{2,20})(?![a-z])",
    r"(?i:qz[_-]?key)\s{0,3}=\s{0,3}['\"](?P<secret>[^'\"\n]{3,10})['\"]",
    r"(?<![0-9])(?P<secret>\d{4,6}:A[\w-]{5})(?![\w-])",
    r"--q(?:[A-Z ]{0,5})z--[\s\S]{2,900}?--end",
    r"[a-z]{0,4}qz(?:ab|cd?){1,3}",
    r"(?i)q(?:x|yz)w+",
]


@pytest.mark.parametrize("pattern", PATTERNS)
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_every_exact_match_holds_a_hit(pattern: str, data: st.DataObject) -> None:
    """Whatever text matches exactly, the automaton reports within the promised reach."""
    exact = re.compile(pattern.encode())
    text = data.draw(st.from_regex(exact))
    derived = derive(pattern)
    database = hyperscan.Database(mode=hyperscan.HS_MODE_BLOCK)
    database.compile(expressions=[derived.expression.encode()], ids=[0], flags=[0])
    ends: list[int] = []
    database.scan(text, match_event_handler=lambda _i, _s, end, _f, _c: ends.append(end))
    for match in exact.finditer(text):
        assert any(
            match.start() >= end - derived.reach_back
            and match.end() <= end + derived.reach_on
            and match.start() < end <= match.end()
            for end in ends
        )


@pytest.mark.parametrize(
    ("pattern", "prefixes"),
    [
        (r"(?<![a-z])qz_[a-z]{4}", (b"qz_",)),
        (r"(?:ab|cd)[01]x{3}", (b"ab0", b"ab1", b"cd0", b"cd1")),
        (r"(?i:AB)c\d", (b"abc",)),
        (r"\d{4}:AA", ()),
        (r"(?P<secret>(?:qz|qy)-(?:a|b)[0-9]+)", (b"qy-a", b"qy-b", b"qz-a", b"qz-b")),
    ],
)
def test_literal_beginnings_are_known(pattern: str, prefixes: tuple[bytes, ...]) -> None:
    """The texts that every match begins with are read off the expression."""
    assert derive(pattern).prefixes == prefixes


@pytest.mark.parametrize("pattern", [r"a*b?", r"(?:x|y)*", "(", "ü"])
def test_what_cannot_be_looked_for_is_refused(pattern: str) -> None:
    """Nothing definite to find, or no expression at all, is an error that says so."""
    with pytest.raises(PatternError):
        derive(pattern)


@pytest.mark.parametrize(
    "pattern",
    [
        r"(a+)+b",
        r"(?:a|a)*b",
        r"x[^\n]*y[^\n]*z",
        r"(?:a?){40}b",
        r"qz_(a+)+$",
        r"qz_(?:[a-z]+)+(?![0-9])",
        r"qz_(?=(a+)+$)[a-z]{8}",
        r"qz_\s*\s*\s*x",
        r"qz_(?:a|b|ab){1,8}(?:a|b|ab){1,8}(?:a|b|ab){1,8}c",
        r"qz_(?:(?:a{1,8}){1,8}){1,8}b",
        r"qz_" + "a?" * 25 + "a" * 25 + "b",
        r"qz_(a*)\1*\1*b",
    ],
)
def test_patterns_that_blow_up_are_caught(pattern: str) -> None:
    """Ambiguous repeats take steps out of proportion, and the check sees it."""
    assert worst_growth(pattern) is not None


@pytest.mark.parametrize("pattern", PATTERNS)
def test_harmless_patterns_pass(pattern: str) -> None:
    """The steps of a plain pattern grow with its input."""
    assert worst_growth(pattern) is None


@pytest.mark.parametrize(
    ("pattern", "is_open"),
    [
        (r"(?<!x)(?:[a-z0-9]+|q)_qz_[0-9]{8}", True),
        (r"(?P<secret>\s*qz)", True),
        (r"[a-z]{1,50}_qz", False),
        (r"qz_[a-z]+", False),
    ],
)
def test_open_beginnings_are_told(pattern: str, is_open: bool) -> None:  # noqa: FBT001
    """A pattern that begins with a repeat without bound is known, also below groups."""
    assert begins_open(pattern) is is_open


def test_steps_are_counted_not_timed() -> None:
    """The same pattern and text always take the same steps, and never more than the ceiling."""
    assert count(r"[a-z]{3}x", b"abcd") == count(r"[a-z]{3}x", b"abcd") > 0
    assert count(r"(a+)+b", b"a" * 200 + b"c") == CEILING + 1


@pytest.mark.parametrize("pattern", PATTERNS)
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_every_secret_holds_its_run(pattern: str, data: st.DataObject) -> None:
    """The stretch that is looked for first stands in every secret, whatever its form."""
    exact = re.compile(pattern.encode())
    match = exact.search(data.draw(st.from_regex(exact)))
    assert match is not None
    secret = match["secret"] if "secret" in exact.groupindex else match[0]
    run = derive(pattern).run
    assert any(
        all(byte in run.members for byte in secret[start : start + run.least])
        for start in range(len(secret) - run.least + 1)
    )


@pytest.mark.parametrize(
    ("pattern", "members", "least"),
    [
        (r"key=(?P<secret>[0-9a-f]{32})", b"0123456789abcdef", 32),
        (r"(?P<secret>qz-[01]{4,9})(?![a-z])", b"-01qz", 7),
        (r"(?P<secret>(?:[^x]{3}|q)[01]{20}z?)", b"01", 20),
        (r"(?i:q{3})", b"Qq", 3),
    ],
)
def test_the_run_is_the_rarest_stretch(pattern: str, members: bytes, least: int) -> None:
    """All of a secret when its characters are few, else the repeat that is rarest in text."""
    run = derive(pattern).run
    assert (run.members, run.least) == (members, least)
