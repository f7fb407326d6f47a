"""Secrets for tests, made at run time."""

from __future__ import annotations

from keysift.catalogue.samples import expand


def token(seed: int = 0) -> str:
    """Return a GitHub token with a right checksum."""
    return expand("ghp_{base62:30}{crc32_base62}", seed)
