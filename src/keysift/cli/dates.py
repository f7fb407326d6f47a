"""Dates as people write them on the command line."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Final

from keysift.errors import UsageError

_AGO: Final = re.compile(r"([0-9]{1,6})([dw])")
_DAYS: Final = {"d": 1, "w": 7}


def moment(text: str, option: str, now: datetime) -> datetime:
    """Return a point in time (UTC): ``90d`` or ``12w`` before now, or a date such as 2026-01-31.

    Args:
        text: What was written.
        option: Where, for messages.
        now: The present time.

    Raises:
        UsageError: It is neither, or lies in the future.
    """
    ago = _AGO.fullmatch(text.strip())
    try:
        if ago is not None:
            return now - timedelta(days=int(ago[1]) * _DAYS[ago[2]])
        when = datetime.fromisoformat(text.strip())
    except (ValueError, OverflowError):
        raise UsageError(
            f"{option} takes a number of days (90d) or weeks (12w), or a date (2026-01-31)"
        ) from None
    # A date without a zone is one of UTC, as all times in reports are.
    when = when.replace(tzinfo=UTC) if when.tzinfo is None else when.astimezone(UTC)
    if when > now:
        raise UsageError(f"{option}: {when.date()} is in the future")
    return when
