"""docs/verify.md shows what the commands really print."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.docs.verify_example import examples, printed


def test_the_examples_are_what_the_commands_print(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """``python -m tests.docs.verify_example`` writes them anew."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    shown = [output for _, output in examples()]
    assert len(shown) == 3
    assert printed(tmp_path) == shown
