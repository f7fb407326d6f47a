"""The examples for CI: they are parsed, and what they run is run or parsed as well."""

from __future__ import annotations

import re
import runpy
import shlex
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Final

import pytest
import yaml

from keysift.cli.exit import ExitCode
from keysift.cli.main import parser
from tests.cli.conftest import Console, cache, keysift
from tests.gate.archives import write_wheel

__all__ = ["cache", "keysift"]

ROOT: Final = Path(__file__).parents[2]
PAGE: Final = (ROOT / "docs/ci.md").read_text("utf-8")
BLOCKS: Final = re.findall(r"```(\w+)\n(.*?)```", PAGE, re.DOTALL)
ACTION: Final[dict[str, Any]] = yaml.safe_load((ROOT / "action.yml").read_text("utf-8"))


def _blocks(kind: str) -> list[str]:
    return [text for name, text in BLOCKS if name == kind]


def _strings(node: object) -> Iterator[str]:
    """Yield every string of a document."""
    if isinstance(node, str):
        yield node
    elif isinstance(node, dict):
        for value in node.values():
            yield from _strings(value)
    elif isinstance(node, list):
        for value in node:
            yield from _strings(value)


def _commands() -> list[str]:
    lines = [line for text in _blocks("yaml") for line in _strings(yaml.safe_load(text))]
    lines += re.findall(r"sh '(.*)'", _blocks("groovy")[0])
    found = [line for line in lines if re.match(r"(\S*/)?keysift (check|scan)", line)]
    return list(dict.fromkeys(found))


@pytest.mark.parametrize("command", _commands())
def test_a_command_of_an_example_is_one(command: str) -> None:
    """With its options, as they are spelled, and not shortened."""
    words = shlex.split(command)[1:]
    parser().parse_args(words)
    known = (ROOT / "docs/command-line.md").read_text("utf-8")
    assert all(f"{word} " in known for word in words if word.startswith("--"))


def test_every_system_has_an_example() -> None:
    """Else nothing was tested."""
    assert len(_commands()) == 5
    kinds = ["yaml", "yaml", "yaml", "yaml", "yaml", "groovy", "toml", "python"]
    assert [name for name, _ in BLOCKS] == kinds


def test_github_checks_before_it_publishes() -> None:
    """In a job that the publishing job needs; actions are pinned, and inputs exist."""
    workflow: dict[str, Any] = yaml.safe_load(_blocks("yaml")[0])
    build, publish = workflow["jobs"]["build"], workflow["jobs"]["publish"]
    names = [step.get("uses", step.get("run")).partition("@")[0] for step in build["steps"]]
    assert names.index("OWNER/keysift") < names.index("actions/upload-artifact")
    assert publish["needs"] == "build"
    assert [step["uses"].partition("@")[0] for step in publish["steps"]] == [
        "actions/download-artifact",
        "pypa/gh-action-pypi-publish",
    ]
    assert publish["permissions"] == {"id-token": "write"}
    used = [step["uses"] for job in (build, publish) for step in job["steps"] if "uses" in step]
    assert all(re.fullmatch(r"[\w/-]+@([0-9a-f]{40}|COMMIT)", one) for one in used)
    [ours] = [step for step in build["steps"] if step.get("id") == "keysift"]
    assert set(ours["with"]) <= set(ACTION["inputs"])
    assert set(re.findall(r"steps\.keysift\.outputs\.([\w-]+)", PAGE)) <= set(ACTION["outputs"])


def test_inputs_and_outputs_of_the_action_are_listed() -> None:
    """All of them, and no other."""
    tables = re.findall(r"\| (?:input|output) \|.*?\n\n", PAGE, re.DOTALL)
    listed = [set(re.findall(r"^\| `([\w-]+)`", table, re.MULTILINE)) for table in tables]
    assert listed == [set(ACTION["inputs"]), set(ACTION["outputs"])]


def _tox() -> list[list[str]]:
    [text] = _blocks("toml")
    environment = tomllib.loads(text)["env"]["check-dist"]
    assert set(environment["deps"]) == {"build", "keysift"}
    commands: list[list[str]] = environment["commands"]
    return commands


def _nox(directory: Path, monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """Return what the session runs: with nox itself, each test would make an environment."""
    [text] = _blocks("python")
    (directory / "noxfile.py").write_text(text)
    stand_in = SimpleNamespace(session=lambda function: function, Session=object)
    monkeypatch.setitem(sys.modules, "nox", stand_in)
    session = runpy.run_path(str(directory / "noxfile.py"))["check_dist"]
    installed: list[str] = []
    commands: list[list[str]] = []
    session(
        SimpleNamespace(
            install=lambda *names: installed.extend(names),
            run=lambda *words: commands.append(list(words)),
        )
    )
    assert installed == ["build", "keysift"]
    return commands


@pytest.mark.parametrize("tool", ["tox", "nox"])
def test_tox_and_nox_stop_at_what_blocks(
    tool: str, keysift: Console, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What they run after the build is a check that fails."""
    build, check = _tox() if tool == "tox" else _nox(tmp_path, monkeypatch)
    assert build == ["python", "-m", "build"]
    monkeypatch.chdir(tmp_path)
    write_wheel(tmp_path / "dist", {"demo/__init__.py": "x = 1\n"})
    assert keysift(*check[1:]) == ExitCode.CLEAN
    write_wheel(tmp_path / "dist", {"demo/__init__.py": "x = 1\n", "demo/.env": "A=b\n"})
    assert keysift(*check[1:]) == ExitCode.FINDINGS
