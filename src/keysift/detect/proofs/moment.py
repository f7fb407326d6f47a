"""Points in time that tokens state, as facts."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Final

_BASIC: Final = re.compile(r"(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z")


def instant(seconds: float) -> datetime | None:
    """Return the time in UTC, or None for what is no date that a token could have."""
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, ValueError, OSError):
        return None


def parsed(text: str) -> datetime | None:
    """Return the time that ISO 8601 means (UTC when it names no zone), or None."""
    try:
        moment = datetime.fromisoformat(_BASIC.sub(r"\1-\2-\3T\4:\5:\6+00:00", text))
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def until(moment: datetime | None) -> dict[str, str]:
    """Return the fact ``expires``, and ``expired`` when it has passed; nothing for no time."""
    if moment is None:
        return {}
    facts = {"expires": moment.isoformat()}
    return facts | {"expired": "yes"} if moment < datetime.now(UTC) else facts


def expiry(seconds: float) -> dict[str, str]:
    """Return the facts of ``until`` for seconds since 1970."""
    return until(instant(seconds))


def lifetime(begin: str, seconds: str) -> dict[str, str]:
    """Return ``created`` and the facts of ``until`` for a beginning in ISO 8601 and a duration."""
    moment = parsed(begin)
    if moment is None or moment > datetime.now(UTC):
        return {}
    facts = {"created": moment.date().isoformat()}
    if seconds.isascii() and seconds.isdigit() and len(seconds) <= _DIGITS:
        facts |= until(moment + timedelta(seconds=int(seconds)))
    return facts


_DIGITS: Final = 9
"""Thirty years have as many; what is longer is no duration."""


def date(seconds: float) -> str | None:
    """Return the day in ISO 8601, or None when it is no date, or lies in the future."""
    moment = instant(seconds)
    if moment is None or moment > datetime.now(UTC):
        return None
    return moment.date().isoformat()
