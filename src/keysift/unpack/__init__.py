"""Artifact in, blobs out: in memory, nothing written to disk, every input hostile.

``members`` and ``expand`` are the two entrances, in that order: what the first yields is hashed by
the caller, so that the second is spared for content that was seen already.
"""

from __future__ import annotations

from keysift.unpack.budget import Budget, Limits
from keysift.unpack.choice import Choose, chosen_spans
from keysift.unpack.container import expand, members
from keysift.unpack.kind import HEAD, TAIL, Kind, identify
from keysift.unpack.reader import BinaryFile

__all__ = [
    "HEAD",
    "TAIL",
    "BinaryFile",
    "Budget",
    "Choose",
    "Kind",
    "Limits",
    "chosen_spans",
    "expand",
    "identify",
    "members",
]
