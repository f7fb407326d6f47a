"""What is known of a credential without asking anybody."""

from __future__ import annotations

from datetime import UTC, datetime

from keysift.model import CANARY_FACT, Doubt, Outcome, Verdict
from keysift.verify.credential import Question
from keysift.verify.request import placeholders


def decided(question: Question) -> Outcome | None:
    """Return the outcome that needs no request; None when the provider has to be asked."""
    table, credential = question.table, question.credential
    if CANARY_FACT in credential.facts:
        return Outcome(Verdict.CANARY, detail=credential.facts[CANARY_FACT])
    if table.not_checkable:
        return Outcome(Verdict.NOT_CHECKABLE, detail=table.not_checkable)
    if _is_over(credential.facts.get("expires", "")):
        detail = f"by its own words it expired on {credential.facts['expires']}"
        return Outcome(Verdict.UNKNOWN, Doubt.EXPIRED_OFFLINE, detail)
    missing = {
        name
        for name in placeholders(table)
        if not credential.values.get(name) and name not in table.defaults
    }
    if missing:
        names = " and ".join(sorted(name.replace("_", " ") for name in missing))
        is_are = "is" if len(missing) == 1 else "are"
        return Outcome(Verdict.UNKNOWN, Doubt.INCOMPLETE, f"its {names} {is_are} missing")
    return None


def _is_over(expires: str) -> bool:
    """Tell whether a time in ISO 8601 has passed; what is none has not."""
    try:
        until = datetime.fromisoformat(expires)
    except ValueError:
        return False
    if until.tzinfo is None:
        # A day without a time lasts until its end, wherever that is.
        until = until.replace(hour=23, minute=59, second=59, tzinfo=UTC)
    return until < datetime.now(UTC)
