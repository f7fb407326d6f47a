"""Structured files that hide text from a scan of their bytes."""

from __future__ import annotations

from collections.abc import Iterator

from keysift.model import Blob, Skip
from keysift.unpack.budget import Budget


class Extraction:
    """The parts of a structured file.

    Attributes:
        items: The parts, read as they are asked for.
        replaces_raw: True when the raw bytes need not be scanned; valid after ``items`` has ended.
    """

    def __init__(self, items: Iterator[Blob | Skip], *, replaces_raw: bool) -> None:
        self.items = items
        self.replaces_raw = replaces_raw


def recognise(head: bytes) -> object | None:
    """Return the format of a file that begins like this, or None."""
    del head
    return None


def extract(blob: Blob, budget: Budget) -> Extraction | None:
    """Return the parts of a structured file, or None for anything else."""
    del blob, budget
    return None
