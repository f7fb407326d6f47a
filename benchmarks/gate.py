"""What ``keysift check`` takes on the releases of a corpus: a wheel and an sdist of each project.

    python -m benchmarks.corpus
    python -m benchmarks.gate [--rounds N] [--folder DIR]

Seconds by the clock with detectors that were compiled before, starting Python included; beside them
what ``keysift --version`` takes on the same machine at the same time, which does nothing but start.
"""

from __future__ import annotations

import argparse
import statistics
import sys
from collections.abc import Iterator
from pathlib import Path

from benchmarks.corpus import FOLDER
from benchmarks.measuring import measure
from keysift.errors import TargetError
from keysift.gate.distribution import Kind, name

_CHECK = [sys.executable, "-m", "keysift", "check", "--no-git"]
_START = [sys.executable, "-m", "keysift", "--version"]


def main() -> None:
    """Measure, and print a line for each release, by size, and the median."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--folder", type=Path, default=FOLDER)
    options = parser.parse_args()
    releases = sorted(_releases(options.folder), key=_size)
    if not releases:
        parser.error(f"{options.folder} holds no project with a wheel and an sdist")
    measure([*_CHECK, *map(str, releases[0])])  # compiles the detectors
    rows: list[tuple[float, float, float]] = []
    print(f"{'release':40} {'KB':>8} {'seconds':>8} {'CPU s':>6} {'start s':>8}")
    for files in releases:
        checks = [measure([*_CHECK, *map(str, files)]) for _ in range(options.rounds)]
        starts = [measure(_START) for _ in range(options.rounds)]
        row = (
            statistics.median(one.seconds for one in checks),
            statistics.median(one.cpu for one in checks),
            statistics.median(one.seconds for one in starts),
        )
        rows.append(row)
        print(
            f"{files[0].name[:40]:40} {_size(files) / 1000:8.0f} {row[0]:8.2f} {row[1]:6.2f} "
            f"{row[2]:8.2f}",
            flush=True,
        )
    seconds, cpu, start = (statistics.median(column) for column in zip(*rows, strict=True))
    size = statistics.median(map(_size, releases)) / 1000
    print(f"{f'median of {len(rows)}':40} {size:8.0f} {seconds:8.2f} {cpu:6.2f} {start:8.2f}")


def _releases(folder: Path) -> Iterator[list[Path]]:
    """Yield the wheel and the sdist of each project that has both."""
    found: dict[str, dict[Kind, Path]] = {}
    for path in sorted(folder.rglob("*")):
        try:
            named = name(path.name)
        except TargetError:
            continue
        found.setdefault(named.project, {})[named.kind] = path
    for kinds in found.values():
        if Kind.WHEEL in kinds and Kind.SDIST in kinds:
            yield [kinds[Kind.WHEEL], kinds[Kind.SDIST]]


def _size(files: list[Path]) -> int:
    return sum(file.stat().st_size for file in files)


if __name__ == "__main__":
    main()
