"""Counters and times of scanning, for ``--stats``."""

from __future__ import annotations

from msgspec import Struct, field


class Statistics(Struct):
    """What scanning cost.

    Attributes:
        hits: Times the automaton reported an anchor.
        confirmations: Times an exact expression was tried, by detector.
        seconds: Time of those trials, by detector.
        stages: Time by stage of the whole pipeline.
    """

    hits: int = 0
    confirmations: dict[str, int] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)
    stages: dict[str, float] = field(default_factory=dict)

    def confirmed(self, detector: str, seconds: float) -> None:
        """Count one trial of a detector's exact expression."""
        self.confirmations[detector] = self.confirmations.get(detector, 0) + 1
        self.seconds[detector] = self.seconds.get(detector, 0.0) + seconds

    def spent(self, stage: str, seconds: float) -> None:
        """Add time to a stage."""
        self.stages[stage] = self.stages.get(stage, 0.0) + seconds

    def add(self, other: Statistics) -> None:
        """Add the counters of another process to these."""
        self.hits += other.hits
        for mine, theirs in ((self.seconds, other.seconds), (self.stages, other.stages)):
            for name, value in theirs.items():
                mine[name] = mine.get(name, 0.0) + value
        for name, count in other.confirmations.items():
            self.confirmations[name] = self.confirmations.get(name, 0) + count
