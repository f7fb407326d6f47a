"""Statements of Python around a place in a text, which need not be Python as a whole.

A file is never parsed: that takes a millisecond a kilobyte, and one line of Python 2 or of a
template would spoil it. Where a statement begins and ends is tried.
"""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Iterator, Sequence
from typing import Final

from msgspec import Struct

MAX_BYTES: Final = 256 * 1024
"""Longer statements are not parsed."""

SHORT: Final = 4096
"""Bytes of a text that is read as any language."""

_HEAD: Final = 4096

MAX_LINES: Final = 2_000
"""Lines that are looked at for all statements of a text, each as often as it is."""

MAX_SEARCHED: Final = 64 * 1024 * 1024
"""Bytes that are searched for all names of a text."""

_LONGEST_NAME: Final = 64
_MOST_ALIASES: Final = 1000

_LINES_BEFORE: Final = 24
_LINES_BEHIND: Final = 60

_BRACKETS: Final = re.compile(rb"[()\[\]{}]")
_OPENING: Final = b"([{"

_ASSIGNED: Final = re.compile(
    rb"[ \t]*(?:self\.|cls\.)?([A-Za-z_]\w*)[ \t]*(?::[^=\n]{1,60})?(\+?=)(?!=)"
)
_LAST_WORD: Final = re.compile(rb"\w+\Z")
_BINDING: Final = re.compile(rb"\b(?:for|as|def|lambda|global|nonlocal|import|del)\b")
_WORD: Final = re.compile(rb"\w")
_OTHER: Final = (b"=>{", b"=> {", b"function(", b"function (", b"\nconst ", b"\nvar ", b"\nlet ")
"""What the beginning of JavaScript has, and that of Python has not."""

_MOST_ADDED: Final = 1000


class Statement(Struct, frozen=True):
    """A statement, or what of it could be parsed.

    Attributes:
        tree: Its parse tree: a module with one statement as a rule.
        start: Its first byte in the text.
        end: One past its last byte.
        lead: Bytes that were put before it to make it a statement.
        lines: Offsets at which its lines begin, from the second one on.
    """

    tree: ast.Module
    start: int
    end: int
    lead: int
    lines: tuple[int, ...]

    def span(self, node: ast.expr) -> tuple[int, int]:
        """Return where in the text an expression stands."""
        first = self._offset(node.lineno, node.col_offset)
        last = self._offset(node.end_lineno or node.lineno, node.end_col_offset or 0)
        return min(max(first, self.start), self.end), min(max(last, self.start), self.end)

    def _offset(self, line: int, column: int) -> int:
        if line == 1:
            return self.start + column - self.lead
        return self.lines[min(line - 2, len(self.lines) - 1)] + column if self.lines else self.end


class Statements:
    """Finds statements of a text.

    Args:
        data: The text.

    Attributes:
        stopped: Why no statement is found any more; empty while some are.
    """

    def __init__(self, data: bytes) -> None:
        self.stopped = ""
        self._too_long = ""
        self._data = data
        self._lines = 0
        self._searched = 0
        self._aliases: dict[str, str] = {}
        self._known: dict[str, Sequence[ast.expr] | None] = {}

    def at(self, place: int) -> Statement | None:
        """Return the statement around a place, or as much of it as can be parsed; None for none."""
        place = min(max(place - 1, 0), len(self._data))
        here = self._line_start(place)
        for start in self._starts(here):
            statement = self._from(start, place)
            if statement is not None:
                return statement
        fragment = self._fragment(here)
        if fragment is None:
            self.stopped = self.stopped or self._too_long
        return fragment

    def bound(self, name: str) -> Sequence[ast.expr] | None:
        """Return what is added up to the value of a name; None when that cannot be known."""
        if name not in self._known:
            self._known[name] = self._bound(name)
        return self._known[name]

    def imported(self, name: str) -> str:
        """Return what a name was called where it was imported from: the name itself, as a rule."""
        if name not in self._aliases:
            found = self._alias(name.encode())
            self._aliases[name] = name if found is None else found.decode("ascii", "replace")
        return self._aliases[name]

    def _alias(self, name: bytes) -> bytes | None:
        data, text = self._data, b" as " + name
        self._searched += len(data)
        if self._searched > MAX_SEARCHED:
            self.stopped = self.stopped or f"more than {MAX_SEARCHED} bytes searched for names"
            return None
        place = len(data)
        for _ in range(_MOST_ALIASES):
            place = data.rfind(text, 0, place)
            if place < 0:
                break
            before = _LAST_WORD.search(data, max(0, place - _LONGEST_NAME), place)
            if before is not None and not _WORD.match(data, place + len(text)):
                return before[0]
        return None

    def _bound(self, name: str) -> Sequence[ast.expr] | None:
        values: list[ast.expr] = []
        for adds, start in self._assignments(name.encode()):
            if adds == (not values) or len(values) == _MOST_ADDED:
                return None
            statement = self._from(start, start)
            match statement.tree.body if statement is not None else []:
                case [
                    ast.Assign(value=value)
                    | ast.AnnAssign(value=ast.expr() as value)
                    | ast.AugAssign(op=ast.Add(), value=value)
                ]:
                    values.append(value)
                case _:
                    return None
        return values or None

    def _assignments(self, name: bytes) -> Iterator[tuple[bool, int]]:
        """Yield where a name is assigned to, and whether by adding.

        Where it is bound in another way, as an argument or by a loop, counts as an assignment.
        """
        data, place = self._data, -1
        while (place := data.find(name, place + 1)) >= 0:
            line = self._line_start(place)
            found = _ASSIGNED.match(data, line)
            if found is not None and found.span(1) == (place, place + len(name)):
                yield found[2] == b"+=", self._text_start(line)
            elif _BINDING.search(data, line, place):
                before, behind = data[place - 1 : place], data[place + len(name) :][:1]
                if not (_WORD.match(before) or _WORD.match(behind)):
                    yield False, line

    def _line_start(self, place: int) -> int:
        return self._data.rfind(b"\n", 0, place) + 1

    def _text_start(self, line: int) -> int:
        """Return where the text of a line begins, behind its indentation."""
        data = self._data
        while line < len(data) and data[line] in b" \t":
            line += 1
        return line

    def _starts(self, line: int) -> Iterator[int]:
        """Yield where a statement around a line may begin: there, or in a line before it."""
        start = self._text_start(line)
        yield start
        depth = start - line
        for _ in range(_LINES_BEFORE):
            if line == 0:
                return
            line = self._line_start(line - 1)
            start = self._text_start(line)
            # Inside of brackets lines stand deeper than what they belong to, as a rule.
            if start - line <= depth and self._data[start : start + 1] not in b"\r\n)]}#\"'":
                yield start

    def _from(self, start: int, place: int) -> Statement | None:
        """Return the statement that begins at an offset and holds a place, if there is one."""
        depth = quotes = 0
        stop = start
        for _ in range(_LINES_BEHIND):
            self._lines += 1
            if self._lines > MAX_LINES:
                self.stopped = f"more than {MAX_LINES} lines with constant expressions"
                return None
            line, stop = stop, self._line_end(stop)
            if stop - start > MAX_BYTES:
                self._too_long = f"a statement longer than {MAX_BYTES} bytes"
                return None
            text = self._data[line:stop]
            for bracket in _BRACKETS.findall(text):
                depth += 1 if bracket in _OPENING else -1
            quotes += text.count(b'"""') + text.count(b"'''")
            if depth < 0:
                return None
            is_open = depth > 0 or quotes % 2 or text.rstrip().endswith(b"\\")
            if not is_open or stop == len(self._data):
                # Brackets in texts may be counted wrong; then this is no statement.
                tree = _parsed_statement(self._data[start:stop]) if stop > place else None
                return None if tree is None else self._statement(tree, start, stop)
        return None

    def _fragment(self, line: int) -> Statement | None:
        """Return a line as the element of a list or of a dictionary, or an argument."""
        start, stop = self._text_start(line), self._line_end(line)
        text = self._data[start:stop].strip()
        if len(text) > MAX_BYTES:
            return None
        for before, behind in ((b"{", b"}"), (b"f(", b")")):
            tree = _parsed(before + text + behind)
            if tree is not None:
                return self._statement(tree, start, start + len(text), len(before))
        return None

    def _statement(self, tree: ast.Module, start: int, stop: int, lead: int = 0) -> Statement:
        lines = [start]
        while (line := self._line_end(lines[-1])) < stop:
            lines.append(line)
        return Statement(tree, start, stop, lead, tuple(lines[1:]))

    def _line_end(self, place: int) -> int:
        return self._data.find(b"\n", place) + 1 or len(self._data)


def may_be_python(data: bytes) -> bool:
    """Tell whether a text may hold Python: what has functions or modules, and no semicolons."""
    if len(data) <= SHORT:
        return True
    head = data[:_HEAD]
    if b";\n" in head or any(sign in head for sign in _OTHER):
        return False
    return b"def " in data or b"import " in data


def _parsed_statement(text: bytes) -> ast.Module | None:
    text = text.rstrip()
    if text.startswith(b"elif"):
        # Put at the same columns: spans are read off the tree.
        text = b"if  " + text[4:]
    if text.endswith(b":"):
        text += b" pass"
    elif text.startswith(b"@"):
        text += b"\ndef f(): pass"
    return _parsed(text)


def _parsed(text: bytes) -> ast.Module | None:
    """Return the parse tree of a text; None when it is none of Python, or too deep."""
    with warnings.catch_warnings():
        # What Python thinks of escapes in strangers' code is no concern of ours.
        warnings.simplefilter("ignore")
        try:
            return ast.parse(text)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            # The parser calls it a lack of memory when something is too deep for it.
            return None
