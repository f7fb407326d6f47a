"""Words that announce a secret: how they are looked for, and where they stand alone."""

from __future__ import annotations

import re
import string
from collections.abc import Iterable
from typing import Final

SHORT_WORD: Final = 6
"""A keyword up to this length must not be the beginning of a longer word."""

NAMES_OF_SECRETS: Final = ("api", "key", "token", "secret", "access", "auth", "pass", "pwd")
"""What a keyword may be written together with, in small letters."""

_NAMES: Final = tuple(name.encode() for name in NAMES_OF_SECRETS)
_NAMES_BEGIN: Final = tuple(sorted({name[:3] for name in NAMES_OF_SECRETS}))
_BEHIND: Final = max(map(len, _NAMES_BEGIN))
"""Bytes behind a short word that its anchor may take."""

_LOWER: Final = frozenset(string.ascii_lowercase.encode())
_UPPER: Final = frozenset(string.ascii_uppercase.encode())
_LETTERS: Final = _LOWER | _UPPER

_BETWEEN_WORDS: Final = (b" ", b"_", b".", b"-")
"""What the spaces of a keyword may stand for, besides nothing."""


def keyword_expression(keyword: str) -> str:
    """Return the expression of a keyword: case is ignored, a space is any or no separator."""
    return "(?i:" + "[ _.-]?".join(re.escape(word) for word in keyword.split(" ")) + ")"


def keyword_anchor(keyword: str) -> str:
    """Return what the automaton looks for, in Hyperscan's syntax.

    That of a short word takes what is behind it as well, which must not be a small letter unless it
    may begin the name of a secret: "false" would be a hit for "fal" in every second file.
    """
    behind = rf"(?:[^a-z]|{'|'.join(_NAMES_BEGIN)}|\z)" if _is_short(keyword) else ""
    return keyword_expression(keyword) + behind


def _is_short(keyword: str) -> bool:
    return len(keyword) <= SHORT_WORD and keyword.isalpha()


def essential(keywords: tuple[str, ...]) -> tuple[str, ...]:
    """Return the keywords that no shorter one of the same detector announces already, in order.

    What ends in "api key" would all be compared wherever an API key is mentioned.
    """
    lowered = dict.fromkeys(keyword.lower() for keyword in keywords)
    return tuple(
        keyword
        for keyword in lowered
        if not any(
            keyword.startswith(f"{other} ")
            or (len(other) > SHORT_WORD and other != keyword and keyword.startswith(other))
            for other in lowered
        )
    )


def ends_of_words(data: bytes, keyword: str, hits: Iterable[int]) -> list[int]:
    """Return where a keyword ends that begins a word; a short one must end it too.

    ``boxToken``, ``BOX_TOKEN``, ``my-box`` and ``boxapikey`` hold the word box; ``inbox`` and
    ``boxes`` do not.

    Args:
        data: The text.
        keyword: The keyword, in small letters.
        hits: Where ``keyword_anchor`` ended.
    """
    word, length = keyword.encode(), len(keyword)
    takes_behind, must_end = _is_short(keyword), length <= SHORT_WORD
    first, *others = keyword.split(" ")
    ends = []
    # This runs for each hit.
    for hit in hits:
        end, start = hit, hit - length
        if takes_behind:
            low = max(0, start - _BEHIND)
            start = low + data[low:hit].lower().rfind(word)
            end = start + length
        elif others:
            start = _beginning(data, end, others) - len(first)
        if start > 0 and data[start - 1] in _LETTERS:
            humps = data[start - 1] in _LOWER and data[start] in _UPPER
            if not humps:
                continue
        if not must_end or end >= len(data) or data[end] not in _LETTERS or _ends(data, end):
            ends.append(end)
    return ends


def _ends(data: bytes, end: int) -> bool:
    """Tell whether a word ends before a letter: by its case, or because of what follows."""
    if data[end] in _UPPER and data[end - 1] in _LOWER:
        return True
    return data[end : end + 6].lower().startswith(_NAMES)


def _beginning(data: bytes, end: int, others: list[str]) -> int:
    """Return where the first of several words ends whose others end at ``end``.

    Each of the spaces stands for one character that separates, or for none: ``Aws_SecretKey``.
    """
    start = end
    for word in reversed(others):
        start -= len(word)
        if data[max(0, start - 1) : start] in _BETWEEN_WORDS:
            start -= 1
    return start
