"""Extraction: the parts of one structured file, read as they are asked for."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from typing import TypeAlias

from keysift.model import Blob, Skip
from keysift.unpack.budget import Budget, StoppedError

Parts: TypeAlias = Generator[Blob | Skip, None, bool]
"""The parts of a file; returns True when they show all that a reader of the raw bytes could see."""

Reader: TypeAlias = Callable[[Blob, Budget], Parts]
"""Reads a file in one format.

What cannot be read ends it with a ``StoppedError``, or stands as a ``Skip`` between the parts. A
reader charges its steps; the bytes of what it yields are charged by ``Extraction``.
"""


class Extraction:
    """The parts of a structured file.

    Attributes:
        items: The parts, read as they are asked for; nothing is ever raised. What could not be read
            is a ``Skip`` among them.
        replaces_raw: True when the raw bytes need not be scanned. Valid once ``items`` has ended: a
            part that could not be read makes it False.
        budget: The account of the file.
    """

    def __init__(self, blob: Blob, budget: Budget, read: Reader) -> None:
        self.replaces_raw = False
        self.budget = budget
        self.items = self._guarded(blob, budget, read)

    def _guarded(self, blob: Blob, budget: Budget, read: Reader) -> Iterator[Blob | Skip]:
        parts = read(blob, budget)
        has_gap = False
        try:
            while True:
                item = next(parts)
                if isinstance(item, Skip):
                    has_gap |= item.reason.is_gap
                elif not budget.take(len(item.content)):
                    yield budget.skip(blob.path)
                    return
                yield item
        except StopIteration as end:
            self.replaces_raw = bool(end.value) and not has_gap
        except StoppedError as error:
            yield error.skip(blob.path)
