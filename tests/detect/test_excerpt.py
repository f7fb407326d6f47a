"""The lines around a match, cut where lines or files are long."""

from __future__ import annotations

import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keysift.catalogue import Catalogue
from keysift.detect.excerpt import LINES, LONGEST, WIDTH, excerpt
from keysift.detect.scanner import Scanner
from keysift.model import Excerpt
from tests.detect.conftest import CATALOGUE
from tests.detect.test_scanner import token


def around(text: bytes, found: bytes) -> tuple[int, tuple[str, str, str]]:
    """Return the number of the first line, and the lines before, found and after."""
    start = text.index(found)
    line = 1 + text.count(b"\n" if b"\n" in text else b"\r", 0, start)
    made = excerpt(text, start, start + len(found), line)
    return made.line, made.texts


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"])
def test_three_lines_before_and_after(end: bytes) -> None:
    """The rest of the line of the match comes along, whatever ends lines."""
    text = end.join(b"line %d" % number for number in range(1, 12))
    text = text.replace(b"line 6", b"key = SECRET # yes")
    line, (before, found, after) = around(text, b"SECRET")
    assert (line, found) == (3, "SECRET")
    mark = end.decode()
    assert before == f"line 3{mark}line 4{mark}line 5{mark}key = "
    assert after.replace("\r", "").replace("\n", "") == " # yesline 7line 8line 9"


def test_at_the_ends_of_a_file() -> None:
    """There are fewer lines there."""
    assert around(b"SECRET", b"SECRET") == (1, ("", "SECRET", ""))
    assert around(b"a\nSECRET\n", b"SECRET") == (1, ("a\n", "SECRET", "\n"))


def test_a_line_as_long_as_its_file() -> None:
    """Some of it is kept on both sides, and no character is cut."""
    text = "ü".encode() * 5000 + b"SECRET" + "ü".encode() * 5000
    line, (before, found, after) = around(b"x" + text, b"SECRET")
    assert (line, found) == (1, "SECRET")
    assert set(before) == set(after) == {"ü"}
    assert len(before) == len(after) == WIDTH // 2


def test_a_match_that_is_long_itself() -> None:
    """Its beginning is kept, and nothing after it."""
    line, (before, found, after) = around(b"a\n" + b"s" * 9000 + b"\nb", b"s" * 9000)
    assert (line, before, len(found), after) == (1, "a\n", LONGEST, "")


@given(st.binary(max_size=2000), st.integers(0, 2000), st.integers(0, 2000))
def test_any_bytes(text: bytes, one: int, other: int) -> None:
    """Bounds hold, and the lines are those of the file."""
    start, end = sorted((min(one, len(text)), min(other, len(text))))
    made = excerpt(text, start, end, 1 + text.count(b"\n", 0, start))
    whole = made.text.reveal()
    assert whole[made.start : made.end] == text[start:end][: len(whole[made.start : made.end])]
    assert text[start - made.start : start - made.start + len(whole)] == whole
    assert len(whole) <= 2 * WIDTH + min(end - start, LONGEST) + 3
    if b"\r" not in text:
        assert whole[: made.start].count(b"\n") <= LINES
        assert made.line == 1 + text.count(b"\n", 0, start - made.start)


def test_a_scanner_keeps_them_when_told_so() -> None:
    """Also one that went to another process; nothing else of a match changes."""
    text = b"one\ntwo\nkey = '" + token() + b"'\nfour\n"
    (plain,) = Scanner(Catalogue(CATALOGUE.detectors)).scan(text)
    assert plain.excerpt is None
    keeping = Scanner(Catalogue(CATALOGUE.detectors), excerpts=True)
    for scanner in (keeping, pickle.loads(pickle.dumps(keeping))):  # noqa: S301 (our own)
        (match,) = scanner.scan(text)
        assert match.excerpt is not None
        assert match.excerpt.line == 1
        assert match.excerpt.texts == ("one\ntwo\nkey = '", token().decode(), "'\nfour\n")
        assert token().decode() not in repr(match)


def test_what_is_no_text() -> None:
    """Text of another encoding is told as it reads, other bytes by their numbers."""
    scanner = Scanner(Catalogue(CATALOGUE.detectors), excerpts=True)
    wide = ("eins\nschlüssel = '" + token().decode() + "'\n").encode("utf-16")
    (match,) = scanner.scan(wide)
    assert isinstance(match.excerpt, Excerpt)
    assert match.excerpt.texts[0] == "eins\nschlüssel = '"
    (match,) = scanner.scan(b"\xfe\x01 key = '" + token() + b"'\xff")
    assert match.excerpt is not None
    assert match.excerpt.texts[2] == "'\\xff"
