"""Dates as people write them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from keysift.cli.dates import moment
from keysift.errors import UsageError

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "when"),
    [
        ("90d", NOW - timedelta(days=90)),
        (" 2w ", NOW - timedelta(days=14)),
        ("0d", NOW),
        ("2026-01-31", datetime(2026, 1, 31, tzinfo=UTC)),
        ("2026-01-31T10:30", datetime(2026, 1, 31, 10, 30, tzinfo=UTC)),
        ("2026-01-31T10:30+02:00", datetime(2026, 1, 31, 8, 30, tzinfo=UTC)),
    ],
)
def test_a_date_or_a_time_ago(text: str, when: datetime) -> None:
    """Days and weeks count back from now; a date is one of UTC unless it says otherwise."""
    assert moment(text, "--since", NOW) == when


@pytest.mark.parametrize(
    "text", ["", "90", "d", "-1d", "1y", "31.01.2026", "2026-13-01", "999999w"]
)
def test_anything_else_is_refused(text: str) -> None:
    """The message names the option and shows what it takes."""
    with pytest.raises(UsageError, match=r"--since takes .* \(90d\)"):
        moment(text, "--since", NOW)


def test_the_future_is_refused() -> None:
    """Nothing can be older than a day to come."""
    with pytest.raises(UsageError, match="2027-01-01 is in the future"):
        moment("2027-01-01", "--since", NOW)
