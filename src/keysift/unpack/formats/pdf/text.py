"""Text that the content of a page or form shows (ISO 32000-1, 9.4)."""

from __future__ import annotations

from typing import Final

from keysift.unpack.budget import Budget
from keysift.unpack.formats.pdf.cmap import Fonts
from keysift.unpack.formats.pdf.layout import Page
from keysift.unpack.formats.pdf.syntax import Lexer, Object, Word

_MOST_OPERANDS: Final = 64


def has_text(content: bytes) -> bool:
    """Tell whether a decoded stream may be content that shows text."""
    return b"BT" in content and (b"Tj" in content or b"TJ" in content or b"'" in content)


def shown_text(content: bytes, fonts: Fonts, budget: Budget) -> bytes:
    """Return the text of content, a line for each line.

    Raises:
        StoppedError: The budget is used up.
    """
    page = Page(fonts)
    lexer = Lexer(content, 0, budget)
    operands: list[Object] = []
    while (item := lexer.read()) is not None:
        if not isinstance(item, Word):
            operands.append(item)
            del operands[:-_MOST_OPERANDS]
        elif item.text == b"BI":
            end = content.find(b"EI", lexer.position)
            lexer.position = end + 2 if end >= 0 else len(content)
            operands.clear()
        else:
            page.operate(item.text, operands)
            operands.clear()
    return page.text()
