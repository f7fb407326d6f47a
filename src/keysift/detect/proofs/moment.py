"""Points in time that tokens state, as facts."""

from __future__ import annotations

from datetime import UTC, datetime


def instant(seconds: float) -> datetime | None:
    """Return the time in UTC, or None for what is no date that a token could have."""
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, ValueError, OSError):
        return None


def expiry(seconds: float) -> dict[str, str]:
    """Return the fact ``expires`` for seconds since 1970, and ``expired`` when it has passed."""
    moment = instant(seconds)
    if moment is None:
        return {}
    facts = {"expires": moment.isoformat()}
    return facts | {"expired": "yes"} if moment < datetime.now(UTC) else facts


def date(seconds: float) -> str | None:
    """Return the day in ISO 8601, or None when it is no date, or lies in the future."""
    moment = instant(seconds)
    if moment is None or moment > datetime.now(UTC):
        return None
    return moment.date().isoformat()
