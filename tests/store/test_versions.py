"""Keys that order versions."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.version import Version

from keysift.store.versions import is_prerelease, sort_key

_NUMBERS = st.one_of(st.integers(0, 3), st.integers(250, 260), st.integers(0, 10**30))
_WORDS = st.sampled_from(["a", "ab", "b1", "1b", "0", "9", "10"])


@st.composite
def versions(draw: st.DrawFn) -> str:
    """Return a version with any of the parts that PEP 440 knows."""
    text = draw(st.sampled_from(["", "0!", "1!"]))
    text += ".".join(map(str, draw(st.lists(_NUMBERS, min_size=1, max_size=4))))
    for mark in ("a", "b", "rc"):
        if draw(st.booleans()):
            text += f"{mark}{draw(_NUMBERS)}"
            break
    for mark in (".post", ".dev"):
        if draw(st.booleans()):
            text += f"{mark}{draw(_NUMBERS)}"
    if draw(st.booleans()):
        text += "+" + ".".join(draw(st.lists(_WORDS, min_size=1, max_size=3)))
    return text


@given(versions(), versions())
def test_keys_compare_as_versions_do(one: str, other: str) -> None:
    """Keys are equal, smaller or greater just when the versions are."""
    left, right = sort_key(one), sort_key(other)
    assert left is not None
    assert right is not None
    assert (left < right, left == right) == (
        Version(one) < Version(other),
        Version(one) == Version(other),
    )


@pytest.mark.parametrize("version", ["", "2004d", "1.0-final-2", "1." + "9" * 5000])
def test_what_is_no_version_has_no_key(version: str) -> None:
    """Names from before PEP 440, and numbers that nobody can read, are not compared."""
    assert sort_key(version) is None
    assert not is_prerelease(version)


@pytest.mark.parametrize(("version", "early"), [("1.0rc1", True), ("1.dev0", True), ("1", False)])
def test_prereleases_are_known(version: str, early: bool) -> None:  # noqa: FBT001 (a parameter of the test)
    """Development releases count among them."""
    assert is_prerelease(version) is early
