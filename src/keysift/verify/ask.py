"""Asks a provider about one secret."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from keysift.catalogue.validity import Validity
from keysift.model import CannotAskError, Doubt, Outcome, Verdict
from keysift.net.asking import Reply
from keysift.verify.decide import decide
from keysift.verify.request import at, build


class Sender(Protocol):
    """Sends one request: ``keysift.net.asking.Asker``, or what counts those that it sends."""

    def ask(self, method: str, url: str, headers: Mapping[str, str], body: bytes | None) -> Reply:
        """Send one request; see ``Asker.ask``."""


def ask(table: Validity, values: Mapping[str, bytes], asker: Sender) -> Outcome:
    """Ask a provider whether a secret works.

    Args:
        table: How to ask.
        values: The secret and its other halves by name.
        asker: Sends the request.
    """
    if table.not_checkable:
        return Outcome(Verdict.NOT_CHECKABLE, detail=table.not_checkable)
    outcome = _ask_once(table, values, asker)
    for origin in table.also:
        if outcome.verdict is not Verdict.INACTIVE:
            return outcome
        outcome = _ask_once(at(table, origin), values, asker)
    if table.doubtful and outcome.verdict is Verdict.INACTIVE:
        return Outcome(Verdict.UNKNOWN, Doubt.DOUBTFUL_REFUSAL, table.doubtful)
    return outcome


def _ask_once(table: Validity, values: Mapping[str, bytes], asker: Sender) -> Outcome:
    try:
        request = build(table, values)
        reply = asker.ask(request.method, request.url, request.headers, request.body)
    except CannotAskError as error:
        return error.outcome
    return decide(table, reply, values)
