"""How a version of a text differs from another."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

from msgspec import Struct

Exchange: TypeAlias = tuple[int, int, bytes | None]
"""Begin and end of what is in a text, and what the other one has in its place; None when that is
something that it has elsewhere as well."""


class Edit(Struct, frozen=True, gc=False):
    """Where a text differs from another one that it was made of.

    Attributes:
        spans: Begin and end of what is new, in order; of length zero where pieces meet that were
            apart.
        head: Bytes that both begin with, before all that is new.
        tail: Bytes that both end with, behind all that is new.
        growth: Bytes that it is longer than the other; negative when it is shorter.
        exchanges: What took whose place. Between them, both have the same.
    """

    spans: tuple[tuple[int, int], ...]
    head: int
    tail: int
    growth: int
    exchanges: tuple[Exchange, ...]


def around_spans(
    spans: Sequence[tuple[int, int]], size_bytes: int, around: int
) -> list[tuple[int, int]]:
    """Return begin and end of spans of a text with what is around them, in order and apart.

    Args:
        spans: In order of where they begin.
        size_bytes: Length of the text.
        around: Bytes before and behind.
    """
    if not spans:
        return []
    windows: list[tuple[int, int]] = []
    low, high = max(0, spans[0][0] - around), spans[0][1] + around
    for start, stop in spans:
        if start - around > high:
            windows.append((low, high))
            low = start - around
        high = max(high, stop + around)
    windows.append((low, min(high, size_bytes)))
    return windows
