"""What expressions of constants say, without running them."""

from __future__ import annotations

import ast
import base64
import bz2
import codecs
import gzip
import lzma
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keysift.detect.constants import Folder
from keysift.detect.values import MAX_SIZE, Value

TEXT = "some text, and more"


def value(expression: str, **names: str) -> Value | None:
    """Return the value of an expression, with names bound to other ones."""
    bound = {name: [ast.parse(text, mode="eval").body] for name, text in names.items()}
    folder = Folder(bound.get, lambda name: {"d": "b64decode"}.get(name, name))
    return folder.fold(ast.parse(expression, mode="eval").body)


@pytest.mark.parametrize(
    "expression",
    [
        f'"".join([{", ".join(map(repr, TEXT))}])',
        f"''.join({tuple(TEXT)})",
        f"b''.join([{TEXT[:5].encode()!r}, {TEXT[5:].encode()!r}]).decode()",
        f"{TEXT[::-1]!r}[::-1]",
        f"{'xx' + TEXT + 'yy'!r}[2:-2]",
        f"['', {TEXT!r}][1]",
        f"''.join(reversed({TEXT[::-1]!r}))",
        f"bytes.fromhex({TEXT.encode().hex()!r}).decode('utf-8')",
        f"bytearray.fromhex({TEXT.encode().hex()!r}).decode()",
        f"binascii.unhexlify({TEXT.encode().hex()!r}).decode('ascii')",
        f"base64.b64decode({base64.b64encode(TEXT.encode())!r}).decode()",
        f"base64.urlsafe_b64decode({base64.urlsafe_b64encode(TEXT.encode()).decode()!r}).decode()",
        f"d({base64.b64encode(TEXT.encode())!r}).decode()",
        f"base64.b32decode({base64.b32encode(TEXT.encode())!r}).decode()",
        f"base64.b85decode({base64.b85encode(TEXT.encode())!r}).decode()",
        f"base64.a85decode({base64.a85encode(TEXT.encode())!r}).decode()",
        f"codecs.decode({codecs.encode(TEXT, 'rot13')!r}, 'rot13')",
        f"codecs.encode({codecs.encode(TEXT, 'rot13')!r}, 'rot_13')",
        f"zlib.decompress({zlib.compress(TEXT.encode())!r}).decode()",
        f"zlib.decompress({zlib.compress(TEXT.encode(), wbits=-15)!r}, -15).decode()",
        f"gzip.decompress({gzip.compress(TEXT.encode())!r}).decode()",
        f"bz2.decompress({bz2.compress(TEXT.encode())!r}).decode()",
        f"lzma.decompress({lzma.compress(TEXT.encode())!r}).decode()",
        " + ".join(f"chr({ord(one)})" for one in TEXT),
        f"''.join(map(chr, {[ord(one) for one in TEXT]}))",
        f"''.join(chr(one ^ 21) for one in {[ord(one) ^ 21 for one in TEXT]})",
        f"''.join(map(lambda one: chr(one - 1), {[ord(one) + 1 for one in TEXT]}))",
        f"''.join([chr(int(one, 16)) for one in {' '.join(hex(ord(c)) for c in TEXT)!r}.split()])",
        f"bytes({[ord(one) for one in TEXT]}).decode()",
        f"bytes(one ^ 7 for one in {bytes(ord(one) ^ 7 for one in TEXT)!r}).decode()",
        "'%s%s' % ('some text,', ' and more')",
        "'some %s' % 'text, and more'",
        "'{} {}'.format('some', 'text, and more')",
        "'{1} {0}'.format('text, and more', 'some')",
        "'{a} {b!s}'.format(a='some', b='text, and more')",
        'f\'{"some"} text, {"and"} more\'',
        "'some{}, and more{{}}'.format(' text')[:-2]",
        f"{'-'.join(TEXT)!r}.replace('-', '')",
        f"{TEXT.upper()!r}.lower()",
        f"{'  ' + TEXT + '#'!r}.strip().rstrip('#')",
        "'so' + 'me' + ' text, and more' * 1",
        "A + B",
        "f'{A}{B}'",
        "self.A + B",
        "C[0] + B",
    ],
)
def test_what_is_computed(expression: str) -> None:
    """Each says the same text as Python does."""
    names = {"A": "'some text'", "B": "', and ' + 'more'", "C": "['some text']"}
    assert value(expression, **names) == TEXT


@pytest.mark.parametrize(
    "expression",
    [
        "open('x').read()",
        "__import__('os').system('true')",
        "eval('1')",
        "unknown + 'x'",
        "A + 'x'",
        "'a' * 10 ** 9",
        "'a' * 99999999",
        "['a'] * 99999999",
        "'%999999999d' % 1",
        "'{:>999999999}'.format(1)",
        "'{0.__class__}'.format('x')",
        "'{}'.format('a' , )[5]",
        "1 << 99999999",
        "9 ** 999999",
        "'a'.join('b' * 900000).join('c' * 900000)",
        "('a' * 1000).replace('a', 'b' * 100000)",
        "'abc'.replace('', 'x')",
        "range(10 ** 12)",
        "list(range(99999999))",
        "bytes(999999999999)",
        "bytes([256])",
        "chr(55296)",
        "chr(-1)",
        "ord('ab')",
        "1 % 0",
        "1 // 0",
        "1 >> 99999",
        "'abc'[::0]",
        "'abc'[9]",
        "b64decode('abcde')",
        "bytes.fromhex('zz')",
        "zlib.decompress(b'none')",
        "'a'.encode('utf-99')",
        "'a'.encode('zip')",
        "''.join(['a', 1])",
        "''.join(1)",
        "'%s' % ()",
        "'%s' % ('a', 'b')",
        "'%(a)s' % 'b'",
        "map(chr)",
        "[x for x in 'abc' if x]",
        "f'{A!r}'",
        "f'{\"a\":>99999999}'",
        "lambda: 'abc'",
        "int('9' * 5000)",
    ],
)
def test_what_is_not(expression: str) -> None:
    """Nothing is called that is not listed, nothing grows without bound, no mistake gets out."""
    assert value(expression, A="A + 'x'") is None


def test_a_bomb_is_not_inflated() -> None:
    """What becomes larger than a value may be is not known."""
    packed = zlib.compress(bytes(2 * MAX_SIZE))
    assert value(f"zlib.decompress({packed!r})") is None


def test_work_is_bounded() -> None:
    """Loops inside of loops end."""
    loops = (
        "[[[[a for a in range(900)] for b in range(900)] for c in range(900)] for d in range(9)]"
    )
    assert value(loops) is None


def test_long_sums() -> None:
    """A sum of hundreds is as deep as no recursion goes."""
    assert value(" + ".join(["'ab'"] * 900)) == "ab" * 900


def test_names_are_added_up() -> None:
    """What a name is bound to and what is added to it later are one text, if all of it is known."""
    one, more, unknown = (ast.parse(text, mode="eval").body for text in ("'one'", "'more'", "x"))
    bound = {"a": [one, more], "b": [one, unknown], "c": []}
    folder = Folder(bound.get, str)
    found = [folder.fold(ast.parse(name, mode="eval").body) for name in ("a", "b", "c", "d")]
    assert found == ["onemore", None, None, None]


OPERATORS = ["+", "%", "*", "-", "^", "&", "|", "//", ">>"]
FUNCTIONS = [
    *("chr", "ord", "str", "bytes", "int", "list", "reversed", "range", "map", "bytes.fromhex"),
    *("b64decode", "b85decode", "zlib.decompress", "codecs.decode", "unquote", "a2b_hex"),
]
METHODS = ["join", "format", "replace", "strip", "lower", "encode", "decode", "split", "hex"]
LEAVES = st.one_of(
    st.text(max_size=4).map(repr),
    st.binary(max_size=4).map(repr),
    st.integers(-300, 300).map(repr),
    st.sampled_from(["A", "self.A", "None", "1.5"]),
)


def larger(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Return expressions made of others."""
    some = st.lists(inner, max_size=2).map(", ".join)
    return st.one_of(
        st.tuples(inner, st.sampled_from(OPERATORS), inner).map(" ".join),
        some.map(lambda items: f"[{items}]"),
        st.builds("{}({})".format, st.sampled_from(FUNCTIONS), some),
        st.builds("({}).{}({})".format, inner, st.sampled_from(METHODS), some),
        st.builds("({})[{}]".format, inner, inner),
        st.builds("[{} for A in {}]".format, inner, inner),
    )


EXPRESSIONS = st.recursive(LEAVES, larger, max_leaves=8)


@given(EXPRESSIONS)
def test_any_expression_is_a_value_or_none(expression: str) -> None:
    """Whatever it is made of, nothing else gets out."""
    found = value(expression, A="'name'")
    assert found is None or isinstance(found, str | bytes | int | list)


def test_python_says_the_same() -> None:
    """The functions here are those of the library, compressed and encoded forms included."""
    raw = base64.b64encode(zlib.compress(base64.b85encode(codecs.encode(TEXT, "rot13").encode())))
    expression = (
        f"codecs.decode(base64.b85decode(zlib.decompress(b64decode({raw!r}))).decode(), 'rot13')"
    )
    assert value(expression) == TEXT
