"""Where a match stands: in a test, in an example, in documentation, or in what really runs.

A value that only its name makes a secret is weak evidence. Where people write made-up values, it is
weaker still: such a match stays, with low confidence and the setting among its facts. What a proof
or the shape of a type decides is the same everywhere.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable
from enum import Enum
from functools import cached_property
from typing import Final

from msgspec import structs

from keysift.catalogue.schema import Category, Detector
from keysift.model import Confidence, Match

FACT: Final = "setting"
"""Name of the fact that says why a match has low confidence."""

# Expressions are compiled when first used (and kept by `re`): most scans need none of them.
_TEST_FOLDER: Final = (
    r"_?tests?|testing|[a-z]+[_-]tests?|tests?[_-][a-z]+|selftests?|test-?data|spec|e2e|unit"
    r"|fixtures?|cassettes?|recordings?|mocks|snapshots?|molecule|benchmarks?"
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

_MIXED: Final = (rb"[a-z]", rb"[A-Z]", rb"[0-9]")
_LONG: Final = 32
_LONG_AT_HOST: Final = 16
_CONSTANT: Final = r"[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+"
_GENERIC_WORD: Final = (
    r"(?<![A-Z])(?:API|KEYS?|TOKENS?|SECRETS?|ACCESS|AUTH|TEST|TESTING|CLIENT|APP|AES|JWT|HMAC|PRIVATE"
    r"|SHARED|SESSION|USER|ADMIN|MASTER|ROOT|SIGNING|ENCRYPTION|DEFAULT|VALID|OLD|NEW|MY|ID|THE|A"
    r"|PASSWORD|REFRESH|BEARER|SERVICE|ACCOUNT|WEBHOOK|[A-Z]|\d+)(?![A-Z])"
)


class Setting(Enum):
    """A place where made-up values are usual. The value is what reports say."""

    TEST = "test or example"
    DOCUMENTATION = "documentation"


SETTLES: Final = frozenset({"checksum", "key"})
"""Kinds of proof that settle the matter: after one, the look of a value says nothing any more."""


def _may_be_made_up(match: Match, detector: Detector) -> bool:
    """Tell whether the setting of a match counts: nothing but a name says that it is a secret."""
    if match.confidence is not Confidence.MEDIUM or match.proof in SETTLES:
        return False
    return match.proof is None or detector.category is not Category.KEY


def weigh(match: Match, detector: Detector, where: Callable[[], Setting | None]) -> Match:
    """Return the match with the confidence that it has in its setting.

    Args:
        match: A match of ``detector``.
        detector: Its detector.
        where: Tells where it stands, None when nothing is known; asked only when that counts.
    """
    setting = where() if _may_be_made_up(match, detector) else None
    if setting is None:
        return match
    if setting is Setting.TEST and (_is_formed(detector) or _is_issued(match, detector)):
        return match
    facts = match.facts | {FACT: setting.value}
    return structs.replace(match, confidence=Confidence.LOW, facts=facts)


def setting_of_path(path: str) -> Setting | None:
    """Return the setting that a path inside an artifact or a directory names.

    Notebooks are run where they stand, with real values, so that only tests count for them.
    """
    parts = [part for part in re.split(r"[/!]+", path.lower()) if part]
    folders, name = parts[:-1], parts[-1] if parts else ""
    if folders and re.fullmatch(_RELEASE, folders[0]):
        folders = folders[1:]
    if re.fullmatch(_DOCUMENT_FILE, name) or any(
        re.fullmatch(_DOCUMENT_FOLDER, folder) for folder in folders
    ):
        return None if name.endswith(_NOTEBOOK) else Setting.DOCUMENTATION
    if re.fullmatch(_TEST_FILE, name) or any(
        re.fullmatch(_TEST_FOLDER, folder) for folder in folders
    ):
        return Setting.TEST
    return None


class Surroundings:
    """What stands around the offsets of one text.

    The text is read for docstrings once, when first asked: a hostile file may hold a match on each
    line.

    Args:
        data: The whole text.

    Attributes:
        data: The same.
    """

    def __init__(self, data: bytes) -> None:
        self.data = data

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
        if self._is_in_docstring(start):
            return Setting.DOCUMENTATION
        # Tests in Rust stand in the file that they test, most often at its end.
        return Setting.TEST if self._is_behind_test(start) else None

    def _is_in_docstring(self, start: int) -> bool:
        """Tell whether an offset is in a string of Python that documents something."""
        index = bisect_right(self._docstrings, (start, start)) - 1
        return index >= 0 and start < self._docstrings[index][1]

    def _is_behind_test(self, start: int) -> bool:
        index = bisect_right(self._rust_tests, start) - 1
        return index >= 0 and start - self._rust_tests[index] < _TEST_REACH

    @cached_property
    def _rust_tests(self) -> list[int]:
        return [match.end() for match in re.finditer(_RUST_TEST, self.data)]

    @cached_property
    def _docstrings(self) -> list[tuple[int, int]]:
        """Begin and end of the strings that document something, in order."""
        found: list[tuple[int, int]] = []
        opened: re.Match[bytes] | None = None
        first = True
        for quotes in re.finditer(rb'"""|\'\'\'', self.data[:_MAX_SOURCE]):
            if opened is None:
                opened = quotes
            elif quotes[0] == opened[0]:
                if _documents(self.data, opened.start(), first=first):
                    found.append((opened.end(), quotes.start()))
                opened, first = None, False
        if opened is not None and _documents(self.data, opened.start(), first=first):
            found.append((opened.end(), min(len(self.data), _MAX_SOURCE)))
        return found


def _documents(data: bytes, opened: int, *, first: bool) -> bool:
    """Tell whether a string that is opened at an offset documents something."""
    before = data[max(0, opened - 200) : opened].rstrip(b"rRbBuUfF")
    if re.search(_BLOCK_OPENS, before) or re.search(_NAMED_TEXT, before):
        return True
    return first and re.fullmatch(_ONLY_COMMENTS, data[:opened].rstrip(b"rRuU")) is not None


def _is_formed(detector: Detector) -> bool:
    """Tell whether the form says that it is a key, which tests have too; none could be parsed."""
    return detector.category is Category.KEY and not detector.proofs


def _is_issued(match: Match, detector: Detector) -> bool:
    """Tell whether a value in a test looks like one that a real service gave out.

    It is long and has letters of both cases and digits, and its name or its host says whose it is.
    """
    value = match.secret.reveal()
    if not all(re.search(kind, value) for kind in _MIXED):
        return False
    if "host" in match.facts:
        return len(value) >= _LONG_AT_HOST
    return len(value) >= _LONG and (bool(detector.keywords) or _names_a_service(match))


def _names_a_service(match: Match) -> bool:
    label = match.facts.get("label", "")
    if not re.fullmatch(_CONSTANT, label):
        return False
    return re.search(r"[A-Z]{3}", re.sub(_GENERIC_WORD, "_", label)) is not None
