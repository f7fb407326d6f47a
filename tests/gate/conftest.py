"""The console, as for the command line."""

from __future__ import annotations

from tests.cli.conftest import cache, keysift

__all__ = ["cache", "keysift"]
