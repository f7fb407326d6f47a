"""Proof without a clock that an expression cannot blow up: the steps of a matcher are counted.

Python's matcher backtracks; a few ambiguous repeats in a row make it polynomial, nested ones
exponential. Here a small matcher walks the same parse tree and counts, on inputs made to hurt: the
beginning of a match, one repeatable text many times, and something that fits nothing. The count
must grow no faster than the input.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator
from re import _constants as op  # type: ignore[attr-defined]
from typing import Any, Final, TypeAlias

from keysift.detect.pattern import parse, walk

SIZES: Final = (48, 96, 192)
"""Lengths of the repeated part of the attacks."""

CEILING: Final = 25_000
"""Steps from one start that no attack may exceed."""

_GROWTH: Final = 6.5
_NOISE: Final = 600
_SHORT: Final = 8
_MAX_ATTACKS: Final = 14
_DEPTH: Final = 60_000
_CHARACTERS: Final = (op.LITERAL, op.NOT_LITERAL, op.IN, op.ANY, op.ANY_ALL)
_REPEATS: Final = (op.MAX_REPEAT, op.MIN_REPEAT, op.POSSESSIVE_REPEAT)

Goal: TypeAlias = Callable[[int], bool]
Matcher: TypeAlias = Callable[[int, Goal], bool]


class StepLimitError(Exception):
    """More steps than the ceiling."""


class _Run:
    """One input and the steps taken on it."""

    def __init__(self, text: bytes) -> None:
        self.text = text
        self.steps = 0

    def step(self) -> None:
        self.steps += 1
        if self.steps > CEILING:
            raise StepLimitError


def worst_growth(pattern: str) -> str | None:
    """Return what is wrong with a pattern, or None when its steps grow with its input.

    Raises:
        PatternError: It is no regular expression.
    """
    tree = parse(pattern)
    nodes = list(walk(tree))
    if sum(map(_is_open, nodes)) < 2 and not any(map(_is_nested, nodes)):
        return None
    for build in _attacks(tree):
        counts = [_steps(tree, build(size)) for size in SIZES]
        if counts[-1] > CEILING:
            return f"more than {CEILING} steps on {SIZES[-1]} repetitions of {build(1)[-9:]!r}"
        if counts[-1] > _GROWTH * counts[0] + _NOISE:
            return f"steps {counts} on {SIZES} repetitions of {build(1)[-9:]!r}"
    return None


def _is_nested(node: Any) -> bool:  # noqa: ANN401 (re's parse tree)
    """Tell whether a node repeats something that is more than one character long often."""
    kind, value = node
    return kind in _REPEATS and value[1] > _SHORT and not _is_one_character(list(value[2]))


def _is_one_character(nodes: list[Any]) -> bool:
    return len(nodes) == 1 and nodes[0][0] in _CHARACTERS


def _is_open(node: Any) -> bool:  # noqa: ANN401 (re's parse tree)
    """Tell whether a node can take many different lengths of text, or holds one that repeats."""
    kind, value = node
    return kind in _REPEATS and value[1] > _SHORT and value[0] != value[1]


def count(pattern: str, text: bytes) -> int:
    """Return the steps of one attempt at the beginning of ``text``; above ``CEILING`` they stop."""
    return _steps(parse(pattern), text)


def _steps(tree: Any, text: bytes) -> int:  # noqa: ANN401 (re's parse tree)
    run = _Run(text)
    matcher = _sequence(list(tree), bool(tree.state.flags & re.IGNORECASE), run)
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(before + _DEPTH)
    try:
        matcher(0, lambda _position: True)
    except StepLimitError:
        return CEILING + 1
    finally:
        sys.setrecursionlimit(before)
    return run.steps


def _attacks(tree: Any) -> Iterator[Callable[[int], bytes]]:  # noqa: ANN401 (re's parse tree)
    """Yield functions from a size to an input: lead, repeated text, a byte that fits nothing."""
    seen: set[tuple[bytes, bytes]] = set()
    literals = {value for kind, value in walk(tree) if kind is op.LITERAL}
    for lead, body in _pumps(list(tree), b""):
        for pump in sorted({_witness(body), _witness(body, 1), *_others(body, literals)}):
            if not pump or (lead, pump) in seen or len(seen) > _MAX_ATTACKS:
                continue
            seen.add((lead, pump))
            yield lambda size, lead=lead, pump=pump: lead + pump * size + b"\x00"  # type: ignore[misc]


def _pumps(nodes: list[Any], lead: bytes) -> Iterator[tuple[bytes, list[Any]]]:
    """Yield the repeats of a tree, each with a text that leads up to it."""
    for kind, value in nodes:
        if kind in _REPEATS:
            if value[1] > 8:
                yield lead, list(value[2])
            yield from _pumps(list(value[2]), lead)
        elif kind is op.SUBPATTERN:
            yield from _pumps(list(value[3]), lead)
        elif kind is op.BRANCH:
            for way in value[1]:
                yield from _pumps(list(way), lead)
        elif kind is op.ATOMIC_GROUP:
            yield from _pumps(list(value), lead)
        lead += _witness([(kind, value)])


def _witness(nodes: list[Any], least: int = 0) -> bytes:
    """Return a short text that the nodes match, assertions aside; each repeat ``least`` times."""
    text = b""
    for kind, value in nodes:
        if kind in _REPEATS:
            text += _witness(list(value[2]), least) * max(int(value[0]), min(least, int(value[1])))
        elif kind is op.SUBPATTERN:
            text += _witness(list(value[3]), least)
        elif kind is op.BRANCH:
            text += _witness(list(value[1][0]), least)
        elif kind is op.ATOMIC_GROUP:
            text += _witness(list(value), least)
        elif kind in _CHARACTERS:
            text += bytes([next(_members(kind, value))])
    return text


def _others(nodes: list[Any], literals: set[int]) -> set[bytes]:
    """Return more characters that a one-character body matches: those of what follows above all."""
    if len(nodes) != 1 or nodes[0][0] not in (op.IN, op.ANY, op.ANY_ALL, op.NOT_LITERAL):
        return set()
    accepts = _acceptor(*nodes[0], caseless=False)
    return {bytes([byte]) for byte in {*literals, *b"aA0_- \t\n\"'./=:"} if accepts(byte)}


def _members(kind: Any, value: Any) -> Iterator[int]:  # noqa: ANN401 (re's parse tree)
    accepts = _acceptor(kind, value, caseless=False)
    preferred = b"aA0_-" + bytes(range(0x20, 0x7F)) + bytes(range(256))
    return (byte for byte in preferred if accepts(byte))


def _acceptor(kind: Any, value: Any, *, caseless: bool) -> Callable[[int], bool]:  # noqa: ANN401
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


def _sequence(nodes: list[Any], caseless: bool, run: _Run) -> Matcher:  # noqa: FBT001
    matchers = [_single(kind, value, caseless, run) for kind, value in nodes]

    def match(position: int, goal: Goal) -> bool:
        def from_node(index: int, place: int) -> bool:
            if index == len(matchers):
                return goal(place)
            return matchers[index](place, lambda after: from_node(index + 1, after))

        return from_node(0, position)

    return match


def _single(kind: Any, value: Any, caseless: bool, run: _Run) -> Matcher:  # noqa: ANN401, FBT001
    if kind in _CHARACTERS:
        return _one_character(_acceptor(kind, value, caseless=caseless), run)
    if kind in _REPEATS:
        return _repeat(value, caseless, run)
    if kind is op.SUBPATTERN:
        inside = (caseless or bool(value[1] & re.IGNORECASE)) and not value[2] & re.IGNORECASE
        return _sequence(list(value[3]), inside, run)
    if kind is op.ATOMIC_GROUP:
        return _sequence(list(value), caseless, run)
    if kind is op.BRANCH:
        ways = [_sequence(list(way), caseless, run) for way in value[1]]
        return lambda position, goal: any(way(position, goal) for way in ways)
    # Assertions and references only narrow what matches: without them no fewer steps are taken.
    return lambda position, goal: goal(position)


def _one_character(accepts: Callable[[int], bool], run: _Run) -> Matcher:
    def match(position: int, goal: Goal) -> bool:
        run.step()
        fits = position < len(run.text) and accepts(run.text[position])
        return fits and goal(position + 1)

    return match


def _repeat(value: Any, caseless: bool, run: _Run) -> Matcher:  # noqa: ANN401, FBT001
    low, high, nodes = int(value[0]), int(min(value[1], 1 << 16)), list(value[2])
    if _is_one_character(nodes):
        return _character_repeat(_acceptor(*nodes[0], caseless=caseless), low, high, run)
    body = _sequence(nodes, caseless, run)

    def match(position: int, goal: Goal) -> bool:
        def again(done: int, place: int) -> bool:
            def next_round(after: int) -> bool:
                return (after != place or done < low) and again(done + 1, after)

            if done < high and body(place, next_round):
                return True
            return done >= low and goal(place)

        return again(0, position)

    return match


def _character_repeat(accepts: Callable[[int], bool], low: int, high: int, run: _Run) -> Matcher:
    def match(position: int, goal: Goal) -> bool:
        end = position
        while end < len(run.text) and end - position < high and accepts(run.text[end]):
            run.step()
            end += 1
        while end - position >= low:
            run.step()
            if goal(end):
                return True
            end -= 1
        return False

    return match
