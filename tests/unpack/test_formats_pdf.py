"""PDF documents give the text of their pages, however it is encoded and cut."""

from __future__ import annotations

import base64
import tracemalloc
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keysift.model import SkipReason
from keysift.unpack.budget import Budget, Limits
from keysift.unpack.formats.pdf import filters
from keysift.unpack.formats.pdf.filters import decode
from keysift.unpack.formats.pdf.syntax import Lexer, Name, Reference, Word
from tests.unpack.extracting import extraction, marker, parts, skips


def stream(number: int, data: bytes, entries: bytes = b"") -> bytes:
    """Return an object with a stream."""
    head = b"%d 0 obj <</Length %d %b>> stream\n" % (number, len(data), entries)
    return head + data + b"\nendstream endobj\n"


def pdf(*objects: bytes) -> bytes:
    """Return a file with some objects and no table of them."""
    return b"%PDF-1.7\n" + b"".join(objects) + b"trailer <</Root 1 0 R>>\n%%EOF\n"


def page(content: bytes, resources: bytes = b"", more: bytes = b"") -> bytes:
    """Return a file with one page."""
    return pdf(
        b"1 0 obj <</Type /Catalog /Pages 2 0 R>> endobj\n",
        b"2 0 obj <</Type /Pages /Kids [3 0 R] /Count 1 /Resources <<"
        + resources
        + b">>>> endobj\n",
        b"3 0 obj <</Type /Page /Parent 2 0 R /Contents 4 0 R>> endobj\n",
        stream(4, content),
        more,
    )


def lzw(data: bytes) -> bytes:
    """Return data in LZW without using its table."""
    bits = "".join(f"{code:09b}" for byte in data for code in (256, byte)) + f"{257:09b}"
    bits += "0" * (-len(bits) % 8)
    return int(bits, 2).to_bytes(len(bits) // 8, "big")


SHOWN = {
    "Tj": b"(key=onetwo) Tj",
    "TJ": b"[(key) -20 (=one) 30 (two)] TJ",
    "hexadecimal": b"<6B65793D6f6e 65 74776F> Tj",
    "octal": b"(key\\075one\\164wo) Tj",
    "line continued": b"(key=one\\\ntwo) Tj",
    "quote": b"14 TL (key=onetwo) '",
    "double quote": b'1 2 (key=onetwo) "',
    "two operators": b"(key=one) Tj (two) Tj",
    "moved": b"(key=one) Tj 45 0 Td (two) Tj",
    "matrix": b"1 0 0 1 72 700 Tm (key=one) Tj 1 0 0 1 115 700 Tm (two) Tj",
    "comment": b"(key=one) Tj % (x) Tj\n(two) Tj",
}


@pytest.mark.parametrize("operators", SHOWN.values(), ids=SHOWN.keys())
def test_shown_text_is_joined(operators: bytes) -> None:
    """Every operator shows text, and pieces of one line are one text."""
    content = b"BT /F1 10 Tf " + operators + b" ET"
    assert parts(page(content))["page 1"] == b"key=onetwo"


def test_lines_and_words_stay_apart() -> None:
    """A move up or down is a new line; one far to the right, or a wide gap, is a space."""
    content = (
        b"BT /F1 10 Tf 14 TL 72 700 Td (one) Tj T* (two) Tj 0 -14 Td [(a) -300 (b)] TJ "
        b"200 0 Td (c) Tj ET q 1 0 0 1 0 50 cm BT /F1 10 Tf (d) Tj ET Q"
    )
    assert parts(page(content))["page 1"] == b"one\ntwo\na b c\nd"


def test_brackets_belong_to_strings() -> None:
    """Nested and escaped brackets are text."""
    assert parts(page(b"BT (a(b)\\)\\\\c) Tj ET"))["page 1"] == b"a(b))\\c"


def test_unicode_maps_are_used() -> None:
    """Codes that mean nothing by themselves get the text that the font gives them."""
    cmap = (
        b"1 begincodespacerange <0000> <FFFF> endcodespacerange\n"
        b"2 beginbfchar <0001> <006B> <0002> <00650079> endbfchar\n"
        b"2 beginbfrange <0010> <0012> <0061> <0020> <0021> [<0064> <D83DDE00>] endbfrange"
    )
    more = b"5 0 obj <</Type /Font /ToUnicode 6 0 R>> endobj\n" + stream(6, cmap)
    content = b"BT /F1 10 Tf <000100020010001100120020> Tj <0021> Tj ET"
    assert parts(page(content, b"/Font <</F1 5 0 R>>", more))["page 1"].decode() == "keyabcd😀"


FILTERS = {
    "none": (b"", lambda data: data),
    "Flate": (b"/Filter /FlateDecode", zlib.compress),
    "abbreviated": (b"/Filter /Fl", zlib.compress),
    "escaped name": (b"/Filter /Flate#44ecode", zlib.compress),
    "hexadecimal": (b"/Filter /ASCIIHexDecode", lambda data: data.hex().encode() + b">"),
    "base 85": (b"/Filter /ASCII85Decode", lambda data: base64.a85encode(data) + b"~>"),
    "LZW": (b"/Filter /LZWDecode", lzw),
    "runs": (b"/Filter /RunLengthDecode", lambda data: bytes([len(data) - 1]) + data + b"\x80"),
    "two": (
        b"/Filter [/ASCII85Decode /FlateDecode]",
        lambda data: base64.a85encode(zlib.compress(data)) + b"~>",
    ),
}


@pytest.mark.parametrize(("entries", "encode"), FILTERS.values(), ids=FILTERS.keys())
def test_filters_are_undone(entries: bytes, encode: object) -> None:
    """Streams that are on no page are parts as well, as text or as they are."""
    assert callable(encode)
    data = encode(b"BT (" + marker(1).encode() + b") Tj ET")
    other = encode(b"plain " + marker(2).encode())
    found = parts(pdf(stream(7, data, entries), stream(8, other, entries)))
    assert found["object 7"] == marker(1).encode()
    assert found["object 8"] == b"plain " + marker(2).encode()


def test_a_page_in_several_streams_is_one_text() -> None:
    """A text may be cut where one stream of a page ends and the next begins."""
    content = pdf(
        b"3 0 obj <</Type /Page /Contents [4 0 R 5 0 R]>> endobj\n",
        stream(4, b"BT (key=one) Tj"),
        stream(5, b"(two) Tj ET"),
    )
    assert parts(content)["page 1"] == b"key=onetwo"


def test_objects_in_streams_are_read() -> None:
    """Strings and pages in a compressed object stream count, with their keys."""
    inner = b"8 0 9 32 " + b"<</Title (" + marker(1).encode() + b") >>"
    inner = inner[:9] + inner[9:].ljust(32) + b"<</Type /Page /Contents 4 0 R>>"
    data = zlib.compress(inner)
    content = pdf(
        stream(4, b"BT (text) Tj ET"),
        stream(7, data, b"/Type /ObjStm /N 2 /First 9 /Filter /FlateDecode"),
    )
    found = parts(content)
    assert found["page 1"] == b"text"
    assert found["strings"] == b"Title: " + marker(1).encode()


def test_wide_strings_are_made_narrow() -> None:
    """Strings in UTF-16 come out in UTF-8."""
    wide = b"\xfe\xff" + marker(1).encode("utf-16-be")
    content = pdf(b"1 0 obj <</Author <" + wide.hex().encode() + b">>> endobj\n")
    assert parts(content)["strings"] == b"Author: " + marker(1).encode()


def test_a_wrong_length_does_not_matter() -> None:
    """The end of a stream is looked for where the length lies."""
    content = pdf(b"4 0 obj <</Length 3>> stream\nBT (text) Tj ET\nendstream endobj\n")
    assert parts(content)["object 4"] == b"text"


def test_pictures_and_fonts_are_left_out() -> None:
    """Streams that hold no text are no parts."""
    content = pdf(
        stream(4, b"x", b"/Subtype /Image"),
        stream(5, b"x", b"/Filter /DCTDecode"),
        stream(6, b"x", b"/Length1 1"),
        stream(7, b"x", b"/Subtype /Type1C"),
    )
    assert parts(content) == {}


def test_encrypted_documents_are_a_skip() -> None:
    """A document that cannot be read without a password says so."""
    content = page(b"x").replace(b"/Root", b"/Encrypt 9 0 R /Root")
    found, items = extraction(content)
    assert [getattr(item, "reason", None) for item in items] == [SkipReason.ENCRYPTED]
    assert not found.replaces_raw


def test_unknown_filters_are_skips() -> None:
    """A stream that cannot be decoded is counted, the others are read."""
    content = pdf(stream(4, b"x", b"/Filter /Odd"), stream(5, b"text"))
    _, items = extraction(content)
    assert [getattr(item, "content", None) for item in items] == [b"text", None]
    assert getattr(items[1], "reason", None) is SkipReason.UNSUPPORTED


def test_damaged_streams_give_what_came_before() -> None:
    """What was inflated before the damage is not lost."""
    data = zlib.compress(b"".join(b"line %d of many\n" % number for number in range(5000)))
    content = pdf(stream(4, data[:5000] + b"\xff" * 500, b"/Filter /FlateDecode"))
    assert parts(content)["object 4"].startswith(b"line 0 of many\nline 1")


def test_streams_cannot_grow_without_end() -> None:
    """A stream that grows a thousandfold ends in a skip."""
    bomb = zlib.compress(bytes(70_000_000))
    assert [skip.reason for skip in skips(pdf(stream(4, bomb, b"/Filter /Fl")))] == [
        SkipReason.TOO_LARGE
    ]


def test_trees_of_pages_may_be_circles() -> None:
    """Pages that are below themselves are read once."""
    content = pdf(
        b"1 0 obj <</Type /Catalog /Pages 2 0 R>> endobj\n",
        b"2 0 obj <</Kids [2 0 R 3 0 R 3 0 R] /Parent 2 0 R>> endobj\n",
        b"3 0 obj <</Type /Page /Parent 2 0 R /Contents 4 0 R>> endobj\n",
        stream(4, b"BT (text) Tj ET"),
    )
    assert parts(content)["page 1"] == b"text"


def test_nesting_is_bounded() -> None:
    """Arrays inside each other end in a skip."""
    [skip] = skips(pdf(b"1 0 obj " + b"[" * 10_000 + b" endobj\n"))
    assert skip.reason is SkipReason.TOO_DEEP


def test_the_budget_ends_reading() -> None:
    """A budget that is used up is the reason of the skip."""
    content = page(b"BT " + b"(x) Tj " * 5000 + b"ET")
    [skip] = skips(content, Budget(Limits(steps=2000)))
    assert skip.reason is SkipReason.STEP_BUDGET


def test_objects_are_parsed() -> None:
    """Names, numbers, references, strings, arrays and dictionaries are told apart."""
    lexer = Lexer(b"<</A#20b [1 -.5 2 0 R true]/C(x)>> <6> >>", 0, Budget())
    assert lexer.read() == {b"A b": [1.0, -0.5, Reference(2), Word(b"true")], b"C": b"x"}
    assert lexer.read() == b"\x60"
    assert lexer.read() == Word(b">>")
    assert lexer.read() is None


@given(st.binary(max_size=300), st.sampled_from(["Fl", "AHx", "A85", "LZW", "RL"]))
def test_filters_take_anything(data: bytes, name: str) -> None:
    """Any bytes are decoded, or refused as corrupt."""
    content = pdf(stream(4, data.replace(b"endstream", b""), f"/Filter /{name}".encode()))
    assert isinstance(extraction(content)[1], list)


@given(st.binary(max_size=2000))
def test_lzw_is_undone(data: bytes) -> None:
    """Any data come back."""
    assert decode(lzw(data), {b"Filter": Name(b"LZWDecode")}, Budget()) == data


def test_streams_that_are_too_large_are_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """Memory does not grow with the number of bombs in a file."""
    largest = 1024 * 1024
    monkeypatch.setattr(filters, "_LARGEST", largest)
    bomb = zlib.compress(zlib.compress(b"\0" * 2 * largest))
    content = pdf(
        *(stream(number, bomb, b"/Filter [/FlateDecode /FlateDecode]") for number in range(1, 31))
    )
    tracemalloc.start()
    try:
        found = skips(content)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert [skip.detail for skip in found] == [
        f"a PDF stream of more than {largest} bytes (30 streams)"
    ]
    assert peak < 8 * largest
