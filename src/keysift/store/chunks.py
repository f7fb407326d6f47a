"""Many numbers or rows, as many at a time as a statement takes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeVar

T = TypeVar("T")


def chunked(items: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    """Yield a sequence in parts of at most ``size`` items, in its order."""
    for start in range(0, len(items), size):
        yield items[start : start + size]
