"""Artifact in, blobs out: in memory, nothing written to disk, every input hostile.

``members`` and ``expand`` are the two entrances, in that order: what the first yields is hashed by
the caller, so that the second is spared for content that was seen already.
"""

from __future__ import annotations

from keysift.unpack.budget import Budget, Limits
from keysift.unpack.container import expand, members
from keysift.unpack.kind import HEAD, TAIL, Kind, identify

__all__ = ["HEAD", "TAIL", "Budget", "Kind", "Limits", "expand", "identify", "members"]
