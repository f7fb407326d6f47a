"""Office documents give paragraphs and cells whole, however many runs they are cut into."""

from __future__ import annotations

import io
import zipfile

import pytest

from keysift.model import Blob, SkipReason
from keysift.unpack import expand, members
from keysift.unpack.budget import Budget
from keysift.unpack.formats import Format, recognise
from tests.unpack.extracting import extraction, marker, parts, skips

OOXML = "http://schemas.openxmlformats.org/"
HEAD = "<?xml version='1.0' encoding='UTF-8' standalone='yes'?>"


def word(body: str) -> str:
    """Return the main part of a docx file."""
    return f'{HEAD}<w:document xmlns:w="{OOXML}wordprocessingml/2006/main">{body}</w:document>'


def sheet(body: str, root: str = "worksheet") -> str:
    """Return a part of an xlsx file."""
    return f'{HEAD}<{root} xmlns="{OOXML}spreadsheetml/2006/main">{body}</{root}>'


def slide(body: str) -> str:
    """Return a slide of a pptx file."""
    return (
        f'{HEAD}<p:sld xmlns:a="{OOXML}drawingml/2006/main" '
        f'xmlns:p="{OOXML}presentationml/2006/main">{body}</p:sld>'
    )


def odt(body: str) -> str:
    """Return the content of an OpenDocument file."""
    space = "urn:oasis:names:tc:opendocument:xmlns:"
    return (
        f'{HEAD}<office:document-content xmlns:office="{space}office:1.0" '
        f'xmlns:text="{space}text:1.0">{body}</office:document-content>'
    )


DOCUMENTS = {
    "docx": word("<w:p><w:r><w:t>key=one</w:t></w:r>\n <w:r><w:t>two</w:t></w:r></w:p><w:p/>"),
    "docx field": word("<w:p><w:instrText>key=</w:instrText><w:delText>onetwo</w:delText></w:p>"),
    "shared strings": sheet("<si><r><t>key=</t></r>\n<r><t>onetwo</t></r></si>", "sst"),
    "inline string": sheet("<row><c t='inlineStr'><is><t>key=onetwo</t></is></c></row>"),
    "formula": sheet("<row><c><f>key=onetwo</f></c></row>"),
    "comment": sheet("<comment><text><r><t>key=one</t></r><r><t>two</t></r></text></comment>"),
    "pptx": slide("<a:p><a:r><a:t>key=one</a:t></a:r><a:r><a:t>two</a:t></a:r></a:p>"),
    "odt": odt("<text:p>key=<text:span>one</text:span>two</text:p>"),
    "entity": word("<w:p><w:t>key=one&#116;wo</w:t></w:p>"),
}


@pytest.mark.parametrize("document", DOCUMENTS.values(), ids=DOCUMENTS.keys())
def test_runs_are_joined(document: str) -> None:
    """Runs of one paragraph or cell are one text; the raw bytes are scanned as well."""
    content = document.encode()
    assert parts(content) == {"text": b"key=onetwo"}
    assert not extraction(content)[0].replaces_raw


def test_paragraphs_breaks_and_tabs_stay_apart() -> None:
    """What stands on different lines is not joined."""
    document = word(
        "<w:p><w:t>a</w:t><w:tab/><w:t>b</w:t><w:br/><w:t>c</w:t></w:p><w:p><w:t>d</w:t></w:p>"
    )
    assert parts(document.encode())["text"] == b"a\tb\nc\nd"


def test_a_whole_document_is_opened() -> None:
    """A zip archive with such a file in it gives its text."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        half = len(marker(1)) // 2
        runs = f"<w:r><w:t>{marker(1)[:half]}</w:t></w:r><w:r><w:t>{marker(1)[half:]}</w:t></w:r>"
        archive.writestr("word/document.xml", word(f"<w:p>{runs}</w:p>"))
    budget = Budget()
    found = [
        item
        for member in members("a.docx", file, budget)
        if isinstance(member, Blob)
        for item in expand(member, budget)
        if isinstance(item, Blob)
    ]
    assert [item.content for item in found if item.part == "text"] == [marker(1).encode()]


def test_entities_are_refused() -> None:
    """A document that declares entities is a skip before any of them grows."""
    bomb = word("<w:p><w:t>&a;</w:t></w:p>").replace(
        "<w:document", '<!DOCTYPE x [<!ENTITY a "xxxxxxxxxx"><!ENTITY b "&a;&a;">]><w:document', 1
    )
    assert [skip.reason for skip in skips(bomb.encode())] == [SkipReason.UNSUPPORTED]


def test_external_entities_are_not_looked_up() -> None:
    """A document type that stands elsewhere is not read."""
    document = word("<w:p><w:t>a</w:t></w:p>").replace(
        "<w:document", '<!DOCTYPE x SYSTEM "file:///etc/hostname"><w:document', 1
    )
    assert parts(document.encode()) == {"text": b"a"}


def test_nesting_is_bounded() -> None:
    """Elements inside each other end in a skip."""
    assert [skip.reason for skip in skips(word("<w:p>" * 5000).encode())] == [SkipReason.TOO_DEEP]


def test_broken_xml_gives_what_came_before() -> None:
    """Text up to the error comes out, then a skip."""
    _, items = extraction(word("<w:p><w:t>a</w:t></w:p><w:p>").encode()[:-20])
    assert getattr(items[0], "content", b"") == b"a"
    assert getattr(items[1], "reason", None) is SkipReason.CORRUPT


def test_an_unknown_encoding_is_a_skip() -> None:
    """An encoding that the parser does not know raises nothing."""
    document = word("<w:p/>").replace("UTF-8", "shift-jis-odd")
    assert [skip.reason for skip in skips(document.encode())] == [SkipReason.CORRUPT]


def test_other_xml_is_left_alone() -> None:
    """HTML and XML of other kinds are no office documents."""
    assert recognise(b"<html><body>text</body></html>") is None
    assert recognise(b"<?xml version='1.0'?><project/>") is None
    assert recognise(word("").encode()) is Format.OFFICE
