"""Asks a provider about one secret."""

from __future__ import annotations

from collections.abc import Mapping

from keysift.catalogue.validity import Validity
from keysift.model import CannotAskError, Outcome, Verdict
from keysift.net.asking import Asker
from keysift.verify.decide import decide
from keysift.verify.request import build


def ask(table: Validity, values: Mapping[str, bytes], asker: Asker) -> Outcome:
    """Ask a provider whether a secret works.

    Args:
        table: How to ask.
        values: The secret and its other halves by name.
        asker: Sends the request.
    """
    if table.not_checkable:
        return Outcome(Verdict.NOT_CHECKABLE, detail=table.not_checkable)
    try:
        request = build(table, values)
        answer = asker.ask(request.method, request.url, request.headers, request.body)
    except CannotAskError as error:
        return error.outcome
    return decide(table, answer, values)
