"""Coverage: what a run looked at, and what it did not."""

from __future__ import annotations

from msgspec import Struct, field

from keysift.model.skip import Skip


class Coverage(Struct, kw_only=True):
    """Counters of one run; add them up with ``add``.

    Attributes:
        artifacts: Artifacts (or loose files) opened.
        files: Members and files seen, whether scanned or not.
        bytes: Bytes of content that were looked at.
        scanned: Files whose content went through the detectors.
        duplicates: Files whose digest had been scanned already in the same project.
        suppressed: Matches that were judged not to be secrets, by reason.
        hidden: Findings left out because of their confidence or severity.
        skips: Everything that was not looked at.
    """

    artifacts: int = 0
    files: int = 0
    bytes: int = 0
    scanned: int = 0
    duplicates: int = 0
    hidden: int = 0
    suppressed: dict[str, int] = field(default_factory=dict)
    skips: list[Skip] = field(default_factory=list)

    @property
    def complete(self) -> bool:
        """False when anything was skipped that may have held a secret."""
        return not any(skip.reason.is_gap for skip in self.skips)

    @property
    def skipped(self) -> dict[str, int]:
        """Number of skips by reason, sorted by reason."""
        counts: dict[str, int] = {}
        for skip in self.skips:
            counts[skip.reason.value] = counts.get(skip.reason.value, 0) + 1
        return dict(sorted(counts.items()))

    def add(self, other: Coverage) -> None:
        """Add the counters of another run to this one."""
        self.artifacts += other.artifacts
        self.files += other.files
        self.bytes += other.bytes
        self.scanned += other.scanned
        self.duplicates += other.duplicates
        self.hidden += other.hidden
        self.skips.extend(other.skips)
        for reason, count in other.suppressed.items():
            self.suppressed[reason] = self.suppressed.get(reason, 0) + count
