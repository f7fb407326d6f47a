"""The page on survival shows what the command prints."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.docs.survival_example import PICTURE, build, example, printed


@pytest.fixture(scope="module")
def ledger(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Return the store of the example."""
    location = str(tmp_path_factory.mktemp("example") / "store.db")
    build(location)
    return location


def test_the_example_is_what_is_printed(ledger: str) -> None:
    """``python -m tests.docs.survival_example`` writes another one."""
    command, output = example()
    program, *arguments = command.split()
    assert program == "keysift"
    assert printed(ledger, *arguments) == output


def test_the_picture_is_of_the_same_ledger() -> None:
    """Its headline and numbers are those of the example; libraries may draw it in other ways."""
    _, output = example()
    drawn = re.findall(r">([^<>]+)</t(?:ext|span)>", PICTURE.read_text("utf-8"))
    assert output.splitlines()[0] in drawn
    assert {"acme-token", "example-key", "Under observation"} <= set(drawn)


def test_the_picture_is_named(ledger: str) -> None:
    """The page shows the file beside it."""
    page = PICTURE.with_suffix(".md").read_text("utf-8")
    assert f"]({Path(PICTURE).name})" in page
    assert printed(ledger, "survival", "-f", "svg").startswith("<svg")
