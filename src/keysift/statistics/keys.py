"""In which groups a counted secret is: every table as a function from a secret to names."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator
from datetime import datetime
from enum import Enum
from typing import Final, TypeAlias

from keysift.model import Verdict
from keysift.statistics.counted import Counted

Key: TypeAlias = tuple[str, str]
"""A table and the name of a group in it."""

RELEASES: Final = (1, 2, 3, 4, 6, 11, 21, 51, 101)
"""Where the bars of the histogram of releases begin."""
PROJECTS: Final = (1, 2, 3, 4, 6, 11, 21, 51, 101)
"""The same for projects."""


class Mark(Enum):
    """Something that holds of a secret or not; the ones of which it holds are a group."""

    ALL = "all"
    SHARED = "shared"
    WATCHED = "watched"
    RID = "rid"
    RETURNED = "returned"
    LATE = "late"
    BROAD = "broad"
    ACTIVE_AND_PRESENT = "active_and_present"
    NEW = "new"
    NEWLY_PUBLISHED = "newly_published"
    REVOKED = "revoked"
    NEWLY_ACTIVE = "newly_active"
    REMOVED = "removed"


MARKS: Final = "marks"
WATCHED_PROVIDERS: Final = "watched by provider"
"""Table of the secrets that the curves of survival rest on."""
WATCHED_YEARS: Final = "watched by year"
"""The same by year of publication."""


def year(secret: Counted) -> str:
    """Return the year in which a secret was introduced; empty: it has no date."""
    return "" if secret.introduced_at is None else f"{secret.introduced_at.year:04}"


def month(secret: Counted) -> str:
    """Return the month in which a secret was introduced, as ``2017-03``; empty: no date."""
    date = secret.introduced_at
    return "" if date is None else f"{date.year:04}-{date.month:02}"


def stratum(secret: Counted) -> str:
    """Return the type and the severity of a secret, as one name."""
    return f"{secret.detector} {secret.severity.value}"


SINGLE: Final[dict[str, Callable[[Counted], str]]] = {
    "year": year,
    "month": month,
    "detector": lambda secret: secret.detector,
    "provider": lambda secret: secret.provider,
    "category": lambda secret: secret.category,
    "severity": lambda secret: secret.severity.value,
    "confidence": lambda secret: secret.confidence.value,
    "verdict": lambda secret: secret.told.verdict.value,
    "triage": lambda secret: secret.triage.value,
    "presence": lambda secret: secret.presence,
    "artifact": lambda secret: secret.artifacts,
    "mode": lambda secret: secret.mode or "unknown",
    "stratum": stratum,
    "releases": lambda secret: bar(secret.releases, RELEASES),
    "projects": lambda secret: bar(secret.projects, PROJECTS),
}
"""Tables in which every secret is in exactly one group."""


def keys_of(secret: Counted, since: datetime | None) -> list[Key]:
    """Return the groups that a secret is in.

    Args:
        secret: The secret, with all its projects.
        since: The time from which changes are counted; None: none are.
    """
    keys = [(table, name(secret)) for table, name in SINGLE.items()]
    places = secret.place_names
    keys += [("place", name) for name in places]
    keys += [("extension", name) for name in secret.extensions]
    if len(places) == 1:
        keys.append(("place only", places[0]))
    if len(secret.extensions) == 1:
        keys += [("extension only", name) for name in secret.extensions]
    if secret.is_active:
        privilege = secret.told.privilege
        keys.append(("privilege", "" if privilege is None else privilege.value))
        keys += [("power", name) for name in secret.powers]
    if secret.is_watched:
        keys.append((WATCHED_PROVIDERS, secret.issuer))
        keys.append((MARKS, Mark.WATCHED.value))
        keys.append((WATCHED_YEARS, f"{secret.published_at.year}"))
    keys += [(MARKS, mark.value) for mark in _marks(secret)]
    if since is not None:
        keys += [(MARKS, mark.value) for mark in _changes(secret, since)]
    return keys


def bar(number: int, beginnings: tuple[int, ...]) -> str:
    """Return the number of the bar of a histogram that a number falls into, as a name."""
    return str(bisect_right(beginnings, number) - 1)


def _marks(secret: Counted) -> Iterator[Mark]:
    yield Mark.ALL
    if secret.projects > 1:
        yield Mark.SHARED
    if secret.was_rid:
        yield Mark.RID
    if secret.returns:
        yield Mark.RETURNED
    if secret.is_late:
        yield Mark.LATE
    if secret.is_active and secret.told.is_broad:
        yield Mark.BROAD
    if secret.is_active and secret.presence == "newest":
        yield Mark.ACTIVE_AND_PRESENT


def _changes(secret: Counted, since: datetime) -> Iterator[Mark]:
    if secret.first_seen_at > since:
        yield Mark.NEW
        if secret.introduced_at is not None and secret.introduced_at > since:
            yield Mark.NEWLY_PUBLISHED
    told = secret.told
    if told.verdict is Verdict.INACTIVE and told.firm_before is Verdict.ACTIVE:
        yield Mark.REVOKED
    if told.verdict is Verdict.ACTIVE and told.firm_before is not Verdict.ACTIVE:
        yield Mark.NEWLY_ACTIVE
    if secret.removed_at is not None and secret.removed_at > since:
        yield Mark.REMOVED
