"""The TOML of Gitleaks and Betterleaks."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import msgspec
from msgspec import Struct

from keysift.errors import CatalogueError
from keysift.interchange.rule import Dialect, Rule, RuleFile

_WORDS: Final = {
    "allowlist": "what it allows; write it as [[ignore]] rules of the configuration",
    "allowlists": "what it allows; write it as [[ignore]] rules of the configuration",
    "extend": "the rules that it extends; import their file, too",
    "filter": "an expression that decides about findings",
    "path": "it looks at some paths only, and a detector looks at all",
    "prefilter": "an expression that decides which files are looked at",
    "required": "other rules that must match near it; write them as `parts`",
    "skipReport": "it is only a part of other rules; write it as one of their `parts`",
    "tags": "its tags",
    "validate": "how a provider is asked; write it as [[validity]]",
}
"""Why keys are not carried over."""

_ABOUT: Final = frozenset({"title", "description", "minVersion", "rules"})
_KNOWN: Final = frozenset(
    {"id", "description", "regex", "secretGroup", "entropy", "keywords", "skipReport"}
)


class _Table(Struct, kw_only=True):
    """The keys of a rule that are carried over."""

    id: str
    regex: str = ""
    description: str = ""
    secret_group: int = msgspec.field(default=0, name="secretGroup")
    entropy: float = 0.0
    keywords: tuple[str, ...] = ()
    skip_report: bool = msgspec.field(default=False, name="skipReport")


def read(path: Path, text: str) -> RuleFile:
    """Return the rules of a file.

    Raises:
        CatalogueError: It is no TOML, or has no rules.
    """
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise CatalogueError((f"{path}: not a TOML file: {error}",)) from error
    tables = document.get("rules")
    if not isinstance(tables, list) or not tables:
        raise CatalogueError((f"{path}: has no [[rules]], as Gitleaks and Betterleaks write them",))
    found = RuleFile(left=[_line("the file", key) for key in document if key not in _ABOUT])
    for number, table in enumerate(tables, 1):
        try:
            rule = msgspec.convert(table, _Table)
        except msgspec.ValidationError as error:
            raise CatalogueError((f"{path}: rule {number}: {error}",)) from error
        left = list(_left(rule.id, table))
        if not rule.regex:
            found.left += [*left, f"{rule.id}: has no regex; keysift looks at content only"]
        elif rule.skip_report:
            found.left += [*left, _line(rule.id, "skipReport")]
        else:
            found.rules.append(_rule(rule, left))
    return found


def _rule(table: _Table, left: list[str]) -> Rule:
    return Rule(
        id=table.id,
        name=table.description or table.id,
        pattern=table.regex,
        dialect=Dialect.GO,
        group=table.secret_group or None,
        keywords=table.keywords,
        entropy=table.entropy,
        left=left,
    )


def _left(name: str, table: Mapping[str, Any]) -> Iterator[str]:
    for key in table:
        if key not in _KNOWN:
            yield _line(name, key)


def _line(name: str, key: str) -> str:
    return f"{name}: `{key}`: {_WORDS.get(key, 'there is nothing like it here')}"
