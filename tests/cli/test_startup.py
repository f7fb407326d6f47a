"""A scan of one file does not wait for what other commands need."""

from __future__ import annotations

import subprocess
import sys

HEAVY = ("alembic", "altair", "cryptography", "http.server", "requests", "rich", "sqlalchemy")


def test_the_command_line_is_light() -> None:
    """Databases, web servers and clients are loaded by the commands that use them."""
    code = (
        "import sys; from keysift.cli.main import parser; parser(); "
        f"print([name for name in {HEAVY!r} if name in sys.modules])"
    )
    loaded = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)
    assert loaded.stdout.decode().strip() == "[]"
