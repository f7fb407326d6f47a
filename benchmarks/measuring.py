"""What a command costs: seconds, processor time, memory of all its processes."""

from __future__ import annotations

import os
import resource
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_KIB: Final = 1024
_SAMPLING_SECONDS: Final = 0.25


@dataclass(frozen=True)
class Cost:
    """What a run took.

    Attributes:
        seconds: By the clock.
        cpu: Seconds of processor time of all its processes; less sensitive to other work on the
            machine.
        peak: Bytes of memory at most, of all its processes together.
        code: Exit code.
    """

    seconds: float
    cpu: float
    peak: int
    code: int


def measure(command: list[str], variables: Mapping[str, str] | None = None) -> Cost:
    """Run a command; its processor time and memory are those of all its processes.

    What it prints is thrown away at once: a pipe that nobody reads would stop it when it is full.

    Args:
        command: The program and its arguments.
        variables: Of the environment, besides those that are set.
    """
    began, before = time.perf_counter(), _processor()
    nowhere = subprocess.DEVNULL
    with subprocess.Popen(
        command, stdout=nowhere, stderr=nowhere, stdin=nowhere, env=environment(variables)
    ) as process:
        peak, code = 0, None
        while code is None:
            peak = max(peak, _tree_bytes(process.pid))
            try:
                code = process.wait(_SAMPLING_SECONDS)
            except subprocess.TimeoutExpired:
                continue
    return Cost(time.perf_counter() - began, _processor() - before, peak, code)


def _processor() -> float:
    """Return the processor time of all processes that have ended and were waited for."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def environment(variables: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return the environment; installed packages have their bytecode, so that is not forbidden."""
    kept = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    return kept | dict(variables or {})


def _tree_bytes(root: int) -> int:
    """Return the proportional set size of a process and its descendants."""
    total, waiting = 0, [root]
    while waiting:
        pid = waiting.pop()
        try:
            rollup = Path(f"/proc/{pid}/smaps_rollup").read_text("ascii")
            children = Path(f"/proc/{pid}/task/{pid}/children").read_text("ascii")
        except OSError:
            continue
        sizes = (line.split()[1] for line in rollup.splitlines() if line.startswith("Pss:"))
        total += sum(map(int, sizes)) * _KIB
        waiting.extend(map(int, children.split()))
    return total
