"""A directory of derived data, which may vanish at any time.

Each entry is a file that begins with the BLAKE3 digest of the rest: a torn or altered file is a
miss, not a crash inside a C library. Entries are written to a temporary name and renamed, so that
concurrent runs never see half of one.
"""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from typing import Final

from blake3 import blake3

_DIGEST_BYTES: Final = 32
_KEEP: Final = 48
"""Entries kept; the least recently used beyond it are deleted."""


class Cache:
    """Bytes by name under one directory. An unusable directory means no cache, never an error."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def get(self, name: str) -> bytes | None:
        """Return what was stored under ``name``, or None."""
        path = self._directory / name
        try:
            with path.open("rb") as file:
                digest = file.read(_DIGEST_BYTES)
                body = file.read()
        except OSError:
            return None
        if blake3(body).digest() != digest:
            return None
        with contextlib.suppress(OSError):
            os.utime(path)  # what is used is not what `_prune` deletes
        return body

    def put(self, name: str, body: bytes) -> None:
        """Store ``body`` under ``name``; a full or read-only disk is not an error."""
        import tempfile  # noqa: PLC0415 (only the first run writes, and start-up counts)

        try:
            self._directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            descriptor, temporary = tempfile.mkstemp(dir=self._directory, prefix=".new-")
            with os.fdopen(descriptor, "wb") as file:
                file.write(blake3(body).digest() + body)
            Path(temporary).replace(self._directory / name)
            self._prune()
        except OSError:
            return

    def _prune(self) -> None:
        entries = [path for path in self._directory.iterdir() if path.is_file()]
        entries.sort(key=lambda path: path.stat().st_mtime, reverse=True)
        for path in entries[_KEEP:]:
            with contextlib.suppress(OSError):
                path.unlink()
