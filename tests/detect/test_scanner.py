"""The engine finds what the detectors describe, exactly where it stands, and explains the rest."""

from __future__ import annotations

import base64
import gzip
import pickle
import random
import re
import string
import zlib
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keysift.catalogue import Catalogue
from keysift.catalogue.samples import expand as token_of
from keysift.detect.automaton import KeywordAnchor
from keysift.detect.candidates import Candidates, Exact
from keysift.detect.keywords import essential
from keysift.detect.scanner import Scanner
from keysift.model import Position, SuppressReason
from tests.detect.conftest import CATALOGUE, detector


def token(seed: int = 1, prefix: str = "qzt_", length: int = 24) -> bytes:
    """Return a made-up token; assembled here so that no literal of its shape is committed."""
    source = random.Random(seed)
    return (
        prefix + "".join(source.choices(string.ascii_letters + string.digits, k=length))
    ).encode()


def values(scanner: Scanner, content: bytes) -> list[bytes]:
    """Return the values that a scan reports."""
    return [match.secret.reveal() for match in scanner.scan(content)]


def test_a_token_is_found_with_its_span(scanner: Scanner) -> None:
    """The span of a match is that of the value in the bytes."""
    text = b"x = '" + token() + b"'\n"
    [match] = scanner.scan(text)
    assert text[match.start : match.end] == token() == match.secret.reveal()
    assert (match.line, match.column) == (1, 6)


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"])
def test_lines_are_counted_for_every_line_end(scanner: Scanner, end: bytes) -> None:
    """LF, CRLF and lone CR all end lines."""
    [match] = scanner.scan(end.join([b"one", "zwölf ".encode() + token(), b"three"]))
    assert (match.line, match.column) == (2, 7)


def test_a_token_that_goes_on_is_none(scanner: Scanner) -> None:
    """An exact length means exactly that."""
    assert values(scanner, token() + b"A") == []
    assert values(scanner, b"A" + token()) == []


def test_an_open_ended_token_is_taken_whole(scanner: Scanner) -> None:
    """The automaton stops at the minimum; the match does not."""
    long = token(prefix="qzo-", length=55)
    assert values(scanner, b"a " + long + b" b " + token(3, "qzo-", 20)) == [
        long,
        token(3, "qzo-", 20),
    ]


@pytest.mark.parametrize(
    ("name", "encode"),
    [
        ("base64", lambda raw: base64.b64encode(b": " + raw + b"!")),
        ("base64", lambda raw: base64.urlsafe_b64encode(b"=" + raw)),
        ("base64", base64.b64encode),
        ("hex", lambda raw: raw.hex().encode()),
        ("hex", lambda raw: raw.hex().upper().encode()),
        ("percent", lambda raw: b"".join(b"%%%02X" % byte for byte in raw)),
        ("percent", lambda raw: raw.replace(b"_", b"%5F")),
        ("backslash-x", lambda raw: b"".join(b"\\x%02x" % byte for byte in raw)),
        ("backslash-u", lambda raw: b"".join(b"\\u%04x" % byte for byte in raw)),
        ("html", lambda raw: b"".join(b"&#%d;" % byte for byte in raw)),
        ("html", lambda raw: b"".join(b"&#x%X;" % byte for byte in raw)),
        ("reversed", lambda raw: raw[::-1]),
        ("concatenation", lambda raw: raw[:12] + b'" "' + raw[12:]),
        ("concatenation", lambda raw: raw[:12] + b"'\n   + '" + raw[12:]),
        ("utf-16-le", lambda raw: b"\x7fELF\x01\x02" + raw.decode().encode("utf-16-le") + b"\x01"),
        ("utf-16-be", lambda raw: b"\x7fELF\x01\x02" + raw.decode().encode("utf-16-be") + b"\x01"),
    ],
)
def test_each_encoding_is_undone(scanner: Scanner, name: str, encode: object) -> None:
    """An encoded token is reported with its value, encoding, and the span of the encoded text."""
    encoded = encode(token())  # type: ignore[operator]
    content = b'value = "' + encoded + b'"\n'
    [match] = scanner.scan(content)
    assert match.secret.reveal() == token()
    assert match.encoding == (name,)
    assert (
        content.index(encoded) <= match.start < match.end <= content.index(encoded) + len(encoded)
    )


@pytest.mark.parametrize(
    ("chain", "encode"),
    [
        (("base64", "base64"), lambda raw: base64.b64encode(base64.b64encode(b"=" + raw + b" z"))),
        (("base64", "gzip"), lambda raw: base64.b64encode(gzip.compress(b"x = 1\n" * 9 + raw))),
        (("base64", "zlib"), lambda raw: base64.b64encode(zlib.compress(b"x = 1\n" * 9 + raw))),
    ],
)
def test_encodings_nest(scanner: Scanner, chain: tuple[str, ...], encode: object) -> None:
    """The chain of encodings is reported from the outermost to the innermost."""
    content = b"exec('" + encode(token()) + b"')"  # type: ignore[operator]
    matches = scanner.scan(content)
    assert [match.encoding for match in matches] == [chain]
    assert matches[0].secret.reveal() == token()


def test_wrapped_base64_is_one_run(scanner: Scanner) -> None:
    """Line ends inside base64 do not hide what comes after them."""
    encoded = base64.encodebytes(b"k" * 100 + b" " + token() + b" " + b"k" * 100)
    assert values(scanner, encoded) == [token()]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_a_whole_text_in_utf16_is_read(scanner: Scanner, encoding: str) -> None:
    """Offsets are those of the file, line and column those of the text."""
    text = f"eins\r\nzwei: {token().decode()} ünd\r\n"
    content = text.encode(encoding)
    [match] = scanner.scan(content)
    assert (match.line, match.column) == (2, 7)
    piece = content[match.start : match.end]
    assert piece == token().decode().encode("utf-16-be" if encoding == "utf-16-be" else "utf-16-le")


def test_a_keyword_must_stand_before_the_value(scanner: Scanner) -> None:
    """A shapeless value counts only with its provider's name close before it."""
    value = random.Random(5).randbytes(16).hex().encode()
    assert values(scanner, b"ACME_API_KEY=" + value) == [value]
    assert values(scanner, b"OTHER_KEY=" + value) == []
    assert values(scanner, b"ACME_API_KEY=\n" + b" " * 200 + b"x=" + value) == []
    assert values(scanner, b"pacmed_key=" + value) == []


@pytest.mark.parametrize(
    ("text", "starts"),
    [
        ("const acmeCloudKey", True),
        ("const ACME_CLOUD_KEY", True),
        ("my.acme cloud.key", True),
        ("pacmeCloudKey", False),
        ("const pacme-cloud-key", False),
    ],
)
def test_a_keyword_of_several_words_begins_a_word(text: str, starts: bool) -> None:  # noqa: FBT001 (a parameter)
    """Whether its words are joined, and by what, does not move its beginning."""
    anchor = KeywordAnchor("acme cloud key", (0,))
    candidates = Candidates(text.encode(), [], None)
    candidates.add_keyword(anchor, [len(text)])
    assert bool(candidates._words) is starts


def test_the_end_of_a_window_is_not_the_end_of_a_value(scanner: Scanner) -> None:
    """Wherever a longer run stands after keywords, no piece of it is taken for a value."""
    run = random.Random(6).randbytes(24).hex().encode()
    for distance in range(1, 300):
        content = b"acme " + b"-" * distance + b" acme_x=" + run + b"\n"
        assert values(scanner, content) == []


def test_a_pair_is_one_finding(scanner: Scanner) -> None:
    """The secret half is the value, the other half a part."""
    key_id = b"QZID" + b"A7B2K3D4R9F6"
    secret = token(9, "", 40)
    [match] = scanner.scan(b"[default]\nid = " + key_id + b"\nsecret = " + secret + b"\n")
    assert match.secret.reveal() == secret
    assert [(part.name, part.value.reveal()) for part in match.parts] == [("key_id", key_id)]


def test_half_a_pair_is_suppressed(scanner: Scanner) -> None:
    """Without its other half an identifier is no secret, and the report can say so."""
    found = scanner.examine(b"id = QZID" + b"A1B2C3D4E5F6")
    assert found.matches == []
    assert [one.reason for one in found.suppressed] == [SuppressReason.UNPAIRED]


def test_the_specific_detector_wins(scanner: Scanner) -> None:
    """Where a generic detector claims the same bytes, it yields with a reason."""
    found = scanner.examine(b'secret = "' + token() + b'"')
    assert [match.detector for match in found.matches] == ["acme-token"]
    assert [one.reason for one in found.suppressed] == [SuppressReason.OVERLAP]


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (b"${ACME_PASSWORD}", SuppressReason.TEMPLATE),
        (b"{{ password }}", SuppressReason.TEMPLATE),
        (b"<password>", SuppressReason.TEMPLATE),
        (b"your-password-here", SuppressReason.PLACEHOLDER),
        (b"xxxxxxxx", SuppressReason.PLACEHOLDER),
        (b"aaaaaaaaaaaa", SuppressReason.REPETITION),
        (b"12345678", SuppressReason.SEQUENCE),
        (b"os.environ[KEY]", SuppressReason.LOOKUP),
    ],
)
def test_what_is_no_secret_is_suppressed(
    scanner: Scanner, value: bytes, reason: SuppressReason
) -> None:
    """Placeholders, templates, look-ups and regular text each have their reason."""
    found = scanner.examine(b"acme://bob:" + value.replace(b" ", b"") + b"@db.internal")
    assert found.matches == []
    assert [one.reason for one in found.suppressed] == [reason]


def test_descriptive_groups_become_facts(scanner: Scanner) -> None:
    """User and host of a URI are facts, its password is the secret."""
    [match] = scanner.scan(b"acme://bob:" + token(4, "", 14) + b"@db.internal/x")
    assert match.secret.reveal() == token(4, "", 14)
    assert match.facts == {"user": "bob", "host": "db.internal"}


def test_a_segment_reports_positions_of_the_whole(scanner: Scanner) -> None:
    """Offsets and lines continue those of the text before the segment."""
    found = scanner.examine(b"abc " + token() + b"\n" + token(2), Position(1000, 50, 7))
    places = [(match.start, match.line, match.column) for match in found.matches]
    assert places == [(1004, 50, 11), (1033, 51, 1)]


def test_a_pickled_scanner_finds_the_same(scanner: Scanner) -> None:
    """Worker processes get a scanner through a pickle."""
    copy: Scanner = pickle.loads(pickle.dumps(scanner))  # noqa: S301 (our own bytes)
    assert values(copy, token()) == [token()]
    assert copy.catalogue.digest == CATALOGUE.digest


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=600))
def test_any_bytes_are_valid_input(scanner: Scanner, content: bytes) -> None:
    """Nothing raises, whatever the bytes."""
    scanner.examine(content)


@settings(max_examples=60, deadline=None)
@given(before=st.binary(max_size=80), after=st.binary(max_size=80), seed=st.integers(0, 999))
def test_surroundings_do_not_hide_a_token(
    scanner: Scanner, before: bytes, after: bytes, seed: int
) -> None:
    """A token between spaces is found whatever else there is, except in text of another width."""
    content = b"#" * 600 + before + b" " + token(seed) + b" " + after
    assert token(seed) in values(scanner, content)


def test_bombs_stop_at_the_decode_budget(scanner: Scanner) -> None:
    """A stream that inflates without end is cut, and the cut is reported."""
    bomb = base64.b64encode(zlib.compress(b"\0" * (80 * 1024 * 1024)))
    found = scanner.examine(b"x = '" + bomb + b"'")
    assert found.cut


@pytest.mark.parametrize(
    ("keywords", "kept"),
    [
        (("acme api key", "acme", "ACME"), ("acme",)),
        (("acmeverse", "acme"), ("acmeverse", "acme")),
        (("acmeland", "acmelandkey", "acmeland key"), ("acmeland",)),
    ],
)
def test_a_keyword_that_begins_with_another_is_not_looked_for(
    keywords: tuple[str, ...], kept: tuple[str, ...]
) -> None:
    """The shorter one announces the longer, unless it is short and would have to be a word."""
    assert essential(keywords) == kept


def test_the_longest_keyword_keeps_its_distance() -> None:
    """A secret as far behind a long keyword as the detector allows is found by the short one."""
    shape = r"(?P<secret>[A-Za-z0-9]{24})(?![A-Za-z0-9])"
    one = detector("acme-near", shape, keywords=("acme", "acme production api key"), distance=10)
    scanner = Scanner(Catalogue([one]))
    value = token(prefix="")
    assert values(scanner, b"acme production api key" + b"." * 10 + value) == [value]
    assert values(scanner, b"acme production api key" + b"." * 11 + value) == []


def test_windows_around_many_hits_are_searched_once(
    scanner: Scanner, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A text made of nothing but beginnings of tokens costs what one search of it costs."""
    searched = 0

    class Counting:
        def __init__(self, exact: Exact) -> None:
            self._pattern = re.compile(exact.detector.pattern.encode())
            self.groupindex = self._pattern.groupindex

        def finditer(self, data: bytes, low: int, high: int) -> Iterator[re.Match[bytes]]:
            nonlocal searched
            searched += high - low
            return self._pattern.finditer(data, low, high)

    monkeypatch.setattr(Exact, "regex", property(Counting))
    text = b"qzo-" * 50_000 + token(prefix="qzo-", length=30)
    assert values(scanner, text)[-1:] == [token(prefix="qzo-", length=30)]
    assert 0 < searched < 3 * len(text)


def test_windows_are_the_only_places_that_are_looked_at(scanner: Scanner) -> None:
    """What stands in them is judged by all of the text, and has its place in it."""
    filler = b"step()\n" * 500
    text = filler.join([b"", *(b"x = '%b'\n" % token(seed) for seed in range(1, 5)), b""])
    matches = scanner.scan(text)
    assert len(matches) == 4
    windows = [(one.start - 40, one.end + 40) for one in matches[1::2]]
    assert scanner.examine(text, windows=windows).matches == matches[1::2]
    assert scanner.examine(text, windows=[]).matches == []
    assert scanner.examine(text, windows=[(0, len(text))]).matches == matches


@given(
    pieces=st.lists(
        st.sampled_from(
            [
                *(token(seed) for seed in range(3)),
                base64.b64encode(b"x = '" + token() + b"'"),
                *(b" ", b"'", b"\n", b"x = ", b"example", b"qzt_", b"acme key "),
            ]
        ),
        max_size=12,
    )
)
def test_whatever_is_judged_was_a_suspect(scanner: Scanner, pieces: list[bytes]) -> None:
    """So a text without suspects holds nothing, and other suspects mean other matches."""
    text = b"".join(pieces)
    found = scanner.examine(text)
    judged = [*found.matches, *(one.match for one in found.suppressed)]
    suspicion = scanner.suspect(text)
    suspects = {(one.detector, one.secret, one.place) for one in suspicion.suspects}
    assert {(one.detector, one.secret, one.start) for one in judged} <= suspects
    assert bool(judged) == bool(suspects)
    assert all(one.start <= one.place < one.end for one in suspicion.suspects)


def test_what_is_put_together_is_a_suspect_of_its_own(full_scanner: Scanner) -> None:
    """Where it is put together is told first, and what it says when asked for."""
    secret = token_of("ghp_{base62:30}{crc32_base62}", 3)
    text = f"import os\nFIRST = '{secret[:20]}'\nTOKEN = FIRST + '{secret[20:]}'\n".encode()
    suspicion = full_scanner.suspect(text)
    assert suspicion.suspects == []
    suspects = full_scanner.suspect_made(text, list(suspicion.made)).suspects
    (match,) = full_scanner.scan(text)
    assert (match.detector, match.secret, match.start) in [
        (one.detector, one.secret, one.place) for one in suspects
    ]
