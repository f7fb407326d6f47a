"""Globs as conditions of SQL: the rules of ``fnmatch``, case-sensitive, in both databases.

``*`` is any text (``/`` included), ``?`` any character, ``[abc]`` and ``[!a-z]`` one of some.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from sqlalchemy import ColumnElement, Connection

from keysift.store.types import SQLITE

_TOKEN: Final = re.compile(
    r"\*|\?|\[(?P<no>!?+)(?P<set>\][^\]]*|[^\]]+)\]|(?P<text>[^*?\[]+|\[)", re.DOTALL
)

_LIKE: Final = re.compile(r"[%_\\]")
"""What ``LIKE`` gives a meaning."""


def matches(connection: Connection, column: ColumnElement[str], glob: str) -> ColumnElement[bool]:
    """Return the condition that the whole of a text matches a glob.

    Args:
        connection: Tells which database it is.
        column: The text.
        glob: The pattern.
    """
    if not any(char in glob for char in "*?["):
        return column == glob
    if connection.dialect.name == SQLITE:
        return column.op("GLOB", is_comparison=True)("".join(_for_sqlite(glob)))
    if not any(token["set"] for token in _TOKEN.finditer(glob)):
        # Several times faster than an expression.
        return column.like("".join(_for_like(glob)), escape="\\")
    return column.regexp_match("^" + "".join(_for_postgresql(glob)) + "$")


def rest_of(glob: str) -> str:
    """Return a text that is in each path which matches, below its first folder or in a bare name.

    Args:
        glob: Of whole paths.

    Returns:
        The longest; empty when there is none.
    """
    runs = [""]
    for token in _TOKEN.finditer(glob):
        if token["text"] is None:
            runs.append("")
        else:
            runs[-1] += token["text"]
    # The end of a path is below its folder; else what stands behind a slash is.
    *others, last = runs
    found = [run.partition("/")[2] for run in others]
    found.append(last.partition("/")[2] if "/" in last else last)
    return max(found, key=len)


def _for_sqlite(glob: str) -> Iterator[str]:
    for token in _TOKEN.finditer(glob):
        if token["text"] is not None:
            yield token["text"].replace("[", "[[]")
        elif token["set"] is not None:
            yield _set_of_sqlite(token["set"], negated=bool(token["no"]))
        else:
            yield token[0]


def _set_of_sqlite(characters: str, *, negated: bool) -> str:
    if negated:
        return f"[^{characters}]"
    # A caret at the beginning would negate: it goes last.
    head, rest = characters[0], characters[1:]
    if head != "^":
        return f"[{characters}]"
    return f"[{rest}^]" if rest else "^"


def _for_like(glob: str) -> Iterator[str]:
    for token in _TOKEN.finditer(glob):
        if token["text"] is not None:
            yield _LIKE.sub(r"\\\g<0>", token["text"])
        else:
            yield "%" if token[0] == "*" else "_"


def _for_postgresql(glob: str) -> Iterator[str]:
    for token in _TOKEN.finditer(glob):
        if token["text"] is not None:
            yield re.escape(token["text"])
        elif token["set"] is not None:
            yield f"[{'^' if token['no'] else ''}{_listed(token['set'])}]"
        else:
            yield ".*" if token[0] == "*" else "."


def _listed(characters: str) -> str:
    # A backslash escapes inside the brackets of PostgreSQL, a caret at their beginning negates.
    escaped = characters.replace("\\", "\\\\").replace("[", "\\[")
    return escaped.replace("^", "\\^")
