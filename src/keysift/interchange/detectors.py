"""Foreign rules become detectors, each proven by the engine with examples and near-misses."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Final

from msgspec import Struct, structs

from keysift.catalogue import Catalogue, Detector
from keysift.catalogue.samples import expand
from keysift.catalogue.schema import Category, NearMiss
from keysift.detect.lint import SEEDS, check, missed
from keysift.detect.scanner import Scanner
from keysift.errors import CatalogueError
from keysift.interchange.regex import UntranslatableError, translate
from keysift.interchange.rule import Rule
from keysift.interchange.templates import template
from keysift.model import Severity

_UNKNOWN: Final = "not known; look in the settings of the account, or ask the provider"

_DISTANCE: Final = 400
"""How far before a secret a keyword may stand that other scanners want anywhere in the file."""

_KEYWORD: Final = 3
"""Characters of a keyword at least."""

_ENOUGH: Final = 2
"""Examples, and near-misses."""


class Defaults(Struct, frozen=True, kw_only=True):
    """What rules do not say.

    Attributes:
        provider: Who issues the secrets.
        severity: If they work.
        source: Where the rules come from: the name of the file.
        taken: Ids that other detectors have.
    """

    provider: str
    severity: Severity
    source: str
    taken: Collection[str]


class Imported(Struct):
    """What became of a rule.

    Attributes:
        rule: The rule.
        detector: Its detector; None when there can be none.
        left: What was not carried over, a line each.
        problems: What `keysift detectors check` has against it, a line each.
    """

    rule: Rule
    detector: Detector | None
    left: list[str]
    problems: list[str]


def detector_of(rule: Rule, defaults: Defaults) -> Imported:
    """Return the detector of a rule, with what was lost on the way."""
    left = list(rule.left)
    name = identifier(rule.id, defaults)
    try:
        pattern = translate(rule.pattern, rule.dialect, rule.group)
    except UntranslatableError as error:
        left.append(f"{rule.id}: not carried over at all: its expression has {error}")
        return Imported(rule, None, left, [])
    if name != rule.id:
        left.append(f"{rule.id}: is called {name} here")
    references = rule.references or (f"rule {rule.id} of {defaults.source}",)
    detector = Detector(
        id=name,
        name=rule.name,
        what=f"{rule.name.rstrip('.')}. Whoever has it may act as its owner.",
        severity=defaults.severity,
        confidence=rule.confidence,
        pattern=pattern,
        min_entropy=rule.entropy,
        needs=rule.needs,
        revoke=rule.references[0] if rule.references else _UNKNOWN,
        rotate="Make a new one at the provider, and replace it wherever this one is used.",
        references=references,
        examples=_candidates(rule, pattern),
        near_misses=tuple(_near_candidates(rule, pattern)),
        provider=defaults.provider,
        category=Category.GENERIC,
    )
    detector = _with_keywords(detector, rule, left)
    return _proven(detector, rule, left)


def identifier(name: str, defaults: Defaults) -> str:
    """Return the id of a detector: kebab-case, of two words, and nobody else's."""
    kebab = "-".join(re.findall(r"[a-z0-9]+", name.lower())) or "rule"
    if "-" not in kebab or kebab in defaults.taken:
        stem = "-".join(re.findall(r"[a-z0-9]+", Path(defaults.source).stem.lower())) or "imported"
        kebab = f"{stem}-{kebab}"
    return kebab


def _candidates(rule: Rule, pattern: str) -> tuple[str, ...]:
    """Return what may serve as examples: what the rule gives, then what its expression yields."""
    given = [one.strip("\n").replace("{", "{{").replace("}", "}}") for one in rule.examples]
    made = [made for branch in (0, 1, 99) if (made := template(pattern, branch=branch))]
    made += [f"It is kept here: {made[0]}"] if made else []
    return tuple(dict.fromkeys(given + made))


def _near_candidates(rule: Rule, pattern: str) -> Iterator[NearMiss]:
    for text in rule.negatives:
        shown = text.strip("\n").replace("{", "{{").replace("}", "}}")
        yield NearMiss(text=shown, why="the rule that this is made of says so")
    for length, why in ((1, "one character of each kind is too short"), (3, "three are too short")):
        made = template(pattern, length=length)
        if made:
            yield NearMiss(text=made, why=why)
    made = template(pattern)
    if made:
        yield NearMiss(text=made[: len(made) // 2].partition("{")[0], why="it ends where it begins")


def _with_keywords(detector: Detector, rule: Rule, left: list[str]) -> Detector:
    """Add keywords, unless whatever the expression matches has one anyway."""
    words = [word.lower() for word in rule.keywords if word]
    samples = [sample.lower() for sample in _expanded(detector.examples, detector.id)]
    if not words or (samples and all(any(word in one for word in words) for one in samples)):
        return detector
    short = [word for word in words if len(word) < _KEYWORD]
    if short:
        left.append(
            f"{rule.id}: `keywords`: {', '.join(short)}: shorter than {_KEYWORD} characters"
        )
        return detector
    left.append(
        f"{rule.id}: `keywords`: anywhere in the file there, at most {_DISTANCE} bytes before the "
        "secret here"
    )
    examples = tuple(f"{words[0]} {one}" for one in detector.examples)
    return structs.replace(detector, keywords=tuple(words), distance=_DISTANCE, examples=examples)


def _expanded(templates: tuple[str, ...], seed: str) -> Iterator[str]:
    for one in templates:
        try:
            yield expand(one, seed)
        except CatalogueError:
            continue


def _proven(detector: Detector, rule: Rule, left: list[str]) -> Imported:
    """Keep the examples that the engine finds, and the near-misses that it does not."""
    try:
        scanner = Scanner(Catalogue([detector]))
    except CatalogueError as error:
        return Imported(rule, None, [*left, *_refused(rule, error)], [])
    good = [one for one in detector.examples if _is_found(detector, one, scanner)]
    kept = {one.replace("{{", "{").replace("}}", "}") for one in good}
    left += [
        f"{rule.id}: one of its examples is not found here"
        for example in rule.examples
        if not any(example.strip("\n") in one for one in kept)
    ]
    near = [one for one in detector.near_misses if _is_near(detector, one, scanner)]
    for negative in rule.negatives:
        shown = negative.strip("\n").replace("{", "{{").replace("}", "}}")
        if shown not in {one.text for one in near}:
            left.append(f"{rule.id}: one of its negative examples is found here")
    by_text = {one.text: one for one in near}
    proven = structs.replace(
        detector,
        examples=tuple(good[: max(_ENOUGH, len(rule.examples))]),
        near_misses=tuple(by_text.values())[: max(_ENOUGH, len(rule.negatives))],
    )
    problems = [problem.message for problem in check(Catalogue([proven]))]
    return Imported(rule, proven, left, problems)


def _refused(rule: Rule, error: CatalogueError) -> Iterator[str]:
    for problem in error.problems:
        yield f"{rule.id}: not carried over at all: {problem}"


def _is_found(detector: Detector, example: str, scanner: Scanner) -> bool:
    for seed in SEEDS:
        try:
            text = expand(example, f"{detector.id}/{seed}")
            text.encode("latin-1")
        except (CatalogueError, UnicodeEncodeError):
            return False
        if missed(detector, text, scanner):
            return False
    return True


def _is_near(detector: Detector, near: NearMiss, scanner: Scanner) -> bool:
    try:
        text = expand(near.text, f"{detector.id}/near")
    except CatalogueError:
        return False
    return bool(text.strip()) and not scanner.scan(text.encode())
