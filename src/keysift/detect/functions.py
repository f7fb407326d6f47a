"""Functions and methods of Python's library whose results are known without executing anything."""

from __future__ import annotations

import base64
import binascii
import bz2
import codecs
import html
import lzma
import re
import zlib
from collections.abc import Callable, Iterator, Mapping
from typing import Final
from urllib.parse import unquote

from keysift.detect.values import (
    MAX_BITS,
    MAX_SIZE,
    OpenError,
    Value,
    bounded_int,
    character,
    integer,
    items_of,
    joined,
    octets,
    replaced,
    shown,
    text_of,
    together,
)

_PERCENT: Final = re.compile(r"%(?:(?P<name>\([^)]*\))?(?P<kind>[sdicr%])|(?P<other>))")


def percent(template: str, values: Value) -> str:
    """Return what ``template % values`` is, for conversions without widths.

    Raises:
        OpenError: It is not known.
    """
    left = list(values) if isinstance(values, list) else [values]

    def filled(found: re.Match[str]) -> str:
        if found["kind"] == "%":
            return "%"
        if found["kind"] not in {"s", "d", "i", "c"} or found["name"] or not left:
            raise OpenError
        value = left.pop(0)
        if found["kind"] == "c" and isinstance(value, int):
            return character(value)
        return shown(value)

    text = _filled(_PERCENT, filled, template)
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
        return shown(value)

    return _filled(_FIELD, filled, text_of(template))


def _filled(field: re.Pattern[str], filled: Callable[[re.Match[str]], str], template: str) -> str:
    """Return a template with its fields filled, none of which is held when all are too large."""

    def parts() -> Iterator[str]:
        end = 0
        for found in field.finditer(template):
            yield template[end : found.start()]
            yield filled(found)
            end = found.end()
        yield template[end:]

    return together(parts())


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
        return text_of(whole).encode(codec)
    if codec in _ROTATED:
        return codecs.encode(text_of(whole), "rot13")
    raise OpenError


def _decoded(whole: Value, codec: Value = "utf-8", *_: Value) -> Value:
    kind = text_of(codec).lower()
    if kind in _ROTATED:
        return codecs.decode(text_of(whole), "rot13")
    if kind in {"hex", "hex_codec"}:
        return binascii.unhexlify(octets(whole))
    if kind in {"base64", "base64_codec"}:
        return binascii.a2b_base64(octets(whole))
    if kind not in _CODECS or not isinstance(whole, bytes):
        raise OpenError
    return whole.decode(kind)


def _fromhex(digits: Value) -> bytes:
    return bytes.fromhex(text_of(digits))


def _base64(text: Value, *_: Value) -> bytes:
    raw = octets(text).translate(bytes.maketrans(b"-_", b"+/"))
    return base64.b64decode(raw)


def _inflated(packed: Value, window: Value = zlib.MAX_WBITS, *_: Value) -> bytes:
    """Undo zlib, gzip, bz2 or xz, whichever it is."""
    raw, bits = octets(packed), integer(window)
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
    return bytes(integer(item) for item in items_of(value))


def _as_number(value: Value, base: Value = 10) -> int:
    if isinstance(value, int):
        return value
    digits = text_of(value)
    if len(digits) > MAX_BITS:
        raise OpenError
    return bounded_int(int(digits, integer(base)))


def _range(*bounds: Value) -> Value:
    span = range(*(integer(bound) for bound in bounds))
    if len(span) > MAX_SIZE:
        raise OpenError
    return list(span)


def _as_text(value: Value, *codec: Value) -> str:
    if codec:
        return text_of(_decoded(value, *codec))
    return shown(value)


def _ordinal(value: Value) -> int:
    whole = items_of(value)
    if len(whole) != 1 or not isinstance(whole, str | bytes):
        raise OpenError
    return ord(whole)


METHODS: Final[Mapping[str, Callable[..., Value]]] = {
    "join": joined,
    "format": _format,
    "replace": replaced,
    "strip": _stripped("strip"),
    "lstrip": _stripped("lstrip"),
    "rstrip": _stripped("rstrip"),
    "lower": _cased("lower"),
    "upper": _cased("upper"),
    "swapcase": _cased("swapcase"),
    "encode": _encoded,
    "decode": _decoded,
    "split": _split,
    "hex": lambda raw: octets(raw).hex(),
    "tobytes": _as_bytes,
}
"""Methods of texts, bytes and sequences."""

FUNCTIONS: Final[Mapping[str, Callable[..., Value]]] = {
    "chr": character,
    "ord": _ordinal,
    "str": _as_text,
    "int": _as_number,
    "bytes": _as_bytes,
    "bytearray": _as_bytes,
    "list": lambda items: list(items_of(items)),
    "tuple": lambda items: list(items_of(items)),
    "reversed": lambda items: list(reversed(items_of(items))),
    "range": _range,
    "fromhex": _fromhex,
    "unhexlify": lambda digits: binascii.unhexlify(octets(digits)),
    "a2b_hex": lambda digits: binascii.unhexlify(octets(digits)),
    "a2b_base64": lambda text: binascii.a2b_base64(octets(text)),
    "b64decode": _base64,
    "standard_b64decode": _base64,
    "urlsafe_b64decode": _base64,
    "decodebytes": _base64,
    "decodestring": _base64,
    "b32decode": lambda text, *_: base64.b32decode(octets(text)),
    "b16decode": lambda text, *_: binascii.unhexlify(octets(text)),
    "b85decode": lambda text: base64.b85decode(octets(text)),
    "a85decode": lambda text: base64.a85decode(octets(text)),
    "unquote": lambda text: unquote(text_of(text)),
    "unescape": lambda text: html.unescape(text_of(text)),
    "codecs.decode": _decoded,
    "codecs.encode": _encoded,
    "decompress": _inflated,
}
"""Functions of builtins, base64, binascii, codecs, html, urllib.parse and of what compresses."""
