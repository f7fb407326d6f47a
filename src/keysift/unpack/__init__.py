"""Artifact in, blobs out: in memory, nothing written to disk, every input hostile."""

from __future__ import annotations

from keysift.unpack.budget import Budget, Limits

__all__ = ["Budget", "Limits"]
