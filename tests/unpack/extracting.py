"""What a structured file gives, for tests."""

from __future__ import annotations

import random
import string

from keysift.model import Blob, Skip
from keysift.unpack.budget import Budget
from keysift.unpack.formats import Extraction, extract


def marker(seed: int) -> str:
    """Return a word that stands nowhere else; made here, so that none is committed."""
    return "marker" + "".join(random.Random(seed).choices(string.ascii_lowercase, k=12))


def extraction(
    content: bytes, budget: Budget | None = None
) -> tuple[Extraction, list[Blob | Skip]]:
    """Return the extraction of a file that has to be recognised, and all it yields."""
    found = extract(Blob(path="dir/file", content=content), budget or Budget())
    assert found is not None
    return found, list(found.items)


def parts(content: bytes, budget: Budget | None = None) -> dict[str, bytes]:
    """Return the parts of a file by name; there must be no skips and no part twice."""
    _, items = extraction(content, budget)
    blobs = [item for item in items if isinstance(item, Blob)]
    assert blobs == items
    found = {blob.part or "": blob.content for blob in blobs}
    assert len(found) == len(blobs)
    return found


def skips(content: bytes, budget: Budget | None = None) -> list[Skip]:
    """Return the skips among what a file gives."""
    return [item for item in extraction(content, budget)[1] if isinstance(item, Skip)]
