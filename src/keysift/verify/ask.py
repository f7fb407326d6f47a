"""Asks a provider about one secret."""

from __future__ import annotations

from collections.abc import Mapping

from keysift.catalogue.validity import Validity
from keysift.model import CannotAskError, Doubt, Outcome, Verdict
from keysift.net.asking import Asker
from keysift.verify.decide import decide
from keysift.verify.message import Moment
from keysift.verify.request import at, build


def ask(
    table: Validity, values: Mapping[str, bytes], asker: Asker, moment: Moment | None = None
) -> Outcome:
    """Ask a provider whether a secret works.

    Args:
        table: How to ask.
        values: The secret and its other halves by name.
        asker: Sends the request.
        moment: When requests that are signed are made; None for now.
    """
    if table.not_checkable:
        return Outcome(Verdict.NOT_CHECKABLE, detail=table.not_checkable)
    outcome = _ask_once(table, values, asker, moment)
    for origin in table.also:
        if outcome.verdict is not Verdict.INACTIVE:
            return outcome
        outcome = _ask_once(at(table, origin), values, asker, moment)
    if table.doubtful and outcome.verdict is Verdict.INACTIVE:
        return Outcome(Verdict.UNKNOWN, Doubt.DOUBTFUL_REFUSAL, table.doubtful)
    return outcome


def _ask_once(
    table: Validity, values: Mapping[str, bytes], asker: Asker, moment: Moment | None
) -> Outcome:
    try:
        request = build(table, values, moment)
        reply = asker.ask(request.method, request.url, request.headers, request.body)
    except CannotAskError as error:
        return error.outcome
    return decide(table, reply, values)
