"""Encoded secrets by encoded anchors: no second pass over the data.

For a text that secrets begin with, each encoding says what its encoded form looks like to the
automaton; a hit decodes the run around it, and the result is scanned again. The windows are
bounded, so a hit in the middle of an image costs microseconds.
"""

from __future__ import annotations

import base64
import binascii
import re
from bisect import bisect_right
from collections.abc import Callable, Iterator
from functools import partial
from typing import Final, TypeAlias

from msgspec import Struct

BACK: Final = 2048
"""Encoded bytes before an anchor that are decoded, for context words."""

ON: Final = 24 * 1024
"""Encoded bytes after the end of an anchor that are decoded."""

MIN_PREFIX: Final = 4
"""Shorter texts would be found everywhere in encoded form."""

_SEXTET: Final = 6
_MIN_CERTAIN: Final = 4
"""Characters of base64 that are specific enough by themselves."""

_MAX_ESCAPED: Final = 5
"""Escaped characters that are looked for: rare as they are, more would only be slow to compile."""

_ALPHABET: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"

Span: TypeAlias = Callable[[int, int], tuple[int, int]]
"""Translates a span of decoded text to the source."""


class Region(Struct, frozen=True):
    """A decoded run.

    Attributes:
        decoded: What it says.
        start: First byte of the run in the source.
        end: One past the last byte of the run.
        span: Translates a span of ``decoded`` to the source.
    """

    decoded: bytes
    start: int
    end: int
    span: Span


class Encoding(Struct, frozen=True):
    """One way to hide text from a byte scanner.

    Attributes:
        name: As reported in the chain of a finding.
        anchors: For a text, the expressions of its encoded forms, each with the phase that its
            end has in the encoding's grid.
        region: Decodes the run around a hit that ended at an offset with a phase; None when
            there is nothing to decode.
    """

    name: str
    anchors: Callable[[bytes], Iterator[tuple[str, int]]]
    region: Callable[[bytes, int, int], Region | None]


def literal(raw: bytes) -> str:
    """Return an expression that matches exactly ``raw``."""
    return "".join(f"\\x{byte:02x}" for byte in raw)


# base64: three alignments, standard and URL-safe, wrapped lines, JSON's \/


def _base64_anchors(text: bytes) -> Iterator[tuple[str, int]]:
    for shift in range(3):
        yield _base64_form(text, shift)


def _base64_form(text: bytes, shift: int) -> tuple[str, int]:
    """Return the encoded form after ``shift`` unknown bytes, and the phase of its end.

    Only characters whose six bits are all known take part, unless they are too few: then the two
    at the ends become classes of what their known bits allow.
    """
    lead, stop = 8 * shift, 8 * (shift + len(text))
    first, last = -(-lead // 6), stop // 6
    if last - first < _MIN_CERTAIN:
        first, last = lead // 6, -(-stop // 6)
    padded = base64.b64encode(b"\0" * shift + text + b"\0" * 3).decode()
    value = int.from_bytes(text, "big")
    form = ""
    for index in range(first, last):
        known = {
            5 - offset: (value >> (stop - 1 - position)) & 1
            for offset in range(6)
            if lead <= (position := 6 * index + offset) < stop
        }
        form += _base64_class(padded[index] if len(known) == _SEXTET else _allowed(known))
    return form, last % 4


def _allowed(known: dict[int, int]) -> str:
    """Return the characters whose bits are as known; keys are places, the lowest bit 0."""
    return "".join(
        char
        for sextet, char in enumerate(_ALPHABET)
        if all((sextet >> place) & 1 == bit for place, bit in known.items())
    )


def _base64_class(characters: str) -> str:
    twins = {"+": "-", "/": "_"}
    both = [*characters, *(twins[one] for one in characters if one in twins)]
    members = "".join(f"\\x{ord(one):02x}" for one in both)
    return members if len(both) == 1 else f"[{members}]"


def _nested_base64_anchors(text: bytes) -> Iterator[tuple[str, int]]:
    """Yield the forms of a text that was encoded twice: three alignments of three."""
    for shift in range(3):
        inner = base64.b64encode(b"\0" * shift + text)
        certain = inner[-(-8 * shift // 6) : 8 * (shift + len(text)) // 6]
        if len(certain) >= MIN_PREFIX:
            yield from _base64_anchors(certain)


LINE_BREAK: Final = (
    rb"(?:[\"']?[ \t]*(?:[\\+][ \t]*){0,2}(?:\r?\n|\\n|\\r\\n)[ \t]*(?:[bB]?[\"'](?![\"']))?)"
)
"""What stands between two lines of base64: as they are, in JSON, or each in a string literal."""

BASE64_RUN: Final = re.compile(
    rb"[A-Za-z0-9+/_-]+(?:(?:" + LINE_BREAK + rb"|\\/)[A-Za-z0-9+/_-]+)*={0,2}"
)
_BASE64_PIECE: Final = re.compile(LINE_BREAK + rb"|([A-Za-z0-9+/_-]+)")
_URLSAFE: Final = bytes.maketrans(b"-_", b"+/")


def _base64_region(data: bytes, end: int, phase: int) -> Region | None:
    run = _run(BASE64_RUN, data, end)
    if run is None:
        return None
    pieces = base64_pieces(data, *run)
    text = b"".join(data[start:stop] for start, stop in pieces).translate(_URLSAFE)
    before = sum(min(stop, end) - start for start, stop in pieces if start < end)
    drop = (before - phase) % 4
    text = text[drop:]
    text = text[: len(text) - (len(text) % 4 == 1)]
    decoded = binascii.a2b_base64(text + b"=" * (-len(text) % 4))
    return Region(decoded, run[0], run[1], partial(_base64_span, pieces, drop))


def base64_pieces(data: bytes, start: int, end: int) -> list[tuple[int, int]]:
    """Return the spans of a run of base64 without its line breaks."""
    return [
        match.span(1) for match in _BASE64_PIECE.finditer(data, start, end) if match.start(1) >= 0
    ]


def _base64_span(pieces: list[tuple[int, int]], drop: int, start: int, end: int) -> tuple[int, int]:
    first = drop + start * 4 // 3
    last = drop + -(-end * 4 // 3) - 1
    offsets = [0]
    for low, high in pieces:
        offsets.append(offsets[-1] + high - low)

    def place(index: int) -> int:
        piece = min(bisect_right(offsets, index) - 1, len(pieces) - 1)
        return pieces[piece][0] + index - offsets[piece]

    return place(first), place(last) + 1


# hex: an even number of digits


def _hex_anchors(text: bytes) -> Iterator[tuple[str, int]]:
    yield f"(?i:{literal(text.hex().encode())})", 0


_HEX_RUN: Final = re.compile(rb"[0-9A-Fa-f]+")


def _hex_region(data: bytes, end: int, phase: int) -> Region | None:
    run = _run(_HEX_RUN, data, end)
    if run is None:
        return None
    start = run[0] + (end - phase - run[0]) % 2
    stop = run[1] - (run[1] - start) % 2
    decoded = bytes.fromhex(data[start:stop].decode("ascii"))
    return Region(decoded, start, stop, lambda low, high: (start + 2 * low, start + 2 * high))


# escapes: each unit stands for one character


def _unit_region(
    unit: re.Pattern[bytes],
    decode: Callable[[bytes], bytes],
    data: bytes,
    end: int,
    phase: int,  # noqa: ARG001 (these encodings have no grid)
) -> Region | None:
    """Decode a run of units; ``sources`` has the offset of each decoded byte, and the end."""
    low, high = _unit_window(unit, data, end)
    decoded = bytearray()
    sources: list[int] = []
    for match in unit.finditer(data, low, high):
        text = decode(match[0])
        decoded += text
        sources += [match.start()] * len(text)
    if not decoded:
        return None
    sources.append(high)
    return Region(bytes(decoded), low, high, lambda start, stop: (sources[start], sources[stop]))


def _unit_window(unit: re.Pattern[bytes], data: bytes, end: int) -> tuple[int, int]:
    """Return the bounds of the units without a gap around ``end``."""
    low, high = end, end
    for match in unit.finditer(data, max(0, end - BACK), min(len(data), end + ON)):
        if match.start() != high:
            if match.start() >= end:
                break
            low = match.start()
        high = match.end()
    return min(low, high), high


def _spaced(form: str) -> Callable[[bytes], Iterator[tuple[str, int]]]:
    """Return anchors in which each byte is written as ``form``."""

    def anchors(text: bytes) -> Iterator[tuple[str, int]]:
        yield "".join(form.format(byte) for byte in text), 0

    return anchors


def _some_escaped(*forms: str) -> Callable[[bytes], Iterator[tuple[str, int]]]:
    """Return anchors with every byte escaped, and with all but letters and digits escaped.

    Case is ignored in the whole expression, so that it stays one literal for the automaton.
    """

    def anchors(text: bytes) -> Iterator[tuple[str, int]]:
        for form in forms:
            every = [literal(form.format(byte).encode()) for byte in text]
            yield f"(?i:{''.join(every[:_MAX_ESCAPED])})", 0
            if not text.isalnum():
                some = [
                    literal(bytes([byte])) if _alnum(byte) else escaped
                    for byte, escaped in zip(text, every, strict=True)
                ]
                yield f"(?i:{''.join(some)})", 0

    return anchors


def _alnum(byte: int) -> bool:
    return bytes([byte]).isalnum()


def _percent(unit: bytes) -> bytes:
    return bytes.fromhex(unit[1:].decode()) if unit[:1] == b"%" else unit


def _backslash_x(unit: bytes) -> bytes:
    return bytes.fromhex(unit[-2:].decode()) if unit[:1] == b"\\" else unit


def _backslash_u(unit: bytes) -> bytes:
    if unit[:1] != b"\\":
        return unit
    return chr(int(unit.strip(b"\\uU{}"), 16)).encode("utf-8", "replace")


def _entity(unit: bytes) -> bytes:
    import html  # noqa: PLC0415 (its table of names is large, and start-up counts)

    return html.unescape(unit.decode("ascii")).encode("utf-8", "replace")


_PERCENT: Final = re.compile(rb"%[0-9A-Fa-f]{2}|[A-Za-z0-9._~+/=@:-]")
_BACKSLASH_X: Final = re.compile(rb"\\x[0-9A-Fa-f]{2}|[ !#-&(-\[\]-~]")
_BACKSLASH_U: Final = re.compile(
    rb"\\u(?:00[0-7][0-9A-Fa-f]|\{[0-7]?[0-9A-Fa-f]\})|[ !#-&(-\[\]-~]"
)
_ENTITY: Final = re.compile(
    rb"&#(?:[0-9]{1,3}|[xX][0-9A-Fa-f]{1,2});|&(?:amp|lt|gt|quot|apos);|[!-%'-;=?-~]"
)
_UTF16_LE: Final = re.compile(rb"[\t\n\r -~]\0")
_UTF16_BE: Final = re.compile(rb"\0[\t\n\r -~]")


# reversed text


_SHORT_BEGINNING: Final = 6
_REVERSED_BODY: Final = r"[A-Za-z0-9+\/=_.~-]{12}"


def _reversed_anchors(text: bytes) -> Iterator[tuple[str, int]]:
    # "self.response" holds "ser." written backwards, but nothing that a token goes on with.
    body = _REVERSED_BODY if len(text) < _SHORT_BEGINNING else ""
    yield body + literal(text[::-1]), 0


_VISIBLE_RUN: Final = re.compile(rb"[ -~]+")
_QUOTES: Final = re.compile(rb"[\"'`]")


def _reversed_region(data: bytes, end: int, phase: int) -> Region | None:  # noqa: ARG001
    run = _run(_VISIBLE_RUN, data, end)
    if run is None:
        return None
    start, stop = run
    return Region(data[start:stop][::-1], start, stop, lambda low, high: (stop - high, stop - low))


# text cut into several string literals: "ab" "cd", "ab" + "cd", over lines too

CONCATENATION: Final = "concatenation"

GLUE: Final = (
    rb"[ \t\r\n\\+.&]{0,200}(?:(?:#|//)[^\n]{0,200}\n[ \t\r\n\\+.&]{0,200}){0,3}[rRbBuUfF]{0,2}"
)
"""What may stand between two string literals that belong together, comments included."""

_PIECE_END: Final = re.compile(rb"[^\"'\n]{0,4096}?(?P<glue>[\"']" + GLUE + rb"[\"'])")
_MAX_PIECES: Final = 400


def _joined_anchors(text: bytes) -> Iterator[tuple[str, int]]:
    # Up to the quote that ends the piece, and what may glue it to the next one: words such as
    # "api_" stand everywhere, but rarely in a text that is cut.
    yield literal(text) + r"[^\"'\n,(){}]*[\"'][ \t\r\n\\+.&\"']", 0


def _joined_region(data: bytes, end: int, phase: int) -> Region | None:  # noqa: ARG001
    """Join the string literals that follow a piece that holds what secrets begin with.

    Args:
        data: The text.
        end: Offset after the first character behind the quote that ends the piece.
        phase: Not used.
    """
    glue = _PIECE_END.match(data, end - 2)
    if glue is None or glue.start("glue") != end - 2:
        return None
    start = max(0, end - 2 * BACK, data.rfind(b"\n", 0, end - 2) + 1)
    pieces: list[tuple[int, int]] = []
    low = start
    while glue is not None and len(pieces) < _MAX_PIECES and glue.end() < end + ON:
        pieces.append((low, glue.start("glue")))
        low = glue.end()
        glue = _PIECE_END.match(data, low)
    pieces.append((low, min(len(data), low + BACK)))
    decoded = b"".join(data[first:last] for first, last in pieces)
    return Region(decoded, end, pieces[-1][1], partial(_joined_span, pieces))


def _joined_span(pieces: list[tuple[int, int]], start: int, end: int) -> tuple[int, int]:
    def place(offset: int) -> int:
        for low, high in pieces:
            if offset < high - low:
                return low + offset
            offset -= high - low
        return pieces[-1][1]

    return place(start), place(end - 1) + 1


def _run(pattern: re.Pattern[bytes], data: bytes, end: int) -> tuple[int, int] | None:
    """Return the match of ``pattern`` around ``end`` that holds the byte before it."""
    for match in pattern.finditer(data, max(0, end - BACK), min(len(data), end + ON)):
        if match.end() >= end:
            return match.span() if match.start() < end else None
    return None


ENCODINGS: Final = (
    Encoding("base64", _base64_anchors, _base64_region),
    Encoding("base64", _nested_base64_anchors, _base64_region),
    Encoding("hex", _hex_anchors, _hex_region),
    Encoding(
        "percent",
        _some_escaped("%{0:02x}"),
        partial(_unit_region, _PERCENT, _percent),
    ),
    Encoding(
        "backslash-x",
        _some_escaped("\\x{0:02x}"),
        partial(_unit_region, _BACKSLASH_X, _backslash_x),
    ),
    Encoding(
        "backslash-u",
        _some_escaped("\\u00{0:02x}", "\\u{{{0:x}}}"),
        partial(_unit_region, _BACKSLASH_U, _backslash_u),
    ),
    Encoding(
        "html", _some_escaped("&#{0:d};", "&#x{0:x};"), partial(_unit_region, _ENTITY, _entity)
    ),
    Encoding(
        "utf-16-le",
        _spaced("\\x{0:02x}\\x00"),
        partial(_unit_region, _UTF16_LE, lambda unit: unit[:1]),
    ),
    Encoding(
        "utf-16-be",
        _spaced("\\x00\\x{0:02x}"),
        partial(_unit_region, _UTF16_BE, lambda unit: unit[1:]),
    ),
    Encoding("reversed", _reversed_anchors, _reversed_region),
    Encoding(CONCATENATION, _joined_anchors, _joined_region),
)
"""All encodings that are looked for by anchors; their order is their identity in the automaton."""

JOINED: Final = len(ENCODINGS) - 1
"""The index of the encoding for texts that are cut into pieces."""
