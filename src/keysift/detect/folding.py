"""Secrets that Python puts together when it runs: joined, reversed, decoded, decrypted by hand.

Where the automaton sees something that makes text out of constants, the statement there is parsed,
its constant expressions are computed (``keysift.detect.constants``), and what they say is scanned
as if it were written there. Other statements cost nothing, and nothing is executed.
"""

from __future__ import annotations

import ast
from bisect import bisect_right
from collections.abc import Iterator
from typing import Final

from msgspec import Struct

from keysift.detect.constants import Folder
from keysift.detect.encodings import Region
from keysift.detect.expressions import children, may_be_made
from keysift.detect.scripts import Script, may_be_script
from keysift.detect.statements import SHORT, Statement, Statements, may_be_python
from keysift.detect.values import Value

MAX_FOLDED: Final = 4 * 1024 * 1024
"""Bytes of all that is computed for one text."""

_LEAST: Final = 6
"""Characters of a secret, at least."""

_MAX_STATEMENTS: Final = 400
_ANCHOR_ENDS: Final = 8


class _Folded(Struct, frozen=True):
    """A text that is put together.

    Attributes:
        name: What it is assigned to or passed as; may be empty.
        value: What it says.
        start: First byte of the expression.
        end: One past its last byte.
    """

    name: str
    value: bytes
    start: int
    end: int

    @property
    def written(self) -> bytes:
        """The text as an assignment, as if it had been written so."""
        name = f"{self.name} = ".encode() if self.name else b""
        quote = b'"' if not (b'"' in self.value or b"\n" in self.value) else b'"""'
        return name + quote + self.value + quote + b"\n\n"


class Folding(Struct, frozen=True):
    """What folding gave.

    Attributes:
        region: What the expressions say; each span of it is that of a whole expression. None when
            nothing is put together.
        cut: Why it stopped early; empty when it did not.
    """

    region: Region | None
    cut: str


class _Reading(Struct):
    """Why folding stopped early, as far as it has come."""

    cut: str = ""


def fold(data: bytes, ends: list[int]) -> Folding:
    """Return what the constant expressions of a text say, one under the other.

    Args:
        data: The text.
        ends: Where ``keysift.detect.fold_anchors`` ended.
    """
    pieces: list[bytes] = []
    offsets: list[int] = []
    size = 0
    kept: list[_Folded] = []
    work = _Reading()
    for one in _all_folded(data, ends, work):
        written = one.written
        if size + len(written) > MAX_FOLDED:
            work.cut = f"more than {MAX_FOLDED} bytes put together from constants"
            break
        offsets.append(size)
        pieces.append(written)
        kept.append(one)
        size += len(written)
    if not kept:
        return Folding(None, work.cut)

    def span(start: int, end: int) -> tuple[int, int]:
        first = kept[bisect_right(offsets, start) - 1]
        last = kept[bisect_right(offsets, max(start, end - 1)) - 1]
        return first.start, max(first.end, last.end)

    return Folding(Region(b"".join(pieces), 0, len(data), span), work.cut)


def _all_folded(data: bytes, ends: list[int], work: _Reading) -> Iterator[_Folded]:
    is_python = may_be_python(data)
    is_script = (len(data) <= SHORT or not is_python) and may_be_script(data)
    if not (is_python or is_script):
        return
    script = Script(data)
    statements = Statements(data)
    folder = Folder(statements.bound, statements.imported)
    summed: set[str] = set()
    covered = tried = 0
    last = -_ANCHOR_ENDS
    for end in sorted(ends):
        # An anchor may end in several places.
        if end <= covered or end - last < _ANCHOR_ENDS:
            continue
        last = end
        tried += 1
        if tried > _MAX_STATEMENTS:
            work.cut = f"more than {_MAX_STATEMENTS} places where text is put together"
            break
        statement = statements.at(end) if is_python else None
        made = script.at(end) if is_script else None
        if made is not None and len(made.value) >= _LEAST:
            covered = made.end
            yield _Folded(made.name, made.value, made.start, made.end)
            continue
        if statement is None:
            continue
        covered = statement.end
        whole = None
        match statement.tree.body:
            case [ast.AugAssign(target=ast.Name() as target)] if target.id not in summed:
                summed.add(target.id)
                whole = _as_text(folder.fold(target))
                if whole is not None:
                    yield _Folded(target.id, whole, statement.start, statement.end)
            case _:
                pass
        if whole is None:
            yield from _folded(statement, folder)
    work.cut = work.cut or folder.stopped or statements.stopped or script.stopped


def _folded(statement: Statement, folder: Folder) -> Iterator[_Folded]:
    """Yield the texts that the largest expressions of a statement put together."""
    stack: list[tuple[ast.AST, str]] = [(statement.tree, "")]
    while stack:
        node, hint = stack.pop()
        if isinstance(node, ast.expr) and may_be_made(node):
            text = _as_text(folder.fold(node))
            if text is not None:
                yield _Folded(hint, text, *statement.span(node))
                continue
        stack.extend(children(node, hint))


def _as_text(value: Value | None) -> bytes | None:
    raw = value.encode("utf-8", "replace") if isinstance(value, str) else value
    return raw if isinstance(raw, bytes) and len(raw) >= _LEAST else None
