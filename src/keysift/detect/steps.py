"""Proof without a clock that an expression cannot blow up: the steps of a matcher are counted.

Python's matcher backtracks; a few ambiguous repeats in a row make it polynomial, nested ones
exponential. Here a small matcher walks the same parse tree and counts, on inputs made to hurt
(``keysift.detect.attacks``). The count must grow no faster than the input.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from re import _constants as op  # type: ignore[attr-defined]
from typing import Any, Final, TypeAlias

from keysift.detect.attacks import (
    CHARACTERS,
    REPEATS,
    Attack,
    acceptor,
    attacks,
    is_one_character,
)
from keysift.detect.pattern import parse, walk

SIZES: Final = (48, 96, 192)
"""Lengths of the repeated part of the attacks."""

CEILING: Final = 75_000
"""Steps from one start that no attack may exceed."""

_GROWTH: Final = 6.5
_NOISE: Final = 2_400
_DEPTH: Final = 60_000

Goal: TypeAlias = Callable[[int], bool]
Matcher: TypeAlias = Callable[[int, Goal], bool]


class StepLimitError(Exception):
    """More steps than the ceiling."""


class _Run:
    """One input and the steps taken on it."""

    def __init__(self) -> None:
        self.text = b""
        self.refusing = 0
        self.steps = 0

    def step(self) -> None:
        self.steps += 1
        if self.steps > CEILING:
            raise StepLimitError


class _Machine:
    """A matcher of one expression that counts."""

    def __init__(self, tree: Any) -> None:  # noqa: ANN401 (re's parse tree)
        self._run = _Run()
        self._matcher = _sequence(list(tree), bool(tree.state.flags & re.IGNORECASE), self._run)

    def steps(self, text: bytes, refusing: int | None = None) -> int:
        """Return the steps of one attempt at the beginning of a text; they stop above the ceiling.

        Args:
            text: The input.
            refusing: From which position on assertions fail. What follows a repeat decides whether
                all the ways to repeat are tried: an assertion that holds hides them.
        """
        run = self._run
        run.text, run.steps = text, 0
        run.refusing = len(text) + 1 if refusing is None else refusing
        before = sys.getrecursionlimit()
        sys.setrecursionlimit(before + _DEPTH)
        try:
            self._matcher(0, lambda _position: True)
        except StepLimitError:
            return CEILING + 1
        finally:
            sys.setrecursionlimit(before)
        return run.steps


def worst_growth(pattern: str) -> str | None:
    """Return what is wrong with a pattern, or None when its steps grow with its input.

    Raises:
        PatternError: It is no regular expression.
    """
    tree = parse(pattern)
    nodes = list(walk(tree))
    if any(map(_repeats_a_reference, nodes)):
        return "it repeats what another group matched, which has no bound"
    if sum(map(_varies, nodes)) < 2 and not any(map(_is_nested, nodes)):
        return None
    machine = _Machine(tree)
    for attack in attacks(tree):
        for refuse in (False, True):
            problem = _growth(machine, attack, refuse=refuse)
            if problem is not None:
                return problem
    return None


def begins_open(pattern: str) -> bool:
    """Tell whether the first thing that is matched may be of any length.

    One attempt is harmless, but a search begins anew at each character of that text.

    Raises:
        PatternError: It is no regular expression.
    """
    return _opens(parse(pattern))


def _opens(nodes: Any) -> bool:  # noqa: ANN401 (re's parse tree)
    for kind, value in nodes:
        if kind is op.SUBPATTERN:
            return _opens(value[3])
        if kind is op.BRANCH:
            return any(map(_opens, value[1]))
        if kind in REPEATS:
            return bool(value[1] is op.MAXREPEAT)
        if kind not in (op.AT, op.ASSERT, op.ASSERT_NOT):
            return False
    return False


def _growth(machine: _Machine, attack: Attack, *, refuse: bool) -> str | None:
    refusing = len(attack.lead) + 1 if refuse else None
    shown = repr((attack.lead + attack.pump)[-9:])
    most = machine.steps(attack.text(SIZES[-1]), refusing)
    if most > CEILING:
        return f"more than {CEILING} steps on {SIZES[-1]} repetitions of {shown}"
    if most <= _NOISE:
        return None
    counts = [machine.steps(attack.text(size), refusing) for size in SIZES]
    if most > _GROWTH * counts[0] + _NOISE:
        return f"steps {counts} on {SIZES} repetitions of {shown}"
    return None


def _varies(node: Any) -> bool:  # noqa: ANN401 (re's parse tree)
    """Tell whether a node can take texts of different lengths by itself."""
    kind, value = node
    return kind in REPEATS and value[0] != value[1]


def _is_nested(node: Any) -> bool:  # noqa: ANN401 (re's parse tree)
    """Tell whether a node repeats something that is more than one character."""
    kind, value = node
    return kind in REPEATS and value[1] > 1 and not is_one_character(list(value[2]))


def _repeats_a_reference(node: Any) -> bool:  # noqa: ANN401 (re's parse tree)
    kind, value = node
    return (
        kind in REPEATS
        and value[1] > 1
        and any(inner[0] is op.GROUPREF for inner in walk(value[2]))
    )


def count(pattern: str, text: bytes) -> int:
    """Return the steps of one attempt at the beginning of ``text``; above ``CEILING`` they stop."""
    return _Machine(parse(pattern)).steps(text)


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
    if kind in CHARACTERS:
        return _one_character(acceptor(kind, value, caseless=caseless), run)
    if kind in REPEATS:
        return _repeat(value, caseless, run)
    if kind is op.SUBPATTERN:
        inside = (caseless or bool(value[1] & re.IGNORECASE)) and not value[2] & re.IGNORECASE
        return _sequence(list(value[3]), inside, run)
    if kind is op.ATOMIC_GROUP:
        return _sequence(list(value), caseless, run)
    if kind is op.BRANCH:
        ways = [_sequence(list(way), caseless, run) for way in value[1]]
        return lambda position, goal: any(way(position, goal) for way in ways)
    if kind in (op.ASSERT, op.ASSERT_NOT) and value[0] > 0:
        return _assertion(_sequence(list(value[1]), caseless, run), run)
    # Places and what stands before cost nothing; a reference takes no more than its group did.
    return _assertion(lambda position, goal: goal(position), run)


def _assertion(inner: Matcher, run: _Run) -> Matcher:
    def match(position: int, goal: Goal) -> bool:
        inner(position, lambda _after: True)
        return position < run.refusing and goal(position)

    return match


def _one_character(accepts: Callable[[int], bool], run: _Run) -> Matcher:
    def match(position: int, goal: Goal) -> bool:
        run.step()
        fits = position < len(run.text) and accepts(run.text[position])
        return fits and goal(position + 1)

    return match


def _repeat(value: Any, caseless: bool, run: _Run) -> Matcher:  # noqa: ANN401, FBT001
    low, high, nodes = int(value[0]), int(min(value[1], 1 << 16)), list(value[2])
    if is_one_character(nodes):
        return _character_repeat(acceptor(*nodes[0], caseless=caseless), low, high, run)
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
