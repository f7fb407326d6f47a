"""Commands that pages tell people to run are commands."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from keysift import web
from keysift.cli.main import parser

_TEMPLATES = Path(web.__file__).parent / "templates"


def _commands() -> set[str]:
    found = set()
    for path in sorted(_TEMPLATES.glob("*.html")):
        text = re.sub(r"{{.*?}}", "1", path.read_text("utf-8"))
        found |= set(re.findall(r"<code[^>]*>(keysift [^<]*)</code>", text))
        found |= {name + " NAME" for name in re.findall(r"(keysift [a-z]+) NAME looks", text)}
    return found


@pytest.mark.parametrize("command", sorted(_commands()))
def test_a_command_that_a_page_names_is_one(command: str) -> None:
    """With its options, as they are spelled."""
    words = ["9" if word == "PORT" else word for word in command.split()[1:]]
    parser().parse_args(words)
    # A beginning of an option is taken for it, which may be another one than is meant.
    options = Path(__file__).parents[2] / "docs/command-line.md"
    assert all(f"{word} " in options.read_text("utf-8") for word in words if word.startswith("--"))


def test_there_are_some() -> None:
    """Else nothing was tested."""
    assert "keysift crawl NAME" in _commands()
