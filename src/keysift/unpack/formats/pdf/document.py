"""A PDF file as parts: its pages, its other streams, and the strings of its objects."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import Final

from keysift.model import Blob, Skip, SkipReason
from keysift.unpack.budget import Budget, StoppedError
from keysift.unpack.formats.extraction import Parts
from keysift.unpack.formats.pdf.cmap import CMap, Fonts, read_cmap
from keysift.unpack.formats.pdf.filters import PICTURES, filters_of
from keysift.unpack.formats.pdf.structure import Stream, Structure
from keysift.unpack.formats.pdf.syntax import Name, Object, Reference
from keysift.unpack.formats.pdf.text import has_text, shown_text

_ENCRYPTED: Final = re.compile(rb"/Encrypt[\0\t\n\x0c\r ]*(?:[0-9]+[\0\t\n\x0c\r ]+[0-9]+|<<)")
_FONT_KEYS: Final = (b"Length1", b"Length2", b"Length3")
_FONT_KINDS: Final = frozenset({b"Type1C", b"CIDFontType0C", b"OpenType"})
_DULL_TYPES: Final = frozenset({b"XRef", b"ObjStm"})
"""Streams that are read elsewhere, or hold numbers only."""

_MOST_PAGES: Final = 100_000


def read_pdf(blob: Blob, budget: Budget) -> Parts:
    """Yield the text of each page, other streams as text or as they are, and all strings.

    Raises:
        StoppedError: The budget is used up.
    """
    if _ENCRYPTED.search(blob.content) is not None:
        detail = "a PDF document whose streams are encrypted"
        yield Skip(path=blob.path, reason=SkipReason.ENCRYPTED, detail=detail)
        return False
    structure = Structure(blob.content, budget)
    structure.load()
    document = _Document(structure, budget)
    for part, content in document.parts():
        if content.strip():
            yield Blob(path=blob.path, part=part, content=content)
    lost = Counter(structure.failures + document.failures)
    for (reason, detail), count in lost.items():
        yield Skip(path=blob.path, reason=reason, detail=f"{detail} ({count} streams)")
    return False


class _Document:
    """Gives the streams of a file their place.

    Attributes:
        failures: Why streams could not be read.
    """

    def __init__(self, structure: Structure, budget: Budget) -> None:
        self.failures: list[tuple[SkipReason, str]] = []
        self._structure = structure
        self._budget = budget
        self._streams: dict[int, Stream] = {one.number: one for one in structure.streams}
        self._cmaps: dict[int, CMap] = {}
        self._known_fonts: dict[int, tuple[dict[bytes, Object], Fonts]] = {}
        self._done: set[int] = set()

    def parts(self) -> Iterator[tuple[str, bytes]]:
        """Yield the parts of the file."""
        for number, page in enumerate(self._pages(), 1):
            yield f"page {number}", self._page(page)
        for stream in self._structure.streams:
            if stream.begin not in self._done and not _is_dull(stream.dictionary):
                yield f"object {stream.number}", self._stream(stream)
        lines = [
            key + b": " + _utf8(text) if key else _utf8(text)
            for key, text in self._structure.strings()
        ]
        yield "strings", b"\n".join(lines)

    def _pages(self) -> Iterator[dict[bytes, Object]]:
        """Yield the pages in their order, then those that no tree leads to."""
        structure = self._structure
        seen: set[int] = set()
        roots = [
            value.get(b"Pages")
            for value in structure.objects.values()
            if isinstance(value, dict) and value.get(b"Type") == Name(b"Catalog")
        ]
        pending: list[Object] = [*roots, *map(Reference, structure.objects)]
        pending.reverse()
        while pending and len(seen) < _MOST_PAGES:
            one = pending.pop()
            if not isinstance(one, Reference) or one.number in seen:
                continue
            node = structure.dictionary(one)
            kids = structure.resolve(node.get(b"Kids"))
            if node.get(b"Type") == Name(b"Page"):
                seen.add(one.number)
                yield node
            elif isinstance(kids, list):
                seen.add(one.number)
                pending.extend(reversed(kids))

    def _page(self, page: dict[bytes, Object]) -> bytes:
        contents = page.get(b"Contents")
        listed = self._structure.resolve(contents)
        references = listed if isinstance(listed, list) else [contents]
        if not self._budget.step(len(references)):
            raise self._budget.stopped()
        pieces: list[bytes] = []
        for reference in references:
            stream = (
                self._streams.get(reference.number) if isinstance(reference, Reference) else None
            )
            if stream is not None and stream.begin not in self._done:
                pieces.append(self._data(stream))
        if not pieces:
            return b""
        fonts = self._fonts(self._structure.inherited(page, b"Resources"))
        return shown_text(b"\n".join(pieces), fonts, self._budget)

    def _stream(self, stream: Stream) -> bytes:
        content = self._data(stream)
        if has_text(content):
            fonts = self._fonts(stream.dictionary.get(b"Resources"))
            return shown_text(content, fonts, self._budget)
        return content

    def _fonts(self, resources: Object) -> Fonts:
        structure = self._structure
        named = structure.dictionary(structure.dictionary(resources).get(b"Font"))
        known = self._known_fonts.get(id(named))
        if known is not None:
            return known[1]
        fonts: Fonts = {}
        self._known_fonts[id(named)] = named, fonts
        for name, value in named.items():
            reference = structure.dictionary(value).get(b"ToUnicode")
            stream = (
                self._streams.get(reference.number) if isinstance(reference, Reference) else None
            )
            if stream is None:
                continue
            if stream.begin not in self._cmaps:
                self._cmaps[stream.begin] = self._cmap(stream)
            if self._cmaps[stream.begin].texts:
                fonts[name] = self._cmaps[stream.begin]
        return fonts

    def _cmap(self, stream: Stream) -> CMap:
        content = self._data(stream)
        try:
            return read_cmap(content, self._budget)
        except StoppedError as error:
            self._fail(error)
            return CMap()

    def _data(self, stream: Stream) -> bytes:
        """Return the decoded data of a stream, nothing if that fails, and note that it was read."""
        self._done.add(stream.begin)
        try:
            return self._structure.data(stream)
        except StoppedError as error:
            self._fail(error)
            return b""

    def _fail(self, error: StoppedError) -> None:
        if self._budget.exhausted is not None:
            raise error
        # Not the error itself: it would keep what its frames hold, megabytes of a stream.
        self.failures.append((error.reason, error.detail))


def _is_dull(dictionary: dict[bytes, Object]) -> bool:
    """Tell whether a stream holds no text: pictures, fonts, tables of offsets."""
    kind = dictionary.get(b"Type")
    subtype = dictionary.get(b"Subtype")
    return (
        (isinstance(kind, Name) and kind.text in _DULL_TYPES)
        or subtype == Name(b"Image")
        or (isinstance(subtype, Name) and subtype.text in _FONT_KINDS)
        or any(key in dictionary for key in _FONT_KEYS)
        or not PICTURES.isdisjoint(filters_of(dictionary))
    )


def _utf8(text: bytes) -> bytes:
    if text.startswith(b"\xfe\xff"):
        return text[2:].decode("utf-16-be", "replace").encode("utf-8", "replace")
    return text
