"""The progress bar: on terminals only, on one line, and harmless."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from keysift.cli import progress
from keysift.cli.environment import Environment
from keysift.cli.progress import Meter


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        """Say so."""
        return True


def drawn(stream: io.StringIO, *, enabled: bool = True) -> str:
    """Return what a bar writes about one file with a hostile name."""
    environment = Environment({}, Path(), io.StringIO(), stream)
    with Meter(environment, enabled=enabled) as meter:
        meter.expect(2_000_000)
        meter.current("a\x1b[2J\u202e" + "b" * 500)
        meter.advance(1_000_000, 1)
    return stream.getvalue()


@pytest.fixture(autouse=True)
def _always_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "_REDRAW_S", -1.0)
    monkeypatch.setenv("COLUMNS", "60")
    monkeypatch.setenv("TERM", "xterm")


def test_a_terminal_sees_files_and_bytes() -> None:
    """Files, bytes and the current name are shown on a terminal, on one line."""
    shown = drawn(Terminal())
    assert "1 files" in shown
    assert "1.0/2.0 MB" in shown
    assert "bbb" in shown
    assert "\x1b[1A\x1b[2K\x1b[1A" not in shown  # two lines up: it would have been two lines


def test_names_cannot_move_the_cursor() -> None:
    """Control characters of a name are not written."""
    shown = drawn(Terminal())
    assert "\x1b[2J" not in shown
    assert "\u202e" not in shown


@pytest.mark.parametrize(("stream", "enabled"), [(io.StringIO(), True), (Terminal(), False)])
def test_others_see_nothing(stream: io.StringIO, enabled: bool) -> None:  # noqa: FBT001
    """A pipe, or a user who asked for quiet, gets no bar."""
    assert drawn(stream, enabled=enabled) == ""
