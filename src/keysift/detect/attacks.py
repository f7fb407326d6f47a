"""Inputs that hurt a backtracking matcher most, made from an expression's parse tree.

An attack is the beginning of a match, then one text that a repeat takes, many times. What follows
fits nothing. Private parts of :mod:`re` are used as in ``keysift.detect.pattern``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from re import _constants as op  # type: ignore[attr-defined]
from typing import Any, Final

from msgspec import Struct

from keysift.detect.pattern import walk

CHARACTERS: Final = (op.LITERAL, op.NOT_LITERAL, op.IN, op.ANY, op.ANY_ALL)
"""Kinds of nodes that take one character."""

REPEATS: Final = (op.MAX_REPEAT, op.MIN_REPEAT, op.POSSESSIVE_REPEAT)

_MOST: Final = 24
_END: Final = b"\x00"


class Attack(Struct, frozen=True, order=True):
    """A text that leads up to a repeat, and one that the repeat takes."""

    lead: bytes
    pump: bytes

    def text(self, times: int) -> bytes:
        """Return the input with the repeated text this many times."""
        return self.lead + self.pump * times + _END


def attacks(tree: Any) -> list[Attack]:  # noqa: ANN401 (re's parse tree)
    """Return inputs for every repeat of an expression, the outermost first."""
    literals = {value for kind, value in walk(tree) if kind is op.LITERAL}
    found: dict[Attack, None] = {}
    for lead, body in _pumps(list(tree), b""):
        pumps = {_witness(body), _witness(body, 1), *_ways(body), *_others(body, literals)}
        found.update(dict.fromkeys(Attack(lead, pump) for pump in sorted(pumps) if pump))
    return list(found)[:_MOST]


def is_one_character(nodes: list[Any]) -> bool:
    """Tell whether nodes take exactly one character."""
    return len(nodes) == 1 and nodes[0][0] in CHARACTERS


def _pumps(nodes: list[Any], lead: bytes) -> Iterator[tuple[bytes, list[Any]]]:
    """Yield the repeats of a tree, each with a text that leads up to it."""
    for kind, value in nodes:
        if kind in REPEATS:
            if value[0] != value[1] or not is_one_character(list(value[2])):
                yield lead, list(value[2])
            yield from _pumps(list(value[2]), lead)
        elif kind is op.SUBPATTERN:
            yield from _pumps(list(value[3]), lead)
        elif kind is op.BRANCH:
            for way in value[1]:
                yield from _pumps(list(way), lead)
        elif kind is op.ATOMIC_GROUP:
            yield from _pumps(list(value), lead)
        elif kind in (op.ASSERT, op.ASSERT_NOT):
            yield from _pumps(list(value[1]), lead)
        lead += _witness([(kind, value)])


def _witness(nodes: Iterable[Any], least: int = 0) -> bytes:
    """Return a short text that the nodes match, assertions aside; each repeat ``least`` times."""
    text = b""
    for kind, value in nodes:
        if kind in REPEATS:
            text += _witness(value[2], least) * max(int(value[0]), min(least, int(value[1])))
        elif kind is op.SUBPATTERN:
            text += _witness(value[3], least)
        elif kind is op.BRANCH:
            text += _witness(value[1][0], least)
        elif kind is op.ATOMIC_GROUP:
            text += _witness(value, least)
        elif kind in CHARACTERS:
            text += bytes([next(_members(kind, value))])
    return text


def _ways(nodes: list[Any]) -> set[bytes]:
    """Return the texts of each way through alternatives; the longest may be cut in many ways."""
    while len(nodes) == 1 and nodes[0][0] is op.SUBPATTERN:
        nodes = list(nodes[0][1][3])
    if len(nodes) != 1 or nodes[0][0] is not op.BRANCH:
        return set()
    return {_witness(way, 1) for way in nodes[0][1][1]}


def _others(nodes: list[Any], literals: set[int]) -> set[bytes]:
    """Return more characters that a one-character body matches: those of what follows above all."""
    if len(nodes) != 1 or nodes[0][0] not in (op.IN, op.ANY, op.ANY_ALL, op.NOT_LITERAL):
        return set()
    accepts = acceptor(*nodes[0], caseless=False)
    return {bytes([byte]) for byte in {*literals, *b"aA0_- \t\n\"'./=:"} if accepts(byte)}


def _members(kind: Any, value: Any) -> Iterator[int]:  # noqa: ANN401 (re's parse tree)
    accepts = acceptor(kind, value, caseless=False)
    preferred = b"aA0_-" + bytes(range(0x20, 0x7F)) + bytes(range(256))
    return (byte for byte in preferred if accepts(byte))


def acceptor(kind: Any, value: Any, *, caseless: bool) -> Callable[[int], bool]:  # noqa: ANN401
    """Return which bytes a one-character node takes, as a table."""
    table = frozenset(byte for byte in range(256) if _accepts(kind, value, byte))
    if caseless:
        chars = bytes(table)
        table = frozenset(chars.lower() + chars.upper())
    return table.__contains__


def _accepts(kind: Any, value: Any, byte: int) -> bool:  # noqa: ANN401 (re's parse tree)
    if kind is op.LITERAL:
        return bool(byte == value)
    if kind is op.NOT_LITERAL:
        return bool(byte != value)
    if kind is op.ANY:
        return byte != ord("\n")
    if kind is op.ANY_ALL:
        return True
    negated = value[0][0] is op.NEGATE
    return negated != any(_in_class(member, byte) for member in value)


def _in_class(member: Any, byte: int) -> bool:  # noqa: ANN401 (re's parse tree)
    kind, value = member
    if kind is op.LITERAL:
        return bool(byte == value)
    if kind is op.RANGE:
        return bool(value[0] <= byte <= value[1])
    if kind is op.CATEGORY:
        return re.fullmatch(_CATEGORIES[value], bytes([byte])) is not None
    return False


_CATEGORIES: Final = {
    op.CATEGORY_DIGIT: rb"\d",
    op.CATEGORY_NOT_DIGIT: rb"\D",
    op.CATEGORY_SPACE: rb"\s",
    op.CATEGORY_NOT_SPACE: rb"\S",
    op.CATEGORY_WORD: rb"\w",
    op.CATEGORY_NOT_WORD: rb"\W",
}
