"""Structured files that hide text from a scan of their bytes: recognised by content, read as text.

Nothing here executes, unpickles or loads what it reads.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Final, cast

from keysift.model import Blob
from keysift.unpack.budget import Budget
from keysift.unpack.formats.extraction import Extraction
from keysift.unpack.formats.recognition import Format, recognise

if TYPE_CHECKING:
    from keysift.unpack.formats.extraction import Reader

__all__ = ["Extraction", "Format", "extract", "recognise"]

_HEAD: Final = 4096

_READERS: Final = {
    Format.GIT_OBJECT: "git_object",
    Format.GIT_PACK: "git_pack",
    Format.NOTEBOOK: "notebook",
    Format.OFFICE: "office",
    Format.PDF: "pdf",
    Format.PICKLE: "pickle",
    Format.PNG: "png",
    Format.PYC: "pyc",
    Format.SQLITE: "sqlite",
}
"""The module of each format, which has a function ``read_`` of the same name."""


def extract(blob: Blob, budget: Budget) -> Extraction | None:
    """Return the parts of a structured file, or None for anything else.

    Parts have the path of the blob and say in ``part`` what they are; what is a file of its own has
    a path below it (``!/``).

    Args:
        blob: A whole file.
        budget: The account of what holds the file; the file gets a share of it.
    """
    found = recognise(blob.content[:_HEAD])
    return None if found is None else Extraction(blob, budget.share(), _reader(found))


def _reader(found: Format) -> Reader:
    """Return the reader of a format. Loaded when first needed: most scans need none of them."""
    name = _READERS[found]
    return cast("Reader", getattr(import_module(f"{__name__}.{name}"), f"read_{name}"))
