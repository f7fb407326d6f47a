"""How much of a secret a pattern fixes: that says more of a value than length and alphabet."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from re import _constants as op  # type: ignore[attr-defined]
from typing import Final

from keysift.catalogue.schema import SECRET_GROUP
from keysift.detect.pattern import Node, parse, walk

_FEW: Final = 3
"""A class of so few characters fixes one as good as a single one does: ``[sr]k_live_``."""


@cache
def fixed_characters(pattern: str, *, is_whole: bool = False) -> int:
    """Return how many characters of the secret a pattern fixes: ``sk_live_`` says more than hex.

    Args:
        pattern: The expression.
        is_whole: Count what it fixes around the secret as well: the rest of an address.
    """
    tree = parse(pattern)
    group = None if is_whole else tree.state.groupdict.get(SECRET_GROUP)
    secret = next(
        (value[3] for kind, value in walk(tree) if kind is op.SUBPATTERN and value[0] == group),
        tree,
    )
    return _fixed(secret if group is not None else tree, is_exact=is_whole)


def _fixed(nodes: Iterable[Node], *, is_exact: bool) -> int:
    """Count; with ``is_exact``, names in any case do not count: many share those."""
    total = 0
    for kind, value in nodes:
        if kind is op.LITERAL or (kind is op.IN and _is_tiny(value)):
            total += 1
        elif kind is op.SUBPATTERN:
            if not (is_exact and value[1] & re.IGNORECASE):
                total += _fixed(value[3], is_exact=is_exact)
        elif kind is op.BRANCH:
            total += min(_fixed(way, is_exact=is_exact) for way in value[1])
        elif kind is op.ATOMIC_GROUP:
            total += _fixed(value, is_exact=is_exact)
    return total


def _is_tiny(members: list[Node]) -> bool:
    return len(members) <= _FEW and all(kind is op.LITERAL for kind, _ in members)
