"""One planted secret in each container and encoding: reported exactly, and nothing else."""

from __future__ import annotations

import base64
import bz2
import gzip
import io
import json
import lzma
import marshal
import sqlite3
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
import zstandard

import keysift
from keysift.catalogue.samples import expand
from keysift.crawl.worker import MAX_LISTED

SECRET = expand("ghp_{base62:30}{crc32_base62}", 11)
_WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
LINE = f"key = '{SECRET}'\n".encode()


def zipped(
    name: str = "pkg/a.py", content: bytes = LINE, method: int = zipfile.ZIP_DEFLATED
) -> bytes:
    """Return a zip archive of one member."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        archive.writestr(name, content)
    return buffer.getvalue()


def tarred(name: str = "pkg/a.py", content: bytes = LINE) -> bytes:
    """Return a tar archive of one member."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        entry = tarfile.TarInfo(name)
        entry.size = len(content)
        archive.addfile(entry, io.BytesIO(content))
    return buffer.getvalue()


def debian() -> bytes:
    """Return a Debian package: an ar archive of tars."""
    out = b"!<arch>\n"
    for name, content in (("debian-binary", b"2.0\n"), ("data.tar.xz", lzma.compress(tarred()))):
        out += f"{name:<16}{0:<12}{0:<6}{0:<6}{100644:<8}{len(content):<10}`\n".encode()
        out += content + b"\n" * (len(content) % 2)
    return out


def orphan(content: bytes = LINE) -> bytes:
    """Return a zip whose directory has lost its second member."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.txt", b"nothing")
        archive.writestr("b.py", content)
        del archive.filelist[1]
        del archive.NameToInfo["b.py"]
    return buffer.getvalue()


def database(value: str = SECRET) -> bytes:
    """Return a SQLite database with one row."""
    connection = sqlite3.connect(":memory:")
    connection.execute("create table settings (name text, value text)")
    connection.execute("insert into settings values ('key', ?)", (value,))
    connection.commit()
    raw = connection.serialize()
    connection.close()
    return raw


def bytecode() -> bytes:
    """Return a module as this interpreter compiles it."""
    import importlib.util  # noqa: PLC0415 (used here only)

    code = compile(LINE, "a.py", "exec")
    return importlib.util.MAGIC_NUMBER + b"\0" * 12 + marshal.dumps(code)


def notebook() -> bytes:
    """Return a notebook with the secret in its second cell."""
    cells = [
        {"cell_type": "markdown", "metadata": {}, "source": ["# Title"]},
        {"cell_type": "code", "metadata": {}, "source": ["x = 1\n", LINE.decode()], "outputs": []},
    ]
    return json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}).encode()


def document() -> bytes:
    """Return a word-processor document whose text runs cut the secret in two."""
    half = len(SECRET) // 2
    runs = f"<w:r><w:t>{SECRET[:half]}</w:t></w:r><w:r><w:t>{SECRET[half:]}</w:t></w:r>"
    body = f'<w:document xmlns:w="{_WORD}"><w:body><w:p>{runs}</w:p></w:body></w:document>'
    return zipped("word/document.xml", body.encode())


def pdf() -> bytes:
    """Return a PDF with one compressed page."""
    stream = zlib.compress(f"BT /F1 12 Tf (key {SECRET}) Tj ET".encode())
    head = b"%PDF-1.4\n1 0 obj\n<< /Length " + str(len(stream)).encode()
    return head + b" /Filter /FlateDecode >>\nstream\n" + stream + b"\nendstream\nendobj\n%%EOF\n"


def picture() -> bytes:
    """Return a PNG with a compressed text chunk."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        check = struct.pack(">I", zlib.crc32(kind + content))
        return struct.pack(">I", len(content)) + kind + content + check

    text = b"Comment\0\0" + zlib.compress(LINE)
    header = struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"zTXt", text) + chunk(b"IEND", b"")
    )


def git_object() -> bytes:
    """Return a loose git object inside an archive."""
    raw = zlib.compress(b"blob %d\0" % len(LINE) + LINE)
    return zipped("demo/.git/objects/ab/" + "cd" * 19, raw, zipfile.ZIP_STORED)


TEXT = SECRET.encode()
CASES: dict[str, tuple[str, Callable[[], bytes]]] = {
    "plain": ("a.py", lambda: LINE),
    "wheel": ("a-1.whl", zipped),
    "dist-info": ("a-1.whl", lambda: zipped("a-1.dist-info/METADATA")),
    "site-packages": ("a-1.zip", lambda: zipped("env/lib/python3.11/site-packages/x.py")),
    "node-modules": ("a-1.zip", lambda: zipped("node_modules/x/index.js")),
    "lock-file": ("poetry.lock", lambda: b'url = "https://x.internal?t=' + TEXT + b'"\n'),
    "svg": ("a-1.zip", lambda: zipped("img.svg", b"<svg><!-- " + TEXT + b" --></svg>")),
    "pth": ("a-1.whl", lambda: zipped("x.pth")),
    "stored": ("a.zip", lambda: zipped(method=zipfile.ZIP_STORED)),
    "zip-bzip2": ("a.zip", lambda: zipped(method=zipfile.ZIP_BZIP2)),
    "zip-lzma": ("a.zip", lambda: zipped(method=zipfile.ZIP_LZMA)),
    "zip-in-wheel": ("a-1.whl", lambda: zipped("inner.zip", zipped())),
    "tgz-in-wheel": ("a-1.whl", lambda: zipped("inner.bin", gzip.compress(tarred()))),
    "sdist": ("a-1.tar.gz", lambda: gzip.compress(tarred())),
    "tar": ("a-1.tar", tarred),
    "tar-bz2": ("a-1.tar.bz2", lambda: bz2.compress(tarred())),
    "tar-xz": ("a-1.tar.xz", lambda: lzma.compress(tarred())),
    "tar-zst": ("a-1.tar.zst", lambda: zstandard.compress(tarred())),
    "conda": ("a-1.conda", lambda: zipped("pkg-a.tar.zst", zstandard.compress(tarred()))),
    "gem": ("a-1.gem", lambda: tarred("data.tar.gz", gzip.compress(tarred()))),
    "deb": ("a.deb", debian),
    "gzip": ("a.txt.gz", lambda: gzip.compress(LINE)),
    "no-extension": ("archive", zipped),
    "prefixed-zip": ("a.pex", lambda: b"#!/usr/bin/env python3\n" + zipped()),
    "orphan": ("a.zip", orphan),
    "bytecode": ("a-1.whl", lambda: zipped("a/__pycache__/a.pyc", bytecode())),
    "notebook": ("a.ipynb", notebook),
    "sqlite": ("a.db", database),
    "docx": ("a.docx", document),
    "pdf": ("a.pdf", pdf),
    "png": ("a.png", picture),
    "git-object": ("a-1.zip", git_object),
    "shared-library": ("a.so", lambda: b"\x7fELF\x02\x01\x01" + b"\0" * 90 + TEXT + b"\0" * 9),
    "pickle": ("a.pkl", lambda: __import__("pickle").dumps({"key": SECRET})),
    "base64": ("a.py", lambda: b"x = '" + base64.b64encode(LINE) + b"'\n"),
    "base64-twice": ("a.py", lambda: base64.b64encode(base64.b64encode(LINE))),
    "hex": ("a.py", lambda: b"x = '" + TEXT.hex().encode() + b"'\n"),
    "percent": ("a.txt", lambda: b"u=" + b"".join(b"%%%02X" % byte for byte in TEXT)),
    "utf-16": ("a.txt", lambda: LINE.decode().encode("utf-16")),
    "backslash-u": ("a.js", lambda: b'"' + b"".join(b"\\u%04x" % byte for byte in TEXT) + b'"'),
    "backslash-x": ("a.c", lambda: b'"' + b"".join(b"\\x%02x" % byte for byte in TEXT) + b'"'),
    "html": ("a.html", lambda: b"<p>" + b"".join(b"&#%d;" % byte for byte in TEXT) + b"</p>"),
    "reversed": ("a.py", lambda: b"x = '" + TEXT[::-1] + b"'[::-1]\n"),
    "implicit-join": ("a.py", lambda: b"x = ('" + TEXT[:15] + b"'\n     '" + TEXT[15:] + b"')\n"),
    "plus-join": ("a.py", lambda: b'x = "' + TEXT[:15] + b'" + "' + TEXT[15:] + b'"\n'),
    "zlib-base64": (
        "a.py",
        lambda: b"exec(d('" + base64.b64encode(zlib.compress(LINE * 3)) + b"'))\n",
    ),
}


def office(name: str, xml: str) -> bytes:
    """Return an office document with one XML file."""
    return zipped(name, f'<?xml version="1.0"?>{xml}'.encode())


def picture_with(kind: bytes, content: bytes) -> bytes:
    """Return a PNG with one chunk; the rest of it is missing."""
    check = struct.pack(">I", zlib.crc32(kind + content))
    return b"\x89PNG\r\n\x1a\n" + struct.pack(">I", len(content)) + kind + content + check


def literals(encoded: bytes, width: int = 60) -> bytes:
    """Return a call with each line of an encoded text in a literal of its own."""
    lines = (encoded[at : at + width] for at in range(0, len(encoded), width))
    return b"exec(decode(\n" + b"".join(b'    b"%s"\n' % line for line in lines) + b"))\n"


_SHEET = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OASIS = "urn:oasis:names:tc:opendocument:xmlns"
HALF = len(SECRET) // 2
PADDING = b"".join(b"%d lines stand before the key\n" % number for number in range(40))
CASES |= {
    "zip-orphan-deflated-in-wheel": ("a-1.whl", lambda: zipped("inner.zip", orphan())),
    "egg": ("a-1-py3.egg", lambda: zipped("EGG-INFO/PKG-INFO")),
    "tar-lzma": ("a.tar.lzma", lambda: lzma.compress(tarred(), format=lzma.FORMAT_ALONE)),
    "five-deep": (
        "a.zip",
        lambda: zipped(
            "1.tgz", gzip.compress(tarred("2.zip", zipped("3.gz", gzip.compress(LINE))))
        ),
    ),
    "self-extracting": ("a.exe", lambda: b"MZ" + bytes(range(256)) + zipped()),
    "zip-in-utf-16": ("a.zip", lambda: zipped("a.txt", LINE.decode().encode("utf-16"))),
    "xlsx": (
        "a.xlsx",
        lambda: office(
            "xl/sharedStrings.xml", f'<sst xmlns="{_SHEET}"><si><t>{SECRET}</t></si></sst>'
        ),
    ),
    "odt": (
        "a.odt",
        lambda: office(
            "content.xml",
            f'<o:document xmlns:o="{_OASIS}:office:1.0" xmlns:text="{_OASIS}:text:1.0">'
            f"<text:p>{SECRET}</text:p></o:document>",
        ),
    ),
    "png-tEXt": ("a.png", lambda: picture_with(b"tEXt", b"Comment\0" + TEXT)),
    "png-iTXt": ("a.png", lambda: picture_with(b"iTXt", b"Comment\0\0\0\0\0" + TEXT)),
    "pickle-2": ("a.pkl", lambda: __import__("pickle").dumps({"key": SECRET}, 2)),
    "base64-url": ("a.py", lambda: base64.urlsafe_b64encode(b"\xff\xfe" + LINE)),
    "base64-lines": ("a.txt", lambda: base64.encodebytes(PADDING + b"  " + LINE + PADDING)),
    "base64-literals": ("a.py", lambda: literals(base64.b64encode(PADDING + LINE + PADDING))),
    "zlib-literals": (
        "a.py",
        lambda: literals(base64.b64encode(zlib.compress(PADDING + LINE, 1))),
    ),
    "gzip-base64": ("a.py", lambda: base64.b64encode(gzip.compress(PADDING + LINE))),
    "join-in-prefix": ("a.py", f'x = "{SECRET[:2]}" + "{SECRET[2:]}"\n'.encode),
    "join-with-comments": (
        "a.py",
        f'x = ("{SECRET[:3]}"  # one\n     "{SECRET[3:9]}"\n     "{SECRET[9:]}")\n'.encode,
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_the_planted_secret_is_found_exactly(case: str, tmp_path: Path) -> None:
    """The one finding of the detector is the planted value, whatever holds it."""
    name, build = CASES[case]
    path = tmp_path / name
    path.write_bytes(build())
    found = keysift.scan_path(path, confidence="low").findings
    values = {finding.secret.reveal() for finding in found if finding.detector == "github-pat"}
    assert values == {TEXT}
    assert {finding.detector for finding in found} == {"github-pat"}
    assert [len(finding.occurrences) for finding in found] == [1]


PROVIDERS = {
    "aws-access-key": "[default]\naws_access_key_id = {aws_key_id}\n"
    "aws_secret_access_key = {base64:40}\n",
    "google-api-key": "AIza{base64url:35}",
    "json-web-token": "{jwt}",
    "private-key-ec": "{pem:ec}",
    "pypi-api-token": "pypi-{pypi_macaroon}",
    "stripe-live-secret-key": "sk_live_51{base62:97}",
}
FORMS: dict[str, Callable[[bytes], bytes]] = {
    "base64": lambda text: base64.b64encode(b"# settings\n" + text + b"\n"),
    "base64-lines": lambda text: base64.encodebytes(PADDING + text + b"\n" + PADDING),
    "base64-twice": lambda text: base64.b64encode(base64.b64encode(b"# " + text + b"\n")),
    "base64-literals": lambda text: literals(base64.b64encode(PADDING + text + b"\n" + PADDING)),
    "zlib-base64": lambda text: base64.b64encode(zlib.compress(PADDING + text + b"\n")),
    "hex": lambda text: text.hex().encode(),
    "utf-16": lambda text: text.decode().encode("utf-16"),
    "backslash-x": lambda text: b'"' + b"".join(b"\\x%02x" % byte for byte in text) + b'"',
    "html": lambda text: b"".join(b"&#%d;" % byte for byte in text),
    "sqlite": lambda text: database(text.decode()),
    "pickle-2": lambda text: __import__("pickle").dumps([text.decode()], 2),
    "png": lambda text: picture_with(b"zTXt", b"k\0\0" + zlib.compress(text)),
    "orphan": orphan,
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("detector", PROVIDERS)
def test_every_kind_of_secret_is_found_in_every_form(
    detector: str, form: str, tmp_path: Path
) -> None:
    """Short and long values, pairs and keys of several lines are found as in plain text, once."""
    text = expand(PROVIDERS[detector], 5).strip().encode()
    plain, hidden = tmp_path / "plain", tmp_path / "hidden"
    plain.write_bytes(text)
    hidden.write_bytes(FORMS[form](text))
    expected, found = (
        [
            (finding.detector, finding.secret.reveal(), len(finding.occurrences))
            for finding in keysift.scan_path(path, confidence="low").findings
        ]
        for path in (plain, hidden)
    )
    assert detector in {one[0] for one in expected}
    assert found == expected


def test_an_archive_of_nothing_but_links_is_counted(tmp_path: Path) -> None:
    """Beyond a number that a person may read, skips are a number, and what follows is scanned."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for number in range(MAX_LISTED + 50):
            link = tarfile.TarInfo(f"l{number}")
            link.type, link.linkname = tarfile.SYMTYPE, "/etc/hosts"
            archive.addfile(link)
        entry = tarfile.TarInfo("a.py")
        entry.size = len(LINE)
        archive.addfile(entry, io.BytesIO(LINE))
    path = tmp_path / "a.tar.gz"
    path.write_bytes(gzip.compress(buffer.getvalue()))
    result = keysift.scan_path(path)
    assert [finding.secret.reveal() for finding in result.findings] == [TEXT]
    assert len(result.coverage.skips) == MAX_LISTED + 1
    assert {skip.detail for skip in result.coverage.skips} == {"symbolic link", "50 more of these"}
    assert result.coverage.complete
