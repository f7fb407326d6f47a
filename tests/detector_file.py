"""A small sound detector file, for tests of whoever reads one."""

from __future__ import annotations

from pathlib import Path

TEXT = """\
provider = "Acme"
website = "https://example.com"
category = "code"

[[detector]]
id = "acme-token"
name = "Acme token"
what = "A token."
severity = "high"
confidence = "high"
pattern = '''qzt_[a-z]{8}'''
revoke = "https://example.com/revoke"
rotate = "Make another."
references = ["https://example.com"]
examples = ["qzt_{lower:8}", "Acme token: qzt_{lower:8}"]
near_misses = [{ text = "qzt_short", why = "too short" }, { text = "qzt_", why = "empty" }]
"""
"""One detector, which finds ``qzt_`` and eight letters."""


def detector_file(path: Path, text: str = TEXT) -> Path:
    """Write a detector file."""
    path.write_text(text, "utf-8")
    return path
