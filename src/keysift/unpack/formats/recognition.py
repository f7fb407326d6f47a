"""Which format a file has, by its first bytes and never by its name."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from typing import Final, TypeAlias

from keysift.unpack.formats.git_object import is_git_object
from keysift.unpack.formats.git_pack import is_git_pack
from keysift.unpack.formats.notebook import is_notebook
from keysift.unpack.formats.office import is_office
from keysift.unpack.formats.pdf import is_pdf
from keysift.unpack.formats.png import is_png
from keysift.unpack.formats.pyc import is_pyc
from keysift.unpack.formats.sqlite import is_sqlite


class Format(Enum):
    """A structured file; the value names it for people."""

    GIT_OBJECT = "git object"
    GIT_PACK = "git pack"
    NOTEBOOK = "notebook"
    OFFICE = "XML of an office document"
    PDF = "PDF document"
    PNG = "PNG picture"
    PYC = "compiled Python module"
    SQLITE = "SQLite database"


_Check: TypeAlias = tuple[Callable[[bytes], bool], Format]

_NOTEBOOK: Final[_Check] = (is_notebook, Format.NOTEBOOK)
_OFFICE: Final[_Check] = (is_office, Format.OFFICE)
_GIT: Final[_Check] = (is_git_object, Format.GIT_OBJECT)

_BY_FIRST: Final[dict[int, tuple[_Check, ...]]] = {
    ord("{"): (_NOTEBOOK,),
    ord("<"): (_OFFICE,),
    **dict.fromkeys(b" \t\r\n\xef", (_NOTEBOOK, _OFFICE)),
    **dict.fromkeys(b"bct", (_GIT,)),
    ord("%"): ((is_pdf, Format.PDF),),
    ord("P"): ((is_git_pack, Format.GIT_PACK),),
    ord("S"): ((is_sqlite, Format.SQLITE),),
    0x89: ((is_png, Format.PNG),),
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
    for check, found in _BY_FIRST.get(head[0], ()):
        if check(head):
            return found
    return None
