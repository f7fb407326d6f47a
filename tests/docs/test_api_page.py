"""docs/api.md shows what the API really answers."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from keysift.web.problems import Word
from tests.docs.api_example import PAGE, examples, printed


@pytest.mark.skipif(
    not all(map(shutil.which, ("sh", "curl", "python3"))), reason="the page uses curl in a shell"
)
def test_the_examples_are_what_the_commands_print(tmp_path: Path) -> None:
    """``python -m tests.docs.api_example`` writes them anew."""
    shown = [output for _, output in examples()]
    assert len(shown) == 7
    assert printed(tmp_path) == shown


def test_every_status_is_explained() -> None:
    """The table has the status of each problem that whoever asks can do something about."""
    page = PAGE.read_text("utf-8")
    rows = [line for line in page.splitlines() if line.startswith(("| 4", "| 5"))]
    for word in set(Word) - {Word.BUG, Word.NO_SUCH_METHOD, Word.TOO_OFTEN}:
        assert any(str(word.status) in row.split("|")[1] for row in rows), word
