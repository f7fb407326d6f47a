"""What providers said about made-up secrets over the years, as the ledger keeps it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from random import Random
from typing import Any, Final

from msgspec import structs

from keysift.catalogue.validity import Validity
from keysift.demo import names
from keysift.demo.leak import Leaked
from keysift.demo.lifetimes import ended_at
from keysift.demo.specimens import Specimen, Specimens
from keysift.demo.timeline import Timeline
from keysift.model import CANARY_FACT, Doubt, Outcome, Verdict
from keysift.store.verdicts import columns
from keysift.verify.schedule import Check, Schedule, due_at, standing_of

_SCHEDULE: Final = Schedule()

_HINDRANCES: Final = (
    (30, Outcome(Verdict.UNKNOWN, Doubt.TIMEOUT, "it does not answer in time")),
    (22, Outcome(Verdict.UNKNOWN, Doubt.RATE_LIMITED)),
    (18, Outcome(Verdict.UNKNOWN, Doubt.SERVER_ERROR, "status 503")),
    (14, Outcome(Verdict.UNKNOWN, Doubt.NETWORK, "it cannot be reached, or breaks off")),
    (5, Outcome(Verdict.UNKNOWN, Doubt.REDIRECT, "status 302")),
    (4, Outcome(Verdict.UNKNOWN, Doubt.TLS, "it does not prove who it is (TLS certificate)")),
    (3, Outcome(Verdict.UNKNOWN, Doubt.BLOCKED, "its address is one of a private network")),
    (2, Outcome(Verdict.UNKNOWN, Doubt.TOO_LARGE, "its answer is longer than 1048576 bytes")),
)
"""What keeps a provider from answering, with how often."""

_ODD: Final = (
    (6, Outcome(Verdict.UNKNOWN, Doubt.UNEXPECTED_RESPONSE, "status 400")),
    (2, Outcome(Verdict.UNKNOWN, Doubt.MALFORMED, "it has bytes that no header may hold")),
)
"""What comes of a secret that is not as it should be, each time."""

_HINDERED: Final = 0.03
_STRANGE: Final = 0.012
_LIMITED: Final = 0.04
_NOT_NAMED: Final = 0.25
"""Part of the secrets whose type has to be named to be asked about, and is not."""

_RUN_S: Final = 3 * 3600.0


class Checks:
    """Makes the ledger.

    Args:
        timeline: When secrets were checked.
        specimens: What their providers answer.
        chance: Draws.
    """

    def __init__(self, timeline: Timeline, specimens: Specimens, chance: Random) -> None:
        self._timeline = timeline
        self._specimens = specimens
        self._chance = chance
        self._versions: dict[str, str] = {}

    def rows(self, secrets: Iterable[Leaked]) -> list[dict[str, Any]]:
        """Return the rows of all secrets, in the order of time."""
        rows = [row for secret in secrets for row in self._of(secret)]
        return sorted(rows, key=lambda row: row["checked_at"])

    def _of(self, secret: Leaked) -> Iterator[dict[str, Any]]:
        specimen, seen_at = secret.specimen, secret.seen_at
        table = self._specimens.table(secret.detector)
        if seen_at is None or secret.published_at is None:
            return
        if CANARY_FACT in specimen.match.facts:
            outcome = Outcome(Verdict.CANARY, detail=specimen.match.facts[CANARY_FACT])
            yield columns(secret.number, outcome, seen_at) | {"detector": None, "validity": None}
            return
        number = self._timeline.check_after(seen_at)
        is_named = table is not None and (not table.by_name or self._chance.random() > _NOT_NAMED)
        if table is None or not is_named or number == len(self._timeline.checks):
            return
        if table.not_checkable:
            outcome = Outcome(Verdict.NOT_CHECKABLE, detail=table.not_checkable)
            yield self._row(secret, table, outcome, self._timeline.checks[number])
            return
        provider = self._specimens.detectors[secret.detector].provider
        ended = ended_at(provider, secret.published_at, self._chance)
        yield from self._asked(secret, table, number, ended)

    def _asked(
        self, secret: Leaked, table: Validity, number: int, ended: datetime | None
    ) -> Iterator[dict[str, Any]]:
        """Yield what came of asking, at each run of checking for which it was due."""
        chance = self._chance
        before, after = self._answers(secret.specimen)
        checks: list[Check] = []
        while number < len(self._timeline.checks):
            at = self._timeline.checks[number] + timedelta(seconds=chance.random() * _RUN_S)
            outcome = before if ended is None or at < ended else after
            if chance.random() < _HINDERED:
                outcome = _drawn(chance, _HINDRANCES)
            yield self._row(secret, table, outcome, at)
            version = self._version(secret.detector, table)
            check = Check(secret.number, outcome.verdict, outcome.doubt, version, at)
            checks.append(check)
            due = due_at(standing_of(checks), _SCHEDULE, version)
            if due is None:
                return
            number = max(number + 1, self._timeline.check_after(due))

    def _answers(self, specimen: Specimen) -> tuple[Outcome, Outcome]:
        """Return what the provider says of a secret while it works, and afterwards."""
        chance = self._chance
        if specimen.offline is not None:
            return specimen.offline, specimen.offline
        if chance.random() < _STRANGE or not (specimen.active and specimen.inactive):
            odd = _drawn(chance, _ODD)
            return odd, odd
        is_limited = specimen.limited and chance.random() < _LIMITED
        active = chance.choice(specimen.limited if is_limited else specimen.active)
        facts = {name: names.fact(name, known, chance) for name, known in active.facts.items()}
        return structs.replace(active, facts=facts), chance.choice(specimen.inactive)

    def _row(
        self, secret: Leaked, table: Validity, outcome: Outcome, at: datetime
    ) -> dict[str, Any]:
        run = self._timeline.run_after(at) - 1
        ruleset = self._timeline.rulesets[self._timeline.runs[max(run, 0)].ruleset]
        return columns(secret.number, outcome, at) | {
            "detector": ruleset.detectors.get(secret.detector),
            "validity": self._version(secret.detector, table),
        }

    def _version(self, detector: str, table: Validity) -> str:
        # A digest is dear: one for each type, not for each check.
        version = self._versions.get(detector)
        if version is None:
            version = self._versions[detector] = table.version
        return version


def _drawn(chance: Random, weighted: tuple[tuple[int, Outcome], ...]) -> Outcome:
    return chance.choices([one for _, one in weighted], [weight for weight, _ in weighted])[0]
