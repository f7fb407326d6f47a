"""What secrets begin with may be cut itself: between string literals, or by the end of a line."""

from __future__ import annotations

import base64
import textwrap
import zlib
from itertools import pairwise

import pytest

from keysift.detect.scanner import Scanner
from keysift.model import Position
from tests.detect.test_scanner import token

_JOINS = {
    "plus": ' + "',
    "tight": '+"',
    "implicit": ' "',
    "next line": '\n    b"',
    "crlf": '\r\n\t"',
    "plus at the end": ' +\n    "',
    "plus in front": '\n    + "',
    "continued": ' + \\\n    "',
    "comment": '  # half of "it"\n    "',
    "php": ' . "',
}


@pytest.mark.parametrize("join", _JOINS)
@pytest.mark.parametrize("cuts", [(1,), (3,), (12,), (27,), (2, 4, 9)])
def test_a_string_may_be_cut_anywhere(scanner: Scanner, join: str, cuts: tuple[int, ...]) -> None:
    """Inside the prefix, behind it, or several times: the whole value is reported once."""
    value = token().decode()
    places = (0, *cuts, len(value))
    pieces = [value[low:high] for low, high in pairwise(places)]
    text = f'x = ("{(chr(34) + _JOINS[join]).join(pieces)}")\n'.encode()
    [match] = scanner.scan(text)
    assert match.secret.reveal() == value.encode()
    assert match.encoding == ("concatenation",)
    assert (match.line, match.column) == (1, 7)


def test_a_piece_that_is_long_enough_by_itself_is_no_match_of_its_own(scanner: Scanner) -> None:
    """An open-ended value goes on in the next piece; the first piece is not reported."""
    value = token(4, "qzo-", 50)
    text = b"x = '" + value[:40] + b"' + '" + value[40:] + b"'\n"
    assert [match.secret.reveal() for match in scanner.scan(text)] == [value]


def test_what_stands_in_one_piece_is_no_concatenation(scanner: Scanner) -> None:
    """A joint elsewhere in the same expression does not change how a value is reported."""
    text = b"x = 'a' + 'b' + '" + token() + b"'\n"
    examined = scanner.examine(text)
    assert [match.encoding for match in examined.matches] == [()]
    assert examined.suppressed == []


@pytest.mark.parametrize("width", [60, 64, 76])
@pytest.mark.parametrize("form", ["lines", "literals", "added", "indented"])
def test_a_line_of_base64_may_end_inside_the_prefix(
    scanner: Scanner, width: int, form: str
) -> None:
    """Wherever the value stands in its lines, it is found."""
    joint = {"lines": "\n", "literals": '"\n  b"', "added": '" + \\\n  "', "indented": "\n    "}[
        form
    ]
    for before in range(width, 2 * width):
        plain = b"k" * before + b" " + token() + b" " + b"k" * 99
        lines = textwrap.wrap(base64.b64encode(plain).decode(), width)
        matches = scanner.scan(("# data\n" + joint.join(lines)).encode())
        assert [match.secret.reveal() for match in matches] == [token()], before


@pytest.mark.parametrize("level", range(1, 10))
def test_every_level_of_zlib_is_recognised_in_base64(scanner: Scanner, level: int) -> None:
    """The first two bytes depend on the level, and the next one shows in the third character."""
    for count in range(1, 30):
        encoded = base64.b64encode(zlib.compress(b"name = value\n" * count + token(), level))
        assert [match.secret.reveal() for match in scanner.scan(encoded)] == [token()]


def test_compressed_base64_may_be_cut_into_literals(scanner: Scanner) -> None:
    """Each line in a literal of its own is how such payloads are written."""
    plain = b"".join(token(seed, "k", 30) + b"\n" for seed in range(20)) + token()
    lines = textwrap.wrap(base64.b64encode(zlib.compress(plain)).decode(), 60)
    text = "exec(decode(" + "\n".join(f'    b"{line}"' for line in lines) + "))\n"
    assert [match.secret.reveal() for match in scanner.scan(text.encode())] == [token()]


def test_columns_count_characters_on_a_long_line(scanner: Scanner) -> None:
    """Many matches on one line, with wide characters between them, keep their columns."""
    line = "ä ".join(token(seed).decode() for seed in range(50))
    matches = scanner.examine(line.encode(), Position(0, 3, 5)).matches
    assert [(match.line, match.column) for match in matches] == [
        (3, 5 + index * (28 + 2)) for index in range(50)
    ]


def test_offsets_are_those_of_a_wide_file(scanner: Scanner) -> None:
    """In UTF-16, characters outside the basic plane take four bytes, and others two."""
    text = "".join(f"é 🔑 中 {token(seed).decode()}\n" for seed in range(400))
    content = text.encode("utf-16")
    for match in scanner.scan(content):
        assert (
            content[match.start : match.end].decode("utf-16-le").encode() == match.secret.reveal()
        )
