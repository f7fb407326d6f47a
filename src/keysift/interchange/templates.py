"""Examples for an expression: templates (``keysift.catalogue.samples``) of text that it matches."""

from __future__ import annotations

import string
from re import _constants as op  # type: ignore[attr-defined]
from typing import Any, Final

from keysift.catalogue.samples import ALPHABETS
from keysift.detect.pattern import PatternError, parse

_LONG: Final = 24
"""Characters of a repeat that may be shorter and longer."""

_MOST: Final = 400
"""Repeats of what is not a single character, at most: more is not worth an example."""

_PREFERRED: Final = (
    "base62",
    "base36",
    "base32",
    "alnum_upper",
    "hex",
    "HEX",
    "lower",
    "upper",
    "digits",
)
_FIRST: Final = " =:'\"-_/" + string.ascii_lowercase + string.digits + string.ascii_uppercase
_CATEGORIES: Final = {
    op.CATEGORY_DIGIT: string.digits,
    op.CATEGORY_WORD: string.ascii_letters + string.digits + "_",
    op.CATEGORY_SPACE: " \t\n",
}
_NOT: Final = {
    op.CATEGORY_NOT_DIGIT: op.CATEGORY_DIGIT,
    op.CATEGORY_NOT_WORD: op.CATEGORY_WORD,
    op.CATEGORY_NOT_SPACE: op.CATEGORY_SPACE,
}
_ALL: Final = frozenset(map(chr, range(0x20, 0x7F))) | frozenset("\t\n")


def template(pattern: str, *, branch: int = 0, length: int | None = None) -> str | None:
    """Return a template of text that a pattern matches, or one that cannot be made: None.

    Assertions are not looked at, so that what comes out has to be tried.

    Args:
        pattern: As in ``Detector.pattern``.
        branch: Which alternative to take, the last of each when there are fewer.
        length: Characters of each repeat instead of what it wants: for near-misses.
    """
    try:
        return _Writer(branch, length).text(parse(pattern))
    except (PatternError, _NoExampleError):
        return None


class _NoExampleError(Exception):
    """Something in the expression has no example."""


class _Writer:
    def __init__(self, branch: int, length: int | None) -> None:
        self._branch = branch
        self._length = length

    def text(self, nodes: Any) -> str:  # noqa: ANN401 (the parse tree of `re` has no types)
        return "".join(self._node(kind, value) for kind, value in nodes)

    def _node(self, kind: Any, value: Any) -> str:  # noqa: ANN401 (as above)
        if kind is op.LITERAL:
            return _plain(chr(value))
        if kind in (op.IN, op.ANY, op.NOT_LITERAL):
            return _one(_members(kind, value))
        if kind in (op.MAX_REPEAT, op.MIN_REPEAT, op.POSSESSIVE_REPEAT):
            return self._repeat(*value)
        if kind is op.SUBPATTERN:
            return self.text(value[3])
        if kind is op.ATOMIC_GROUP:
            return self.text(value)
        if kind is op.BRANCH:
            return self.text(value[1][min(self._branch, len(value[1]) - 1)])
        if kind in (op.AT, op.ASSERT, op.ASSERT_NOT):
            return ""
        raise _NoExampleError

    def _repeat(self, least: int, most: int, nodes: Any) -> str:  # noqa: ANN401 (as above)
        if not least:
            return ""
        if len(nodes) == 1 and nodes[0][0] in (op.IN, op.ANY, op.NOT_LITERAL):
            size = least if least == most else max(least, min(int(most), _LONG))
            if self._length is not None:
                size = min(size, self._length)
            return _several(_members(*nodes[0]), size)
        if least > _MOST:
            raise _NoExampleError
        return self.text(nodes) * (least if self._length is None else min(least, self._length))


def _plain(text: str) -> str:
    return text.replace("{", "{{").replace("}", "}}")


def _members(kind: Any, value: Any) -> frozenset[str]:  # noqa: ANN401 (as above)
    """Return the printable characters that a node stands for."""
    if kind is op.ANY:
        return _ALL - {"\n"}
    if kind is op.NOT_LITERAL:
        return _ALL - {chr(value)}
    found: set[str] = set()
    negated = False
    for item, what in value:
        if item is op.NEGATE:
            negated = True
        elif item is op.LITERAL:
            found.add(chr(what))
        elif item is op.RANGE:
            found.update(map(chr, range(what[0], what[1] + 1)))
        elif item is op.CATEGORY:
            inner = set(_CATEGORIES.get(what, "")) or _ALL - set(_CATEGORIES[_NOT[what]])
            found |= inner
    return _ALL - found if negated else _ALL & found


def _one(members: frozenset[str]) -> str:
    for char in _FIRST:
        if char in members:
            return char
    if not members:
        raise _NoExampleError
    return _plain(min(members))


def _several(members: frozenset[str], size: int) -> str:
    if not size:
        return ""
    for name in _PREFERRED:
        if members.issuperset(ALPHABETS[name]):
            return f"{{{name}:{size}}}"
    letters = "".join(sorted(members - set("{}|:")))
    return f"{{chars:{letters}:{size}}}" if len(letters) > 1 else _one(members) * size
