"""Is a detector right? Every problem of every detector, at once.

A detector's own examples are the test: each is expanded from its template, set in many syntaxes and
scanned by the whole engine; near-misses are scanned too and must not be reported.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from msgspec import Struct

from keysift.catalogue import Catalogue, Detector
from keysift.catalogue.samples import expand
from keysift.catalogue.schema import SECRET_GROUP
from keysift.catalogue.syntaxes import SYNTAXES
from keysift.detect.pattern import PatternError, derive, parse
from keysift.detect.proofs import PROOFS
from keysift.detect.scanner import Scanner
from keysift.detect.steps import begins_open, worst_growth
from keysift.errors import CatalogueError
from keysift.model import Match, Secret, Suppressed

SEEDS: Final = range(3)
"""Examples are expanded with each of these."""

_ID: Final = re.compile(r"[a-z0-9]+(-[a-z0-9]+)+")
_MIN_KEYWORD: Final = 3
_MIN_CASES: Final = 2


class Problem(Struct, frozen=True):
    """Something wrong with a detector."""

    detector: str
    message: str

    def __str__(self) -> str:
        return f"{self.detector}: {self.message}"


def check(catalogue: Catalogue, only: frozenset[str] | None = None) -> list[Problem]:
    """Return everything that is wrong with the detectors of a catalogue.

    Args:
        catalogue: The detectors.
        only: Check just these ids, with the whole catalogue as their surroundings.
    """
    chosen = [one for one in catalogue.detectors if only is None or one.id in only]
    problems = [
        Problem(detector.id, message) for detector in chosen for message in _static(detector)
    ]
    if problems:
        broken = {problem.detector for problem in problems}
        chosen = [one for one in chosen if one.id not in broken]
        catalogue = Catalogue(one for one in catalogue.detectors if one.id not in broken)
    if not chosen:
        return problems
    try:
        scanner = Scanner(catalogue)
    except CatalogueError as error:
        return [*problems, *(Problem("catalogue", line) for line in error.problems)]
    for detector in chosen:
        problems.extend(Problem(detector.id, message) for message in _dynamic(detector, scanner))
    return problems


def _static(detector: Detector) -> Iterator[str]:
    """Check what needs no scanning."""
    yield from _check_words(detector)
    for keyword in detector.keywords:
        if len(keyword) < _MIN_KEYWORD or keyword != keyword.lower():
            yield f"keyword {keyword!r} must be lower case and at least {_MIN_KEYWORD} long"
    if detector.labels and not detector.keywords:
        yield "`labels` without `keywords`: near what?"
    for name in detector.proofs:
        if name not in PROOFS:
            yield f"no proof is called {name!r}"
    names = [detector.role, *(part.name for part in detector.parts)]
    if names.count(SECRET_GROUP) != 1:
        yield "exactly one of the pattern (`role`) and the parts must be the secret"
    for label, pattern in _patterns(detector):
        yield from _check_pattern(label, pattern)


def _check_words(detector: Detector) -> Iterator[str]:
    """Check what people read: documentation, examples, near-misses."""
    if not _ID.fullmatch(detector.id):
        yield "the id is not kebab-case with at least two words"
    for field in ("name", "what", "rotate", "revoke"):
        if not getattr(detector, field).strip():
            yield f"`{field}` is empty"
    if not detector.references:
        yield "`references` is empty: where is the format documented?"
    if len(set(detector.examples)) < _MIN_CASES:
        yield f"fewer than {_MIN_CASES} different examples"
    if len({near.text for near in detector.near_misses}) < _MIN_CASES:
        yield f"fewer than {_MIN_CASES} different near-misses"
    if any(not near.why.strip() for near in detector.near_misses):
        yield "a near-miss does not say why"


def _patterns(detector: Detector) -> Iterator[tuple[str, str]]:
    yield "pattern", detector.pattern
    if detector.anchor:
        yield "anchor", detector.anchor
    for part in detector.parts:
        yield f"pattern of part {part.name!r}", part.pattern


def _check_pattern(label: str, pattern: str) -> Iterator[str]:
    try:
        parse(pattern)
        if "part" not in label:
            derive(pattern)
        growth = worst_growth(pattern)
        if begins_open(pattern):
            yield f"{label} begins with a repeat without bound; write one, such as {{1,100}}"
    except PatternError as error:
        yield f"{label}: {error}"
        return
    if growth is not None:
        yield f"{label} can blow up: {growth}"


def _dynamic(detector: Detector, scanner: Scanner) -> Iterator[str]:
    """Check examples and near-misses through the engine."""
    for template in detector.examples:
        for seed in SEEDS:
            try:
                text = expand(template, f"{detector.id}/{seed}")
            except CatalogueError as error:
                yield f"example {template!r}: {error}"
                break
            wrong = missed(detector, text, scanner)
            if wrong:
                yield f"example {template!r} (seed {seed}): {wrong}"
                break
    for near in detector.near_misses:
        try:
            text = expand(near.text, f"{detector.id}/near")
        except CatalogueError as error:
            yield f"near-miss {near.text!r}: {error}"
            continue
        if any(match.detector == detector.id for match in scanner.scan(text.encode())):
            yield f"near-miss {near.text!r} is reported, though {near.why}"


def missed(detector: Detector, text: str, scanner: Scanner) -> str | None:
    """Return how an example fails to be found in one of the syntaxes it can stand in, or None.

    Args:
        detector: Its detector.
        text: The example, expanded.
        scanner: A scanner with the detector.
    """
    for syntax, content in dressed(detector, text, scanner):
        found = scanner.examine(content)
        if not any(match.detector == detector.id for match in found.matches):
            return f"not reported in {syntax}{_why(detector, found.matches, found.suppressed)}"
    return None


def dressed(detector: Detector, text: str, scanner: Scanner) -> Iterator[tuple[str, bytes]]:
    """Yield an example set in the syntaxes, or as it is when it brings its own context.

    It does when more than the bare value of the secret stands in it: a line of a configuration, a
    whole file, both halves of a pair.
    """
    bare = text.encode("latin-1")
    own = [match for match in scanner.scan(bare) if match.detector == detector.id]
    if any(match.secret != Secret(bare) for match in own):
        yield "itself", bare
        return
    name = (detector.keywords[0] if detector.keywords else "acme").replace(" ", "_") + "_token"
    for syntax, dress in SYNTAXES.items():
        content = dress(name, text)
        if content is not None:
            yield syntax, content.encode("latin-1")


def _why(detector: Detector, matches: list[Match], suppressed: list[Suppressed]) -> str:
    for one in suppressed:
        if one.match.detector == detector.id:
            return f": {one.reason.value}, {one.detail}"
    others = sorted({match.detector for match in matches})
    return f": only {', '.join(others)}" if others else ""
