"""PDF documents: the text of pages and the content of streams."""

from __future__ import annotations

from keysift.unpack.formats.pdf.document import read_pdf

__all__ = ["read_pdf"]
