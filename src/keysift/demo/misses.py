"""What the demo's crawls could not look at, and how they say so."""

from __future__ import annotations

from random import Random
from typing import Final

from msgspec import Struct

from keysift.model import SkipReason


class Miss(Struct, frozen=True):
    """A way not to look at something.

    Attributes:
        weight: How frequent it is.
        reason: Why.
        detail: For people, as what unpacks says it.
        path: Template of a path in a file; empty: all of it.
        size_bytes: Size; 0 when it is not known.
    """

    weight: float
    reason: SkipReason
    detail: str
    path: str = ""
    size_bytes: int = 0


GAPS: Final = (
    Miss(
        22,
        SkipReason.TOO_LARGE,
        "not opened: larger than 100663296 bytes",
        "{package}/data/model.zip",
        412_330_112,
    ),
    Miss(
        6,
        SkipReason.TOO_LARGE,
        "only the first 4294967296 bytes were looked at",
        "{package}/weights.bin",
    ),
    Miss(16, SkipReason.CORRUPT, "the compressed data is damaged", "tests/data/broken.gz", 2_048),
    Miss(6, SkipReason.CORRUPT, "a notebook that is no valid JSON", "docs/tutorial.ipynb", 18_112),
    Miss(14, SkipReason.ENCRYPTED, "encrypted", "tests/data/protected.zip!/inner.txt", 1_204),
    Miss(10, SkipReason.TRUNCATED, "1024 bytes are missing"),
    Miss(4, SkipReason.TRUNCATED, "no central directory", "tests/data/half.zip", 9_216),
    Miss(
        8,
        SkipReason.UNSUPPORTED,
        "rar archives cannot be opened",
        "assets/pictures.rar",
        3_811_021,
    ),
    Miss(
        5,
        SkipReason.UNSUPPORTED,
        "compression method 9 (deflate64)",
        "{package}/samples.zip!/a.csv",
    ),
    Miss(
        3,
        SkipReason.TOO_DEEP,
        "more than 5 containers inside each other",
        "tests/data/nested.tgz",
        40_960,
    ),
    Miss(2, SkipReason.RATIO, "more than 1000 times its compressed size", "tests/data/zeros.gz"),
    Miss(2, SkipReason.BYTES_BUDGET, "its budget of 19327352832 bytes is used up"),
    Miss(2, SkipReason.STEP_BUDGET, "its budget of 24000000 steps of work is used up"),
    Miss(1, SkipReason.TOO_MANY_MEMBERS, "its budget of 1250000 members is used up"),
    Miss(
        2,
        SkipReason.DECODE_BUDGET,
        "more than 67108864 decoded bytes",
        "{package}/static/bundle.js",
        8_912_006,
    ),
    Miss(1, SkipReason.UNREADABLE, "read error", "{package}/data/index.db"),
)
"""Gaps: what may have held a secret."""

INTENDED: Final = (
    Miss(10, SkipReason.LINK, "symbolic link", "docs/README.md"),
    Miss(3, SkipReason.LINK, "hard link", "{package}/_vendor.py"),
    Miss(1, SkipReason.DEVICE, "fifo", "tests/data/pipe"),
)
"""What holds no content of its own."""

FAILURES: Final = (
    (50, "not_served: https://files.invalid answers with the error 404"),
    (14, "download_failed: https://files.invalid does not answer in time; try again later"),
    (12, "download_failed: https://files.invalid breaks off in the middle of its answer"),
    (8, "hash_mismatch: its sha256 is not the one that the index announces"),
    (6, "the process ended (signal SIGKILL)"),
)
"""Why files could not be scanned at all, with how often."""

NOT_HERE: Final = frozenset(
    {
        SkipReason.DOWNLOAD_FAILED,
        SkipReason.NOT_SERVED,
        SkipReason.HASH_MISMATCH,
        SkipReason.TARGET_FAILED,
        SkipReason.INTERRUPTED,
        SkipReason.IGNORED,
        SkipReason.SUBMODULE,
        SkipReason.LFS_POINTER,
        SkipReason.NOT_CLONED,
    }
)
"""Reasons for which no part of a file is skipped: all of it failed then, or it is no archive of an
index but a directory or a repository."""

_GAP_WEIGHTS: Final = [one.weight for one in GAPS]
_INTENDED_WEIGHTS: Final = [one.weight for one in INTENDED]
_FAILURE_WEIGHTS: Final = [weight for weight, _ in FAILURES]


def gap(chance: Random) -> Miss:
    """Return what was not looked at and should have been."""
    return chance.choices(GAPS, _GAP_WEIGHTS)[0]


def intended(chance: Random) -> Miss:
    """Return what was not looked at and need not be."""
    return chance.choices(INTENDED, _INTENDED_WEIGHTS)[0]


def failure(chance: Random) -> str:
    """Return why a file could not be scanned."""
    return chance.choices(FAILURES, _FAILURE_WEIGHTS)[0][1]
