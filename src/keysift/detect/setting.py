"""Where a match stands: in a test, in an example, in documentation, or in what really runs."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Hashable
from enum import Enum
from functools import cached_property
from typing import Final

from keysift.model import Reason

# Expressions are compiled when first used (and kept by `re`): most scans need none of them.
_TEST_FOLDER: Final = (
    r"_?tests?|testing|[a-z]+[_-]tests?|tests?[_-][a-z]+|selftests?|test-?data|spec|e2e|unit"
    r"|fixtures?|playbooks?|cassettes?|recordings?|mocks|snapshots?|molecule|benchmarks?"
    r"|examples?|samples?|demos?|t"
)
_TEST_FILE: Final = (
    r"tests?[_.-].*|.*[_.-]tests?\.[a-z]+|tests?\.[a-z]+|conftest\.py|.*\.(?:spec|test|stories)\.[jt]sx?"
    r"|testing(?:_[a-z]+)?\.py|(?:example|sample|demo)s?(?:[_.-].*)?|.*[_.-](?:example|sample|demo)s?(?:\.[a-z]+)?"
)
_DOCUMENT_FOLDER: Final = r"docs?|documentation|docsite|docs?[_-]\w+|tutorials?|guides?|man"
_DOCUMENT_FILE: Final = (
    r"(?:readme|changelog|changes|history|news|contributing|install|usage|pkg-info|metadata)(?:[._].*)?"
    r"|.*\.(?:rst|md|mdx|adoc)|openapi\.\w+|swagger\.\w+"
)
_RECORDED: Final = r"(?i)cassette|recording|record(?:ed|s)?/|replay|placebo|\.har$"
_RELEASE: Final = r"[\w.]+-\d[\w.+!]*"
"""The folder that everything in an sdist stands in: a project's name says nothing."""

_NOTEBOOK: Final = ".ipynb"

_EXAMPLE_LINE: Final = (
    rb"(?i)^\s*(?:>>>|\.\.\.)\s|\be\.g\.|\bfor (?:example|instance)\b"
    rb"|\bexample\b(?:[\"']?\s?[:=]|\s[\w.]+\s?=)"
    rb"|^\s*(?:#|//|\*|;)+\s*[{,]?\s*[\"'][\w-]+[\"']\s*:"
)
_EXAMPLE_BEFORE: Final = (
    rb"(?i)\be\.g\.|\bfor (?:example|instance)\b|\bexample(?: usage)?[\"']?\s?::?\s|^\s*sample:"
    rb"|\bexamples::|code-block::|\bexample \w+(?: \w+)?:\s|^\s*>>>\s"
)
_RUST_TEST: Final = rb"#\[(?:cfg\(test\)|(?:\w+::)?test)\]"
_THREE: Final = (b'"""', b"'''")
_LANDMARKS: Final = (*_THREE, b"test)]", b"test]")
"""What `Surroundings.far_setting` looks for, or the end of it."""

LANDMARK_BYTES: Final = 8
"""Bytes of one, at most."""

_TEST_REACH: Final = 20_000
_NAMED_TEXT: Final = (
    rb"(?i)(?:\b|_)(?:examples?|documentation|return|usage|help|doc|docs|description|epilog)"
    rb"(?:_\w+)?\s?[:=(]\s*\(?\s*$"
)
_BLOCK_OPENS: Final = rb"[\w)\]]:\s*(?:#[^\n]*\s*)?$"
# Each line is read in one way only: a line of a thousand imports must not take for ever.
_ONLY_COMMENTS: Final = (
    rb"(?:\s*#[^\n]*\n)*\s*(?:from __future__[^\n]*\n\s*)*(?:from __future__[^\n]*)?"
)
_MAX_SOURCE: Final = 4 << 20
_LINE: Final = 400
_BEFORE: Final = 300


class Setting(Enum):
    """A place where made-up values are usual. The value is what reports say."""

    TEST = "test or example"
    DOCUMENTATION = "documentation"


def setting_of_path(path: str, project: str = "") -> Setting | None:
    """Return the setting that a path inside an artifact or a directory names.

    Notebooks are run where they stand, with real values, so that only tests count for them.

    Args:
        path: The path.
        project: Normalised name of the project, when known: a folder of that name holds what the
            project is, whatever it is called.
    """
    parts = [part for part in re.split(r"[/!]+", path.lower()) if part]
    folders, name = parts[:-1], parts[-1] if parts else ""
    if folders and re.fullmatch(_RELEASE, folders[0]):
        folders = folders[1:]
    if project:
        folders = [one for one in folders if re.sub(r"[-_.]+", "-", one) != project]
    if re.fullmatch(_DOCUMENT_FILE, name) or any(
        re.fullmatch(_DOCUMENT_FOLDER, folder) for folder in folders
    ):
        return None if name.endswith(_NOTEBOOK) else Setting.DOCUMENTATION
    if re.fullmatch(_TEST_FILE, name) or any(
        re.fullmatch(_TEST_FOLDER, folder) for folder in folders
    ):
        return Setting.TEST
    return None


def is_recorded(path: str) -> bool:
    """Tell whether a path is one where tests keep what a real service answered."""
    return re.search(_RECORDED, path) is not None


class Surroundings:
    """What stands around the offsets of one text.

    The text is read for docstrings once, when first asked: a hostile file may hold a match on each
    line.

    Args:
        data: The whole text.

    Attributes:
        data: The same.
        evidence: What was noticed about values in it, for who judges them to keep.
    """

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.evidence: dict[Hashable, list[Reason]] = {}
        self._documenting: dict[int, bool] = {}

    def setting(self, start: int) -> Setting | None:
        """Return what the text around an offset is: an example, a docstring, a test in Rust.

        Args:
            start: Where the secret begins.
        """
        data = self.data
        line = data.rfind(b"\n", max(0, start - _LINE), start) + 1
        line = line or max(0, start - _LINE)
        if re.search(_EXAMPLE_LINE, data[line:start]):
            return Setting.DOCUMENTATION
        if re.search(_EXAMPLE_BEFORE, data[max(0, line - _BEFORE) : line], re.MULTILINE):
            return Setting.DOCUMENTATION
        return self.far_setting(start)

    def far_setting(self, start: int) -> Setting | None:
        """Return what text that may be far away makes of an offset: a docstring, a test in Rust.

        Args:
            start: Where the secret begins.
        """
        if self._is_in_docstring(start):
            return Setting.DOCUMENTATION
        # Tests in Rust stand in the file that they test, most often at its end.
        return Setting.TEST if self._is_behind_test(start) else None

    def _is_in_docstring(self, start: int) -> bool:
        """Tell whether an offset is in a string of Python that documents something."""
        index = bisect_right(self._strings, (start, start)) - 1
        if index < 0 or start >= self._strings[index][1]:
            return False
        documents = self._documenting.get(index)
        if documents is None:
            opened = self._strings[index][0] - len(_THREE[0])
            documents = _documents(self.data, opened, first=index == 0)
            self._documenting[index] = documents
        return documents

    def _is_behind_test(self, start: int) -> bool:
        index = bisect_right(self._rust_tests, start) - 1
        return index >= 0 and start - self._rust_tests[index] < _TEST_REACH

    @cached_property
    def _rust_tests(self) -> list[int]:
        return [match.end() for match in re.finditer(_RUST_TEST, self.data)]

    @cached_property
    def _strings(self) -> list[tuple[int, int]]:
        """Begin and end of what is written between three quotes, in order."""
        found: list[tuple[int, int]] = []
        data, size = self.data, min(len(self.data), _MAX_SOURCE)
        # Looking for both at once would take ten times as long.
        nearest = {quotes: data.find(quotes, 0, size) for quotes in _THREE}
        while opened := [(place, quotes) for quotes, place in nearest.items() if place >= 0]:
            place, quotes = min(opened)
            begin = place + len(quotes)
            end = data.find(quotes, begin, size)
            if end < 0:
                found.append((begin, size))
                break
            found.append((begin, end))
            end += len(quotes)
            nearest = {
                other: data.find(other, end, size) if 0 <= place < end else place
                for other, place in nearest.items()
            }
        return found


def landmarks(data: bytes) -> tuple[int, ...]:
    """Return how many there are of what decides, from far away, about the setting of a place.

    Where an edit changes that, places anywhere may have another `Surroundings.far_setting`.
    """
    return tuple(data.count(one) for one in _LANDMARKS)


def _documents(data: bytes, opened: int, *, first: bool) -> bool:
    """Tell whether a string that is opened at an offset documents something."""
    before = data[max(0, opened - 200) : opened].rstrip(b"rRbBuUfF")
    if re.search(_BLOCK_OPENS, before) or re.search(_NAMED_TEXT, before):
        return True
    return first and re.fullmatch(_ONLY_COMMENTS, data[:opened].rstrip(b"rRuU")) is not None
