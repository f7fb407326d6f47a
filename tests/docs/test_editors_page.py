"""What ``docs/editors.md`` tells editors to read is what keysift writes."""

from __future__ import annotations

import json
import os
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

from keysift.cli.exit import ExitCode
from keysift.cli.main import parser
from tests.cli.conftest import Console, cache, keysift
from tests.gate.archives import write_wheel
from tests.tokens import token

__all__ = ["cache", "keysift"]

_PAGE = Path(__file__).parents[2] / "docs" / "editors.md"
_HOSTILE = (
    "a.py:1:2: error: nothing [here]",
    "line\nbreak.py",
    "back\u202eward.py",
    "with space.py",
    "[x]:7.py",
    "bell\x07.py",
    "ünï.py",
)


def blocks(language: str) -> list[str]:
    """Return the code of the page in one language."""
    return re.findall(rf"```{language}\n(.*?)```", _PAGE.read_text("utf-8"), re.DOTALL)


def _pattern() -> dict[str, Any]:
    tasks = next(block for block in blocks("json") if "problemMatcher" in block)
    pattern: dict[str, Any] = json.loads(tasks)["tasks"][0]["problemMatcher"]["pattern"]
    return pattern


def _read(line: str) -> dict[str, str]:
    """Return what a problem matcher reads in a line."""
    pattern = _pattern()
    found = re.fullmatch(pattern.pop("regexp"), line)
    assert found is not None, line
    return {name: found[group] for name, group in pattern.items()}


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such names")
def test_the_problem_matcher_reads_every_line_whatever_files_are_called(
    keysift: Console, tmp_path: Path
) -> None:
    """Each file is one line, of which path, place, severity and code are read as they are."""
    for name in _HOSTILE:
        (tmp_path / name).write_text(f"x = 1\nkey = '{token()}'\n")
    assert keysift("scan", "-q", "-f", "compact", str(tmp_path)) == ExitCode.FINDINGS
    lines = keysift.out.splitlines()
    assert len(lines) == len(_HOSTILE)
    read = [_read(line) for line in lines]
    names = {one["file"].removeprefix(f"{tmp_path}/") for one in read}
    assert {"with space.py", "ünï.py", "[x]\\x3a7.py"} <= names
    assert {(one["line"], one["column"], one["severity"], one["code"]) for one in read} == {
        ("2", "8", "error", "github-pat")
    }
    assert token() not in keysift.out


def test_a_member_of_an_archive_stands_behind_it(keysift: Console, tmp_path: Path) -> None:
    """And check writes problems that are no secrets where they are in the project."""
    leak = {"demo/__init__.py": f"KEY = '{token()}'\n", ".env": "A=1\n"}
    wheel = write_wheel(tmp_path, leak)
    assert keysift("check", "-f", "compact", str(wheel)) == ExitCode.FINDINGS
    by_code = {one["code"]: one for one in map(_read, keysift.out.splitlines())}
    assert by_code["github-pat"]["file"].endswith(f"{wheel.name}!/demo/__init__.py")
    assert by_code["dotenv"]["file"] == ".env"
    assert by_code["dotenv"]["severity"] == "error"


def test_what_could_not_be_looked_at_is_a_warning(keysift: Console, tmp_path: Path) -> None:
    """A damaged archive may hold secrets, so an editor shows it."""
    (tmp_path / "broken.zip").write_bytes(b"PK\x03\x04" + bytes(40))
    keysift("scan", "-f", "compact", str(tmp_path / "broken.zip"))
    [line] = map(_read, keysift.out.splitlines())
    assert (line["severity"], line["code"]) == ("warning", "incomplete")


def test_lines_stand_in_the_order_of_their_places(keysift: Console, tmp_path: Path) -> None:
    """Two secrets of one file follow each other, and line 10 comes after line 2."""
    path = tmp_path / "a.py"
    path.write_text(f"\nA = '{token(1)}'\n" + "\n" * 7 + f"B = '{token(2)}'\n")
    keysift("scan", "-f", "compact", str(path))
    assert [_read(line)["line"] for line in keysift.out.splitlines()] == ["2", "10"]


def test_the_example_of_the_page_is_what_a_scan_prints(keysift: Console, tmp_path: Path) -> None:
    """But for the mask, which differs from token to token."""
    source = tmp_path / "src" / "demo"
    source.mkdir(parents=True)
    (source / "client.py").write_text(f"\n\nTOKEN = '{token()}'\n")
    keysift("scan", "-q", "-f", "compact", str(tmp_path))
    shown = next(line for line in blocks("console")[0].splitlines() if "error" in line)
    printed = keysift.out.strip().replace(f"{tmp_path}/", "")
    mask = re.compile(r"ghp_…\w\w")
    assert mask.sub("", shown) == mask.sub("", printed)


def test_what_is_to_be_configured_is_valid_and_runs_keysift() -> None:
    """Every block of JSON and TOML can be pasted, and names commands that there are."""
    texts = [json.dumps(json.loads(block)) for block in blocks("json")]
    texts += [json.dumps(tomllib.loads(block)) for block in blocks("toml")]
    assert len(texts) == 7
    known = parser().format_help().split()
    for text in texts:
        words = re.search(r'keysift agent-hook|"args": \["(mcp|scan)"', text)
        assert words is not None, text
        assert (words[1] or "agent-hook") in known


def test_the_hook_of_the_page_says_what_a_hook_says(keysift: Console) -> None:
    """The message is the one that is printed, but for the mask."""
    content = f"\n\nkey = '{token()}'\n"
    payload = {"hook_event_name": "PreToolUse", "tool_input": {"content": content}}
    keysift.stdin = json.dumps(payload).encode()
    assert keysift("agent-hook") == ExitCode.BLOCKED
    shown = next(block for block in blocks("console") if "agent-hook" in block)
    mask = re.compile(r"ghp_…\w\w")
    assert mask.sub("", shown.partition("\n")[2]) == mask.sub("", keysift.err)
