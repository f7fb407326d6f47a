"""The types of secrets that leak most on PyPI are found as people really write them."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Final

import msgspec
import pytest

from keysift.catalogue.samples import expand
from keysift.detect.scanner import Scanner
from keysift.model import Confidence, Match

_FILE: Final = Path(__file__).parent / "realistic.toml"
_SEEDS: Final = range(4)
_ENOUGH: Final = {
    Confidence.LOW: frozenset(Confidence),
    Confidence.MEDIUM: frozenset({Confidence.MEDIUM, Confidence.HIGH}),
}
_LEAST_COVERED: Final = 0.6
"""Of a value, by what is found: of an address it is the password."""


class _Type(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A type of secret: its values, how sure we must be at least, and how it is written."""

    name: str
    value: str
    forms: tuple[str, ...]
    confidence: Confidence = Confidence.MEDIUM


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    type: tuple[_Type, ...]


def _types() -> tuple[_Type, ...]:
    return msgspec.convert(tomllib.loads(_FILE.read_text("utf-8")), _File, strict=False).type


def _filled(form: str, value: str, seed: int) -> str:
    """Return a form with the value in it; odd seeds end their lines as Windows does."""
    text = re.sub(
        "<<([^<>]+)>>",
        lambda found: value if found[1] == "v" else expand("{" + found[1] + "}", seed),
        form.replace("\\n", "\n"),
    )
    return text.replace("\n", "\r\n") if seed % 2 and "\n" not in value else text


def _covers(match: Match, start: int, end: int, *, made_of_several: bool) -> bool:
    """Tell whether a match, or a part of it, takes enough of what stands between two offsets."""
    spans = [(match.start, match.end), *((part.start, part.end) for part in match.parts)]
    covered = max(min(end, high) - max(start, low) for low, high in spans)
    return covered > 0 if made_of_several else covered >= _LEAST_COVERED * (end - start)


@pytest.fixture(scope="module")
def scanner(full_scanner: Scanner) -> Scanner:
    """Return a scanner of the whole catalogue."""
    return full_scanner


@pytest.mark.parametrize("kind", _types(), ids=lambda kind: kind.name)
def test_a_type_that_leaks_is_found_in_every_form_with_every_value(
    kind: _Type, scanner: Scanner
) -> None:
    """Its value is found, sure enough to be reported, wherever its forms put it."""
    missed = []
    for form in kind.forms:
        for seed in _SEEDS:
            value = expand(kind.value, seed)
            text = _filled(form, value, seed)
            start = text.index(value)
            several = re.search(r"://|[;\n{]", value) is not None
            found = [
                match.confidence
                for match in scanner.scan(text.encode())
                if _covers(match, start, start + len(value), made_of_several=several)
            ]
            if not _ENOUGH[kind.confidence].intersection(found):
                missed.append((form, seed))
    assert not missed


def test_every_type_that_is_known_to_leak_has_forms() -> None:
    """All 171 types of the count of secrets in a mirror of PyPI are covered."""
    assert len({kind.name for kind in _types()}) == 171
