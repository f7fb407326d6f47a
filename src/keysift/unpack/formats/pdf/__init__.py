"""PDF documents: the text of pages and the content of streams."""

from __future__ import annotations

from keysift.unpack.formats.pdf.document import is_pdf, read_pdf

__all__ = ["is_pdf", "read_pdf"]
