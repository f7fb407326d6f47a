"""Office documents: the text of paragraphs and cells, whole.

Word processors cut a paragraph into runs wherever formatting, spelling or revisions change, so a
value can stand in several XML elements. Their files are zip archives, which are opened elsewhere;
here arrive the XML files in them, of OOXML (ECMA-376) and OpenDocument (OASIS 1.3). Attributes are
left to the scan of the raw file.
"""

from __future__ import annotations

from typing import Final
from xml.parsers import expat

from keysift.model import Blob, SkipReason
from keysift.unpack.budget import Budget, StoppedError
from keysift.unpack.formats.extraction import Parts

_LARGEST: Final = 64 * 1024 * 1024
"""Larger files stay raw: older releases of expat take quadratic time for absurd tokens."""

_STEP: Final = 1024
"""Bytes of XML for one step."""

_DEEPEST: Final = 1000
_HOLDERS: Final = frozenset({"t", "v", "f", "instrText", "delText"})
_OPENDOCUMENT_HOLDERS: Final = frozenset({"text:p", "text:h"})
"""Elements whose text is content; between others, there is only white space of the layout."""

_BREAKS: Final = frozenset({"br", "cr", "line-break"})
_SPACES: Final = {"tab": "\t", "s": " ", "noBreakHyphen": "-"}
_BLOCKS: Final = frozenset(
    {"p", "h", "si", "is", "c", "tr", "row", "comment", "text", "table-cell", "table-row"}
)
"""Elements after which a new line begins: paragraphs, headings, shared strings, cells, rows."""


def read_office(blob: Blob, budget: Budget) -> Parts:
    """Yield the text of an XML file of an office document, a line for each paragraph or cell.

    Raises:
        StoppedError: The XML is not well-formed, or declares entities.
    """
    if len(blob.content) > _LARGEST:
        detail = f"XML of office documents is read up to {_LARGEST} bytes"
        raise StoppedError(SkipReason.TOO_LARGE, detail)
    if not budget.step(1 + len(blob.content) // _STEP):
        raise budget.stopped()
    text = _Text()
    failure: StoppedError | None = None
    try:
        text.feed(blob.content)
    except (expat.ExpatError, ValueError, LookupError):  # the last two: of odd encodings
        failure = StoppedError(SkipReason.CORRUPT, "XML that is not well-formed")
    except StoppedError as error:
        failure = error
    content = text.content()
    if content:
        yield Blob(path=blob.path, part="text", content=content)
    if failure is not None:
        raise failure
    return False


class _Text:
    """Collects the text of elements; the parser calls it."""

    def __init__(self) -> None:
        self._pieces: list[str] = []
        self._holders = 0
        self._depth = 0
        self._parser = expat.ParserCreate()
        self._parser.buffer_text = True
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._characters
        self._parser.EntityDeclHandler = self._refuse
        self._parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_NEVER)

    def feed(self, content: bytes) -> None:
        """Parse a whole file."""
        self._parser.Parse(content, True)

    def content(self) -> bytes:
        """Return the text so far, without empty lines."""
        lines = "".join(self._pieces).splitlines()
        return "\n".join(line for line in lines if line.strip()).encode("utf-8", "replace")

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        del attributes
        self._depth += 1
        if self._depth > _DEEPEST:
            raise StoppedError(SkipReason.TOO_DEEP, "XML that is nested too deeply")
        local = name.rpartition(":")[2]
        if local in _BREAKS:
            self._pieces.append("\n")
        elif local in _SPACES:
            self._pieces.append(_SPACES[local])
        if local in _HOLDERS or name in _OPENDOCUMENT_HOLDERS:
            self._holders += 1

    def _end(self, name: str) -> None:
        self._depth -= 1
        local = name.rpartition(":")[2]
        if local in _HOLDERS or name in _OPENDOCUMENT_HOLDERS:
            self._holders -= 1
        if local in _BLOCKS:
            self._pieces.append("\n")

    def _characters(self, text: str) -> None:
        if self._holders:
            self._pieces.append(text)

    def _refuse(self, *declaration: object) -> None:
        # No office document has entities of its own; a bomb does.
        del declaration
        raise StoppedError(SkipReason.UNSUPPORTED, "an office document that declares entities")
