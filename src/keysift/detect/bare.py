"""Binary data in which nothing is written: arrays of zeros, of which archives can hold gigabytes.

Every secret, and every encoding of one, is a few printable characters in a row, or in UTF-16 with a
zero byte between them. A database of that one expression passes over a sparse array at three times
the speed of the whole catalogue's.
"""

from __future__ import annotations

from typing import Final

import hyperscan

LEAST: Final = 6
"""Printable characters in a row below which nothing is a secret."""

_FROM_BYTES: Final = 64 * 1024
_LOOK: Final = 512
_WRITTEN: Final = rb"(?:[!-~]\x00?){%d}" % LEAST


class Bare:
    """Tells which large blobs need no look. One serves one thread at a time."""

    def __init__(self) -> None:
        self._database: hyperscan.Database | None = None

    def holds_nothing(self, content: bytes) -> bool:
        """Tell whether ``content`` is large, binary, and without ``LEAST`` printables in a row."""
        if len(content) < _FROM_BYTES or content.find(b"\0", 0, _LOOK) < 0:
            return False
        database = self._database
        if database is None:
            database = self._database = _compile()
        found: list[int] = []
        # It ends with the first match: each expression is told of once.
        database.scan(content, match_event_handler=_note, context=found)
        return not found


def _compile() -> hyperscan.Database:
    database = hyperscan.Database(mode=hyperscan.HS_MODE_BLOCK)
    database.compile(expressions=[_WRITTEN], ids=[0], flags=[hyperscan.HS_FLAG_SINGLEMATCH])
    return database


def _note(_id: int, _start: int, end: int, _flags: int, found: object) -> None:
    # The context that `holds_nothing` passes.
    found.append(end)  # type: ignore[attr-defined]
