"""What the automaton needs to know of a detector's regular expression.

The exact expression is Python's; the automaton (Hyperscan) gets a shorter one that every exact
match contains. It is derived from the parse tree: assertions go, optional ends go, the last repeat
shrinks to its minimum (an open end would report every end offset), and the tail after a very long
repeat goes. So no expression needs Hyperscan's prefilter mode, and there is no storm of callbacks.

The parse tree is that of :mod:`re` (``re._parser``): private, but unchanged since Python 3.11; a
test compares derived and exact expressions on generated text, so that a change shows.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from re import _constants as op  # type: ignore[attr-defined]
from re import _parser  # type: ignore[attr-defined]
from typing import Any, Final, TypeAlias

from msgspec import Struct

Node: TypeAlias = tuple[Any, Any]

Flat: TypeAlias = list[tuple[Node, bool]]
"""Nodes with whether case is ignored in them."""

MAX_REPEAT: Final = 300
"""A repeat that may be longer ends the derived expression."""

MAX_WIDTH: Final = 1 << 16
"""Widest exact match that is looked for, in bytes."""

MAX_PREFIXES: Final = 48
"""Alternatives of a literal beginning that are followed."""

_BYTES: Final = 256
_REPEATS: Final = (op.MAX_REPEAT, op.MIN_REPEAT, op.POSSESSIVE_REPEAT)
_CLASSES: Final = {
    op.CATEGORY_DIGIT: r"0-9",
    op.CATEGORY_NOT_DIGIT: r"\x00-\x2f\x3a-\xff",
    op.CATEGORY_SPACE: r"\x09-\x0d\x20",
    op.CATEGORY_NOT_SPACE: r"\x00-\x08\x0e-\x1f\x21-\xff",
    op.CATEGORY_WORD: r"0-9A-Z_a-z",
    op.CATEGORY_NOT_WORD: r"\x00-\x2f\x3a-\x40\x5b-\x5e\x60\x7b-\xff",
}


class PatternError(ValueError):
    """An expression that cannot be used; the message says why, without naming a detector."""


class Run(Struct, frozen=True):
    """A stretch of text that every secret of a type contains.

    Attributes:
        members: The bytes it may consist of.
        least: How long it is at least.
    """

    members: bytes
    least: int


class Derived(Struct, frozen=True):
    """The automaton's view of an expression.

    Attributes:
        expression: In Hyperscan's syntax (bytes, no flags needed).
        reach_back: From the end of a hit, how far back an exact match may begin.
        reach_on: From the end of a hit, how far on the exact match may end.
        prefixes: The literal texts an exact match may begin with; empty when it need not begin
            with one.
        own_prefixes: The literal texts that the secret itself begins with.
        width: Widest exact match, in bytes.
        secret_width: How short and how long the secret may be, in bytes.
        run: What every secret of this type contains: a quick look before the exact expression.
    """

    expression: str
    reach_back: int
    reach_on: int
    prefixes: tuple[bytes, ...]
    own_prefixes: tuple[bytes, ...]
    width: int
    secret_width: tuple[int, int]
    run: Run


def derive(pattern: str) -> Derived:
    """Derive what the automaton looks for.

    Raises:
        PatternError: Nothing definite to look for is left, or the syntax is wrong.
    """
    tree = parse(pattern)
    nodes = _flatten(tree, _caseless(tree.state.flags))
    body = _trim_start(nodes)
    lead = _width(nodes[: len(nodes) - len(body)])
    body = _shrink_end(_cut(body))
    if not body:
        raise PatternError("every part of the pattern is optional")
    low, high = tree.getwidth()
    width = min(int(high), MAX_WIDTH)
    secret = _secret_nodes(tree, nodes)
    return Derived(
        expression=_text(body),
        reach_back=min(lead + _width(body), MAX_WIDTH),
        reach_on=max(width - _width(body, least=True), 0) if high > low else 0,
        prefixes=tuple(sorted(_prefixes(nodes))),
        own_prefixes=tuple(sorted(_prefixes(secret))),
        width=width,
        secret_width=_bounds(secret),
        run=_run(secret),
    )


def secret_width(pattern: str) -> tuple[int, int]:
    """Return how short and how long the secret may be that an expression finds, in bytes.

    The longest is at most ``MAX_WIDTH``.

    Raises:
        PatternError: The syntax is wrong.
    """
    tree = parse(pattern)
    return _bounds(_secret_nodes(tree, _flatten(tree, _caseless(tree.state.flags))))


def _bounds(secret: Flat) -> tuple[int, int]:
    return _width(secret, least=True), min(_width(secret), MAX_WIDTH)


def _text(nodes: Flat) -> str:
    return "".join(_emit(node, caseless) for node, caseless in nodes)


def _run(secret: Flat) -> Run:
    """Return the rarest stretch that a secret contains: all of it, or one of its repeats."""
    runs = [_run_of(secret), *(_run_of([node]) for node in secret if node[0][0] in _REPEATS)]
    return max(runs, key=lambda run: run.least * math.log2(_BYTES / max(1, len(run.members))))


def _run_of(nodes: Flat) -> Run:
    members: set[int] = set()
    for node, caseless in nodes:
        members |= _members(node, caseless=caseless)
    return Run(bytes(sorted(members)), _width(nodes, least=True))


def _members(node: Node, *, caseless: bool) -> set[int]:
    """Return the bytes that a match of a node may consist of."""
    kind, value = node
    if _is_assertion(node):
        return set()
    if kind in _REPEATS:
        return _members_of(value[2], caseless=caseless)
    if kind is op.BRANCH:
        return set().union(*(_members_of(way, caseless=caseless) for way in value[1]))
    if kind is op.SUBPATTERN:
        inside = (caseless or _caseless(value[1])) and not _caseless(value[2])
        return _members_of(value[3], caseless=inside)
    if kind is op.ATOMIC_GROUP:
        return _members_of(value, caseless=caseless)
    if kind in (op.LITERAL, op.NOT_LITERAL, op.IN):
        return set(_class_members(_emit_class(node), caseless))
    return set(range(_BYTES))


@lru_cache(maxsize=4096)
def _class_members(text: str, caseless: bool) -> frozenset[int]:  # noqa: FBT001 (part of the key)
    one = re.compile(text.encode("ascii"), re.IGNORECASE if caseless else 0)
    return frozenset(byte for byte in range(_BYTES) if one.match(bytes([byte])))


def _members_of(nodes: Iterable[Node], *, caseless: bool) -> set[int]:
    return set().union(*(_members(node, caseless=caseless) for node in nodes))


def parse(pattern: str) -> Any:  # noqa: ANN401 (re's parse tree has no public type)
    """Parse an expression over bytes.

    Raises:
        PatternError: It is not one.
    """
    try:
        return _parser.parse(pattern.encode("ascii"), 0)
    except UnicodeEncodeError:
        raise PatternError("only ASCII characters may stand in a pattern; escape others") from None
    except re.error as error:
        raise PatternError(f"not a regular expression: {error}") from error


def _secret_nodes(tree: Any, nodes: Flat) -> Flat:  # noqa: ANN401 (re's parse tree)
    """Return the nodes of the group that is the secret; without such a group, all."""
    number = tree.state.groupdict.get("secret")
    for kind, value in walk(tree):
        if kind is op.SUBPATTERN and value[0] == number and number is not None:
            return _flatten(value[3], _caseless(value[1] | tree.state.flags))
    return nodes


def _caseless(flags: int) -> bool:
    return bool(flags & re.IGNORECASE)


def _flatten(tree: Iterable[Node], caseless: bool) -> Flat:  # noqa: FBT001 (a property of the tree)
    """Dissolve groups of the top level, so that their parts can be cut one by one."""
    flat: Flat = []
    for node in tree:
        if node[0] is op.SUBPATTERN:
            _, added, removed, inner = node[1]
            inside = (caseless or _caseless(added)) and not _caseless(removed)
            flat.extend(_flatten(inner, inside))
        elif node[0] is op.ATOMIC_GROUP:
            flat.extend(_flatten(node[1], caseless))
        else:
            flat.append((node, caseless))
    return flat


def _is_assertion(node: Node) -> bool:
    return node[0] in (op.ASSERT, op.ASSERT_NOT, op.AT)


def _is_optional(node: Node) -> bool:
    return node[0] in _REPEATS and node[1][0] == 0


def _trim_start(nodes: Flat) -> Flat:
    start = 0
    while start < len(nodes) and (
        _is_optional(nodes[start][0]) or nodes[start][0][0] in (op.ASSERT, op.ASSERT_NOT)
    ):
        start += 1
    return nodes[start:]


def _cut(nodes: Flat) -> Flat:
    """End the sequence at a repeat that may be very long, or at what Hyperscan lacks."""
    for index, (node, _) in enumerate(nodes):
        if node[0] in (op.GROUPREF, op.GROUPREF_EXISTS):
            return nodes[:index]
        if node[0] in _REPEATS and node[1][1] > MAX_REPEAT:
            return nodes[: index + 1]
    return nodes


def _shrink_end(nodes: Flat) -> Flat:
    """Drop an optional end, and shorten the last repeat to its minimum."""
    kept = list(nodes)
    shortened = False
    while kept:
        node, caseless = kept[-1]
        if _is_optional(node):
            shortened = True
        elif not _is_assertion(node) or (node[0] is op.AT and not shortened):
            break
        kept.pop()
    if not kept:
        return kept
    node, caseless = kept[-1]
    if node[0] in _REPEATS and node[1][0] != node[1][1]:
        least = min(node[1][0], MAX_REPEAT)
        kept[-1] = ((op.MAX_REPEAT, (least, least, node[1][2])), caseless)
    elif node[0] is op.BRANCH:
        branches = [_as_nodes(_shrink_end(_flatten(way, caseless))) for way in node[1][1]]
        kept[-1] = ((op.BRANCH, (None, branches)), caseless)
    return kept


def _as_nodes(flat: Flat) -> list[Node]:
    """Undo ``_flatten`` where nodes must carry their own case."""
    return [
        (op.SUBPATTERN, (None, re.IGNORECASE if caseless else 0, 0, [node]))
        for node, caseless in flat
    ]


def _width(nodes: Flat, *, least: bool = False) -> int:
    return sum(_node_width(node, least=least) for node, _ in nodes)


def _node_width(node: Node, *, least: bool) -> int:
    kind, value = node
    if _is_assertion(node):
        return 0
    if kind in _REPEATS:
        inner = _tree_width(value[2], least=least)
        return min(int(value[0] if least else value[1]) * inner, MAX_WIDTH)
    if kind is op.BRANCH:
        widths = [_tree_width(way, least=least) for way in value[1]]
        return min(widths) if least else max(widths)
    if kind is op.SUBPATTERN:
        return _tree_width(value[3], least=least)
    if kind is op.ATOMIC_GROUP:
        return _tree_width(value, least=least)
    if kind in (op.GROUPREF, op.GROUPREF_EXISTS):
        return 0 if least else MAX_WIDTH
    return 1


def _tree_width(nodes: Iterable[Node], *, least: bool) -> int:
    return sum(_node_width(node, least=least) for node in nodes)


def _emit(node: Node, caseless: bool) -> str:  # noqa: FBT001 (a property of the tree)
    kind, value = node
    if kind is op.LITERAL or kind is op.NOT_LITERAL or kind is op.IN or kind is op.ANY:
        text = _emit_class(node)
        return f"(?i:{text})" if caseless else text
    if kind is op.ANY_ALL:
        return r"[\x00-\xff]"
    if kind is op.AT:
        return r"\b" if value is op.AT_BOUNDARY else ""
    if kind in (op.ASSERT, op.ASSERT_NOT):
        return ""
    if kind in _REPEATS:
        return _emit_repeat(value, caseless)
    if kind is op.BRANCH:
        ways = "|".join("".join(_emit(inner, caseless) for inner in way) for way in value[1])
        return f"(?:{ways})"
    if kind is op.SUBPATTERN:
        inside = (caseless or _caseless(value[1])) and not _caseless(value[2])
        return "(?:" + "".join(_emit(inner, inside) for inner in value[3]) + ")"
    if kind is op.ATOMIC_GROUP:
        return "(?:" + "".join(_emit(inner, caseless) for inner in value) + ")"
    raise PatternError(f"{kind} inside a group cannot be looked for; give an anchor")


def _emit_repeat(value: Any, caseless: bool) -> str:  # noqa: ANN401, FBT001 (re's parse tree)
    low, high, inner = value
    text = "".join(_emit(node, caseless) for node in inner)
    if not text:
        return ""
    low = min(int(low), MAX_REPEAT)
    if high is op.MAXREPEAT or high > MAX_REPEAT:
        return f"(?:{text}){{{low},}}"
    return f"(?:{text}){{{low},{high}}}" if low != high else f"(?:{text}){{{low}}}"


def _emit_class(node: Node) -> str:
    kind, value = node
    if kind is op.LITERAL:
        return f"\\x{value:02x}"
    if kind is op.NOT_LITERAL:
        return f"[^\\x{value:02x}]"
    if kind is op.ANY:
        return r"[^\x0a]"
    negated = value[0][0] is op.NEGATE
    return "[" + "^" * negated + "".join(_emit_member(*member) for member in value) + "]"


def _emit_member(kind: Any, value: Any) -> str:  # noqa: ANN401 (re's parse tree)
    if kind is op.NEGATE:
        return ""
    if kind is op.LITERAL:
        return f"\\x{value:02x}"
    if kind is op.RANGE:
        return f"\\x{value[0]:02x}-\\x{value[1]:02x}"
    return _CLASSES[value]


def _prefixes(nodes: Flat) -> set[bytes]:
    """Return the literals that a match may begin with, as long as they are certain."""
    found: set[bytes] = {b""}
    for node, caseless in nodes:
        if _is_assertion(node):
            continue
        choices, goes_on = _choices(node)
        if caseless:
            choices = {choice.lower() for choice in choices}
        longer = {head + choice for head in found for choice in choices}
        if not choices or len(longer) > MAX_PREFIXES:
            break
        found = longer
        if not goes_on:
            break
    return {prefix for prefix in found if prefix}


def _choices(node: Node) -> tuple[set[bytes], bool]:
    """Return the texts a node may stand for, and whether they are all of it."""
    kind, value = node
    if kind is op.LITERAL:
        return {bytes([value])}, True
    if kind is op.IN and all(member[0] is op.LITERAL for member in value):
        return {bytes([member[1]]) for member in value}, True
    if kind is op.SUBPATTERN:
        return _certain(value[3]) if not value[1] else (set(), False)
    if kind is op.BRANCH:
        results = [_certain(way) for way in value[1]]
        if any(not texts for texts, _ in results):
            return set(), False
        return set().union(*(texts for texts, _ in results)), all(all_ for _, all_ in results)
    if kind in _REPEATS and value[0] == value[1] and value[0] == 1:
        return _certain(value[2])
    return set(), False


def _certain(nodes: Iterable[Node]) -> tuple[set[bytes], bool]:
    found: set[bytes] = {b""}
    for node in nodes:
        if _is_assertion(node):
            continue
        choices, goes_on = _choices(node)
        if not choices:
            return {text for text in found if text}, False
        found = {head + choice for head in found for choice in choices}
        if len(found) > MAX_PREFIXES:
            return set(), False
        if not goes_on:
            return found, False
    return found - {b""}, True


def walk(nodes: Iterable[Node]) -> Iterator[Node]:
    """Yield every node of a parse tree, outermost first."""
    for node in nodes:
        yield node
        kind, value = node
        if kind in _REPEATS:
            yield from walk(value[2])
        elif kind is op.SUBPATTERN:
            yield from walk(value[3])
        elif kind is op.BRANCH:
            for way in value[1]:
                yield from walk(way)
        elif kind is op.ATOMIC_GROUP:
            yield from walk(value)
        elif kind in (op.ASSERT, op.ASSERT_NOT):
            yield from walk(value[1])
