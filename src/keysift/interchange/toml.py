"""Detectors as the text of a detector file."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator

from keysift.catalogue import Detector
from keysift.catalogue.schema import Category


def write(provider: str, website: str, source: str, detectors: Iterable[Detector]) -> str:
    """Return a detector file.

    Args:
        provider: Who issues the secrets.
        website: Its home page.
        source: Where the detectors come from, for the first line.
        detectors: The detectors.
    """
    head = (
        f"# Made of {source} by `keysift detectors import`. Read it before you use it.\n"
        f"provider = {_text(provider)}\nwebsite = {_text(website)}\n"
        f"category = {_text(Category.GENERIC.value)}\n"
    )
    return head + "".join("\n" + "".join(_table(one)) for one in detectors)


def _table(detector: Detector) -> Iterator[str]:
    yield "[[detector]]\n"
    yield f"id = {_text(detector.id)}\n"
    yield f"name = {_text(detector.name)}\n"
    yield f"what = {_text(detector.what)}\n"
    yield f"severity = {_text(detector.severity.value)}\n"
    yield f"confidence = {_text(detector.confidence.value)}\n"
    yield f"pattern = {_pattern(detector.pattern)}\n"
    if detector.keywords:
        yield f"keywords = {_list(detector.keywords)}\n"
        yield f"distance = {detector.distance}\n"
    if detector.min_entropy:
        yield f"min_entropy = {detector.min_entropy}\n"
    if detector.needs:
        yield f"needs = {_list(detector.needs)}\n"
    yield f"revoke = {_text(detector.revoke)}\n"
    yield f"rotate = {_text(detector.rotate)}\n"
    yield f"references = {_list(detector.references)}\n"
    yield f"examples = {_list(detector.examples)}\n"
    near = (
        f"{{ text = {_text(one.text)}, why = {_text(one.why)} }}" for one in detector.near_misses
    )
    yield f"near_misses = [{', '.join(near)}]\n"


def _text(text: str) -> str:
    # A basic string has the escapes of JSON; DEL is the one that only TOML wants escaped.
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _pattern(text: str) -> str:
    """Return an expression without escapes, where that is possible."""
    if "'''" in text or text.endswith("'") or not text.isprintable():
        return _text(text)
    return f"'''{text}'''"


def _list(texts: Iterable[str]) -> str:
    return f"[{', '.join(map(_text, texts))}]"
