"""What made-up people decided about made-up secrets: an audit trail with notes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from random import Random
from typing import Any, Final

from keysift.demo.leak import Leaked
from keysift.demo.names import PEOPLE
from keysift.demo.timeline import Timeline
from keysift.model import Confidence, TriageStatus

_TRIAGED: Final = 0.11
"""Part of the secrets that somebody looked at; the others are open."""

_AGAIN: Final = 0.22

_NOTES: Final = {
    TriageStatus.OPEN: (
        "maintainer asked, no answer yet",
        "still works, so it is open again",
        "reported to the maintainer by e-mail",
        "second reminder sent",
        "",
    ),
    TriageStatus.FALSE_POSITIVE: (
        "a hash of a lock file",
        "example from the provider's documentation",
        "not a password: name of a setting",
        "placeholder of a template",
    ),
    TriageStatus.TEST: (
        "fixture, made for the tests",
        "sandbox account without data",
        "key of a throw-away container",
    ),
    TriageStatus.ACCEPTED: (
        "public by design",
        "the owner knows, it has no rights",
        "read-only account for demonstrations",
    ),
    TriageStatus.REVOKED: (
        "maintainer confirmed and rotated",
        "revoked by the provider after our report",
        "account was deleted",
        "rotated, release yanked",
    ),
}

_WORKS: Final = ((TriageStatus.OPEN, 50), (TriageStatus.ACCEPTED, 34), (TriageStatus.REVOKED, 16))
_DEAD: Final = ((TriageStatus.REVOKED, 72), (TriageStatus.TEST, 14), (TriageStatus.OPEN, 14))
_SURE: Final = ((TriageStatus.OPEN, 46), (TriageStatus.REVOKED, 30), (TriageStatus.TEST, 24))
_UNSURE: Final = (
    (TriageStatus.FALSE_POSITIVE, 48),
    (TriageStatus.TEST, 24),
    (TriageStatus.OPEN, 20),
    (TriageStatus.ACCEPTED, 8),
)


def decisions(
    secrets: Iterable[Leaked], verdicts: Mapping[int, str], timeline: Timeline, chance: Random
) -> list[dict[str, Any]]:
    """Return the lines of the audit trail, in the order of time.

    Args:
        secrets: The secrets.
        verdicts: What their providers said last, by number.
        timeline: Until when.
        chance: Draws.
    """
    rows: list[dict[str, Any]] = []
    for secret in secrets:
        if secret.seen_at is None or chance.random() > _TRIAGED:
            continue
        number = 1 + (chance.random() < _AGAIN) + (chance.random() < _AGAIN)
        at = secret.seen_at
        author = chance.choice(PEOPLE)
        for place in range(number):
            at += (timeline.now - at) * chance.betavariate(1, 3)
            last = place == number - 1
            status = _status(secret, verdicts.get(secret.number), chance) if last else None
            rows.append(_row(secret, status or TriageStatus.OPEN, author, at, chance))
    return sorted(rows, key=lambda row: row["decided_at"])


def _status(secret: Leaked, verdict: str | None, chance: Random) -> TriageStatus:
    is_sure = secret.specimen.match.confidence is Confidence.HIGH
    usual = _SURE if is_sure else _UNSURE
    weighted = {"active": _WORKS, "inactive": _DEAD}.get(verdict or "", usual)
    return chance.choices([one for one, _ in weighted], [weight for _, weight in weighted])[0]


def _row(
    secret: Leaked, status: TriageStatus, author: str, at: datetime, chance: Random
) -> dict[str, Any]:
    return {
        "secret_id": secret.number,
        "status": status.value,
        "note": chance.choice(_NOTES[status]),
        "author": author,
        "decided_at": at,
    }
