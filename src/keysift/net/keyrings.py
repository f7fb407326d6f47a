"""The system's keyring, through the optional library ``keyring``."""

from __future__ import annotations

from types import ModuleType


def keyring_library() -> ModuleType | None:
    """Return the library with its ``errors``; None when it is not installed."""
    try:
        import keyring  # noqa: PLC0415 (optional, and slow to import)
        import keyring.errors  # noqa: PLC0415 (the same)
    except ImportError:
        return None
    return keyring
