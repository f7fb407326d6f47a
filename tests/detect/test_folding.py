"""Secrets that a program puts together are found where it does, and read as it would read them."""

from __future__ import annotations

import base64
import codecs
import zlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keysift.catalogue import Catalogue
from keysift.catalogue.loader import parse
from keysift.detect import folding
from keysift.detect.fold_anchors import FOLDED
from keysift.detect.scanner import Scanner
from keysift.detect.statements import MAX_BYTES
from tests.detector_file import TEXT

TOKEN = "qzt_" + "bmdhkwpr"
HALF, REST = TOKEN[:6], TOKEN[6:]
BACK = base64.b32encode(TOKEN[::-1].encode())
ORDS = [ord(one) for one in TOKEN]


@pytest.fixture(scope="module")
def scanner() -> Scanner:
    """Return a scanner that knows one shape."""
    return Scanner(Catalogue(parse(Path("acme.toml"), TEXT.encode())))


FORMS = [
    f"key = ''.join([{', '.join(map(repr, TOKEN))}])\n",
    f"key = '-'.join(['a', {TOKEN[::-1]!r}[::-1]])\n",
    f"key = bytes.fromhex({TOKEN.encode().hex()!r}).decode()\n",
    f"key = binascii.unhexlify(b{TOKEN.encode().hex()!r})\n",
    f"key = base64.b32decode({base64.b32encode(TOKEN.encode())!r})\n",
    f"key = base64.b85decode({base64.b85encode(TOKEN.encode())!r})\n",
    f"key = codecs.decode({codecs.encode(TOKEN, 'rot13')!r}, 'rot13')\n",
    "key = " + " + ".join(f"chr({one})" for one in ORDS) + "\n",
    f"key = ''.join(map(chr, {ORDS}))\n",
    f"key = ''.join(chr(one ^ 7) for one in {[one ^ 7 for one in ORDS]})\n",
    f"key = bytes({ORDS})\n",
    f"key = '%s%s' % ({HALF!r}, {REST!r})\n",
    f"key = '{{}}{{}}'.format({HALF!r}, {REST!r})\n",
    f"key = {'x'.join(TOKEN)!r}.replace('x', '')\n",
    f"for one in all:\n    key += ''.join([{HALF!r}, {REST!r}])\n",
    f"def f(key=''.join(({HALF!r}, {REST!r}))):\n    pass\n",
    f"f(**{{'key': ''.join(reversed({TOKEN[::-1]!r}))}})\n",
    f"if key == bytes.fromhex({TOKEN.encode().hex()!r}):\n    pass\n",
    f"from base64 import b32decode as d\nkey = d({BACK!r})[::-1]\n",
    f"ONE = {HALF!r}\nTWO = {REST!r}\napi_key = ONE + TWO\n",
    f"ONE = {HALF!r}\nheaders = {{'X-Token': ONE + {REST!r}}}\n",
    f"ONE = {HALF!r}\napi_token = f'{{ONE}}{REST}'\n",
    f"secret = {HALF!r}\nsecret += {REST!r}\n",
    f"RAW = {'xx' + TOKEN[1:]!r}\napi_key = 'q' + RAW[2:]\n",
    f"print 'two'\nkey = ''.join([{HALF!r}, {REST!r}])\n",
]


@pytest.mark.parametrize("text", FORMS)
def test_what_is_put_together_is_found(scanner: Scanner, text: str) -> None:
    """Once, at the expression that makes it, with how it was read."""
    (match,) = scanner.scan(text.encode())
    assert match.secret.reveal() == TOKEN.encode()
    assert match.encoding[0] == FOLDED
    assert (
        "class" in text or "+=" in text or HALF in text or "\n" not in text[match.start : match.end]
    )
    assert text[match.start : match.end].strip()


def test_the_place_is_the_expression(scanner: Scanner) -> None:
    """Lines and columns are those of the source, also behind characters of several bytes."""
    made = f"''.join([{HALF!r}, {REST!r}])"
    text = f"# ümlaut\n\nx = 'ä'; key = {made}  # here\n".encode()
    (match,) = scanner.scan(text)
    assert text[match.start : match.end] == made.encode()
    assert (match.line, match.column) == (3, text.decode().splitlines()[2].index(made) + 1)


def test_what_is_folded_is_read_on(scanner: Scanner) -> None:
    """Code that is unpacked and run may hold more of the same."""
    inner = f"key = {TOKEN!r}\n"
    packed = base64.b64encode(zlib.compress(inner.encode())[::-1]).decode()
    text = f"exec(zlib.decompress(base64.b64decode({packed!r})[::-1]))\n"
    (match,) = scanner.scan(text.encode())
    assert (match.secret.reveal(), match.encoding) == (TOKEN.encode(), (FOLDED,))


@pytest.mark.parametrize(
    "text",
    [
        f"key = ''.join([{HALF!r}, unknown, {REST!r}])\n",
        f"key = ''.join([{HALF!r}, {REST!r}].sort())\n",
        f"A = {HALF!r}\nA = 'other'\nB = {REST!r}\nkey = f'{{A}}{{B}}'\n",
        f"def f(A):\n    B = {REST!r}\n    return f'{{A}}{{B}}'\nA = {HALF!r}\n",
        f"for A in {[HALF]!r}: pass\nB = {REST!r}\nkey = f'{{A}}{{B}}'\n",
        f"key = mix(''.join([{HALF!r}, '.'])) + {REST!r}\n",
    ],
)
def test_what_is_not_known_is_not_guessed(scanner: Scanner, text: str) -> None:
    """Neither the parts of an unknown whole nor names that may mean something else."""
    assert scanner.scan(text.encode()) == []


def test_other_languages_are_left_alone(scanner: Scanner) -> None:
    """What cannot be parsed is none of Python, and costs no more than trying."""
    script = f"const a = ['x', '{HALF}'].map(String).join('{REST}'); let b = `${{a}}`;\n"
    assert scanner.scan(script.encode() * 3) == []
    assert folding.fold(b"key = ''.join(['\0'])", [12]).region is None
    long = b"key = ''.join(['" + b"x" * MAX_BYTES + b"'])"
    assert folding.fold(long, [17]).region is None


def deep(number: int) -> bytes:
    """Return an expression that is nested too deep."""
    return b"x = ''.join(['a', " + b"(" * number + b"1" + b")" * number + b"])\n"


@pytest.mark.parametrize(
    "text",
    [
        deep(150),
        deep(100_000),
        b"x = ''.join(['a', " + b"-" * 50_000 + b"1])\n",
        b"x = ''.join(['a'" + b", 'a'" * 50_000 + b"])\n",
        b"x = ''.join(['a'])" + b"[::-1]" * 2_000 + b"\n",
        b"a = a + ''.join(['x', a])\nb = c\nc = b + ''.join(['y', b])\n",
        b"x = ''.join(['a', 'b'\n" * 3_000,
        b"# -*- coding: utf-7 -*-\nx = ''.join(['a', 'b'])\n",
        b"# -*- coding: nothing -*-\nx = ''.join(['a', 'b'])\n",
        b"x = ''.join(['\\ud800', '\\N{BULLET}', 'abcdefgh'])\n",
    ],
)
def test_hostile_texts_are_survived(scanner: Scanner, text: bytes) -> None:
    """No depth, length or circle of names ends the scan."""
    assert scanner.scan(text) == []
    assert scanner.scan(text + f"y = ''.join([{HALF!r}, {REST!r}])\n".encode()) is not None


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (b"x = ''.join(['a'])\n" * 401, "places"),
        (b"x = ''.join(['a', " + b"''," * 60_000 + b"])\n", "expressions"),
        (b"x = ''.join(['a', " + b"'a', " * 60_000 + b"])\n", "statement"),
        (b"x = ''.join(['a', 'b'\n" * 390, "lines"),
        (b"x = ''.join(['a', " + b"(" * 90 + b"[" + b"-" * 90_000, ""),
        (b"x = ''.join(['a', 'b']) + 'cdefgh'\n", ""),
    ],
)
def test_what_is_not_computed_is_said(scanner: Scanner, text: bytes, why: str) -> None:
    """Folding that stops at its bounds is no complete scan."""
    cut = scanner.examine(b"import x\n" + text).cut
    assert why in cut
    assert bool(why) == bool(cut)


PIECES = st.lists(
    st.one_of(
        st.sampled_from(["''.join([", "f'{a}{b}'", "a = 'xyz'", "\n", "[::-1]", ")", "'", "é"]),
        st.text(max_size=5),
    )
).map("".join)


@given(PIECES, st.sampled_from(FORMS).map(lambda form: form))
def test_any_text_is_valid_input(before: str, form: str) -> None:
    """Whatever stands around, regions lie within the text."""
    text = (before + "\n" + form).encode("utf-8", "replace")
    region = folding.fold(text, [len(text) // 2, len(text)]).region
    if region is not None:
        for at in range(0, len(region.decoded), 7):
            start, end = region.span(at, min(at + 5, len(region.decoded)))
            assert 0 <= start <= end <= len(text)


def test_nothing_is_parsed_without_a_reason(
    scanner: Scanner, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ordinary code costs nothing."""
    calls: list[bytes] = []

    def noted(data: bytes, _ends: list[int]) -> folding.Folding:
        calls.append(data)
        return folding.Folding(None, "")

    def code(text: str) -> bytes:
        return f"import x\n\n\ndef f(a):\n    {text}\n".encode()

    monkeypatch.setattr(folding, "fold", noted)
    for text in ("return f'{a} is {x}'", "return ', '.join(a)", "return a + 'text'", "a += 1"):
        assert scanner.scan(code(text)) == []
    assert calls == []
    scanner.scan(code("return ''.join(['a', 'b'])"))
    assert len(calls) == 1
