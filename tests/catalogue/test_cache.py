"""The cache keeps what is used, and nothing that was altered."""

from __future__ import annotations

import os
from pathlib import Path

from keysift.catalogue.cache import Cache


def test_what_is_used_is_kept(tmp_path: Path) -> None:
    """Among many entries the one that is read again and again stays."""
    cache = Cache(tmp_path)
    cache.put("used", b"content")
    for number in range(60):
        for age, path in enumerate(sorted(tmp_path.iterdir(), key=lambda one: one.stat().st_mtime)):
            os.utime(path, (age, age))  # older than now, in the same order
        assert cache.get("used") == b"content", number
        cache.put(f"other-{number}", b"content")
    assert len(list(tmp_path.iterdir())) < 60


def test_an_altered_entry_is_a_miss(tmp_path: Path) -> None:
    """What goes to a C library is only what came from it."""
    cache = Cache(tmp_path)
    cache.put("name", b"content")
    path = tmp_path / "name"
    path.write_bytes(path.read_bytes()[:-1] + b"?")
    assert cache.get("name") is None
