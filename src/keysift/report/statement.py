"""What is said about a detector, one thing at a time, however it is set."""

from __future__ import annotations

from enum import Enum

from msgspec import Struct


class Kind(Enum):
    """How a text is to be set."""

    PROSE = "prose"
    LINK = "link"
    CODE = "code"


class Statement(Struct, frozen=True):
    """One thing that is said about a detector.

    Attributes:
        label: What it is about, in a word or two; statements with the same label follow each other.
        text: It; not escaped for any output.
        kind: Prose may have code in single backquotes.
        note: What is added in prose: why a near-miss is none.
        joint: What stands between it and the next of its label; empty when each has its own line.
    """

    label: str
    text: str
    kind: Kind = Kind.PROSE
    note: str = ""
    joint: str = ""
