"""Readers of all formats take any bytes: they raise nothing, end, and stay within their budget."""

from __future__ import annotations

import json
import pickle
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keysift.model import Blob, Skip, SkipReason
from keysift.unpack import expand
from keysift.unpack.budget import Budget, Limits
from keysift.unpack.formats import Format, extract, recognise
from tests.unpack.extracting import extraction
from tests.unpack.marshalled import ERAS, Module
from tests.unpack.test_formats_git import BLOB, OFFSET_DELTA, difference, distance, entry, pack
from tests.unpack.test_formats_notebook import code, notebook
from tests.unpack.test_formats_office import odt, sheet, word
from tests.unpack.test_formats_pdf import page, stream
from tests.unpack.test_formats_png import png
from tests.unpack.test_formats_pyc import compiled
from tests.unpack.test_formats_sqlite import USERS, database

_BASE = b"0123456789" * 10
_FIRST = entry(BLOB, _BASE)
_CMAP = b"<00> <ff> endcodespacerange <01> <41> endbfchar <02> <05> <0061> endbfrange"

VALID = {
    "pyc": compiled("def f(a='x'):\n  self.b = f(c='y', d={'e': 'z'})\n  return 'w' + f'{a}v'"),
    "old pyc": Module(
        era=ERAS["2.7"], consts=("a", b"b", ("c", None)), names=("x",), bytecode=b"d\0\0Z\0\0"
    ).file(),
    "notebook": notebook(code(["a\n"], {"output_type": "stream", "text": "b"}), code("c")),
    "sqlite": database(*USERS, pragma="page_size=512"),
    "docx": word("<w:p><w:r><w:t>a</w:t></w:r></w:p>").encode(),
    "xlsx": sheet("<row><c><v>1</v></c></row>").encode(),
    "odt": odt("<text:p>a<text:span>b</text:span></text:p>").encode(),
    "png": png((b"tEXt", b"a\0b"), (b"zTXt", b"a\0\0" + zlib.compress(b"c"))),
    "pdf": page(
        b"q 1 0 0 1 0 0 cm BT /F 9 Tf (a) Tj [(b) -200 (c)] TJ ET Q",
        b"/Font <</F 5 0 R>>",
        b"5 0 obj <</ToUnicode 6 0 R>> endobj "
        + stream(6, zlib.compress(_CMAP), b"/Filter /FlateDecode")
        + stream(7, zlib.compress(b"8 0 (x)"), b"/Type /ObjStm /First 4 /Filter /FlateDecode"),
    ),
    "pack": pack(
        _FIRST, entry(OFFSET_DELTA, difference(_BASE, 3, 30, b"x"), distance(len(_FIRST)))
    ),
    "pickle": pickle.dumps({"a": ["b", b"c", 1.5]}, 2) + pickle.dumps("d", 5),
    "loose": b"blob 5\0text\n",
}
"""A file of each format."""

LIMITS = Limits(total_bytes=8 << 20, steps=200_000)


def check(content: bytes) -> None:
    """Read a file to its end, and hold what the interface promises."""
    budget = Budget(LIMITS)
    found = extract(Blob(path="dir/file", content=content), budget)
    if found is None:
        return
    items = list(found.items)
    assert all(item.path.startswith("dir/file") for item in items)
    assert all(item.part for item in items if isinstance(item, Blob))
    gaps = [item for item in items if isinstance(item, Skip)]
    assert not (gaps and found.replaces_raw)
    assert budget.bytes_taken < 2 * LIMITS.total_bytes
    assert budget.steps_taken < 2 * LIMITS.steps


@pytest.mark.parametrize("content", VALID.values(), ids=VALID.keys())
def test_the_samples_are_read(content: bytes) -> None:
    """The files that are damaged below are whole before."""
    _, items = extraction(content)
    assert items
    assert all(isinstance(item, Blob) for item in items)


@settings(max_examples=400)
@given(st.data())
def test_damaged_files_are_read(data: st.DataObject) -> None:
    """Bytes that are changed, cut out, repeated or missing at the end raise nothing."""
    content = bytearray(data.draw(st.sampled_from(list(VALID.values()))))
    for _ in range(data.draw(st.integers(1, 6))):
        at = data.draw(st.integers(0, max(0, len(content) - 1)))
        length = data.draw(st.integers(1, 40))
        match data.draw(st.sampled_from(["change", "insert", "cut", "repeat", "end"])):
            case "change":
                content[at : at + 1] = data.draw(st.binary(min_size=1, max_size=1))
            case "insert":
                content[at:at] = data.draw(st.binary(max_size=8))
            case "cut":
                del content[at : at + length]
            case "repeat":
                content[at:at] = content[at : at + length] * 3
            case _:
                del content[at:]
    check(bytes(content))


@settings(max_examples=300)
@given(st.sampled_from(list(VALID.values())), st.integers(4, 60), st.binary(max_size=400))
def test_anything_may_follow_a_beginning(content: bytes, length: int, rest: bytes) -> None:
    """A file that only begins like a format raises nothing."""
    check(content[:length] + rest)


@given(st.binary(max_size=200))
def test_any_bytes_are_taken(content: bytes) -> None:
    """Most bytes are no format at all."""
    recognise(content)
    check(content)


@pytest.mark.parametrize("content", VALID.values(), ids=VALID.keys())
def test_truncation_is_never_silent_about_the_raw_bytes(content: bytes) -> None:
    """A file that lost its end is scanned raw as well, or everything in it came out."""
    for length in range(20, len(content) - 1, max(1, len(content) // 50)):
        check(content[:length])


def test_parts_are_charged() -> None:
    """A budget of bytes ends an extraction, with the reason, and the raw bytes are needed."""
    content = notebook(*[code("x" * 1000) for _ in range(10)])
    found, items = extraction(content, Budget(Limits(total_bytes=20000)))
    assert [getattr(item, "reason", None) for item in items][-1] is SkipReason.BYTES_BUDGET
    assert len(items) == 6
    assert not found.replaces_raw


def test_raw_bytes_are_left_out_only_when_parts_say_everything() -> None:
    """``expand`` yields a notebook's parts alone, and a database's with its raw bytes."""
    replaced = list(expand(Blob(path="a", content=VALID["notebook"]), Budget()))
    kept = list(expand(Blob(path="a", content=VALID["sqlite"]), Budget()))
    assert None not in [getattr(item, "part", None) for item in replaced]
    assert getattr(kept[-1], "content", None) == VALID["sqlite"]


def test_formats_are_recognised_by_their_head() -> None:
    """The first bytes are enough for every format."""
    found = {recognise(content[:4096]) for content in VALID.values()}
    assert found == set(Format)


@pytest.mark.parametrize(
    "text",
    [
        b"import os\n" * 400,
        b"# comment\r\n" * 400,
        b"Metadata-Version: 2.1\n" * 200,
        json.dumps({"name": "x", "list": list(range(1000))}).encode()[:4096],
        b"\n\n<html>" * 500,
        b"blob of text " * 300,
        bytes(4096),
    ],
)
def test_text_is_no_format(text: bytes) -> None:
    """Files of other kinds are told apart without being read."""
    assert recognise(text) is None
