"""Which format a file has, by its first bytes and never by its name.

Everything needed to recognise a format stands here, apart from its reader: files are looked at by
the thousand, and most readers are never needed.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from enum import Enum
from typing import Final, TypeAlias

PNG_MAGIC: Final = b"\x89PNG\r\n\x1a\n"
GIT_OBJECT_HEADER: Final = re.compile(rb"(blob|commit|tag|tree) (0|[1-9][0-9]{0,18})\0")
"""The header of a loose object: type and size (``git help gitformat-loose``)."""

_PDF_MAGIC: Final = b"%PDF-"
_SQLITE_MAGIC: Final = b"SQLite format 3\0"
_PACK_MAGIC: Final = b"PACK\0\0\0"
_PACK_VERSIONS: Final = (2, 3)
_OFFICE_NAMESPACES: Final = (
    b"schemas.openxmlformats.org/",
    b"urn:oasis:names:tc:opendocument:xmlns:",
    b"purl.oclc.org/ooxml/",
)
_CODE: Final = (ord("c"), ord("c") | 0x80)
_PYC_HEADERS: Final = (16, 12, 8)
"""Bytes before the code object: since 3.7 (PEP 552), since 3.3, before."""


_PICKLE_STARTS: Final = frozenset(b"\x95\x8c\x8a(}])NcCXUBTKMJGI\x88\x89\x8d\x8e\x8f\x96")
"""Instructions that a pickle begins with: those that put something on an empty stack."""


class Format(Enum):
    """A structured file; the value names it for people."""

    GIT_OBJECT = "git object"
    GIT_PACK = "git pack"
    NOTEBOOK = "notebook"
    OFFICE = "XML of an office document"
    PDF = "PDF document"
    PICKLE = "pickle"
    PNG = "PNG picture"
    PYC = "compiled Python module"
    SQLITE = "SQLite database"


def recognise(head: bytes) -> Format | None:
    """Return the format of a file that begins like this, or None.

    Called for every file: what is looked at depends on the first byte, so that most text costs one
    look into a table.

    Args:
        head: The first bytes; 4096 are enough.
    """
    if not head:
        return None
    if head[2:4] == b"\r\n" and _is_pyc(head):
        return Format.PYC
    for check, found in _BY_FIRST.get(head[0], ()):
        if check(head):
            return found
    return None


def code_offset(head: bytes) -> int:
    """Return where the code object of a compiled module begins, or 0 when there is none."""
    for length in _PYC_HEADERS:
        if len(head) > length and head[length] in _CODE:
            return length
    return 0


def _is_pyc(head: bytes) -> bool:
    """Tell whether a file begins like a compiled module of any version of CPython or PyPy.

    Any magic number will do (``keysift`` is to outlive the list): all of them end in CR LF, so that
    text transfers break them, and a code object follows the header. Two printable characters were
    never one: a C header may begin with ``/*`` on a line of its own.
    """
    if all(0x20 <= byte < 0x7F for byte in head[:2]):
        return False
    return head[2:4] == b"\r\n" and code_offset(head) > 0


def _is_notebook(head: bytes) -> bool:
    """Tell whether a file may be a notebook; only its reader knows."""
    return head.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"{" and (
        b'cells":' in head or b"nbformat" in head or b'"worksheets"' in head
    )


def _is_office(head: bytes) -> bool:
    """Tell whether a file begins like an XML file of an office document."""
    start = head[:24].lstrip(b"\xef\xbb\xbf \r\n\t")
    # Without a declaration, the first element has a prefix or a namespace; HTML has neither.
    if not start.startswith(b"<?xml") and b":" not in start:
        return False
    return any(namespace in head for namespace in _OFFICE_NAMESPACES)


def _is_git_object(head: bytes) -> bool:
    return GIT_OBJECT_HEADER.match(head) is not None


def _is_git_pack(head: bytes) -> bool:
    return head.startswith(_PACK_MAGIC) and len(head) > 7 and head[7] in _PACK_VERSIONS


def _is_pdf(head: bytes) -> bool:
    return head.startswith(_PDF_MAGIC)


def _is_png(head: bytes) -> bool:
    return head.startswith(PNG_MAGIC)


def _is_pickle(head: bytes) -> bool:
    """Tell whether a file begins like a pickle of protocol 2 to 5."""
    return len(head) > 3 and head[1] in (2, 3, 4, 5) and head[2] in _PICKLE_STARTS


def _is_sqlite(head: bytes) -> bool:
    return head.startswith(_SQLITE_MAGIC)


_Check: TypeAlias = tuple[Callable[[bytes], bool], Format]

_NOTEBOOK: Final[_Check] = (_is_notebook, Format.NOTEBOOK)
_OFFICE: Final[_Check] = (_is_office, Format.OFFICE)
_GIT: Final[_Check] = (_is_git_object, Format.GIT_OBJECT)

_BY_FIRST: Final[dict[int, tuple[_Check, ...]]] = {
    ord("{"): (_NOTEBOOK,),
    ord("<"): (_OFFICE,),
    **dict.fromkeys(b" \t\r\n\xef", (_NOTEBOOK, _OFFICE)),
    **dict.fromkeys(b"bct", (_GIT,)),
    ord("%"): ((_is_pdf, Format.PDF),),
    ord("P"): ((_is_git_pack, Format.GIT_PACK),),
    ord("S"): ((_is_sqlite, Format.SQLITE),),
    0x80: ((_is_pickle, Format.PICKLE),),
    0x89: ((_is_png, Format.PNG),),
}
