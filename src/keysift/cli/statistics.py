"""What scanning cost, for ``--stats``."""

from __future__ import annotations

from typing import Final, TextIO

from keysift.crawl.session import Session

_SHOWN: Final = 10
_STAGES: Final = {
    "unpack": "unpack (inflate, headers)",
    "hash": "hash members",
    "expand": "open nested and structured files",
    "detect": "detect (automaton, exact, decode)",
}


def write_statistics(session: Session, stream: TextIO) -> None:
    """Write counters, time by stage, and the most expensive detectors."""
    coverage, statistics = session.coverage, session.statistics
    lines = [
        "statistics",
        f"  bytes         {coverage.bytes:>14,}",
        f"  members       {coverage.files:>14,}",
        f"  duplicates    {coverage.duplicates:>14,}",
        f"  automaton hits{statistics.hits:>14,}",
        f"  confirmations {sum(statistics.confirmations.values()):>14,}",
        f"  elapsed       {session.elapsed_s:>14.2f} s",
        "  time by stage, all processes together",
    ]
    for stage, title in _STAGES.items():
        lines.append(f"    {title:<36} {statistics.stages.get(stage, 0.0):>9.3f} s")
    lines.append(f"  the {_SHOWN} most expensive detectors (exact expressions only)")
    ranked = sorted(statistics.seconds.items(), key=lambda item: -item[1])
    for name, seconds in ranked[:_SHOWN]:
        lines.append(
            f"    {name:<36} {seconds:>9.3f} s  {statistics.confirmations[name]:>8,} texts"
        )
    print("\n".join(lines), file=stream)
