"""Expressions of RE2, Rust and Vectorscan as Python's."""

from __future__ import annotations

import contextlib
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keysift.catalogue.samples import expand
from keysift.interchange.regex import UntranslatableError, translate
from keysift.interchange.rule import Dialect
from keysift.interchange.templates import template


def _compiled(
    pattern: str, dialect: Dialect = Dialect.GO, group: int | str | None = None
) -> re.Pattern[bytes]:
    return re.compile(translate(pattern, dialect, group).encode("ascii"))


@pytest.mark.parametrize(
    ("pattern", "matches", "others"),
    [
        (r"(?i)key[a-f]{2}", ["KEYab", "keyAB"], ["ke"]),
        (r"key(?i)[a-f]{2}", ["keyAB"], ["KEYAB"]),
        (r"a(?i)b|c", ["aB", "C"], ["AB"]),  # a flag counts for the alternatives after it
        (r"(a(?i)b|c)d", ["aBd", "Cd"], ["aBD"]),
        (r"(?i:a)b", ["Ab"], ["AB"]),
        (r"(?i)a(?-i:b)", ["Ab"], ["AB"]),
        (r"(?s)a.b", ["a\nb"], []),
        (r"a.b", ["axb"], ["a\nb"]),
        (r"[[:alnum:]_]{3}", ["a_1"], ["a-1"]),
        (r"[^[:space:]]{2}", ["ab"], ["a "]),
        (r"\Qa.b\E+", ["a.bb"], ["axb"]),
        (r"a\z", ["a"], ["a\n"]),
        (r"\x{61}\x62", ["ab"], []),
        (r"[\x{61}-\x63]", ["b"], ["d"]),
        (r"[]a]", ["]"], ["b"]),
        (r"[^]a]", ["b"], ["]"]),
        (r"[a[]", ["["], ["b"]),
        (r"ü{2}", ["üü"], ["ü"]),
        (r"(?P<x>a)(?<y>b)", ["ab"], []),
    ],
)
def test_what_differs_is_rewritten(pattern: str, matches: list[str], others: list[str]) -> None:
    """The same text matches, in full or not at all."""
    compiled = _compiled(pattern)
    assert all(compiled.fullmatch(text.encode()) for text in matches)
    assert not any(compiled.fullmatch(text.encode()) for text in others)


def test_verbose_expressions_lose_what_means_nothing() -> None:
    """White space and comments go, but not those in classes or after a backslash."""
    pattern = "(?x)\n a [ b] \\ c # a comment ( with a parenthesis\n (?-x: d)"
    assert _compiled(pattern, Dialect.RUST).fullmatch(b"a  c d")
    assert _compiled(pattern, Dialect.RUST).fullmatch(b"ab c d")


@pytest.mark.parametrize(
    ("pattern", "group", "secret"),
    [
        (r"k(a)(b)", None, b"a"),
        (r"k(a)(b)", 2, b"b"),
        (r"k(?:x|(a))b", None, b"a"),
        (r"k(a)(?P<TOKEN>b)", "TOKEN", b"b"),
        (r"k(?<other>a)(b)", "TOKEN", b"a"),
        (r"kab", None, None),
    ],
)
def test_the_secret_is_the_group_that_it_was(
    pattern: str, group: int | str | None, secret: bytes | None
) -> None:
    """No other group is left: they would be parts of the finding."""
    compiled = _compiled(pattern, Dialect.RUST, group)
    found = compiled.search(b"kab")
    assert found is not None
    assert found.groupdict() == ({} if secret is None else {"secret": secret})
    assert compiled.groups == (secret is not None)


@pytest.mark.parametrize(
    ("pattern", "dialect"),
    [
        (r"\pL", Dialect.GO),
        (r"\p{Greek}", Dialect.GO),
        (r"(?U)a+", Dialect.GO),
        (r"(a", Dialect.GO),
        (r"a)", Dialect.GO),
        (r"[a", Dialect.GO),
        (r"[ü]", Dialect.GO),
        (r"(?#a)", Dialect.GO),
        (r"[a-z&&b]", Dialect.RUST),
        (r"[a[b]]", Dialect.RUST),
        (r"(a)\1", Dialect.RUST),
        (r"\<a", Dialect.RUST),
        ("a\\", Dialect.GO),
    ],
)
def test_what_python_cannot_say_is_an_error(pattern: str, dialect: Dialect) -> None:
    """Nothing is guessed."""
    with pytest.raises(UntranslatableError):
        translate(pattern, dialect, None)


def test_a_group_that_is_not_there_is_an_error() -> None:
    """It would be another secret."""
    with pytest.raises(UntranslatableError, match="no group 3"):
        translate("(a)(b)", Dialect.GO, 3)


@given(st.text(alphabet=r"ab(|)?*+[]^-\dQEx{}i:<>P#. " + "\n"), st.sampled_from(Dialect))
def test_any_text_is_read(pattern: str, dialect: Dialect) -> None:
    """It is translated, or refused; what is no expression at all Python says later."""
    with contextlib.suppress(UntranslatableError):
        assert isinstance(translate(pattern, dialect, None), str)


@pytest.mark.parametrize(
    "pattern",
    [
        r"\bacme_[a-z0-9]{32}\b",
        r"(?i:acme[ \t\w.-]{0,20}[:=][\s'\x22]{0,5}(?P<secret>[0-9a-f]{40}))(?:[;\s]|$)",
        r"acme-(?:live|dev)-[A-Za-z0-9_-]{20,40}",
        r"-{2}[A-Z2-7]{16}={0,6}",
        r"acme\{[^}\s]{10}\}",
    ],
)
def test_templates_make_what_a_pattern_matches(pattern: str) -> None:
    """And with too short repeats, what it does not."""
    made, short = template(pattern), template(pattern, length=1)
    assert made is not None
    assert short is not None
    assert re.search(pattern.encode(), expand(made, 1).encode())
    assert not re.search(pattern.encode(), expand(short, 1).encode())
