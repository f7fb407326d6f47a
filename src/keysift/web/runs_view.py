"""What pages show of crawls, as values."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from msgspec import Struct

from keysift.report.summary import human_bytes
from keysift.store.queries.runs import Run
from keysift.web.shown import Column

_COUNTS: Final = {
    "projects": "projects looked at",
    "pages": "of them changed",
    "added": "files new",
    "changed": "other changes",
    "artifacts": "files scanned",
    "incomplete": "of them in part",
    "failed": "files failed",
    "unread": "projects unread",
    "findings": "matches",
    "fetched_bytes": "fetched",
    "published_bytes": "published",
}
"""What the numbers of a run are called, in the order in which they are told."""

COLUMNS: Final = tuple(map(Column, ("Began", "State", "Index", "What it did", "keysift")))
"""Of the table of crawls."""


class ShownRun(Struct, frozen=True, kw_only=True):
    """A crawl as a page shows it.

    Attributes:
        id: Its number.
        registry: Address of the index.
        version: Version of keysift.
        ruleset: The beginning of the digest of what was looked for.
        began_at: When it began (UTC).
        ended_at: When it ended (UTC); None: see ``state``.
        state: In a word: ended, running or killed.
        took: How long it took; empty without an end.
        wanted: What was asked for, as pairs of name and value.
        counts: What it did, likewise; without zeros.
    """

    id: int
    registry: str
    version: str
    ruleset: str
    began_at: datetime
    ended_at: datetime | None
    state: str
    took: str
    wanted: Sequence[tuple[str, str]]
    counts: Sequence[tuple[str, str]]


def shown_runs(runs: Sequence[Run], *, is_crawled: bool) -> list[ShownRun]:
    """Return crawls as a page shows them.

    Args:
        runs: The crawls.
        is_crawled: Whether a crawl holds the store.
    """
    return [
        ShownRun(
            id=run.id,
            registry=run.registry,
            version=run.version,
            ruleset=run.ruleset[:12],
            began_at=run.began_at,
            ended_at=run.ended_at,
            state=_state(run, is_crawled=is_crawled),
            took=""
            if run.ended_at is None
            else span((run.ended_at - run.began_at).total_seconds()),
            wanted=[
                (_words(name), "" if value is True else _said(value))
                for name, value in run.wanted.items()
                if value
            ],
            counts=_counts(run),
        )
        for run in runs
    ]


def span(seconds: float) -> str:
    """Return a length of time in words, of two units at most: ``3 h 20 min``."""
    whole = max(0, round(seconds))
    minutes, rest = divmod(whole, 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    units = ((days, "d"), (hours, "h"), (minutes, "min"), (rest, "s"))
    for place, (number, unit) in enumerate(units):
        if number:
            after, smaller = units[place + 1] if place + 1 < len(units) else (0, "")
            return f"{number:,} {unit}" + (f" {after} {smaller}" if after else "")
    return "0 s"


def _state(run: Run, *, is_crawled: bool) -> str:
    if run.ended_at is not None:
        return "ended"
    # A crawl holds the lock of the store as long as it lives, and there is one at a time.
    return "running" if run.is_last and is_crawled else "killed"


def _words(name: str) -> str:
    return str(name).replace("_", " ")


def _counts(run: Run) -> list[tuple[str, str]]:
    # A later keysift may write numbers that this one does not know: they come last.
    names = [*_COUNTS, *sorted(run.counts.keys() - _COUNTS.keys())]
    return [
        (_COUNTS.get(name, _words(name)), _number(name, run.counts[name]))
        for name in names
        if run.counts.get(name)
    ]


def _number(name: str, value: object) -> str:
    if isinstance(value, int) and not isinstance(value, bool):
        return human_bytes(value) if name.endswith("_bytes") else f"{value:,}"
    return _said(value)


def _said(value: object) -> str:
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value))
    return str(value)
