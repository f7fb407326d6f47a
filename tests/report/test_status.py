"""Where checks stand, as people read it."""

from __future__ import annotations

import io
import json
from collections import Counter
from datetime import UTC, datetime

from keysift.model import Verdict
from keysift.report.status_document import write_status_json
from keysift.report.status_text import SHOWN, SHOWN_DUE, write_status_text
from keysift.store.queries.status import Due, Status, Tally

NOW = datetime(2026, 6, 1, tzinfo=UTC)


def counted(providers: int) -> Status:
    """Return numbers of so many providers, the first of which has the most active secrets."""
    status = Status(at=NOW, since=None, checked_at=NOW)
    for number in range(providers):
        tally = Tally(due=Due(1, 2, 3))
        tally.verdicts[Verdict.ACTIVE] = providers - number
        status.verdicts += tally.verdicts
        status.providers[f"Provider {number:02}"] = tally
    status.years[2020] = status.verdicts.copy()
    return status


def text(status: Status, *, color: bool = False, width: int = 80) -> str:
    """Return what a terminal shows."""
    stream = io.StringIO()
    write_status_text(status, stream, color=color, width=width)
    return stream.getvalue()


def test_providers_beyond_some_are_one_row() -> None:
    """The row adds them up; no row stands for one provider alone, and JSON has all of them."""
    assert "others" not in text(counted(SHOWN_DUE + 1))
    assert "Provider 20" in text(counted(SHOWN + 1))
    shown = text(counted(SHOWN + 3))
    assert "Provider 19" in shown
    assert "Provider 20" not in shown
    assert "13 others     13             26              39" in shown
    assert "3 others          6         0        0              0          0" in shown
    stream = io.StringIO()
    write_status_json(counted(SHOWN + 3), "1.0", stream)
    assert len(json.loads(stream.getvalue())["providers"]) == SHOWN + 3


def test_no_bar_is_longer_than_the_line() -> None:
    """The bar of the best year has a fixed length, others are in proportion, none is nothing."""
    status = counted(1)
    status.verdicts[Verdict.ACTIVE] = 1001
    status.years = {2020: status.verdicts.copy(), 2021: status.verdicts.copy()}
    status.years[2021][Verdict.ACTIVE] = 1
    lines = text(status).splitlines()
    assert [line.count("█") for line in lines if "█" in line] == [30, 1]
    assert "…" not in text(status, width=60)


def test_some_is_neither_none_nor_all() -> None:
    """A share is rounded, but never to what it is not."""
    status = counted(1)
    shares = {2020: (1, 999), 2021: (999, 1), 2022: (0, 3), 2023: (3, 0), 2024: (1, 2)}
    for year, (active, inactive) in shares.items():
        status.years[year] = Counter({Verdict.ACTIVE: active, Verdict.INACTIVE: inactive})
    shown = text(status)
    for line in (
        "2020            1  of 1,000    <1%  █",
        "2021          999  of 1,000   >99%  ██████████████████████████████",
        "2022            0      of 3     0%",
        "2023            3      of 3   100%  █",
        "2024            1      of 3    33%  █",
    ):
        assert " ".join(line.split()) in [" ".join(one.split()) for one in shown.splitlines()]


def test_colours_are_for_terminals() -> None:
    """What works is red where colours are allowed; without them the text is the same."""
    colored = text(counted(1), color=True)
    assert "\x1b[1;31m" in colored
    assert "\x1b" not in text(counted(1))
