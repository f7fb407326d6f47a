"""Secrets without a shape are found in the forms in which each language writes them."""

from __future__ import annotations

import base64
import tomllib
from pathlib import Path

import pytest

from keysift.catalogue import Catalogue, load
from keysift.catalogue.samples import expand
from keysift.detect.scanner import Scanner
from keysift.model import Confidence

_FORMS = tomllib.loads((Path(__file__).parent / "forms.toml").read_text("utf-8"))
_NOT_FOUND = _FORMS.pop("not_found")
_ALL = [(language, form) for language, forms in _FORMS.items() for form in forms]
_KEYS = ("{base62:32}", "{hex:40}", "{base64url:43}")
_FILES = ("connection-string-", "docker-config-", "npmrc-")
"""Beginnings of the ids of what is written in one kind of file only, and not generic."""

_DOUBTFUL = ("Client", "<k64>", "as the api key", "docker login")
"""A client's first argument has no name, Kubernetes keeps all kinds of things in base64, and 40 hex
digits as a password may be its digest: any confidence will do."""

_PASSWORDS = ("{base62:6}k7Qw9{base62:3}", "{base62:5}!7x{base62:5}R2", "Summer19{digits:1}4!")


@pytest.fixture(scope="module")
def scanner() -> Scanner:
    """Return a scanner of what is found by name or form only; shapes would need the rest."""
    chosen = (one for one in load().detectors if one.yields or one.id.startswith(_FILES))
    return Scanner(Catalogue(chosen))


def _written(form: str, value: str) -> str:
    """Return a text that holds a value in a form, between two other lines."""
    whole = {
        "<k>": value,
        "<p>": value,
        "<k64>": _base64(value),
        "<p64>": _base64(value),
        "<auth64>": _base64(f"deploy:{value}"),
        "¶": "\n",
    }
    for mark, text in whole.items():
        form = form.replace(mark, text)
    return f"a = 1\n{form.strip()}\nb = 2\n"


def _base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def _confidence(scanner: Scanner, form: str, template: str) -> Confidence | None:
    value = expand(template, form)
    wanted = {value, _base64(value), _base64(f"deploy:{value}")}
    found = [
        match.confidence
        for match in scanner.scan(_written(form, value).encode())
        if match.secret.reveal().decode("latin-1") in wanted
    ]
    return max(found, key=lambda one: one.rank, default=None)


@pytest.mark.parametrize(("language", "form"), _ALL)
def test_each_form_of_each_language_is_read(scanner: Scanner, language: str, form: str) -> None:
    """The value is reported, whole: random keys at the default confidence, passwords at any."""
    assert language
    if "<k>" in form or "<k64>" in form:
        is_doubtful = any(sign in form for sign in _DOUBTFUL)
        least = Confidence.LOW if is_doubtful else Confidence.MEDIUM
        assert all(
            (found := _confidence(scanner, form, template)) and found.rank >= least.rank
            for template in _KEYS
        )
    else:
        assert all(_confidence(scanner, form, template) for template in _PASSWORDS)
