"""Compiled modules of every version give their constants, with names where there were some."""

from __future__ import annotations

import importlib.util
import marshal
import struct
from types import CodeType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keysift.model import SkipReason
from keysift.unpack.budget import Budget, Limits
from keysift.unpack.formats import Format, recognise
from tests.unpack.extracting import extraction, marker, parts, skips
from tests.unpack.marshalled import ERAS, Constant, Era, Module, dumped

MODULE = "code object <module>"


def compiled(source: str) -> bytes:
    """Return the file that the running interpreter makes of a source."""
    code: CodeType = compile(source, "source.py", "exec")
    return importlib.util.MAGIC_NUMBER + bytes(12) + marshal.dumps(code)


def lines(source: str, part: str = MODULE) -> list[str]:
    """Return the lines of one part of a compiled source."""
    return parts(compiled(source))[part].decode().splitlines()


@pytest.mark.parametrize("era", ERAS.values(), ids=ERAS.keys())
def test_every_version_names_its_constants(era: Era) -> None:
    """An assignment reads like one, whichever interpreter compiled it."""
    module = Module(
        era=era, consts=(marker(1), b"two"), names=("api_key", "other"), bytecode=era.assign(2)
    )
    found, items = extraction(module.file())
    assert [getattr(item, "content", item) for item in items] == [
        f'api_key = "{marker(1)}"\nother = "two"'.encode()
    ]
    assert found.replaces_raw


@pytest.mark.parametrize("era", ERAS.values(), ids=ERAS.keys())
def test_inner_code_has_its_own_part(era: Era) -> None:
    """Each code object is a part, named by what it is in."""
    inner = Module(era=era, consts=(marker(2),), name="load")
    outer = Module(era=era, consts=(inner, marker(1)), name="Settings")
    module = Module(era=era, consts=(outer, (1, (marker(3), None))))
    assert parts(module.file()) == {
        MODULE: f'"{marker(3)}"'.encode(),
        "code object Settings": f'"{marker(1)}"'.encode(),
        "code object Settings.load": f'"{marker(2)}"'.encode(),
    }


SOURCES = {
    "name": ("API_KEY = {!r}", 'API_KEY = "{}"'),
    "attribute": ("import a\na.b.c = {!r}", 'a.b.c = "{}"'),
    "subscript": ("import os\nos.environ['TOKEN'] = {!r}", 'os.environ["TOKEN"] = "{}"'),
    "unpacking": ("a, b = 1, {!r}", 'b = "{}"'),
    "dictionary": ("D = dict\nx = {{'user': D, 'password': {!r}}}", '"password": "{}"'),
    "constant dictionary": ("x = {{'u': 'v', 'password': {!r}}}", '"password": "{}"'),
    "call": ("import a\na.login('me', {!r})", 'a.login("me", "{}")'),
    "keyword": ("import a\na.login(1, password={!r})", 'a.login(..., password="{}")'),
    "list": ("KEYS = ['a', 'b', 'c', {!r}]", 'KEYS = ("a", "b", "c", "{}")'),
    "default": ("def f(user, password={!r}): pass", 'def f(password="{}")'),
    "keyword default": ("def f(*, password={!r}): pass", '"password": "{}"'),
    "comparison": ("import a\nx = a.password == {!r}", 'a.password == "{}"'),
    "annotation": ("x: str = {!r}", 'x = "{}"'),
    "f-string": ("import a\nx = f'user:{}@{{a}}'", 'x = "user:{}@{{}}"'),
}


@pytest.mark.parametrize(("source", "line"), SOURCES.values(), ids=SOURCES.keys())
def test_source_comes_back(source: str, line: str) -> None:
    """Each way to use a constant reads like its source."""
    assert line.format(marker(1)) in lines(source.format(marker(1)))


def test_functions_name_what_is_local() -> None:
    """Local variables, globals, closures, attributes and returned values keep their names."""
    source = """
def f(self):
    global top
    top = "one"
    local = "two"
    self.x = "three"
    cell = "four"
    def g():
        return cell
    return "five"
"""
    assert lines(source, "code object f")[:5] == [
        'top = "one"',
        'local = "two"',
        'self.x = "three"',
        'cell = "four"',
        'def f(): return "five"',
    ]


def test_names_beyond_one_byte() -> None:
    """Extended arguments reach constants and names behind the first 256."""
    source = "\n".join(f"name_{number} = 'value {number}'" for number in range(700))
    assert lines(source) == [f'name_{number} = "value {number}"' for number in range(700)]


def test_values_are_not_escaped() -> None:
    """A key of several lines keeps its lines, quotes and all bytes stay what they are."""
    found = parts(compiled("KEY = 'a\\nb'\nQUOTE = 'c\"d'\nRAW = b'\\xff\\x00'"))[MODULE]
    assert found.splitlines() == [b'KEY = """a', b'b"""', b"QUOTE = 'c\"d'", b'RAW = "\xff\0"']


def test_a_constant_is_written_once() -> None:
    """What was written with its name does not stand alone as well."""
    assert lines("A = 'once'\nB = ('once', 'other')") == [
        'A = "once"',
        'B = ("once", "other")',
    ]


@given(st.text(max_size=30), st.binary(max_size=30), st.integers(), st.complex_numbers())
def test_any_constant_is_read(text: str, data: bytes, number: int, point: complex) -> None:
    """Constants of every type are read or stepped over, and all text comes out."""
    source = (
        f"a = {text!r}\nb = {data!r}\nc = {number}\nd = {point!r}\n"
        f"e = x in {{{text!r}, {number}}}\nf = ({text!r}, ({data!r}, None, ..., True, 1.5))"
    )
    source = source.replace("nan", "0").replace("inf", "0")
    content = parts(compiled(source))[MODULE]
    assert text.encode("utf-8", "surrogatepass") in content
    assert data in content


@pytest.mark.parametrize("version", range(5))
def test_every_marshal_version_is_read(version: int) -> None:
    """Interned, short, referenced and plain notations all give the same."""
    code = compile(f"a = '{marker(1)}'\nb = ('{marker(1)}', 'ü', 1 << 70, 2j, 0.5)", "s", "exec")
    content = importlib.util.MAGIC_NUMBER + bytes(12) + marshal.dumps(code, version)
    assert f'a = "{marker(1)}"\n'.encode() in parts(content)[MODULE]


def test_python_2_interned_strings_are_shared() -> None:
    """A string that is referred to by its number among the interned ones is read."""
    era = ERAS["2.7"]
    module = Module(era=era, consts=(b"@@",), names=("a",), bytecode=era.assign(1)).file()
    interned = b"(\x02\0\0\0t\x03\0\0\0keyR\0\0\0\0"
    content = module.replace(b"(\x01\0\0\0" + dumped(b"@@"), interned)
    assert parts(content)[MODULE] == b'a = "key"'


def test_what_follows_the_code_is_a_part() -> None:
    """Bytes behind the code object are not lost."""
    module = Module(era=ERAS["3.12"], consts=("a",)).file()
    assert parts(module + marker(1).encode())["data after the code"] == marker(1).encode()


def test_truncated_modules_give_what_was_read() -> None:
    """Inner code objects that are complete come out; the raw bytes are needed as well."""
    era = ERAS["3.12"]
    inner = Module(era=era, consts=(marker(1),), name="f")
    content = Module(era=era, consts=(inner, "x" * 100)).file()[:-80]
    found, items = extraction(content)
    assert getattr(items[0], "content", b"") == f'"{marker(1)}"'.encode()
    assert getattr(items[1], "reason", None) is SkipReason.TRUNCATED
    assert not found.replaces_raw


def test_nesting_is_bounded() -> None:
    """Tuples inside each other end in a skip before the interpreter's own stack does."""
    value: Constant = "x"
    for _ in range(150):
        value = (value,)
    [skip] = skips(Module(era=ERAS["3.7"], consts=(value,)).file())
    assert skip.reason is SkipReason.TOO_DEEP


def test_references_cannot_multiply() -> None:
    """Tuples that hold another one twice, forty times over, are read once each."""
    era = ERAS["3.12"]
    nested = b"\xa9\x02" + dumped("x") + dumped("y")
    for number in range(40):
        nested = b"\xa9\x02" + nested + b"r" + struct.pack("<i", 39 - number)
    content = Module(era=era, consts=("@@",)).file().replace(dumped("@@"), nested)
    budget = Budget(Limits(steps=10_000))
    assert parts(content, budget)[MODULE] == b'"x"\n"y"'


def test_a_constant_used_over_and_over_is_not_copied_for_ever() -> None:
    """The text of a module is bounded by its size, not by how often its code uses a constant."""
    era = ERAS["3.12"]
    module = Module(era=era, consts=("x" * 500_000,), names=("a",), bytecode=era.assign(1) * 20_000)
    budget = Budget()
    parts(module.file(), budget)
    assert budget.bytes_taken < 40_000_000


def test_a_sequence_longer_than_the_file_is_refused() -> None:
    """A length that cannot be true does not allocate anything."""
    content = Module(era=ERAS["3.12"], consts=("x",)).file()
    huge = content.replace(b"(\x01\0\0\0", b"(\xff\xff\xff\x7f")
    assert skips(huge)[0].reason is SkipReason.TRUNCATED


def test_steps_are_charged() -> None:
    """A budget that is used up ends reading."""
    content = Module(era=ERAS["3.12"], consts=("x",) * 10_000).file()
    [skip] = skips(content, Budget(Limits(steps=2000)))
    assert skip.reason is SkipReason.STEP_BUDGET


def test_text_is_not_taken_for_a_module() -> None:
    """CR LF after two bytes is not enough."""
    assert recognise(b"ab\r\ncd\r\n" + b"text " * 20) is None
    assert recognise(b"/*\r\n * Summary: compile-time information\r\n */\r\n") is None
    assert recognise(Module(era=ERAS["3.6"]).file()) is Format.PYC
