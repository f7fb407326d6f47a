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
        since: How many checks said the same as the one that stands, one after the other; those that
            said nothing are left out.
        before: The verdict before these; None when there was none.
        silent: How many checks after these said nothing.
        last: The last check.
        told: The check whose verdict stands; None: all of them said nothing.
    """

    secret: int
    verdict: Verdict
    since: int
    before: Verdict | None
    silent: int
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
    told: Check | None = None
    before: Verdict | None = None
    run = silent = 0
    for check in checks:
        if check.says_nothing:
            silent += 1
            continue
        if told is not None and _state(check) == _state(told):
            run += 1
        else:
            before, run = (None if told is None else told.verdict), 1
        told, silent = check, 0
    last = checks[-1]
    verdict = Verdict.UNKNOWN if told is None else told.verdict
    return Standing(last.secret, verdict, run, before, silent, last, told)


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
    if standing.silent:
        return last.checked_at + _days(schedule.unknown, standing.silent)
    # An answer that changed is made sure of at once, and the schedule begins after that.
    is_changed = last.is_firm and standing.before in _FIRM
    number = standing.since - 1 if is_changed else standing.since
    if not number:
        return last.checked_at
    return last.checked_at + _days(getattr(schedule, last.verdict.value, schedule.unknown), number)


def _days(days: Sequence[int], number: int) -> timedelta:
    """Return the time until the next check after so many; the last number repeats."""
    return timedelta(days=days[min(number, len(days)) - 1])
