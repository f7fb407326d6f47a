"""Which secrets are asked about in a run, and why the others are not."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta
from enum import Enum
from typing import Final

from msgspec import Struct, field, structs

from keysift.catalogue import Catalogue
from keysift.catalogue.validities import Validities
from keysift.catalogue.validity import Validity
from keysift.model import CANARY_FACT, Verdict
from keysift.verify.credential import Credential, Question
from keysift.verify.schedule import Schedule, Standing, due_at

_SKEW: Final = timedelta(hours=1)
"""By which the clocks of two machines may differ."""


class Unasked(Enum):
    """Why a secret is not asked about. The value is the word in reports."""

    CANARY = "canary"
    NOT_CHECKABLE = "not_checkable"
    NO_QUESTION = "no_question"
    BY_NAME = "by_name"
    NOT_DUE = "not_due"
    RECENT = "recently_checked"
    NOT_KEPT = "value_not_kept"

    @property
    def text(self) -> str:
        """The same for people."""
        return _TEXTS[self]


_TEXTS = {
    Unasked.CANARY: "canaries: asking would raise their alarm",
    Unasked.NOT_CHECKABLE: "cannot be checked safely (see `keysift detectors list --validity`)",
    Unasked.NO_QUESTION: "nobody has described yet how to ask about these types",
    Unasked.BY_NAME: "asked about only when their type is named (--ask-also)",
    Unasked.NOT_DUE: "not due yet",
    Unasked.RECENT: "checked within the last day (--again asks all the same)",
    Unasked.NOT_KEPT: "their values are not kept in the store, or sealed with another key",
}


class When(Enum):
    """Which of the chosen secrets are asked about."""

    ALL = "all"
    STALE = "stale"
    DUE = "due"


class Chosen(Struct, frozen=True):
    """A secret that might be asked about.

    Attributes:
        id: Its number.
        detector: Id of its type.
    """

    id: int
    detector: str


class Plan(Struct):
    """What a run does.

    Attributes:
        asked: Secrets by provider and detector, in the order in which they were given.
        unasked: The others by reason.
        before: Where those stand that were checked before, by number.
        is_unsettled: Whether the last check of one that is not asked about came to nothing.
    """

    asked: dict[str, list[Chosen]] = field(default_factory=dict)
    unasked: dict[Unasked, list[Chosen]] = field(default_factory=dict)
    before: dict[int, Verdict] = field(default_factory=dict)
    is_unsettled: bool = False

    @property
    def size(self) -> int:
        """How many are asked about."""
        return sum(map(len, self.asked.values()))

    def leave(self, one: Chosen, why: Unasked) -> None:
        """Do not ask about a secret."""
        self.unasked.setdefault(why, []).append(one)


class Planner:
    """Decides what is asked about.

    Args:
        catalogue: The detectors.
        validities: How to ask.
        named: Ids of detectors that the user named: those too that are asked by name only.
        schedule: Days between checks.

    Attributes:
        catalogue: The detectors.
    """

    def __init__(
        self,
        catalogue: Catalogue,
        validities: Validities,
        named: Collection[str] = (),
        schedule: Schedule | None = None,
    ) -> None:
        self.catalogue = catalogue
        self._validities = validities
        self._named = frozenset(named)
        self._schedule = schedule or Schedule()
        self._versions: dict[str, str] = {}

    def table(self, detector: str) -> Validity | None:
        """Return how to ask about a type; None when nobody has described it."""
        return self._validities.of(detector)

    def about(self, credential: Credential, table: Validity, provider: str) -> Question:
        """Return the question about a credential, which lists made since may call a canary."""
        if CANARY_FACT not in credential.facts:
            values = credential.values.values()
            why = self.catalogue.canaries.why(credential.facts, values)
            if why is not None:
                facts = credential.facts | {CANARY_FACT: why}
                credential = structs.replace(credential, facts=facts)
        return Question(credential, table, provider)

    def question(self, detector: str) -> Validity | Unasked:
        """Return how to ask about a type in this run, or why nobody is asked."""
        table = self._validities.of(detector)
        if table is None or detector not in self.catalogue.by_id:
            return Unasked.NO_QUESTION
        if table.not_checkable:
            return Unasked.NOT_CHECKABLE
        if table.by_name and detector not in self._named:
            return Unasked.BY_NAME
        return table

    def plan(
        self,
        secrets: Iterable[Chosen],
        standings: Mapping[int, Standing],
        when: When,
        now: datetime,
    ) -> Plan:
        """Return what is asked about.

        Args:
            secrets: What was chosen.
            standings: Where those stand that were checked before, by number.
            when: Which of them.
            now: The time.
        """
        plan = Plan(before={one.secret: one.verdict for one in standings.values()})
        for one in secrets:
            standing = standings.get(one.id)
            why = self._why_not(one, standing, when, now)
            if why is not None:
                plan.leave(one, why)
                if why in {Unasked.NOT_DUE, Unasked.RECENT} and standing is not None:
                    doubt = standing.last.doubt
                    plan.is_unsettled |= doubt is not None and doubt.is_unsettled
                continue
            provider = self.catalogue.by_id[one.detector].provider
            plan.asked.setdefault(provider, []).append(one)
        return plan

    def due(self, detector: str, standing: Standing | None, now: datetime) -> datetime | Unasked:
        """Return when a secret is to be asked about, or why nobody is asked.

        Args:
            detector: Id of its type.
            standing: Where it stands; None: it was never checked, and is due now.
            now: The time.
        """
        if standing is not None and standing.verdict is Verdict.CANARY:
            return Unasked.CANARY
        question = self.question(detector)
        if isinstance(question, Unasked):
            return question
        if standing is None:
            return now
        due = due_at(standing, self._schedule, self._version(detector, question))
        return Unasked.NOT_DUE if due is None else due

    def _why_not(
        self, one: Chosen, standing: Standing | None, when: When, now: datetime
    ) -> Unasked | None:
        if standing is not None and standing.verdict is Verdict.CANARY:
            return Unasked.CANARY
        question = self.question(one.detector)
        if isinstance(question, Unasked):
            return question
        if standing is None or when is When.ALL:
            return None
        if standing.last.checked_at > now + _SKEW:
            # A clock was wrong then: until that day it would not be asked about.
            return None
        if when is When.DUE:
            due = self.due(one.detector, standing, now)
            return due if isinstance(due, Unasked) else Unasked.NOT_DUE if due > now else None
        last = standing.last
        is_recent = now - last.checked_at < timedelta(days=1)
        is_same = last.validity == self._version(one.detector, question)
        return Unasked.RECENT if is_recent and is_same else None

    def _version(self, detector: str, question: Validity) -> str:
        # A digest is dear: one for each type, not for each secret.
        version = self._versions.get(detector)
        if version is None:
            version = self._versions[detector] = question.version
        return version
