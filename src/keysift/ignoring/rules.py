"""Rules that ignore findings by their path, their detector, or both."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from fnmatch import fnmatchcase
from functools import cached_property
from pathlib import Path
from typing import Final

from msgspec import Struct

from keysift.model import Artifact
from keysift.sources.ignore import Rules, parse_rule

_RELEASE: Final = re.compile(r"[\w.]+-\d[\w.+!]*/")
"""The folder that everything in an sdist stands in."""


class IgnoreRule(Struct, frozen=True, forbid_unknown_fields=True, rename="kebab", kw_only=True):
    """Findings that are not reported. A rule with paths and detectors is about both together.

    Attributes:
        paths: Globs of paths, in the language of ``.gitignore``.
        detectors: Globs of detector ids.
        reason: Why they may stay.
    """

    reason: str
    paths: tuple[str, ...] = ()
    detectors: tuple[str, ...] = ()

    @property
    def problem(self) -> str:
        """What is wrong with it; empty when nothing is."""
        if not self.reason.strip():
            return "needs a reason"
        if not (self.paths or self.detectors):
            return "needs paths or detectors"
        for glob in self.paths:
            parsed = parse_rule(glob)
            if parsed is None or parsed.is_malformed:
                return f"{glob!r} is not a glob of paths; see gitignore(5)"
        return ""


class RuleBook:
    """The rules of a configuration.

    Args:
        rules: The rules; the first that fits counts.
        base: The directory that their paths are relative to, besides the targets.
    """

    def __init__(self, rules: Iterable[IgnoreRule], base: Path) -> None:
        self._rules = tuple(rules)
        self._paths = [Rules(rule.paths) for rule in self._rules]
        self._base = base
        self._used: set[int] = set()

    def __bool__(self) -> bool:
        return bool(self._rules)

    def answer(self, detector: str, artifact: Artifact, path: str) -> IgnoreRule | None:
        """Return the rule that ignores a match.

        Args:
            detector: Its detector.
            artifact: What it was found in.
            path: The path in that, or of the loose file as shown.
        """
        place = _Place(artifact, path, self._base)
        for number, rule in enumerate(self._rules):
            if rule.detectors and not any(fnmatchcase(detector, one) for one in rule.detectors):
                continue
            if rule.paths and not any(_is_ignored(self._paths[number], way) for way in place.ways):
                continue
            self._used.add(number)
            return rule
        return None

    def unused(self) -> Iterator[tuple[int, IgnoreRule]]:
        """Yield the rules, from 1, that have ignored nothing so far."""
        for number, rule in enumerate(self._rules):
            if number not in self._used:
                yield number + 1, rule


class _Place:
    """Where a match stands, in all the ways that a glob may put it."""

    def __init__(self, artifact: Artifact, path: str, base: Path) -> None:
        self._artifact = artifact
        self._path = path.replace("!/", "/")
        self._base = base

    @cached_property
    def ways(self) -> tuple[str, ...]:
        """The path inside the artifact, below the target, as shown, below the configuration."""
        artifact = self._artifact
        if artifact.purl is not None or not artifact.is_container:
            outside = [] if artifact.purl is not None else self._local(self._path)
        else:
            outside = [f"{way}/{self._path}" for way in self._local(artifact.name)]
        inside: list[str] = []
        if artifact.is_container:
            inside = [self._path, _RELEASE.sub("", self._path, count=1)]
        return tuple(dict.fromkeys(filter(None, (*inside, *outside))))

    def _local(self, shown: str) -> list[str]:
        target = self._artifact.target.replace("\\", "/").removeprefix("./").rstrip("/")
        below = shown.removeprefix(f"{target}/") if shown.startswith(f"{target}/") else ""
        whole = Path(shown).absolute()
        base = self._base.absolute()
        inner = whole.relative_to(base).as_posix() if whole.is_relative_to(base) else ""
        return [shown.lstrip("/"), below, inner]


def _is_ignored(rules: Rules, path: str) -> bool:
    """Tell whether a path, or a directory that it is in, is what globs are about."""
    end = path.find("/")
    while end >= 0:
        if rules.decide(path[:end], is_dir=True):
            return True
        end = path.find("/", end + 1)
    return bool(rules.decide(path, is_dir=False))
