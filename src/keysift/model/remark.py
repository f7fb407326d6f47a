"""Remark: something about how findings were ignored that whoever wrote it should know."""

from __future__ import annotations

from enum import Enum

from msgspec import Struct


class RemarkKind(Enum):
    """What is the matter. The value is the word in every report."""

    REFUSED_COMMENT = "refused_comment"
    UNUSED_COMMENT = "unused_comment"
    UNUSED_RULE = "unused_rule"
    STALE_ENTRY = "stale_baseline_entry"


class Remark(Struct, frozen=True, kw_only=True):
    """Something that was meant to ignore findings, and did not.

    Attributes:
        kind: What is the matter.
        text: The same for people, with what to do; never a value.
        path: The file; as in ``Blob.path``.
        line: From 1; 0 when it is about a whole file.
        part: Part of a structured file, else None.
        artifact: Name of the artifact, filled in by whoever scans it.
    """

    kind: RemarkKind
    text: str
    path: str = ""
    line: int = 0
    part: str | None = None
    artifact: str = ""
