"""Expressions of Python whose value is known without executing anything.

Only what is listed here is computed, by our own code, on strings, bytes, small integers and
sequences of them, within bounds of size and of steps. Nothing of the text is compiled or called.
"""

from __future__ import annotations

import ast
import base64
import binascii
import bz2
import codecs
import html
import lzma
import re
import zlib
from collections.abc import Callable, Mapping, Sequence
from typing import AnyStr, Final, TypeAlias
from urllib.parse import unquote

MAX_SIZE: Final = 1024 * 1024
"""Characters, bytes or elements of a value."""

MAX_STEPS: Final = 50_000
"""Expressions computed for one text."""

MAX_BITS: Final = 64
"""Of an integer."""

Value: TypeAlias = "str | bytes | int | Sequence[Value]"


class OpenError(Exception):
    """The value of an expression is not known. Never leaves ``keysift.detect``."""


Names: TypeAlias = Callable[[str], "Sequence[ast.expr] | None"]
"""Returns the expressions that are added up to the value of a name; None when that is not known."""


class Folder:
    """Computes constant expressions of one text.

    Args:
        names: What names stand for.
        aliases: Other names of functions, from ``from base64 import b64decode as d``.
    """

    def __init__(self, names: Names, aliases: Mapping[str, str]) -> None:
        self._names = names
        self._aliases = aliases
        self._steps = 0
        self._open: set[str] = set()
        self._locals: dict[str, Value] = {}

    def fold(self, node: ast.expr) -> Value | None:
        """Return the value of an expression; None when it is not known."""
        try:
            return self._value(node)
        except OpenError:
            return None
        except RecursionError:
            # So deep that no more of it is tried, from one level after the other.
            self._steps = MAX_STEPS
            return None

    def _value(self, node: ast.expr) -> Value:  # noqa: C901 (a line for each kind)
        self._steps += 1
        if self._steps > MAX_STEPS:
            raise OpenError
        match node:
            case ast.Constant():
                return _constant(node)
            case ast.Name(id=name):
                return self._name(name)
            case ast.Attribute(value=ast.Name(id="self" | "cls"), attr=name):
                return self._name(name)
            case ast.JoinedStr(values=parts):
                return _bounded("".join([self._formatted(part) for part in parts]))
            case ast.BinOp():
                return self._operation(node)
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                return -_integer(self._value(operand))
            case ast.List(elts=items) | ast.Tuple(elts=items):
                return [self._value(item) for item in items]
            case ast.Subscript():
                return self._part(node)
            case ast.ListComp() | ast.GeneratorExp():
                return self._each(node)
            case ast.Call():
                return self._call(node)
            case _:
                raise OpenError

    def _name(self, name: str) -> Value:
        if name in self._locals:
            return self._locals[name]
        expressions = self._names(name)
        if not expressions or name in self._open:
            raise OpenError
        self._open.add(name)
        try:
            value = self._value(expressions[0])
            for expression in expressions[1:]:
                value = _sum(value, self._value(expression))
        finally:
            self._open.discard(name)
        return value

    def _formatted(self, part: ast.expr) -> str:
        match part:
            case ast.Constant(value=str() as text):
                return text
            case ast.FormattedValue(value=inner, conversion=-1 | 115, format_spec=None):
                return _shown(self._value(inner))
            case _:
                raise OpenError

    def _operation(self, node: ast.BinOp) -> Value:
        # Long sums lean to the left, deeper than recursion goes.
        operands: list[ast.expr] = []
        left: ast.expr = node
        while isinstance(left, ast.BinOp) and isinstance(left.op, ast.Add):
            operands.append(left.right)
            left = left.left
        if operands:
            value = self._value(left)
            for operand in reversed(operands):
                value = _sum(value, self._value(operand))
            return value
        first, second = self._value(node.left), self._value(node.right)
        if isinstance(node.op, ast.Mod) and isinstance(first, str):
            return _percent(first, second)
        if isinstance(node.op, ast.Mult) and not isinstance(first, int):
            return _repeated(first, _integer(second))
        operation = _ARITHMETIC.get(type(node.op))
        if operation is None:
            raise OpenError
        return operation(_integer(first), _integer(second))

    def _part(self, node: ast.Subscript) -> Value:
        whole = self._value(node.value)
        if isinstance(whole, int):
            raise OpenError
        if isinstance(node.slice, ast.Slice):
            bounds = [
                None if bound is None else _integer(self._value(bound))
                for bound in (node.slice.lower, node.slice.upper, node.slice.step)
            ]
            if bounds[2] == 0:
                raise OpenError
            return whole[slice(*bounds)]
        place = _integer(self._value(node.slice))
        if not -len(whole) <= place < len(whole):
            raise OpenError
        return whole[place]

    def _each(self, node: ast.ListComp | ast.GeneratorExp) -> Value:
        match node.generators:
            case [ast.comprehension(target=ast.Name(id=name), iter=source, ifs=[])]:
                items = _items(self._value(source))
                return [self._with(name, item, node.elt) for item in items]
            case _:
                raise OpenError

    def _with(self, name: str, value: Value, body: ast.expr) -> Value:
        """Return the value of an expression in which a name stands for something."""
        before = self._locals
        self._locals = {**before, name: value}
        try:
            return self._value(body)
        finally:
            self._locals = before

    def _call(self, node: ast.Call) -> Value:
        match node.func:
            case ast.Name(id="map"):
                return self._map(node)
            case ast.Name(id=name):
                function = self._aliases.get(name, name)
            case ast.Attribute(value=ast.Name(id="codecs"), attr=name):
                function = f"codecs.{name}"
            case ast.Attribute(value=base, attr=name) if name in _METHODS:
                owner = self._value(base)
                return _checked(_METHODS[name], owner, *self._arguments(node))
            case ast.Attribute(attr=name):
                function = name
            case _:
                raise OpenError
        if function not in _FUNCTIONS:
            raise OpenError
        return _checked(_FUNCTIONS[function], *self._arguments(node))

    def _arguments(self, node: ast.Call) -> list[Value | Mapping[str, Value]]:
        """Return the arguments of a call; those with names as one, behind the others."""
        positional = [self._value(argument) for argument in node.args]
        named = {
            keyword.arg: self._value(keyword.value)
            for keyword in node.keywords
            if keyword.arg is not None
        }
        return [*positional, named] if named else [*positional]

    def _map(self, node: ast.Call) -> Value:
        match node.args:
            case [ast.Name(id=name), items] if name in _FUNCTIONS:
                values = _items(self._value(items))
                return [_checked(_FUNCTIONS[name], value) for value in values]
            case [ast.Lambda(args=ast.arguments(args=[ast.arg(arg=name)]), body=body), items]:
                values = _items(self._value(items))
                return [self._with(name, value, body) for value in values]
            case _:
                raise OpenError


def _constant(node: ast.Constant) -> Value:
    if isinstance(node.value, int):
        return _bounded_int(node.value)
    if isinstance(node.value, str | bytes):
        return node.value
    raise OpenError


def _bounded(value: Value) -> Value:
    if not isinstance(value, int) and len(value) > MAX_SIZE:
        raise OpenError
    return value


def _bounded_int(number: int) -> int:
    if number.bit_length() > MAX_BITS:
        raise OpenError
    return int(number)


def _integer(value: Value) -> int:
    if not isinstance(value, int):
        raise OpenError
    return value


def _text(value: Value) -> str:
    if not isinstance(value, str):
        raise OpenError
    return value


def _shown(value: Value) -> str:
    """Return what formatting shows of a value."""
    if not isinstance(value, str | int):
        raise OpenError
    return str(value)


def _octets(value: Value) -> bytes:
    """Return bytes, of a text too where a function takes both."""
    match value:
        case bytes():
            return value
        case str() if value.isascii():
            return value.encode()
        case _:
            raise OpenError


def _items(value: Value) -> Sequence[Value]:
    if isinstance(value, int):
        raise OpenError
    return value


def _sum(first: Value, second: Value) -> Value:
    match first, second:
        case (str(), str()) | (bytes(), bytes()) | (list(), list()):
            return _bounded(first + second)  # type: ignore[operator] # the same type on both sides
        case int(), int():
            return _bounded_int(first + second)
        case _:
            raise OpenError


def _repeated(value: str | bytes | Sequence[Value], times: int) -> Value:
    if len(value) * max(times, 0) > MAX_SIZE or not isinstance(value, str | bytes | list):
        raise OpenError
    return value * times


_ARITHMETIC: Final[Mapping[type[ast.operator], Callable[[int, int], int]]] = {
    ast.Sub: lambda first, second: _bounded_int(first - second),
    ast.Mult: lambda first, second: _bounded_int(first * second),
    ast.BitXor: lambda first, second: first ^ second,
    ast.BitAnd: lambda first, second: first & second,
    ast.BitOr: lambda first, second: first | second,
    ast.Mod: lambda first, second: first % second if second else _unknown(),
    ast.FloorDiv: lambda first, second: first // second if second else _unknown(),
    ast.RShift: lambda first, second: first >> second if 0 <= second < MAX_BITS else _unknown(),
}


def _unknown() -> int:
    raise OpenError


_PERCENT: Final = re.compile(r"%(?:(?P<name>\([^)]*\))?(?P<kind>[sdicr%])|(?P<other>))")


def _percent(template: str, values: Value) -> str:
    """Return what ``template % values`` is, for conversions without widths."""
    left = list(values) if isinstance(values, list) else [values]

    def filled(found: re.Match[str]) -> str:
        if found["kind"] == "%":
            return "%"
        if found["kind"] not in {"s", "d", "i", "c"} or found["name"] or not left:
            raise OpenError
        value = left.pop(0)
        if found["kind"] == "c" and isinstance(value, int):
            return _character(value)
        return _shown(value)

    text = _PERCENT.sub(filled, template)
    if left:
        raise OpenError
    return text


_FIELD: Final = re.compile(r"\{\{|\}\}|\{(?P<name>\w*)(?:!s)?\}|(?P<other>[{}])")


def _format(template: Value, *given: Value | Mapping[str, Value]) -> str:
    """Return what ``template.format(…)`` is, for fields without specifications."""
    values = [value for value in given if not isinstance(value, Mapping)]
    named = next((value for value in given if isinstance(value, Mapping)), {})
    automatic = iter(values)

    def filled(found: re.Match[str]) -> str:
        name = found["name"]
        if found["other"]:
            raise OpenError
        if name is None:
            return found[0][0]
        if not name:
            value = next(automatic, None)
        elif name.isdecimal():
            value = values[int(name)] if len(name) < 3 and int(name) < len(values) else None
        else:
            value = named.get(name)
        if value is None:
            raise OpenError
        return _shown(value)

    return _FIELD.sub(filled, _text(template))


def _character(number: Value) -> str:
    value = _integer(number)
    # Not a surrogate: no text holds one.
    if not (0 <= value < 0xD800 or 0xE000 <= value < 0x110000):
        raise OpenError
    return chr(value)


def _joined(glue: Value, items: Value) -> Value:
    parts = list(_items(items))
    size = sum(len(_items(part)) + len(_items(glue)) for part in parts)
    if size > MAX_SIZE:
        raise OpenError
    if isinstance(glue, str):
        return glue.join(_text(part) for part in parts)
    if isinstance(glue, bytes) and all(isinstance(part, bytes) for part in parts):
        return glue.join(part for part in parts if isinstance(part, bytes))
    raise OpenError


def _replaced(whole: Value, old: Value, new: Value) -> Value:
    if isinstance(whole, str) and isinstance(old, str) and isinstance(new, str):
        return _with(whole, old, new)
    if isinstance(whole, bytes) and isinstance(old, bytes) and isinstance(new, bytes):
        return _with(whole, old, new)
    raise OpenError


def _with(whole: AnyStr, old: AnyStr, new: AnyStr) -> AnyStr:
    if not old or len(whole) + whole.count(old) * len(new) > MAX_SIZE:
        raise OpenError
    return whole.replace(old, new)


def _stripped(name: str) -> Callable[..., Value]:
    def strip(whole: Value, *which: Value) -> Value:
        if not isinstance(whole, str | bytes):
            raise OpenError
        changed: str | bytes = getattr(whole, name)(*which)
        return changed

    return strip


def _cased(name: str) -> Callable[[Value], Value]:
    def change(whole: Value) -> Value:
        if not isinstance(whole, str | bytes):
            raise OpenError
        changed: str | bytes = getattr(whole, name)()
        return changed

    return change


def _split(whole: Value, *by: Value) -> Value:
    match whole, by:
        case str(), ():
            return list(whole.split())
        case (str(), (str() as separator,)) if separator:
            return list(whole.split(separator))
        case _:
            raise OpenError


_CODECS: Final = frozenset(
    {
        "ascii",
        "latin1",
        "latin-1",
        "iso-8859-1",
        "utf8",
        "utf-8",
        "utf-16",
        "utf-16-le",
        "utf-16-be",
    }
)
_ROTATED: Final = frozenset({"rot13", "rot_13", "rot-13"})


def _encoded(whole: Value, codec: Value = "utf-8", *_: Value) -> Value:
    if isinstance(codec, str) and codec.lower() in _CODECS:
        return _text(whole).encode(codec)
    if codec in _ROTATED:
        return codecs.encode(_text(whole), "rot13")
    raise OpenError


def _decoded(whole: Value, codec: Value = "utf-8", *_: Value) -> Value:
    kind = _text(codec).lower()
    if kind in _ROTATED:
        return codecs.decode(_text(whole), "rot13")
    if kind in {"hex", "hex_codec"}:
        return binascii.unhexlify(_octets(whole))
    if kind in {"base64", "base64_codec"}:
        return binascii.a2b_base64(_octets(whole))
    if kind not in _CODECS or not isinstance(whole, bytes):
        raise OpenError
    return whole.decode(kind)


def _fromhex(digits: Value) -> bytes:
    return bytes.fromhex(_text(digits))


def _base64(text: Value, *_: Value) -> bytes:
    raw = _octets(text).translate(bytes.maketrans(b"-_", b"+/"))
    return base64.b64decode(raw)


def _inflated(packed: Value, window: Value = zlib.MAX_WBITS, *_: Value) -> bytes:
    """Undo zlib, gzip, bz2 or xz, whichever it is."""
    raw, bits = _octets(packed), _integer(window)
    if raw.startswith(b"BZh"):
        plain = bz2.BZ2Decompressor().decompress(raw, MAX_SIZE + 1)
    elif raw.startswith(b"\xfd7zXZ"):
        plain = lzma.LZMADecompressor(memlimit=64 * MAX_SIZE).decompress(raw, MAX_SIZE + 1)
    else:
        bits = zlib.MAX_WBITS | 32 if bits >= 0 else max(bits, -zlib.MAX_WBITS)
        plain = zlib.decompressobj(bits).decompress(raw, MAX_SIZE + 1)
    return plain


def _as_bytes(value: Value = b"", *_: Value) -> bytes:
    if isinstance(value, bytes):
        return value
    if isinstance(value, str):
        return value.encode()
    return bytes(_integer(item) for item in _items(value))


def _as_number(value: Value, base: Value = 10) -> int:
    if isinstance(value, int):
        return value
    digits = _text(value)
    if len(digits) > MAX_BITS:
        raise OpenError
    return _bounded_int(int(digits, _integer(base)))


def _range(*bounds: Value) -> Value:
    span = range(*(_integer(bound) for bound in bounds))
    if len(span) > MAX_SIZE:
        raise OpenError
    return list(span)


def _as_text(value: Value, *codec: Value) -> str:
    if codec:
        return _text(_decoded(value, *codec))
    return _shown(value)


def _ordinal(value: Value) -> int:
    whole = _items(value)
    if len(whole) != 1 or not isinstance(whole, str | bytes):
        raise OpenError
    return ord(whole)


_METHODS: Final[Mapping[str, Callable[..., Value]]] = {
    "join": _joined,
    "format": _format,
    "replace": _replaced,
    "strip": _stripped("strip"),
    "lstrip": _stripped("lstrip"),
    "rstrip": _stripped("rstrip"),
    "lower": _cased("lower"),
    "upper": _cased("upper"),
    "swapcase": _cased("swapcase"),
    "encode": _encoded,
    "decode": _decoded,
    "split": _split,
    "hex": lambda raw: _octets(raw).hex(),
    "tobytes": _as_bytes,
}
"""Methods of texts, bytes and sequences."""

_FUNCTIONS: Final[Mapping[str, Callable[..., Value]]] = {
    "chr": _character,
    "ord": _ordinal,
    "str": _as_text,
    "int": _as_number,
    "bytes": _as_bytes,
    "bytearray": _as_bytes,
    "list": lambda items: list(_items(items)),
    "tuple": lambda items: list(_items(items)),
    "reversed": lambda items: list(reversed(_items(items))),
    "range": _range,
    "fromhex": _fromhex,
    "unhexlify": lambda digits: binascii.unhexlify(_octets(digits)),
    "a2b_hex": lambda digits: binascii.unhexlify(_octets(digits)),
    "a2b_base64": lambda text: binascii.a2b_base64(_octets(text)),
    "b64decode": _base64,
    "standard_b64decode": _base64,
    "urlsafe_b64decode": _base64,
    "decodebytes": _base64,
    "decodestring": _base64,
    "b32decode": lambda text, *_: base64.b32decode(_octets(text)),
    "b16decode": lambda text, *_: binascii.unhexlify(_octets(text)),
    "b85decode": lambda text: base64.b85decode(_octets(text)),
    "a85decode": lambda text: base64.a85decode(_octets(text)),
    "unquote": lambda text: unquote(_text(text)),
    "unescape": lambda text: html.unescape(_text(text)),
    "codecs.decode": _decoded,
    "codecs.encode": _encoded,
    "decompress": _inflated,
}
"""Functions of builtins, base64, binascii, codecs, html, urllib.parse and of what compresses."""

_PROBLEMS: Final = (
    ValueError,  # with what it is the base of: binascii.Error, UnicodeError
    TypeError,  # too many arguments, or too few
    EOFError,
    OSError,
    zlib.error,
    lzma.LZMAError,
)
"""What the library's functions say of arguments that they cannot take."""


def _checked(function: Callable[..., Value], *arguments: Value | Mapping[str, Value]) -> Value:
    try:
        value = function(*arguments)
    except _PROBLEMS:
        raise OpenError from None
    return _bounded(value)
