"""Rules that ignore findings by path and detector."""

from __future__ import annotations

from pathlib import Path

import pytest

from keysift.ignoring.rules import IgnoreRule, RuleBook
from keysift.model import Artifact

_BASE = Path("/work/project")


def _loose(shown: str, target: str = ".") -> tuple[Artifact, str]:
    return Artifact(target=target, name=shown, is_container=False), shown


def _inside(
    path: str, name: str = "dist/demo-1.0.whl", target: str = "dist"
) -> tuple[Artifact, str]:
    return Artifact(target=target, name=name), path


def _published(path: str) -> tuple[Artifact, str]:
    purl = "pkg:pypi/demo@1.0"
    return Artifact(target="pypi:demo", name="demo-1.0.tar.gz", purl=purl), path


@pytest.mark.parametrize(
    ("globs", "place"),
    [
        (["tests/**"], _loose("tests/a.py")),
        (["tests/"], _loose("tests/deep/a.py")),
        (["tests"], _loose("src/tests/deep/a.py")),
        (["*.pem"], _loose("src/tests/deep/a.pem")),
        (["tests/**"], _loose("lib/tests/a.py", "lib")),  # below the target
        (["lib/tests/**"], _loose("lib/tests/a.py", "lib")),  # as shown
        (["tests/**"], _loose("/work/project/tests/a.py", "/work/project/tests/a.py")),
        (["tests/**"], _loose("/else/where/tests/a.py", "/else/where")),
        (["demo/tests/"], _inside("demo/tests/a.py")),
        (["dist/"], _inside("demo/a.py")),
        (["*.whl"], _inside("demo/a.py")),
        (["vendor/inner.zip/**"], _inside("vendor/inner.zip!/a.py")),
        (["tests/**"], _inside("demo-1.0/tests/a.py")),  # the folder of the release
        (["tests/**"], _published("demo-1.0/tests/a.py")),
        (["*.py", "!keep.py"], _loose("a.py")),
    ],
)
def test_paths_are_matched_as_a_user_would_write_them(
    globs: list[str], place: tuple[Artifact, str]
) -> None:
    """Inside the artifact, below the target, as shown, or below the configuration."""
    book = RuleBook([IgnoreRule(paths=tuple(globs), reason="x")], _BASE)
    assert book.answer("acme-key", *place) is not None
    assert list(book.unused()) == []


@pytest.mark.parametrize(
    ("globs", "place"),
    [
        (["tests/**"], _loose("src/tests/a.py")),
        (["tests/**"], _loose("tests", "tests")),
        (["tests/**"], _published("demo-1.0/src/tests/a.py")),
        (["dist/"], _published("demo-1.0/a.py")),
        (["*.py", "!keep.py"], _loose("keep.py")),
    ],
)
def test_other_paths_are_left_alone(globs: list[str], place: tuple[Artifact, str]) -> None:
    """A glob with a slash is about one place."""
    book = RuleBook([IgnoreRule(paths=tuple(globs), reason="x")], _BASE)
    assert book.answer("acme-key", *place) is None
    assert [number for number, _ in book.unused()] == [1]


def test_paths_and_detectors_count_together() -> None:
    """Both must fit; the first rule that does says why."""
    both = IgnoreRule(paths=("tests/",), detectors=("generic-*",), reason="made up")
    keys = IgnoreRule(detectors=("acme-key",), reason="public")
    book = RuleBook([both, keys], _BASE)
    assert book.answer("generic-password", *_loose("tests/a.py")) is both
    assert book.answer("generic-password", *_loose("src/a.py")) is None
    assert book.answer("acme-key", *_loose("tests/a.py")) is keys


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        (IgnoreRule(paths=("a",), reason=" "), "needs a reason"),
        (IgnoreRule(reason="x"), "needs paths or detectors"),
        (IgnoreRule(paths=("[",), reason="x"), "not a glob"),
        (IgnoreRule(paths=("",), reason="x"), "not a glob"),
    ],
)
def test_a_rule_that_says_too_little_has_a_problem(rule: IgnoreRule, words: str) -> None:
    """It would ignore everything, or nothing, or for no reason."""
    assert words in rule.problem
