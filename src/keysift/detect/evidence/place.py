"""What the text around a value says: how it is assigned, and what the lines are about."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from keysift.detect.evidence.view import View

_COMPARED: Final = re.compile(rb"(?:[!=]=|\bis|\bin)\s*[bru]?[\"'`]?$|\.equals\([\"']?$")
_ASSERTED: Final = re.compile(
    rb"(?i)\bassert|\bexpect|should|\bmock|\bpatch\b|stub|fixture|\bit\(|\bdescribe\(|testcase|faker"
)
_ASSERTING: Final = (
    *(b"assert", b"expect", b"should", b"mock", b"patch", b"stub", b"fixture", b"testcase"),
    *(b"it(", b"describe(", b"faker"),
)
"""Every text that ``_ASSERTED`` matches holds one of these in small letters."""

_CONNECTS: Final = re.compile(
    rb"(?i)\b(?:host(?:name)?|server|user(?:name|_?id)?|login|usr|uid|account|email|port|database|dbname"
    rb"|endpoint|region|url|jdbc|smtp|ldap|dsn)\b[\"']?\s?(?:=|:|=>|,)|connect\(|sendmail|createuser"
)
_SAYS: Final = re.compile(
    rb"(?i)(?:label|title|placeholder|help(?:_text)?|description|message|tooltip|caption|prompt|hint"
    rb"|summary|verbose_name|gettext|translate|\bt|\b_|msgid|msgstr|print|echo|log(?:ger)?\.\w+|raise"
    rb"|error|warn(?:ing)?|usage)\b[\"']?\s?[(:=]"
)
_MARKUP: Final = re.compile(
    rb"(?i)<\s?/?(?:input|label|div|span|td|th|tr|p|a|li|option|form|button)\b"
)
_COMMENT: Final = re.compile(rb"^\s*(?:#|//|/?\*|;|--|<!--|rem\b)", re.IGNORECASE)
_DEFAULT: Final = re.compile(
    rb"(?i)(?:getenv|environ\.get|env\.get|env\(|config\(|\.get)\([^()]*,\s*[bru]?[\"'`]?$"
    rb"|\|\|\s*[\"'`]?$|\?\?\s*[\"'`]?$|\bor\s+[\"']?$|:-[\"']?$"
)
_ARGUMENT: Final = re.compile(rb"[(,]\s*[\w.]+\s?=\s?[bru]?[\"'`]$")
_CALLED: Final = re.compile(rb"^\s*[\[(]|^\.[a-zA-Z_]\w*\s*[(.\[,)]")
_QUOTED: Final = re.compile(rb"[\"'`]$")
_LISTED: Final = re.compile(rb"[\[(,]\s*[\"'`]$")
_SENTENCES: Final = re.compile(rb"[\"'][\w-]+[\"']\s?:\s?[\"'][A-Z][^\"'\n]* [^\"'\n]*[\"']")
_SCHEMA: Final = re.compile(
    rb"(?i)[\"']?(?:type|enum|format|choices|required|nullable|readonly|items|properties)[\"']?\s?[:=]"
)
_REMARK: Final = re.compile(rb"\s*(?:#|;|//)")
_MANY_REMARKS: Final = 8
# Three strings in a row before the value and one behind it, all of them plain names; not the first
# arguments of a call.
_SERIES_BEFORE: Final = re.compile(
    rb"[,\[{]\s{0,20}(?:([\"'])[A-Za-z_][\w.:-]{0,50}\1,\s{1,20}){3}[\"']$"
)
_SERIES_AFTER: Final = re.compile(rb"([\"']),\s{1,20}\1[A-Za-z_][\w.:-]{0,50}\1\s{0,20}[,\])}]")
_SERIES_NAME: Final = re.compile(rb"[A-Za-z_][A-Za-z_.:-]*\d{0,2}")
_SERIES_LENGTH: Final = 240
# What Python's base64.b85encode writes has none of ``"',./:[]`` and no space.
_BASE85: Final = re.compile(rb"[0-9A-Za-z!#$%&()*+;<=>?@^_`{|}~-]{24,}")
_BASE85_SIGNS: Final = re.compile(rb"[!#$%&()*+;<>?@^`{|}~]")
_BASE85_KINDS: Final = 6
_MINIFIED: Final = 280
_GAPS: Final = 12


def _is_minified(view: View) -> bool:
    """Tell whether the line is long and has hardly a space: scripts made small, or data."""
    around = view.before[-150:] + view.after[:150]
    return len(view.before) + len(view.after) >= _MINIFIED and around.count(b" ") < _GAPS


def _is_among_tests(view: View) -> bool:
    around = view.lines_before + view.lines_after
    lowered = around.lower()
    # Ten times as fast as the expression, where there is nothing.
    if not any(word in lowered for word in _ASSERTING):
        return False
    return _ASSERTED.search(around) is not None


def _is_in_translations(view: View) -> bool:
    around = view.lines_before + view.lines_after
    return len(_SENTENCES.findall(around)) >= 2


def _is_in_series(view: View) -> bool:
    """Tell whether the value is one of many names in a row, so the string before it names nothing.

    A row of options and their values has names that begin with dashes or values that are no names.
    """
    if not _SERIES_NAME.fullmatch(view.value) or not _QUOTED.search(view.before):
        return False
    before = (view.lines_before + view.before)[-_SERIES_LENGTH:]
    after = (view.after + view.lines_after)[:_SERIES_LENGTH]
    return bool(_SERIES_BEFORE.search(before) and _SERIES_AFTER.match(after))


def _is_in_remarks(view: View) -> bool:
    """Tell whether all lines around are comments: a sample of a configuration, with made-up values.

    A single line that is commented out is another matter: what stands there was in use.
    """
    if not _REMARK.match(view.before):
        return False
    # The first line and the last one may be cut.
    lines = view.lines_before.splitlines()[1:] + view.lines_after.splitlines()[:-1]
    written = [line for line in lines if line.strip()]
    return len(written) >= _MANY_REMARKS and all(map(_REMARK.match, written))


def _is_in_base85(view: View) -> bool:
    """Tell whether the line up to the value is base85, where any name stands by chance."""
    return (
        _BASE85.fullmatch(view.before) is not None
        and len(set(_BASE85_SIGNS.findall(view.before))) >= _BASE85_KINDS
    )


PLACE: Final[dict[str, Callable[[View], object]]] = {
    "compared": lambda view: _COMPARED.search(view.before),
    "asserted": lambda view: _ASSERTED.search(view.before),
    "test-around": _is_among_tests,
    "connects": lambda view: _CONNECTS.search(
        view.lines_before[-150:] + view.before + view.after + view.lines_after[:150]
    ),
    "says": lambda view: _SAYS.search(view.before),
    "markup-around": lambda view: _MARKUP.search(view.before),
    "comment": lambda view: _COMMENT.search(view.before),
    "default": lambda view: _DEFAULT.search(view.before),
    "argument": lambda view: _ARGUMENT.search(view.before),
    "called": lambda view: not _QUOTED.search(view.before) and _CALLED.search(view.after),
    "quoted": lambda view: _QUOTED.search(view.before),
    "listed": lambda view: _LISTED.search(view.before),
    "translations": _is_in_translations,
    "schema": lambda view: _SCHEMA.search(view.lines_after[:120] + view.after),
    "minified": _is_minified,
    "remarks": _is_in_remarks,
    "series": _is_in_series,
    "base85": _is_in_base85,
}
"""Tests of the surroundings by the names of their features."""
