"""Text that the content of a page or form shows (ISO 32000-1, 9.4)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from keysift.unpack.budget import Budget
from keysift.unpack.formats.pdf.cmap import Fonts
from keysift.unpack.formats.pdf.layout import Page
from keysift.unpack.formats.pdf.syntax import Lexer, Object, Word

_MOST_OPERANDS: Final = 64
_DRAWN_BYTES: Final = 256
"""Bytes of a drawing that are passed over in one step of the budget."""

_LONG: Final = 256 * 1024
"""Content beyond this is mostly drawings: only what stands in text objects is followed."""

_DRAWING: Final = re.compile(
    rb"""(?:[\0\t\n\x0c\r ]*+
    (?:(?:[-+0-9.]++[\0\t\n\x0c\r ]++){2,6}+(?:[mlcvy]|re)|h|[WfB]\*?|[FSbns]|b\*)
    (?=[\0\t\n\x0c\r ]))++""",
    re.VERBOSE,
)
"""Operators of paths with their numbers (8.5.2 and 8.5.3): most of what plots are made of."""

_BEGIN_OR_END: Final = re.compile(rb"(?<![A-Za-z])[BE]T(?![A-Za-z])")


def has_text(content: bytes) -> bool:
    """Tell whether a decoded stream may be content that shows text."""
    return b"BT" in content and (b"Tj" in content or b"TJ" in content or b"'" in content)


def shown_text(content: bytes, fonts: Fonts, budget: Budget) -> bytes:
    """Return the text of content, a line for each line.

    Raises:
        StoppedError: The budget is used up.
    """
    page = Page(fonts)
    if len(content) <= _LONG:
        _follow(content, page, budget)
    else:
        for block in _text_objects(content):
            _follow(block, page, budget)
            page.new_line()
    return page.text()


def _text_objects(content: bytes) -> Iterator[bytes]:
    begin: int | None = None
    for match in _BEGIN_OR_END.finditer(content):
        if match[0] == b"BT":
            begin = match.start() if begin is None else begin
        elif begin is not None:
            yield content[begin : match.start()]
            begin = None
    if begin is not None:
        yield content[begin:]


def _follow(content: bytes, page: Page, budget: Budget) -> None:
    lexer = Lexer(content, 0, budget)
    operands: list[Object] = []
    _pass_over(lexer, content, budget)
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
            _pass_over(lexer, content, budget)


def _pass_over(lexer: Lexer, content: bytes, budget: Budget) -> None:
    """Pass over a drawing, which shows no text and moves none."""
    drawing = _DRAWING.match(content, lexer.position)
    if drawing is not None:
        lexer.position = drawing.end()
        if not budget.step(1 + len(drawing[0]) // _DRAWN_BYTES):
            raise budget.stopped()
