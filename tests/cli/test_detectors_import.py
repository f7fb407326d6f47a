"""``keysift detectors import`` as a user runs it, with rules that are made up here."""

from __future__ import annotations

import builtins
from pathlib import Path
from typing import Any

import pytest

from keysift.catalogue import Catalogue
from keysift.catalogue.loader import parse, read
from keysift.catalogue.samples import expand
from keysift.cli.exit import ExitCode
from keysift.detect.lint import check
from keysift.detect.scanner import Scanner
from tests.cli.conftest import Console

_GITLEAKS = r"""
title = "made up"

[extend]
useDefault = true

[[rules]]
id = "wibble-token"
description = "Wibble token."
regex = '''\b(wibble_[a-z0-9]{32})(?:['"\s;]|$)'''
entropy = 3
keywords = ["wibble_"]
tags = ["wibble"]

[[rules.allowlists]]
paths = ['''tests/''']

[[rules]]
id = "wobble"
description = "Wobble key"
regex = '''(?i)(?:key)[ =:]{1,3}(x)?([0-9a-f]{40})'''
secretGroup = 2
keywords = ["wobble"]
validate = "http.get()"

[[rules]]
id = "greek-token"
regex = '''gr_\p{Greek}{20}'''

[[rules]]
id = "pem-files"
path = '''\.pem$'''
"""

_YAML = """
rules:
  - name: Wibble upload key
    id: wibble.upload.1
    pattern: |
      (?x)(?i)
      \\b wibble .{0,20}? [=:]\\s*   # the name
      ["']? (?<TOKEN> [A-Z0-9]{24} ) \\b
    min_entropy: 3.3
    confidence: high
    pattern_requirements: {min_digits: 2, ignore_if_contains: [abc]}
    depends_on_rule: [{rule_id: wibble.id, variable: ID}]
    references: ["https://wibble.example/keys"]
    examples: ["wibble_key = 'KEY'"]
    negative_examples: ["wibble_key = 'K4J7Q9'"]
  - name: helper
    id: wibble.id
    pattern: 'id([0-9]{5})'
    visible: false
  - name: difference
    id: wibble.difference
    pattern: '[a-z&&[^b]]{20}'
"""


def _imported(keysift: Console, source: Path, text: str, *words: str) -> Catalogue:
    """Import rules; returns the detectors that came of them."""
    source.write_text(text)
    output = source.with_name("detectors.toml")
    code = keysift("detectors", "import", str(source), "-o", str(output), *words)
    assert code == ExitCode.FINDINGS
    return Catalogue(parse(output, read(output)))


def test_rules_of_gitleaks_become_proven_detectors(keysift: Console, tmp_path: Path) -> None:
    """What they find is found; all that is lost is said."""
    found = _imported(keysift, tmp_path / "rules.toml", _GITLEAKS, "--severity", "high")
    assert sorted(found.by_id) == ["rules-wobble", "wibble-token"]
    assert check(found) == []
    said = keysift.err
    for words in (
        "the file: `extend`",
        "wibble-token: `tags`",
        "wibble-token: `allowlists`: what it allows",
        "wobble: `validate`: how a provider is asked",
        "wobble: is called rules-wobble here",
        "wobble: `keywords`: anywhere in the file there",
        "greek-token: not carried over at all: its expression has \\p",
        "pem-files: has no regex",
        "2 detectors of 3 rules, 2 proven",
    ):
        assert words in said
    one = expand("wibble_{base36:32}", 1)
    other = expand("{hex:40}", 2)
    [token, key] = Scanner(found).scan(f"a = '{one}'\nwobble: key = {other}\n".encode())
    assert (token.detector, token.secret.reveal().decode()) == ("wibble-token", one)
    assert (key.detector, key.secret.reveal().decode()) == ("rules-wobble", other)
    assert found.by_id["wibble-token"].min_entropy == 3.0
    assert found.by_id["wibble-token"].severity.value == "high"


def test_rules_in_yaml_become_proven_detectors(keysift: Console, tmp_path: Path) -> None:
    """With their own examples, the words that they know, and what they need."""
    example = expand("{base32:20}4729", 1)
    found = _imported(keysift, tmp_path / "rules.yml", _YAML.replace("KEY", example))
    [detector] = found.detectors
    assert check(found) == []
    assert detector.id == "wibble-upload-1"
    assert detector.needs == ("digit",)
    assert (detector.confidence.value, detector.min_entropy) == ("high", 3.3)
    assert detector.examples[0] == f"wibble_key = '{example}'"
    assert detector.near_misses[0].text == "wibble_key = 'K4J7Q9'"
    for words in (
        "wibble.id: `visible`",
        "wibble.upload.1: `depends_on_rule`",
        "wibble.upload.1: `min_digits`: 2; here one is enough",
        "wibble.upload.1: `ignore_if_contains`",
        "wibble.difference: not carried over at all",
    ):
        assert words in keysift.err


def test_an_id_that_is_taken_gets_another_name(keysift: Console, tmp_path: Path) -> None:
    """A detector of the same id would replace the built-in one without a word."""
    rule = _GITLEAKS.replace("wibble-token", "github-pat")
    found = _imported(keysift, tmp_path / "mine.toml", rule)
    assert "mine-github-pat" in found.by_id
    assert "github-pat: is called mine-github-pat here" in keysift.err


def test_what_cannot_be_proven_is_written_and_said(keysift: Console, tmp_path: Path) -> None:
    """Whoever imported it can mend it."""
    rule = "[[rules]]\nid = 'a-b'\nregex = '''tok_(?=x)y[a-z]{10}'''\n"
    found = _imported(keysift, tmp_path / "rules.toml", rule)
    assert list(found.by_id) == ["a-b"]
    assert "not proven: a-b: fewer than 2 different examples" in keysift.err


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("a.toml", "no toml", "not a TOML file"),
        ("a.toml", "x = 1", "has no [[rules]]"),
        ("a.toml", "[[rules]]\nregex = 'a'", "rule 1: Object missing required field `id`"),
        ("a.yml", "a: [", "not a YAML file"),
        ("a.yml", "a: 1", "has no list `rules`"),
        ("a.yml", "rules: [{name: x}]", "rule 1"),
        ("a.txt", "", "neither .toml nor .yml"),
    ],
)
def test_what_is_no_file_of_rules_is_refused(
    keysift: Console, tmp_path: Path, name: str, text: str, words: str
) -> None:
    """With its name, and what is missing."""
    (tmp_path / name).write_text(text)
    assert keysift("detectors", "import", str(tmp_path / name)) == ExitCode.USAGE
    assert name in keysift.err
    assert words in keysift.err


def test_yaml_is_an_extra(
    keysift: Console, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without it, the command says what to install."""
    genuine = builtins.__import__

    def without(name: str, *rest: Any) -> Any:  # noqa: ANN401 (as the built-in function has it)
        if name == "yaml":
            raise ImportError(name)
        return genuine(name, *rest)

    monkeypatch.setattr(builtins, "__import__", without)
    (tmp_path / "a.yml").write_text(_YAML)
    assert keysift("detectors", "import", str(tmp_path / "a.yml")) == ExitCode.USAGE
    assert "pip install 'keysift[import]'" in keysift.err
