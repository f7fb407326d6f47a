"""Which format a file has, by its first bytes and never by its name."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from typing import Final, TypeAlias

from keysift.unpack.formats.notebook import is_notebook
from keysift.unpack.formats.pyc import is_pyc


class Format(Enum):
    """A structured file; the value names it for people."""

    NOTEBOOK = "notebook"
    PYC = "compiled Python module"


_Check: TypeAlias = tuple[Callable[[bytes], bool], Format]

_BY_FIRST: Final[dict[int, _Check]] = {
    **dict.fromkeys(b"{ \t\r\n\xef", (is_notebook, Format.NOTEBOOK)),
}


def recognise(head: bytes) -> Format | None:
    """Return the format of a file that begins like this, or None.

    Called for every file: what is looked at depends on the first byte, so that most text costs one
    look into a table.

    Args:
        head: The first bytes; 4096 are enough.
    """
    if not head:
        return None
    if head[2:4] == b"\r\n" and is_pyc(head):
        return Format.PYC
    candidate = _BY_FIRST.get(head[0])
    if candidate is None or not candidate[0](head):
        return None
    return candidate[1]
