"""Compare what is found in 60 pinned packages with the committed snapshot.

``python -m benchmarks.crater`` prints what differs and exits with 1 when something does;
``--update`` writes the snapshot. Files are kept in ``keysift-peers/corpus`` of the temporary
directory, or of ``KEYSIFT_BENCHMARKS``.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections import Counter

from benchmarks.corpus import FOLDER
from benchmarks.crater.packages import pinned, scan
from benchmarks.crater.snapshot import Snapshot, differences, read, write


def main() -> int:
    """Scan, then compare or write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--update", action="store_true", help="write the snapshot")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="processes")
    options = parser.parse_args()
    now = scan(pinned(), FOLDER, options.jobs)
    print(_summary(now), file=sys.stderr)
    if options.update:
        write(now)
        return 0
    lines = list(differences(read(), now))
    for line in lines:
        print(line)
    counts = Counter(line.split()[0] for line in lines)
    print(", ".join(f"{number} {word}" for word, number in counts.items()) or "no difference")
    return 1 if lines else 0


def _summary(snapshot: Snapshot) -> str:
    """Return what was found, in numbers."""
    by_confidence = Counter(one.confidence for one in snapshot.found)
    reasons: Counter[str] = Counter()
    for (reason, _), count in snapshot.suppressed.items():
        reasons[reason] += count
    found = ", ".join(f"{number} {name}" for name, number in by_confidence.most_common())
    hidden = ", ".join(f"{number} {name}" for name, number in reasons.most_common())
    return f"{len(snapshot.found)} places: {found}\n{reasons.total()} suppressed: {hidden}"


if __name__ == "__main__":
    sys.exit(main())
