"""What JavaScript puts together from constants is read as it would be; what is unknown is not."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keysift.catalogue import Catalogue
from keysift.catalogue.loader import parse
from keysift.detect.fold_anchors import FOLDED
from keysift.detect.scanner import Scanner
from keysift.detect.scripts import Script
from tests.detector_file import TEXT

TOKEN = "qzt_" + "bmdhkwpr"
HALF, REST = TOKEN[:6], TOKEN[6:]
CODES = ", ".join(str(ord(one)) for one in TOKEN)
ENCODED = base64.b64encode(TOKEN[::-1].encode()).decode()


@pytest.fixture(scope="module")
def scanner() -> Scanner:
    """Return a scanner that knows one shape."""
    return Scanner(Catalogue(parse(Path("acme.toml"), TEXT.encode())))


FORMS = [
    f"const ONE = '{HALF}', TWO = '{REST}';\nconst apiKey = ONE + TWO;\n",
    f"const ONE = '{HALF}';\nlet token = ONE + '{REST}';\n",
    f"const one = '{HALF}';\nconst two = '{REST}';\nconst secret = `${{one}}${{two}}`;\n",
    f"const one = '{HALF}';\nf({{ apiKey: `${{one}}{REST}` }});\n",
    f"const k = ['{HALF}', '{REST}'].join('');\n",
    f'const k = [...x], j = ["{HALF}", "{REST}"].join("");\n',
    f"const k = ['{REST}', '{HALF}'].reverse().join('');\n",
    f"const k = '{TOKEN[::-1]}'.split('').reverse().join('');\n",
    f"const k = atob('{ENCODED}').split('').reverse().join('');\n",
    f"f(String.fromCharCode({CODES}));\n",
    f"const k = Buffer.from('{TOKEN.encode().hex()}', 'hex').toString();\n",
    f"k = Buffer.from('{ENCODED}', 'base64').toString('utf8').split('').reverse().join('');\n",
    f"const k = /* parts */ ['qzt', // one\n '_{TOKEN[4:]}'].join('');\n",
    f"const k = ['q\\x7at', '\\u005f{TOKEN[4:]}'].join(``);\n",
]


@pytest.mark.parametrize("filler", ["", "function f(a) { return a; };\n" * 200])
@pytest.mark.parametrize("text", FORMS)
def test_what_a_script_puts_together_is_found(scanner: Scanner, text: str, filler: str) -> None:
    """In short texts and in long ones, at the expression that makes it."""
    (match,) = scanner.scan((filler + text).encode())
    assert match.secret.reveal() == TOKEN.encode()
    assert match.encoding[0] == FOLDED
    assert (filler + text)[match.start : match.end].strip()


@pytest.mark.parametrize(
    "text",
    [
        f"const k = ['{HALF}', unknown, '{REST}'].join('');\n",
        f"let ONE = '{HALF}'; ONE = 'other';\nconst apiKey = ONE + '{REST}';\n",
        f"let ONE = '{HALF}'; ONE += 'other';\nconst apiKey = ONE + '{REST}';\n",
        f"const A = {{B: '{HALF}'}};\nconst apiKey = A.B + '{REST}';\n",
        f"const k = ['{HALF}', '{REST}'].map(f).join('');\n",
        f"const k = ['{HALF}', '{REST}'].join('').replace(/x/, 'y').foo;\n",
        f"const ONE = TWO; const TWO = ONE; const apiKey = ONE + '{REST}';\n",
        "const k = atob('');\n",
    ],
)
def test_what_is_not_known_is_not_guessed(scanner: Scanner, text: str) -> None:
    """Names that are assigned to twice, members, other functions, circles."""
    assert scanner.scan(text.encode()) == []


@pytest.mark.parametrize(
    "text",
    [
        b"const k = " + b"(" * 50_000 + b"['a'].join('')",
        b"const k = " + b"['a', " * 50_000 + b"'b'].join('')",
        b"const k = [" + b"'a'," * 100_000 + b"'b'].join('');",
        b"const all = '" + b"x" * 500_000 + b"';\nconst key = `" + b"${all}" * 10_000 + b"`;",
        b"const key = `" + b"${`" * 10_000,
        b"const k = ['\\u{ffffff}', '\\ud800', 'abcdefgh'].join('');",
        b"key = a + A\n" * 5_000 + b"const z = 1;",
    ],
)
def test_hostile_scripts_are_survived(scanner: Scanner, text: bytes) -> None:
    """No depth, length or number of names ends the scan, or makes it find what is not there."""
    assert scanner.scan(text) == []


def test_a_script_that_is_too_much_is_said(scanner: Scanner) -> None:
    """Reading that stops at its bounds is no complete scan."""
    text = ("const k = [" + "'a'," * 300 + "'b'].join('');\n") * 100
    assert "parts of expressions" in scanner.examine(text.encode()).cut


@given(st.lists(st.sampled_from([*"`'\"$={}[]()+,.\\\n", "atob(", "key", "a", "1", "//"])))
def test_any_text_may_be_read(parts: list[str]) -> None:
    """What is put together lies within the text, whatever that is."""
    text = ("key = " + "".join(parts)).encode()
    made = Script(text).at(len(text))
    assert made is None or 0 <= made.start <= made.end <= len(text)
