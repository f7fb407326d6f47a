"""The YAML of Kingfisher and Nosey Parker: the same form, with more keys in Kingfisher's."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import msgspec
from msgspec import Struct

from keysift.errors import CatalogueError, UsageError
from keysift.interchange.rule import Dialect, Rule, RuleFile
from keysift.model import Confidence

_WORDS: Final = {
    "categories": "its categories",
    "depends_on_rule": "another rule that must match, too; write it as one of its `parts`",
    "ignore_if_contains": "words that a secret has not; keysift judges placeholders itself",
    "checksum": "how its checksum is computed; `keysift detectors show` lists proofs",
    "revocation": "how it is revoked",
    "tls_mode": "how its provider is reached",
    "validation": "how a provider is asked; write it as [[validity]]",
    "visible": "it is only a part of other rules; write it as one of their `parts`",
}
"""Why keys are not carried over."""

_KNOWN: Final = frozenset(
    {
        "name",
        "id",
        "pattern",
        "min_entropy",
        "confidence",
        "examples",
        "negative_examples",
        "references",
        "pattern_requirements",
        "visible",
        "description",
    }
)
_NEEDS: Final = {
    "min_digits": "digit",
    "min_uppercase": "upper",
    "min_lowercase": "lower",
    "min_special_chars": "symbol",
}


class _Table(Struct, kw_only=True):
    """The keys of a rule that are carried over."""

    name: str
    pattern: str
    id: str = ""
    description: str | None = None
    min_entropy: float = 0.0
    confidence: Confidence = Confidence.MEDIUM
    visible: bool = True
    examples: tuple[str, ...] = ()
    negative_examples: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    pattern_requirements: dict[str, Any] = {}


def read(path: Path, text: str) -> RuleFile:
    """Return the rules of a file.

    Raises:
        CatalogueError: It is no YAML, or has no rules.
        UsageError: YAML cannot be read here.
    """
    try:
        import yaml  # noqa: PLC0415 (an extra)
    except ImportError:
        raise UsageError("YAML needs an extra; run: pip install 'keysift[import]'") from None
    try:
        document = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise CatalogueError((f"{path}: not a YAML file: {error}",)) from error
    tables = document.get("rules") if isinstance(document, dict) else None
    if not isinstance(tables, list) or not tables:
        message = f"{path}: has no list `rules`, as Kingfisher and Nosey Parker write it"
        raise CatalogueError((message,))
    found = RuleFile(left=[f"the file: `{key}`: {_why(key)}" for key in document if key != "rules"])
    for number, table in enumerate(tables, 1):
        try:
            rule = msgspec.convert(table, _Table)
        except msgspec.ValidationError as error:
            raise CatalogueError((f"{path}: rule {number}: {error}",)) from error
        name = rule.id or rule.name
        left = list(_left(name, table))
        if rule.visible:
            found.rules.append(_rule(rule, left))
        else:
            found.left += [*left, f"{name}: `visible`: {_why('visible')}"]
    return found


def _rule(table: _Table, left: list[str]) -> Rule:
    needs = [
        _NEEDS[key] for key, least in table.pattern_requirements.items() if key in _NEEDS if least
    ]
    return Rule(
        id=table.id or table.name,
        name=table.name,
        pattern=table.pattern,
        dialect=Dialect.RUST,
        group="TOKEN",
        entropy=table.min_entropy,
        confidence=table.confidence,
        needs=tuple(needs),
        examples=table.examples,
        negatives=table.negative_examples,
        references=table.references,
        left=left,
    )


def _left(name: str, table: Mapping[str, Any]) -> Iterator[str]:
    for key in table:
        if key not in _KNOWN:
            yield f"{name}: `{key}`: {_why(key)}"
    for key, value in (table.get("pattern_requirements") or {}).items():
        if key not in _NEEDS:
            yield f"{name}: `{key}`: {_why(key)}"
        elif value != 1:
            yield f"{name}: `{key}`: {value}; here one is enough"


def _why(key: str) -> str:
    return _WORDS.get(key, "there is nothing like it here")
