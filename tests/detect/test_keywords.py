"""Words that announce a secret."""

from __future__ import annotations

import re

import pytest

from keysift.detect.keywords import ends_of_words, keyword_anchor


@pytest.mark.parametrize(
    ("keyword", "text", "ends"),
    [
        ("fal", b"FAL_KEY fal.run falKey fal", [3, 11, 19, 26]),
        ("fal", b"falapikey faltoken falseness", [3, 13]),
        ("fal", b"false falling fallen", []),
        ("mite", b"mite mites termite", [4]),
        ("alchemy", b"alchemyapi", [7]),
        ("fal ai", b"fal-ai falai falaid", [6, 12]),
    ],
)
def test_short_words_that_go_on_are_no_hits(keyword: str, text: bytes, ends: list[int]) -> None:
    """The expression of a short keyword takes what is behind; its end is told exactly."""
    found = re.finditer(keyword_anchor(keyword).replace(r"\z", r"\Z").encode(), text)
    assert ends_of_words(text, keyword, [match.end() for match in found]) == ends
