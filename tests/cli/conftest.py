"""A console for the tests of the command line."""

from __future__ import annotations

import io
import os
from pathlib import Path

import pytest

from keysift.cli.environment import Environment
from keysift.cli.main import main


@pytest.fixture(scope="session")
def cache(shared_cache: Path) -> str:
    """Return a cache directory that all tests share."""
    return str(shared_cache)


class Console:
    """Runs commands and keeps what they print."""

    def __init__(self, directory: Path, cache: str) -> None:
        self.directory = directory
        self.variables = {
            "KEYSIFT_CACHE_DIR": cache,
            "KEYSIFT_FINGERPRINT_KEY": "k" * 32,
            "PIP_CONFIG_FILE": os.devnull,
        }
        self.stdin = b""
        self.terminal: io.BytesIO | None = None
        self.out = ""
        self.err = ""

    def __call__(self, *arguments: str) -> int:
        """Run ``keysift`` with these arguments."""
        stdout, stderr = io.StringIO(), io.StringIO()
        environment = Environment(
            self.variables,
            self.directory,
            stdout,
            stderr,
            io.BytesIO(self.stdin) if self.terminal is None else self.terminal,
        )
        code = main(arguments, environment)
        self.out, self.err = stdout.getvalue(), stderr.getvalue()
        return code


@pytest.fixture
def keysift(tmp_path: Path, cache: str) -> Console:
    """Return a console in an empty directory."""
    return Console(tmp_path, cache)
