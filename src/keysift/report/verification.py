"""What a run of asking tells, whoever is told: rows, numbers, and what was not asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from msgspec import Struct, field

from keysift.model import Outcome, Verdict
from keysift.report.result import DetectorText


class AnswerRow(Struct, frozen=True, kw_only=True):
    """What came of asking about one secret.

    Attributes:
        id: Number of the secret in the store; None when it is in none.
        detector: Id of its type.
        fingerprint: Keyed fingerprint.
        mask: What may be shown of it.
        outcome: What came of it.
        before: Where it stood before; None: nobody had asked.
        checked_at: When (UTC).
    """

    id: int | None
    detector: str
    fingerprint: str
    mask: str
    outcome: Outcome
    before: Verdict | None = None
    checked_at: datetime

    @property
    def is_changed(self) -> bool:
        """Whether it stood differently before, and that was an answer."""
        firm = {Verdict.ACTIVE, Verdict.INACTIVE}
        now = self.outcome.verdict
        return now in firm and self.before in firm and now is not self.before


class Postponed(Struct, frozen=True, kw_only=True):
    """Secrets that should have been asked about, and will be the next time.

    Attributes:
        provider: Whose.
        secrets: How many.
        why: For people.
    """

    provider: str
    secrets: int
    why: str


class Verification(Struct, kw_only=True):
    """Everything that a report tells about one run.

    Attributes:
        version: Version of keysift.
        rows: What came of asking, in the order of the answers.
        requests: Requests sent.
        postponed: What could not be asked in this run.
        unasked: Secrets that were not asked about, by reason: how many, and the reason for people.
        is_stopped: Whether somebody stopped it.
        detectors: Texts by detector id.
    """

    version: str
    rows: Sequence[AnswerRow]
    requests: int
    postponed: tuple[Postponed, ...] = ()
    unasked: Mapping[str, tuple[int, str]] = field(default_factory=dict)
    is_stopped: bool = False
    detectors: Mapping[str, DetectorText] = field(default_factory=dict)

    def count(self, verdict: Verdict) -> int:
        """Return how many answers were this."""
        return sum(row.outcome.verdict is verdict for row in self.rows)
