"""Which files break which rule."""

from __future__ import annotations

import json

import pytest

from keysift.gate.contents import PREDICATES
from keysift.gate.rules import RULES
from keysift.gate.unwanted import notice
from keysift.report.gate.result import Level

_VARIABLE = b"DATABASE_PASSWORD=hunter\n"
_WORD = "x-" * 3
_NOTEBOOK = json.dumps({"cells": [{"outputs": [{"output_type": "stream"}]}, {"source": "x"}]})


@pytest.mark.parametrize(
    ("path", "content", "rule", "subject"),
    [
        (".env", _VARIABLE, "dotenv", ".env"),
        ("demo/.ENV", _VARIABLE, "dotenv", "demo/.ENV"),
        ("deploy/prod.env", b"export A=b\n", "dotenv", "deploy/prod.env"),
        (".env.production", _VARIABLE, "dotenv", ".env.production"),
        (".pypirc", f"[pypi]\npassword = {_WORD}\n".encode(), "registry-credentials", ".pypirc"),
        ("a/.npmrc", b"//registry/:_authToken=abc\n", "npmrc", "a/.npmrc"),
        (".netrc", b"machine a login b password cde\n", "credentials", ".netrc"),
        (
            "x/.aws/credentials",
            b"aws_secret_access_key = abc\n",
            "credentials",
            "x/.aws/credentials",
        ),
        (".git/config", b"[core]\n", "repository", ".git/"),
        ("vendor/lib/.git/HEAD", b"ref: x\n", "repository", "vendor/lib/.git/"),
        (".venv/lib/python3.12/x.py", b"x\n", "virtual-environment", ".venv/"),
        ("environment/pyvenv.cfg", b"home = /usr\n", "virtual-environment", "environment/"),
        (".ssh/id_rsa", b"x\n", "ssh-key", ".ssh/"),
        ("deploy/id_ed25519", b"x\n", "ssh-key", "deploy/id_ed25519"),
        ("release.jks", b"\xfe\xed\xfe\xed", "key-store", "release.jks"),
        (".idea/workspace.xml", b"<x/>", "editor-settings", ".idea/"),
        ("a/.vscode/settings.json", b"{}", "editor-settings", "a/.vscode/"),
        (".claude/settings.local.json", b"{}", "agent-settings", ".claude/"),
        (".mcp.json", b'{"a": {"env": {"KEY": "x"}}}', "agent-environment", ".mcp.json"),
        (".mcp.json", b'{"a": {"env": {}}}', "agent-settings", ".mcp.json"),
        ("terraform.tfstate", b"{}", "infrastructure-state", "terraform.tfstate"),
        (".bash_history", b"ls\n", "history", ".bash_history"),
        ("data/app.db", b"SQLite format 3\0rest", "database-file", "data/app.db"),
        ("data/app.sqlite3", b"x", "database", "data/app.sqlite3"),
        ("backup.sql", b"x", "dump", "backup.sql"),
        ("core", b"\x7fELF\2\1\1" + bytes(9) + b"\4\0", "core-dump", "core"),
        ("research/a.ipynb", _NOTEBOOK.encode(), "notebook-output", "research/a.ipynb"),
        ("debug.log", b"x", "log", "debug.log"),
        ("demo/settings.py~", b"x", "left-over", "demo/settings.py~"),
        ("demo/__pycache__/a.cpython-312.pyc", b"x", "bytecode", "demo/__pycache__/"),
        ("dist/demo-0.9-py3-none-any.whl", b"x", "old-build", "dist/demo-0.9-py3-none-any.whl"),
    ],
)
def test_a_file_breaks_a_rule(path: str, content: bytes, rule: str, subject: str) -> None:
    """It is the worst rule, and names the directory when all of it is meant."""
    noticed = notice(path, content)
    assert noticed is not None
    assert (noticed.rule.id, noticed.subject) == (rule, subject)


@pytest.mark.parametrize(
    ("path", "content"),
    [
        (".env", b""),
        (".env", b"# nothing yet\nPASSWORD=\n"),
        (".env.example", _VARIABLE),
        ("demo/env.py", _VARIABLE),
        ("demo/environment/__init__.py", b"x = 1\n"),
        (".npmrc", b"engine-strict=true\n"),
        (".npmrc", b"//registry/:_authToken=${NPM_TOKEN}\n"),
        ("demo/credentials.json", b'{"title": "a schema"}'),
        (".gitignore", b"*.pyc\n"),
        (".github/workflows/ci.yml", b"on: push\n"),
        ("demo/mcp.json", b'{"servers": {}}'),
        ("core", b"\x7fELF\2\1\1" + bytes(9) + b"\2\0"),
        ("demo/core/__init__.py", b"x\n"),
        ("docs/clean.ipynb", b'{"cells": [{"outputs": []}]}'),
        ("demo/data.db", b"not SQLite"),
        ("crates/a/Cargo.toml.orig", b"x"),
        ("demo/secrets.py", b"import secrets\n"),
        ("demo/login.html", b"x"),
    ],
)
def test_a_file_breaks_none(path: str, content: bytes) -> None:
    """Neither what holds nothing, nor what only looks like it."""
    assert notice(path, content) is None


def test_tests_and_examples_are_judged_less_hard() -> None:
    """Made-up files of that kind are usual there."""
    hard, soft = notice(".env", _VARIABLE), notice("tests/data/.env", _VARIABLE)
    assert hard is not None
    assert soft is not None
    assert (hard.level, soft.level) == (Level.ERROR, Level.WARNING)
    notebook = notice("tests/a.ipynb", _NOTEBOOK.encode())
    assert notebook is not None
    assert notebook.level is Level.NOTE


def test_a_path_whose_lower_case_is_longer_keeps_its_directories() -> None:
    """Names are compared in lower case, but cut where they are."""
    noticed = notice("İİ/.git/config", b"x")
    assert noticed is not None
    assert noticed.subject == "İİ/.git/"


def test_a_notebook_that_cannot_be_read_is_judged_by_its_bytes() -> None:
    """It may hold output all the same."""
    broken = b'{"cells": [{"output_type": "stream"'
    assert notice("a.ipynb", broken) is not None
    assert notice("a.ipynb", b"[" * 100_000) is None


def test_rules_are_whole() -> None:
    """Each says why, and names a predicate that there is; no id comes twice."""
    assert len({rule.id for rule in RULES}) == len(RULES)
    for rule in RULES:
        assert rule.why.endswith(".")
        assert not rule.holds or rule.holds in PREDICATES
        names = (*rule.folders, *rule.names, *rule.suffixes, *rule.tails, *rule.globs)
        assert names
        assert all(name == name.lower() for name in (*names, *rule.but))
