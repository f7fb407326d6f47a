"""Which interpreter wrote a compiled module, and what follows from that.

Magic numbers and the order of the fields are those of CPython's
``Include/internal/pycore_magic_number.h`` and ``Python/marshal.c`` through the years, and of PyPy's
``pypy/interpreter/pycode.py`` and ``pypy/module/marshal``.
"""

from __future__ import annotations

from typing import Final

from msgspec import Struct

from keysift.unpack.formats.pyc.opcodes import (
    CPYTHON_2_7,
    CPYTHON_3_0,
    CPYTHON_3_2,
    CPYTHON_3_6,
    CPYTHON_3_11,
    CPYTHON_3_12,
    CPYTHON_3_13,
    CPYTHON_3_14,
    CPYTHON_3_15,
    UP_TO_2_6,
    Instructions,
)


class Layout(Struct, frozen=True):
    """The fields of a marshalled code object.

    Attributes:
        counts: How many numbers stand at its beginning; the first counts the arguments.
        count_bytes: The size of each, and of the line number.
        objects: The objects that follow, in order, by the names that attributes of code objects
            have; ``firstlineno`` is a number among them.
    """

    counts: int
    count_bytes: int
    objects: tuple[str, ...]


_LOCALS: Final = ("code", "consts", "names", "varnames")
_CELLS: Final = ("freevars", "cellvars")
_END: Final = ("filename", "name", "firstlineno", "linetable")

_UP_TO_2_0: Final = Layout(4, 2, _LOCALS + _END)
_UP_TO_2_2: Final = Layout(4, 2, _LOCALS + _CELLS + _END)
_UP_TO_2_7: Final = Layout(4, 4, _LOCALS + _CELLS + _END)
_UP_TO_3_7: Final = Layout(5, 4, _LOCALS + _CELLS + _END)
_UP_TO_3_10: Final = Layout(6, 4, _LOCALS + _CELLS + _END)
_FROM_3_11: Final = Layout(
    5,
    4,
    (
        "code",
        "consts",
        "names",
        "localsplusnames",
        "localspluskinds",
        "filename",
        "name",
        "qualname",
        "firstlineno",
        "linetable",
        "exceptiontable",
    ),
)
_PYPY_3_11: Final = Layout(
    6, 4, (*_LOCALS, *_CELLS, "filename", "name", "qualname", "firstlineno", "linetable")
)
_PYPY_3_11_TABLE: Final = Layout(6, 4, (*_PYPY_3_11.objects, "exceptiontable"))


class Version(Struct, frozen=True):
    """What a magic number stands for.

    Attributes:
        name: For people.
        layouts: The code object's fields; more than one where that changed without saying so.
        instructions: How its bytecode reads.
    """

    name: str
    layouts: tuple[Layout, ...]
    instructions: Instructions


_UNKNOWN: Final = Version(
    "Python",
    (_FROM_3_11, _UP_TO_3_10, _UP_TO_3_7, _PYPY_3_11, _UP_TO_2_7, _UP_TO_2_2, _UP_TO_2_0),
    Instructions(),
)

_VERSIONS: Final = (
    # The first magic number of each, ascending; the next one ends it. Numbers were not ascending
    # before Python 3.0, and PyPy counts by 16 from 48.
    (16, Version("PyPy 3", (_UP_TO_3_7,), CPYTHON_3_2)),
    (160, Version("PyPy 3.6", (_UP_TO_3_7, _UP_TO_3_10), CPYTHON_3_6)),
    (256, Version("PyPy 3.8", (_UP_TO_3_10, _UP_TO_3_7), CPYTHON_3_6)),
    (400, Version("PyPy 3.11", (_PYPY_3_11_TABLE, _PYPY_3_11, _UP_TO_3_10), CPYTHON_3_6)),
    (513, _UNKNOWN),
    (3000, Version("Python 3.0", (_UP_TO_3_7, _UP_TO_2_7), CPYTHON_3_0)),
    (3160, Version("Python 3.2", (_UP_TO_3_7,), CPYTHON_3_2)),
    (3370, Version("Python 3.6", (_UP_TO_3_7,), CPYTHON_3_6)),
    (3400, Version("Python 3.8", (_UP_TO_3_10, _UP_TO_3_7), CPYTHON_3_6)),
    (3450, Version("Python 3.11", (_FROM_3_11, _UP_TO_3_10), CPYTHON_3_11)),
    (3500, Version("Python 3.12", (_FROM_3_11,), CPYTHON_3_12)),
    (3550, Version("Python 3.13", (_FROM_3_11,), CPYTHON_3_13)),
    (3600, Version("Python 3.14", (_FROM_3_11,), CPYTHON_3_14)),
    (3650, Version("Python 3.15", (_FROM_3_11,), CPYTHON_3_15)),
    (3700, _UNKNOWN),
    (20121, Version("Python 1.5", (_UP_TO_2_0,), UP_TO_2_6)),
    (20122, _UNKNOWN),
    (50428, Version("Python 1.6", (_UP_TO_2_0,), UP_TO_2_6)),
    (50823, Version("Python 2.0", (_UP_TO_2_0, _UP_TO_2_2), UP_TO_2_6)),
    (60202, Version("Python 2.1", (_UP_TO_2_2,), UP_TO_2_6)),
    (62011, Version("Python 2.3", (_UP_TO_2_7, _UP_TO_2_2), UP_TO_2_6)),
    (62171, Version("Python 2.7", (_UP_TO_2_7,), CPYTHON_2_7)),
    (62230, _UNKNOWN),
)


def version_of(magic: int) -> Version:
    """Return the version for the first two bytes, little-endian."""
    found = _UNKNOWN
    for first, version in _VERSIONS:
        if magic < first:
            break
        found = version
    return found
