"""``python -m keysift``."""

from __future__ import annotations

from keysift.cli.main import run

run()
