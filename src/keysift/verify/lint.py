"""Is a validity table right? Every problem of every table, at once.

What can be seen in the table alone is looked at first; then it is rehearsed with examples of its
detectors (``keysift.verify.rehearsal``).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final
from urllib.parse import urlsplit

from jmespath.exceptions import JMESPathError
from msgspec.structs import fields

from keysift.catalogue import Catalogue, Detector
from keysift.catalogue.samples import expand
from keysift.catalogue.validities import Validities
from keysift.catalogue.validity import Condition, Validity
from keysift.detect.lint import Problem
from keysift.detect.scanner import Scanner
from keysift.model import FACTS, CannotAskError
from keysift.verify.credential import values_of
from keysift.verify.decide import expression
from keysift.verify.privilege_lint import check_samples, check_static
from keysift.verify.rehearsal import MOMENT, Stage, Values, rehearse
from keysift.verify.request import PLACEHOLDER, build, host_of, placeholders
from keysift.verify.schemes import SCHEMES

_NEVER_AN_ANSWER: Final = frozenset({429, *range(300, 400), *range(500, 600)})
_SAYS_ENOUGH: Final = frozenset({401, 204})
"""Statuses that need no more: credentials are refused (RFC 9110, section 15.5.2); done."""

_STRANGERS: Final = ("evil.example", "127.0.0.1", "localhost", "169.254.169.254", "a.b.c", "x")
_ORIGIN: Final = re.compile(r"https://[a-z0-9-]+(\.[a-z0-9-]+)+")
_SEEDS: Final = range(8)


def check(catalogue: Catalogue, validities: Validities, only: frozenset[str]) -> list[Problem]:
    """Return everything that is wrong with validity tables.

    Args:
        catalogue: The detectors.
        validities: The tables.
        only: Ids of detectors; tables for others are passed over.
    """
    problems: list[Problem] = []
    sound: list[Validity] = []
    for table in validities.tables:
        if only.isdisjoint(table.detectors):
            continue
        found = list(_static(table, catalogue))
        problems.extend(Problem(_name(table), message) for message in found)
        if not found and not table.not_checkable:
            sound.append(table)
    if sound:
        wanted = {name for table in sound for name in table.detectors}
        scanner = Scanner(Catalogue(one for one in catalogue.detectors if one.id in wanted))
        with Stage() as stage:
            for table in sound:
                found = list(_dynamic(table, catalogue, scanner, stage))
                problems.extend(Problem(_name(table), message) for message in found)
    return problems


def _name(table: Validity) -> str:
    first = table.detectors[0] if table.detectors else "?"
    return f"{first} (validity)"


def _static(table: Validity, catalogue: Catalogue) -> Iterator[str]:
    """Check what needs no request."""
    if not table.detectors:
        yield "`detectors` is empty"
    for name in table.detectors:
        if name not in catalogue.by_id:
            yield f"no detector has the id {name!r}"
    yield from check_static(table)
    if table.not_checkable:
        if table.url:
            yield "`not_checkable` and `url`: which of them?"
        if table.by_name:
            yield "`by_name` without a request"
        return
    yield from _check_words(table)
    yield from _check_scheme(table)
    yield from _check_request(table)
    yield from _check_reading(table)


def _check_reading(table: Validity) -> Iterator[str]:
    """Check how answers are read."""
    for label, conditions in (("active", table.active_when), ("inactive", table.inactive_when)):
        if not conditions:
            yield f"`{label}_when` is empty"
        for one in conditions:
            yield from _check_condition(f"{label}_when", one, table)
    for name, source in table.facts.items():
        if name not in FACTS:
            yield f"no fact is called {name!r}; known: {', '.join(FACTS)}"
        if not source.startswith(("header:", "xml:")):
            yield from _check_expression(f"fact {name!r}", source)


def _check_words(table: Validity) -> Iterator[str]:
    if table.side_effects != "none":
        yield '`side_effects` must be "none": nothing else is ever asked'
    if not table.references:
        yield "`references` is empty: where is the request documented?"
    if table.samples is None or not table.samples.active or not table.samples.inactive:
        yield "`samples` lacks a documented answer to a secret that works, or to one that does not"


def _check_request(table: Validity) -> Iterator[str]:
    bodies = [name for name in ("form", "json", "text") if getattr(table, name)]
    if len(bodies) > 1 or (bodies and table.method != "POST"):
        yield "a request has one body at most, and only POST has one"
    yield from _check_address(table)
    for origin in table.also:
        if not _ORIGIN.fullmatch(origin):
            yield f"`also`: {origin!r} is not https:// and a host"


def _check_scheme(table: Validity) -> Iterator[str]:
    """Check that a scheme has what it wants to know."""
    if not table.scheme:
        return
    scheme = SCHEMES.get(str(table.scheme.get("name")))
    if scheme is None:
        yield f"`scheme`: its `name` is none of {', '.join(SCHEMES)}"
        return
    known = {one.encode_name: one.required for one in fields(scheme.parameters)}
    for name in table.scheme.keys() - {"name", *known}:
        yield f"`scheme`: no parameter is called {name!r}; known: {', '.join(known)}"
    for name, is_required in known.items():
        if is_required and name not in table.scheme:
            yield f"`scheme`: {name!r} is missing"


def _check_address(table: Validity) -> Iterator[str]:
    parts = urlsplit(PLACEHOLDER.sub(lambda found: "/" if found[2] == "path" else "x", table.url))
    if parts.scheme != "https" or not parts.hostname:
        yield "`url` does not begin with https:// and a host"
        return
    if parts.username is not None or parts.fragment:
        yield "`url` has a user or a fragment"
    if PLACEHOLDER.search(host_of(table)) is None:
        if table.host:
            yield "`host` without a placeholder in the host"
        return
    if not table.host:
        yield "part of the host is a placeholder: `host` must say what hosts the provider has"
        return
    try:
        pattern = re.compile(table.host)
    except re.error as error:
        yield f"`host`: {error}"
        return
    for stranger in _STRANGERS:
        if pattern.fullmatch(stranger):
            yield f"`host` lets the secret be sent to {stranger}"
            return


def _check_condition(label: str, one: Condition, table: Validity) -> Iterator[str]:
    if not one.statuses or not _NEVER_AN_ANSWER.isdisjoint(one.statuses):
        yield f"`{label}`: 429, redirects and errors of the server say nothing about a secret"
    says_more = bool(one.json or one.text or any(one.header.values()))
    if not says_more and not _SAYS_ENOUGH.issuperset(one.statuses):
        yield f"`{label}`: status {one.status} alone says nothing: add `json`, `text` or `header`"
    if not says_more and table.scheme and not table.doubtful:
        yield f"`{label}`: what is signed is refused when a clock is wrong, too: say which refusal"
    if table.method == "HEAD" and (one.json or one.text):
        yield f"`{label}`: an answer to HEAD has no body"
    if one.json:
        yield from _check_expression(f"`{label}`", one.json)


def _check_expression(label: str, text: str) -> Iterator[str]:
    try:
        expression(text)
    except JMESPathError as error:
        yield f"{label}: no JMESPath: {str(error).splitlines()[0]}"


def _dynamic(
    table: Validity, catalogue: Catalogue, scanner: Scanner, stage: Stage
) -> Iterator[str]:
    """Ask about the examples of its detectors."""
    rehearsed = False
    asked: dict[str, list[Values]] = {}
    for name in table.detectors:
        detector = catalogue.by_id[name]
        examples = list(_examples(detector, scanner))
        usable = [example for example in examples if not _lacks(table, example)]
        if not usable:
            lacking = ", ".join(sorted(_lacks(table, examples[0]))) if examples else "a secret"
            yield f"no example of {name} has {lacking}"
            continue
        for example in usable:
            try:
                build(table, example, MOMENT)
            except CannotAskError as error:
                yield f"example of {name}: {error}"
                break
        else:
            asked[name] = usable
            other = next((one for one in usable if one["secret"] != usable[0]["secret"]), None)
            if other is None:
                yield f"two different secrets are needed: the examples of {name} are all the same"
            elif not rehearsed:
                rehearsed = True
                yield from rehearse(table, usable[0], other, stage)
    yield from check_samples(table, asked)


def _lacks(table: Validity, example: Values) -> set[str]:
    return placeholders(table) - {*example, *table.defaults}


def _examples(detector: Detector, scanner: Scanner) -> Iterator[Values]:
    """Yield secrets with their other halves, as the engine finds them."""
    for seed in _SEEDS:
        for template in detector.examples:
            text = expand(template, f"{detector.id}/{seed}").encode("latin-1")
            keyword = detector.keywords[0].replace(" ", "_") if detector.keywords else "acme"
            for content in (text, keyword.encode() + b'_token = "' + text + b'"\n'):
                for match in scanner.scan(content):
                    if match.detector == detector.id:
                        yield values_of(match.secret, match.parts, match.facts)
