"""Skip: something that was not looked at, with the reason. Could not look is never clean."""

from __future__ import annotations

from enum import Enum

from msgspec import Struct


class SkipReason(Enum):
    """Why something was not looked at. The value is the word in every report."""

    TOO_LARGE = "too_large"
    TOO_DEEP = "too_deep"
    TOO_MANY_MEMBERS = "too_many_members"
    RATIO = "ratio"
    BYTES_BUDGET = "bytes_budget"
    STEP_BUDGET = "step_budget"
    DECODE_BUDGET = "decode_budget"
    ENCRYPTED = "encrypted"
    CORRUPT = "corrupt"
    TRUNCATED = "truncated"
    UNSUPPORTED = "unsupported"
    UNREADABLE = "unreadable"
    DOWNLOAD_FAILED = "download_failed"
    NOT_SERVED = "not_served"
    HASH_MISMATCH = "hash_mismatch"
    TARGET_FAILED = "target_failed"
    INTERRUPTED = "interrupted"
    LINK = "link"
    DEVICE = "device"
    EXCLUDED = "excluded"
    IGNORED = "ignored"
    NOT_CLONED = "not_cloned"
    LFS_POINTER = "lfs_pointer"
    SUBMODULE = "submodule"

    @property
    def is_gap(self) -> bool:
        """True when content may have been missed, so the run is not complete.

        Links and devices have no content of their own; excluded and ignored is what the user
        asked for; a submodule is another repository.
        """
        return self not in _INTENDED

    @property
    def is_failure(self) -> bool:
        """True when something that was asked for could not be had at all: a file, a target.

        Not what was opened and held parts that cannot be read.
        """
        return self in _FAILURES


_INTENDED = frozenset(
    {
        SkipReason.LINK,
        SkipReason.DEVICE,
        SkipReason.EXCLUDED,
        SkipReason.IGNORED,
        SkipReason.SUBMODULE,
    }
)
_FAILURES = frozenset(
    {
        SkipReason.UNREADABLE,
        SkipReason.DOWNLOAD_FAILED,
        SkipReason.NOT_SERVED,
        SkipReason.HASH_MISMATCH,
        SkipReason.TARGET_FAILED,
    }
)


class Skip(Struct, frozen=True, kw_only=True):
    """Something that was not looked at.

    Attributes:
        path: The member or file, as in ``Blob.path``; empty for the artifact itself.
        reason: Why.
        detail: What exactly, for a person: numbers and limits, never content.
        size_bytes: How much was not looked at, when known.
        artifact: Name of the artifact, filled in by whoever scans it.
    """

    path: str
    reason: SkipReason
    detail: str = ""
    size_bytes: int | None = None
    artifact: str = ""
