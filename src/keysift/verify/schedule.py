"""When a secret is asked about again: soon after it was found, then less and less often."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import groupby
from typing import Annotated, TypeAlias

from msgspec import Meta, Struct

from keysift.model import Doubt, Privilege, Verdict

_Days: TypeAlias = Annotated[tuple[Annotated[int, Meta(ge=0, le=36500)], ...], Meta(min_length=1)]

_FIRM = frozenset({Verdict.ACTIVE, Verdict.INACTIVE})


class Schedule(Struct, frozen=True, forbid_unknown_fields=True, rename="kebab", kw_only=True):
    """Days between two checks; the last number repeats.

    Attributes:
        active: Of a secret that works.
        inactive: Of one that does not; rarely, somebody turns one on again.
        unknown: Of one of which the provider said nothing.
    """

    active: _Days = (1, 7, 30, 90)
    inactive: _Days = (30, 365)
    unknown: _Days = (1, 7, 30, 90)


class Check(Struct, frozen=True):
    """A row of the ledger, as far as the schedule needs it.

    Attributes:
        secret: Number of the secret.
        verdict: What came of it.
        doubt: Why it is unknown.
        validity: Version of the question; None when none was asked.
        checked_at: When (UTC).
        privilege: How much the secret may do; None: not known, or not asked for.
        is_broad: Whether it seems broader than it needs to be; False: or not asked for.
    """

    secret: int
    verdict: Verdict
    doubt: Doubt | None
    validity: str | None
    checked_at: datetime
    privilege: Privilege | None = None
    is_broad: bool = False

    @property
    def is_firm(self) -> bool:
        """Whether the provider said that the secret works, or that it does not."""
        return self.verdict is Verdict.ACTIVE or self.verdict is Verdict.INACTIVE

    @property
    def says_nothing(self) -> bool:
        """Whether an earlier verdict still stands after it."""
        return self.verdict is Verdict.UNKNOWN and (self.doubt is None or self.doubt.is_open)


class Standing(Struct, frozen=True):
    """Where a secret stands after all its checks.

    Attributes:
        secret: Number of the secret.
        verdict: The one that stands: a provider that could not be asked again changes nothing.
        since: How many checks in a row said the same as the last one.
        before: The verdict before these; None when there was none.
        last: The last check.
        told: The check whose verdict stands; None: all of them said nothing.
    """

    secret: int
    verdict: Verdict
    since: int
    before: Verdict | None
    last: Check
    told: Check | None = None


def standings(checks: Iterable[Check]) -> Iterator[Standing]:
    """Yield where each secret stands.

    Args:
        checks: All rows, those of a secret one after the other, the oldest first.
    """
    for _, rows in groupby(checks, key=lambda check: check.secret):
        yield standing_of(list(rows))


def standing_of(checks: Sequence[Check]) -> Standing:
    """Return where a secret stands.

    Args:
        checks: All its rows, the oldest first; at least one.
    """
    last, told, run, before = checks[0], None, 0, None
    for check in checks:
        if _state(check) == _state(last):
            run += 1
        else:
            before, run = last.verdict, 1
        if not check.says_nothing:
            told = check
        last = check
    verdict = Verdict.UNKNOWN if told is None else told.verdict
    return Standing(last.secret, verdict, run, before, last, told)


def _state(check: Check) -> tuple[Verdict, Doubt | None]:
    return check.verdict, check.doubt


def due_at(standing: Standing, schedule: Schedule, validity: str | None) -> datetime | None:
    """Return when a secret is to be asked about again; None: never, as things are.

    Args:
        standing: Where it stands.
        schedule: The days.
        validity: Version of the question that would be asked now; None: none can be.
    """
    last = standing.last
    if last.verdict is Verdict.CANARY or validity is None:
        return None
    if not last.is_firm and last.validity != validity:
        # The question is another one now, and may be answered.
        return last.checked_at
    if last.is_firm and standing.since == 1 and standing.before in _FIRM:
        # It changed. An answer like that is made sure of at once.
        return last.checked_at
    days = getattr(schedule, last.verdict.value, schedule.unknown)
    return last.checked_at + timedelta(days=days[min(standing.since, len(days)) - 1])
