"""CMaps, which say what text the codes of a font stand for (ISO 32000-1, 9.10.3)."""

from __future__ import annotations

from typing import Final, TypeAlias

from msgspec import Struct, field

from keysift.model import SkipReason
from keysift.unpack.budget import Budget, StoppedError
from keysift.unpack.formats.pdf.syntax import Lexer, Object, Word

_MOST_CODES: Final = 70_000


class CMap(Struct):
    """What the codes of a font mean.

    Attributes:
        width: Bytes of a code.
        texts: Text by code.
        added: How many codes were given a text, over and over perhaps.
    """

    width: int = 1
    texts: dict[int, str] = field(default_factory=dict)
    added: int = 0

    def decode(self, codes: bytes) -> str:
        """Return the text of a string that is shown in the font."""
        width = self.width
        steps = range(0, len(codes), width)
        numbers = [int.from_bytes(codes[at : at + width], "big") for at in steps]
        return "".join([self.texts.get(number, "") for number in numbers])


Fonts: TypeAlias = dict[bytes, CMap]
"""CMaps by the name that a font has in the resources; fonts without one are not in it."""


def read_cmap(content: bytes, budget: Budget) -> CMap:
    """Return what a ToUnicode CMap says.

    Raises:
        StoppedError: It is absurdly large, or the budget is used up.
    """
    cmap = CMap()
    lexer = Lexer(content, 0, budget)
    operands: list[Object] = []
    while (item := lexer.read()) is not None:
        if not isinstance(item, Word):
            operands.append(item)
            continue
        if item.text == b"endcodespacerange" and operands and isinstance(operands[0], bytes):
            cmap.width = max(1, min(4, len(operands[0])))
        elif item.text == b"endbfchar":
            _add_codes(cmap, operands)
        elif item.text == b"endbfrange":
            _add_ranges(cmap, operands)
        operands = []
    return cmap


def _add_codes(cmap: CMap, operands: list[Object]) -> None:
    for code, text in zip(operands[::2], operands[1::2], strict=False):
        if isinstance(code, bytes) and isinstance(text, bytes):
            _add(cmap, int.from_bytes(code, "big"), text)


def _add_ranges(cmap: CMap, operands: list[Object]) -> None:
    for low, high, texts in zip(operands[::3], operands[1::3], operands[2::3], strict=False):
        if not isinstance(low, bytes) or not isinstance(high, bytes):
            continue
        first = int.from_bytes(low, "big")
        count = min(int.from_bytes(high, "big") - first + 1, _MOST_CODES)
        if isinstance(texts, list):
            for code, text in enumerate(texts[: max(0, count)], first):
                if isinstance(text, bytes):
                    _add(cmap, code, text)
        elif isinstance(texts, bytes):
            start = int.from_bytes(texts, "big")
            for index in range(count):
                number = (start + index) & ((1 << 8 * len(texts)) - 1)
                _add(cmap, first + index, number.to_bytes(len(texts), "big"))


def _add(cmap: CMap, code: int, text: bytes) -> None:
    cmap.added += 1
    if cmap.added > _MOST_CODES:
        raise StoppedError(SkipReason.TOO_LARGE, "a font of a PDF with too many characters")
    cmap.texts[code] = text[:64].decode("utf-16-be", "replace")
