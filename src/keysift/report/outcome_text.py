"""What came of asking a provider, for people."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from keysift.model import EXCESSES, Doubt, Outcome, Privilege
from keysift.report.escape import visible
from keysift.report.page import Style
from keysift.report.summary import shorten

PRIVILEGES: Final = {
    Privilege.LOW: Style.PLAIN,
    Privilege.MEDIUM: Style.WARNING,
    Privilege.HIGH: Style.ALARM,
    Privilege.ADMIN: Style.ALARM,
}

DOUBTS: Final = {
    Doubt.NETWORK: "could not be reached",
    Doubt.TIMEOUT: "no answer in time",
    Doubt.TLS: "server does not prove who it is",
    Doubt.RATE_LIMITED: "too many requests",
    Doubt.SERVER_ERROR: "error of the server",
    Doubt.REDIRECT: "redirected elsewhere",
    Doubt.UNEXPECTED_RESPONSE: "unexpected answer",
    Doubt.TOO_LARGE: "answer too long",
    Doubt.BLOCKED: "not a server to ask",
    Doubt.INCOMPLETE: "other half missing",
    Doubt.MALFORMED: "cannot be sent as it is",
    Doubt.DOUBTFUL_REFUSAL: "refused, which proves nothing",
    Doubt.EXPIRED_OFFLINE: "expired by its own words",
}
"""Why a verdict is unknown, in a few words."""


def outcome_lines(outcome: Outcome) -> Iterator[tuple[str, str, Style]]:
    """Yield what is known of an outcome: a label, words, and their style."""
    if outcome.doubt is not None:
        detail = f": {visible(outcome.detail)}" if outcome.detail else ""
        yield "why", DOUBTS[outcome.doubt] + detail, Style.PLAIN
    elif outcome.detail:
        yield "why", visible(outcome.detail), Style.PLAIN
    facts = [
        f"{name.replace('_', ' ')} {shorten(visible(fact))}" for name, fact in outcome.facts.items()
    ]
    if facts:
        yield "who", " · ".join(facts), Style.PLAIN
    if outcome.privilege is not None:
        powers = ", ".join(one.value for one in outcome.powers)
        words = f"{outcome.privilege.value}: {powers}"
        yield "privilege", words, PRIVILEGES[outcome.privilege]
    elif outcome.powers:
        powers = ", ".join(one.value for one in outcome.powers)
        yield "privilege", f"not known; at least {powers}", Style.WARNING
    if outcome.unclear:
        yield "not known", visible(outcome.unclear), Style.FAINT
    if outcome.warnings:
        warnings = " · ".join(EXCESSES[one] for one in outcome.warnings)
        yield "too broad", f"it {warnings}", Style.WARNING
        if outcome.narrower:
            yield "better", visible(outcome.narrower), Style.PLAIN
