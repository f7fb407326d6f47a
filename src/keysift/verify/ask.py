"""Asks a provider about one secret."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final, Protocol

from msgspec import structs

from keysift.catalogue.schema import SECRET_GROUP
from keysift.catalogue.validity import More, Validity
from keysift.model import CannotAskError, Doubt, Outcome, Verdict
from keysift.net.asking import Reply
from keysift.verify.decide import Answer, decide, facts_of, holds, left_alone_s
from keysift.verify.message import Moment
from keysift.verify.powers import Told, read, with_powers
from keysift.verify.request import at, build, host_of

NOT_KNOWN: Final = "privileges not known: "
"""Begins what is said of a second request that came to nothing."""


class Sender(Protocol):
    """Sends one request: ``keysift.net.asking.Asker``, or what counts those that it sends."""

    def ask(self, method: str, url: str, headers: Mapping[str, str], body: bytes | None) -> Reply:
        """Send one request; see ``Asker.ask``."""


def ask(
    table: Validity, values: Mapping[str, bytes], asker: Sender, moment: Moment | None = None
) -> Outcome:
    """Ask a provider whether a secret works, and what it may do then.

    Args:
        table: How to ask.
        values: The secret and its other halves by name.
        asker: Sends the requests.
        moment: When requests that are signed are made; None for now.
    """
    if table.not_checkable:
        outcome = Outcome(Verdict.NOT_CHECKABLE, detail=table.not_checkable)
        if table.privilege is None:
            return outcome
        return with_powers(table, outcome, [read(table.privilege, None, values)])
    return _Question(table, values, asker, moment).ask()


class _Question:
    """One secret, and how it is asked about.

    Args:
        table: How to ask.
        values: The secret and its other halves by name.
        asker: Sends the requests.
        moment: When they are made; None for now.
    """

    def __init__(
        self, table: Validity, values: Mapping[str, bytes], asker: Sender, moment: Moment | None
    ) -> None:
        self._table = table
        self._values = values
        self._asker = asker
        self._moment = moment

    def ask(self) -> Outcome:
        table = self._table
        outcome = self._ask_once(table)
        for origin in table.also:
            if outcome.verdict is not Verdict.INACTIVE:
                return outcome
            outcome = self._ask_once(at(table, origin))
        if table.doubtful and outcome.verdict is Verdict.INACTIVE:
            return Outcome(Verdict.UNKNOWN, Doubt.DOUBTFUL_REFUSAL, table.doubtful)
        return outcome

    def _ask_once(self, table: Validity) -> Outcome:
        try:
            reply = self._sent(table, self._values)
        except CannotAskError as error:
            return error.outcome
        outcome = decide(table, reply, self._values)
        if outcome.verdict is not Verdict.ACTIVE or (table.privilege is None and not table.more):
            return outcome
        told: list[Told] = []
        if table.privilege is not None:
            told.append(read(table.privilege, Answer(reply), self._values))
        for more in table.more:
            outcome = self._asked_more(table, more, outcome, told)
        return with_powers(table, outcome, told)

    def _asked_more(
        self, table: Validity, more: More, outcome: Outcome, told: list[Told]
    ) -> Outcome:
        """Send a second request; whatever comes of it, the verdict stays."""
        secret = self._values[SECRET_GROUP].decode(errors="replace")
        if more.secret and re.match(more.secret, secret) is None:
            return outcome
        second = self._table.second(more)
        if host_of(second) == host_of(self._table):
            second = at(second, _origin(table))  # the region that knows it
        facts = {name: text.encode() for name, text in outcome.facts.items()}
        try:
            reply = self._sent(second, facts | dict(self._values))
        except CannotAskError as error:
            told.append(Told(gaps=(f"{NOT_KNOWN}{error}",)))
            return outcome
        answer = Answer(reply)
        if not any(holds(one, answer) for one in more.told_when):
            told.append(Told(gaps=(f"{NOT_KNOWN}status {answer.status}",)))
            return structs.replace(outcome, retry_after_s=left_alone_s(answer))
        told.append(read(more.privilege, answer, self._values))
        return structs.replace(
            outcome, facts=facts_of(second, answer, self._values) | outcome.facts
        )

    def _sent(self, table: Validity, values: Mapping[str, bytes]) -> Reply:
        request = build(table, values, self._moment)
        return self._asker.ask(request.method, request.url, request.headers, request.body)


def _origin(table: Validity) -> str:
    """Return scheme and host of a table's address, as a template."""
    return f"https://{host_of(table)}"
