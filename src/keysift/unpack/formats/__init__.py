"""Structured files that hide text from a scan of their bytes: recognised by content, read as text.

Nothing here executes, unpickles or loads what it reads.
"""

from __future__ import annotations

from typing import Final

from keysift.model import Blob
from keysift.unpack.budget import Budget
from keysift.unpack.formats.extraction import Extraction, Reader
from keysift.unpack.formats.git_object import read_git_object
from keysift.unpack.formats.git_pack import read_git_pack
from keysift.unpack.formats.notebook import read_notebook
from keysift.unpack.formats.office import read_office
from keysift.unpack.formats.pdf import read_pdf
from keysift.unpack.formats.png import read_png
from keysift.unpack.formats.pyc import read_pyc
from keysift.unpack.formats.recognition import Format, recognise
from keysift.unpack.formats.sqlite import read_sqlite

__all__ = ["Extraction", "Format", "extract", "recognise"]

_HEAD: Final = 4096

_READERS: Final[dict[Format, Reader]] = {
    Format.GIT_OBJECT: read_git_object,
    Format.GIT_PACK: read_git_pack,
    Format.NOTEBOOK: read_notebook,
    Format.OFFICE: read_office,
    Format.PDF: read_pdf,
    Format.PNG: read_png,
    Format.PYC: read_pyc,
    Format.SQLITE: read_sqlite,
}


def extract(blob: Blob, budget: Budget) -> Extraction | None:
    """Return the parts of a structured file, or None for anything else.

    Parts have the path of the blob and say in ``part`` what they are; what is a file of its own has
    a path below it (``!/``).

    Args:
        blob: A whole file.
        budget: The account of its artifact.
    """
    found = recognise(blob.content[:_HEAD])
    return None if found is None else Extraction(blob, budget, _READERS[found])
