"""When the demo's crawls and checks were, and what was looked for then."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from random import Random
from typing import Final

from msgspec import Struct, field

from keysift._version import __version__
from keysift.catalogue import Catalogue
from keysift.demo.weights import WEIGHTS

WATCHED: Final = timedelta(days=1300)
"""For how long the demo's index has been crawled; what was published before was found then."""

_FIRST: Final = timedelta(days=9)
_MONTH: Final = timedelta(days=30)
_RECENT: Final = (26, 19, 12, 5)
_LAST: Final = timedelta(hours=9)
_RULESETS_AT: Final = (WATCHED, timedelta(days=700), timedelta(days=110))
"""How long ago each ruleset was used first."""

NEWEST: Final = len(_RULESETS_AT) - 1
"""The ruleset that looks now."""

_VERSIONS: Final = ("0.0.4", "0.0.9", __version__)
_KNOWN: Final = (0.62, 0.81)
"""Parts of the detectors of today that the older rulesets had."""

_CHANGED: Final = 0.2
_VERIFIED: Final = timedelta(days=7)


class Ruleset(Struct, frozen=True):
    """What was looked for.

    Attributes:
        number: Of its row.
        digest: Of the catalogue.
        version: Version of keysift.
        detectors: Digest of each detector, by its id.
        first_used_at: When.
    """

    number: int
    digest: str
    version: str
    detectors: dict[str, str]
    first_used_at: datetime


class Run(Struct):
    """A crawl.

    Attributes:
        began_at: When it began.
        ended_at: When it ended.
        ruleset: Which one was used, from 0.
        is_rescan: Whether it was the first with its ruleset: it scans everything again.
        counts: What it did.
    """

    began_at: datetime
    ended_at: datetime
    ruleset: int
    is_rescan: bool
    counts: Counter[str] = field(default_factory=Counter)

    def at(self, part: float) -> datetime:
        """Return the time at which a part of it was done."""
        return self.began_at + (self.ended_at - self.began_at) * part


class Timeline:
    """Crawls, rulesets and runs of checking until now.

    Args:
        now: The present time.
        chance: Draws.
        catalogue: What is looked for now.

    Attributes:
        now: The present time.
        runs: The crawls, the first one first.
        rulesets: What was looked for, the first one first.
        checks: When secrets were checked.
    """

    def __init__(self, now: datetime, chance: Random, catalogue: Catalogue) -> None:
        self.now = now
        ages = [WATCHED - _MONTH * number for number in range((WATCHED - _MONTH) // _MONTH)]
        ages += [timedelta(days=days) for days in _RECENT] + [_LAST]
        began = [now - age for age in ages]
        firsts = [bisect_left(began, now - age) for age in _RULESETS_AT]
        self.runs = [
            _run(began[number], number in firsts, sum(number >= one for one in firsts) - 1, chance)
            for number in range(len(began))
        ]
        self._began = began
        self.rescans = [self.runs[number] for number in firsts]
        self.rulesets = list(_rulesets(catalogue, chance, self.rescans))
        first = now - WATCHED + 2 * _FIRST
        last = now - timedelta(days=2)
        self.checks = [
            last - _VERIFIED * number for number in reversed(range((last - first) // _VERIFIED))
        ]

    @property
    def last_upload(self) -> datetime:
        """After this the index was not read any more."""
        return self._began[-1]

    def run_after(self, time: datetime) -> int:
        """Return which crawl was the first to begin from a time on; one after the last: none."""
        return bisect_left(self._began, time)

    def check_after(self, time: datetime) -> int:
        """Return which run of checking was the first after a time; one behind the last for none."""
        return bisect_left(self.checks, time)


def _run(began: datetime, is_rescan: bool, ruleset: int, chance: Random) -> Run:  # noqa: FBT001 (private)
    length = timedelta(hours=chance.uniform(1, 7))
    if is_rescan:
        length = _FIRST * chance.uniform(0.6, 1.0)
    return Run(began, began + length, ruleset, is_rescan)


def known_since(detector: str) -> int:
    """Return with which ruleset a type of secret was looked for first, from 0."""
    return _SINCE.get(detector, 0)


def _rulesets(catalogue: Catalogue, chance: Random, first: Sequence[Run]) -> Iterator[Ruleset]:
    """Yield the rulesets; the older ones knew fewer detectors, and some in another form."""
    known = catalogue.digests()
    for place, (run, version) in enumerate(zip(first, _VERSIONS, strict=True)):
        digest, digests = catalogue.digest, known
        if place < NEWEST:
            digest = f"{chance.getrandbits(64):016x}"
            digests = {
                one: f"{chance.getrandbits(64):016x}" if chance.random() < _CHANGED else same
                for one, same in known.items()
                if (_SINCE[one] <= place if one in _SINCE else chance.random() < _KNOWN[place])
            }
        yield Ruleset(place + 1, digest, version, digests, run.began_at)


_SINCE: Final = {weight.detector: int(weight.trend[0][0] >= 2023) for weight in WEIGHTS}
