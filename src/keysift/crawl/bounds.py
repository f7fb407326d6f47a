"""How memory and disk are divided among the processes of a crawl."""

from __future__ import annotations

import os
import shutil
import tempfile
from typing import Final

from msgspec import Struct

from keysift.errors import UsageError
from keysift.sources.fetch import IN_FLIGHT_BYTES, Bounds

_MIB: Final = 1024 * 1024

OWN_BYTES: Final = 160 * _MIB
"""What the process takes that reads pages and writes the store."""

LEAST_BYTES: Final = 256 * _MIB
"""The least that a process which scans needs: Python, the automaton, the stacks of its threads,
and a file of the size that downloads keep in memory."""

_PART_OF_MEMORY: Final = 0.75
_PART_OF_DISK: Final = 0.5


class Share(Struct, frozen=True):
    """What each process that scans may take.

    Attributes:
        memory_bytes: Data it may have; None for no bound.
        bounds: Of each of its two queues of downloads: files that come ahead, and the one wheel
            that could not be read in parts.
    """

    memory_bytes: int | None
    bounds: Bounds


def share(
    processes: int, connections: int, memory_bytes: int | None, disk_bytes: int | None
) -> Share:
    """Divide what a crawl may take.

    Args:
        processes: That scan.
        connections: Requests at the same time, of all of them.
        memory_bytes: Of all processes together; None for three quarters of what the machine has.
        disk_bytes: Of temporary files of all of them; None for half of what is free.

    Raises:
        UsageError: It is not enough memory.
    """
    least = OWN_BYTES + processes * LEAST_BYTES
    if memory_bytes is not None and memory_bytes < least:
        raise UsageError(
            f"--max-memory: with --jobs {processes} it must be at least {-(-least // _MIB)}M"
        )
    whole = _memory(least) if memory_bytes is None else memory_bytes
    each = None if whole is None else (whole - OWN_BYTES) // processes
    disk = _free_disk() if disk_bytes is None else disk_bytes
    return Share(
        each,
        Bounds(
            workers=max(1, connections // processes),
            # The other half is for unpacking and matching.
            in_flight_bytes=IN_FLIGHT_BYTES if each is None else min(IN_FLIGHT_BYTES, each // 4),
            disk_bytes=disk // processes // 2,
        ),
    )


def _memory(least: int) -> int | None:
    """Return what a crawl may take of this machine's memory, None where that is not known."""
    try:
        size = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, OSError, ValueError):
        return None  # not on Windows
    return max(least, int(size * _PART_OF_MEMORY))


def _free_disk() -> int:
    try:
        return int(shutil.disk_usage(tempfile.gettempdir()).free * _PART_OF_DISK)
    except OSError:
        return 0  # Nothing can be put there.
