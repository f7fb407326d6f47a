"""Everything in a detector file that breaks the schema, each with its line.

msgspec stops at the first violation; whoever writes a file wants to know all of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import Enum
from pathlib import Path
from typing import Any, Final, get_args

import msgspec
from msgspec import Struct

from keysift.catalogue.schema import ProviderFile

_TABLE: Final = re.compile(r"\s*\[\[\s*detector\s*\]\]")


def violations(path: Path, text: str, document: dict[str, Any]) -> tuple[str, ...]:
    """Return what is wrong with a file, as ``path:line: what``, in the order of the lines.

    Args:
        path: Where it is.
        text: Its text, for the lines.
        document: The same, parsed as TOML.
    """
    lines = text.splitlines()
    tables = [number for number, line in enumerate(lines) if _TABLE.match(line)]
    found: set[tuple[int, str]] = set()
    for one in _of_struct(document, ProviderFile, ()):
        first, last = _bounds(one.where, tables, len(lines))
        found.add((_line(lines, one.key, first, last) + 1, one.message))
    return tuple(f"{path}:{line}: {message}" for line, message in sorted(found))


class _Violation(Struct, frozen=True):
    """Something wrong, in which tables it stands, and at which key."""

    where: tuple[str | int, ...]
    key: str
    message: str


def _of_struct(
    value: object, kind: type[Struct], where: tuple[str | int, ...]
) -> Iterator[_Violation]:
    if not isinstance(value, dict):
        yield _Violation(where, str(where[-2]), f"`{where[-2]}` must hold tables")
        return
    fields = {field.encode_name: field for field in msgspec.structs.fields(kind)}
    meant: set[str] = set()
    for key in (key for key in value if key not in fields):
        import difflib  # noqa: PLC0415 (only for mistakes, and start-up counts)

        near = difflib.get_close_matches(key, [one for one in fields if one not in value], 1)
        meant.update(near)
        hint = f"; did you mean `{near[0]}`?" if near else f"; known: {', '.join(fields)}"
        yield _Violation(where, key, f"unknown key `{key}`{hint}")
    for key, field in fields.items():
        if key in value:
            yield from _of_value(value[key], field.type, (*where, key))
        elif field.required and key not in meant:
            yield _Violation(where, "", f"`{key}` is missing")


def _of_value(value: object, kind: Any, where: tuple[str | int, ...]) -> Iterator[_Violation]:  # noqa: ANN401 (a type)
    item = next((one for one in get_args(kind) if isinstance(one, type)), None)
    if isinstance(value, list) and item is not None and issubclass(item, Struct):
        for number, one in enumerate(value):
            yield from _of_struct(one, item, (*where, number))
        return
    try:
        msgspec.convert(value, kind)
    except msgspec.ValidationError as error:
        message = str(error).partition(" - at ")[0]
        if isinstance(kind, type) and issubclass(kind, Enum):
            message += f"; one of {', '.join(str(one.value) for one in kind)}"
        yield _Violation(where, str(where[-1]), f"`{where[-1]}`: {message}")


def _bounds(where: tuple[str | int, ...], tables: list[int], end: int) -> tuple[int, int]:
    """Return the lines of the table that a violation is in."""
    number = where[1] if len(where) > 1 and where[0] == "detector" else None
    if not isinstance(number, int) or number >= len(tables):
        return 0, tables[0] if tables else end
    return tables[number], tables[number + 1] if number + 1 < len(tables) else end


def _line(lines: list[str], key: str, first: int, last: int) -> int:
    """Return where a key stands; without it, where its table begins."""
    if key:
        regex = re.compile(rf"""(?:^|[{{,])\s*["']?{re.escape(key)}["']?\s*=""")
        for number in range(first, last):
            if regex.search(lines[number]):
                return number
    return first
