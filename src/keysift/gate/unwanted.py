"""Which rule a member of a distribution breaks, by its path and its content."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase, translate
from functools import cache

from msgspec import Struct

from keysift.detect.setting import setting_of_path
from keysift.gate.contents import PREDICATES
from keysift.gate.rules import RULES, Rule
from keysift.report.gate.result import Level
from keysift.sources.spec import normalise


class Noticed(Struct, frozen=True):
    """A member that breaks a rule.

    Attributes:
        rule: The rule.
        subject: The path of the member, or of the directory above it that the rule is about, which
            ends with ``/``.
        level: How bad it is at this place.
    """

    rule: Rule
    subject: str
    level: Level


def notice(path: str, content: bytes, project: str = "") -> Noticed | None:
    """Return which rule a member breaks; the worst one, and of those the one about most.

    Args:
        path: Below the root of the distribution, ``/``-separated.
        content: Its first bytes.
        project: Normalised name of the project: a directory of that name is no example or test.
    """
    if not content:
        return None  # An empty file, kept so that its directory exists, tells nothing.
    found: Noticed | None = None
    for rule, subject in _Index.shared().candidates(path):
        if rule.holds and not PREDICATES[rule.holds](content):
            continue
        one = Noticed(rule, subject, _level(rule, subject, project))
        if found is None or _urgency(one) > _urgency(found):
            found = one
    return found


def _level(rule: Rule, subject: str, project: str) -> Level:
    if rule.tolerant and is_example(subject, project):
        return Level.WARNING if rule.level is Level.ERROR else Level.NOTE
    return rule.level


def is_example(path: str, project: str) -> bool:
    """Tell whether a path is among tests, examples or documentation.

    Args:
        path: Of a file or directory in the project or in a distribution.
        project: Normalised name: a directory of that name is none of them.
    """
    parts = [part for part in path.split("/") if part and normalise(part) != project]
    return setting_of_path("/".join(parts)) is not None


def _urgency(one: Noticed) -> tuple[int, int]:
    return (one.level.rank, -len(one.subject))


class _Index:
    """The rules, arranged so that most members cost a few look-ups."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        self._folders = {name: rule for rule in rules for name in rule.folders}
        self._names: dict[str, list[Rule]] = {}
        for rule in rules:
            for name in rule.names:
                self._names.setdefault(name, []).append(rule)
        self._suffixes = [(suffix, rule) for rule in rules for suffix in rule.suffixes]
        self._all_suffixes = tuple(suffix for suffix, _ in self._suffixes)
        self._tails = [(tail, rule) for rule in rules for tail in rule.tails]
        self._all_tails = tuple(tail for tail, _ in self._tails)
        self._globs = [(glob, rule) for rule in rules for glob in rule.globs]
        self._any_glob = re.compile("|".join(translate(glob) for glob, _ in self._globs))

    @staticmethod
    @cache
    def shared() -> _Index:
        """Return the one of all rules, made when first needed."""
        return _Index(RULES)

    def candidates(self, path: str) -> Iterator[tuple[Rule, str]]:
        """Yield the rules that may be about a path, each with what it is about."""
        *folders, name = path.split("/")
        end = 0
        for folder in folders:
            end += len(folder) + 1
            rule = self._folders.get(folder.lower())
            if rule is not None:
                yield rule, path[:end]
        name = name.lower()
        for rule in self._by_name(path.lower(), name):
            if not any(name == but or fnmatchcase(name, but) for but in rule.but):
                above = path[: -len(name)]
                yield rule, above if rule.surrounds and above else path

    def _by_name(self, lower: str, name: str) -> Iterator[Rule]:
        yield from self._names.get(name, ())
        if name.endswith(self._all_suffixes):
            yield from (rule for suffix, rule in self._suffixes if name.endswith(suffix))
        if lower.endswith(self._all_tails):
            whole = f"/{lower}"
            yield from (rule for tail, rule in self._tails if whole.endswith(f"/{tail}"))
        if self._any_glob.match(name):
            yield from (rule for glob, rule in self._globs if fnmatchcase(name, glob))
