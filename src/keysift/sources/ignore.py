"""The pattern language of ``.gitignore``, as git reads it.

Written here rather than taken from a library for three reasons: a scanned tree may be hostile, and
every pattern matches in time linear in the path (``*a*a*a*b`` does not backtrack); nearly all paths
match nothing, which costs about a microsecond; and the result is git's own, which the tests compare
with.

Source: gitignore(5), and ``dir.c`` and ``wildmatch.c`` of git for what the manual leaves open.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Final

from msgspec import Struct

_MAGIC: Final = re.compile(r"[*?\[\\]")
_POSIX_CLASSES: Final = {
    "alnum": "a-zA-Z0-9",
    "alpha": "a-zA-Z",
    "blank": r" \t",
    "digit": "0-9",
    "lower": "a-z",
    "punct": r"!-/:-@\[-`{-~",
    "space": r"\s",
    "upper": "A-Z",
    "xdigit": "0-9a-fA-F",
}
_NEVER: Final = r"(?!)"


class Rule(Struct, frozen=True):
    """One pattern.

    Attributes:
        glob: What is left of the line without ``!`` and the slashes at its ends.
        negated: True when it takes back what an earlier pattern ignored.
        dir_only: True when it matches directories only.
        by_name: True when it looks at the last component of a path only.
    """

    glob: str
    negated: bool = False
    dir_only: bool = False
    by_name: bool = False

    @property
    def is_malformed(self) -> bool:
        """Whether git cannot read the glob, so that it matches nothing."""
        return translate(self.glob) == _NEVER

    def matches(self, path: str, name: str, *, is_dir: bool) -> bool:
        """Say whether this pattern is about a path (``name`` is its last component)."""
        if self.dir_only and not is_dir:
            return False
        return _compiled(self.glob).fullmatch(name if self.by_name else path) is not None


def parse_rule(line: str) -> Rule | None:
    """Parse a line; None for one without a pattern."""
    line = _without_trailing_spaces(line.rstrip("\r\n"))
    if not line or line.startswith("#"):
        return None
    negated = line.startswith("!")
    glob = line[negated:]
    dir_only = glob.endswith("/")
    glob = glob[:-1] if dir_only else glob
    by_name = "/" not in glob
    glob = glob.removeprefix("/")
    if not glob:
        return None
    return Rule(glob, negated, dir_only, by_name)


def _without_trailing_spaces(line: str) -> str:
    stripped = line.rstrip(" ")
    backslashes = len(stripped) - len(stripped.rstrip("\\"))
    # A backslash keeps the one space after it, unless it is itself escaped.
    return stripped + " " if backslashes % 2 and stripped != line else stripped


class Rules:
    """The patterns of one file, in order: the last one that matches decides."""

    def __init__(self, lines: Iterable[str]) -> None:
        rules = [rule for rule in map(parse_rule, lines) if rule is not None]
        self._latest_first = tuple(reversed(rules))
        names: set[str] = set()
        suffixes: set[str] = set()
        others: dict[bool, list[str]] = {True: [], False: []}
        for rule in rules:
            if rule.by_name and not _MAGIC.search(rule.glob):
                names.add(rule.glob)
            elif rule.by_name and rule.glob[0] == "*" and not _MAGIC.search(rule.glob[1:]):
                suffixes.add(rule.glob[1:])
            else:
                others[rule.by_name].append(translate(rule.glob))
        self._names = frozenset(names)
        self._suffixes = tuple(suffixes)
        self._name_regex = _any_of(others[True])
        self._path_regex = _any_of(others[False])

    def __bool__(self) -> bool:
        return bool(self._latest_first)

    def decide(self, path: str, *, is_dir: bool) -> bool | None:
        """Return True when a path is ignored, False when it is not, None when nothing matches.

        Whoever asks goes from the top down, and does not ask about what is below an ignored
        directory.

        Args:
            path: ``/``-separated, relative to the directory the patterns belong to.
            is_dir: Whether it is a directory.
        """
        name = path.rpartition("/")[2]
        if not (
            name in self._names
            or name.endswith(self._suffixes)
            or (self._name_regex is not None and self._name_regex.fullmatch(name))
            or (self._path_regex is not None and self._path_regex.fullmatch(path))
        ):
            return None
        for rule in self._latest_first:
            if rule.matches(path, name, is_dir=is_dir):
                return not rule.negated
        return None


def _any_of(regexes: list[str]) -> re.Pattern[str] | None:
    return re.compile("|".join(f"(?:{regex})" for regex in regexes), re.DOTALL) if regexes else None


@lru_cache(maxsize=4096)
def _compiled(glob: str) -> re.Pattern[str]:
    return re.compile(translate(glob), re.DOTALL)


def translate(glob: str) -> str:
    """Return a regular expression that matches in full what ``glob`` matches.

    A wildcard that is followed by another one need only be tried at its first fit, since what
    comes after can then only have more room: hence the atomic groups, as in ``fnmatch`` of the
    standard library. A glob that git cannot read matches nothing, as in git.
    """
    segments = _segments(glob)
    chunks: list[list[str]] = [[]]
    for index, segment in enumerate(segments):
        if segment == "**":
            if index == len(segments) - 1:
                chunks[-1].append(".+")
            elif chunks[-1] or index == 0 or segments[index - 1] != "**":
                chunks.append([])
            continue
        regex = _segment(segment)
        if regex is None:
            return _NEVER
        chunks[-1].append(regex)
    first, *others = ("/".join(chunk) for chunk in chunks)
    if not others:
        return first
    *middle, last = others
    head = f"{first}/" if first else ""
    body = "".join(f"(?>(?:[^/]+/)*?{chunk}/)" for chunk in middle if chunk)
    return f"{head}{body}(?:[^/]+/)*{last}"


def _segments(glob: str) -> list[str]:
    """Split at the slashes, also the escaped ones, but not at those in brackets."""
    segments = [""]
    position = 0
    while position < len(glob):
        end = position + 1
        if glob[position] == "[":
            bracket = _bracket(glob, end)
            end = bracket[1] if bracket is not None else end
        elif glob[position] == "\\":
            end += 1
        if glob[position:end] in ("/", "\\/"):
            segments.append("")
        else:
            segments[-1] += glob[position:end]
        position = end
    return segments


def _segment(glob: str) -> str | None:
    """Translate what stands between two slashes; None when it is malformed."""
    pieces: list[str] = [""]
    position = 0
    while position < len(glob):
        char = glob[position]
        position += 1
        if char == "*":
            if pieces[-1] or len(pieces) == 1:
                pieces.append("")
        elif char == "?":
            pieces[-1] += "[^/]"
        elif char == "[":
            bracket = _bracket(glob, position)
            if bracket is None:
                return None
            regex, position = bracket
            pieces[-1] += regex
        elif char == "\\":
            if position == len(glob):
                return None
            pieces[-1] += re.escape(glob[position])
            position += 1
        else:
            pieces[-1] += re.escape(char)
    first, *others = pieces
    if not others:
        return first
    *middle, last = others
    return first + "".join(f"(?>[^/]*?{piece})" for piece in middle) + f"[^/]*{last}"


def _bracket(glob: str, start: int) -> tuple[str, int] | None:
    """Translate a bracket expression; returns the position after it, None when it has no end."""
    position = start
    negated = glob[position : position + 1] in ("!", "^")
    position += negated
    items: list[str] = []
    first = True
    while position < len(glob):
        if glob[position] == "]" and not first:
            return _one_of("".join(items), negated=negated), position + 1
        first = False
        named = re.compile(r"\[:(\w+):\]").match(glob, position)
        if named:
            if named[1] not in _POSIX_CLASSES:
                return None
            items.append(_POSIX_CLASSES[named[1]])
            position = named.end()
            continue
        low, position = _literal(glob, position)
        if glob[position : position + 1] == "-" and glob[position + 1 : position + 2] not in (
            "",
            "]",
        ):
            high, position = _literal(glob, position + 1)
            # A range from high to low holds nothing.
            items.append(f"{re.escape(low)}-{re.escape(high)}" if low <= high else "")
        else:
            items.append(re.escape(low))
    return None


def _one_of(items: str, *, negated: bool) -> str:
    """Return a regular expression for a character of a path, which is never a slash."""
    if not items:
        return "[^/]" if negated else _NEVER
    return f"(?!/)[{'^' if negated else ''}{items}]"


def _literal(glob: str, position: int) -> tuple[str, int]:
    """Return the character at a position inside a bracket, and where the next one is."""
    if glob[position] == "\\" and position + 1 < len(glob):
        position += 1
    return glob[position], position + 1
