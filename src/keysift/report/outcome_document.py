"""What came of asking a provider, as a part of several JSON documents."""

from __future__ import annotations

from msgspec import Struct, structs

from keysift.model import Doubt, Excess, Outcome, Power, Privilege
from keysift.report.escape import well_formed


class OutcomeDocument(Struct, kw_only=True):
    """What came of asking a provider about a secret.

    Attributes:
        reason: Why the verdict is unknown; null for any other verdict.
        detail: The same for people, or why it cannot be checked.
        facts: What the provider told: user, account, scopes, …
        privilege: How much the secret may do; null: that is not known, which is not little.
        powers: What it may do, as far as that is known.
        warnings: Why it seems broader than it needs to be.
        unclear: What of its powers is not known, and why.
        narrower: The provider's advice for a narrower one.
    """

    reason: Doubt | None
    detail: str
    facts: dict[str, str]
    privilege: Privilege | None
    powers: tuple[Power, ...]
    warnings: tuple[Excess, ...]
    unclear: str
    narrower: str


def advised(outcome: Outcome, advice: str) -> Outcome:
    """Return an outcome of a ledger with the provider's advice, which no ledger keeps.

    Args:
        outcome: What came of asking.
        advice: For a secret that is narrower; it counts where this one seems too broad.
    """
    return structs.replace(outcome, narrower=advice) if outcome.warnings else outcome


def outcome_document(outcome: Outcome) -> OutcomeDocument:
    """Return the document of an outcome."""
    return OutcomeDocument(
        reason=outcome.doubt,
        detail=well_formed(outcome.detail),
        facts={well_formed(name): well_formed(fact) for name, fact in outcome.facts.items()},
        privilege=outcome.privilege,
        powers=outcome.powers,
        warnings=outcome.warnings,
        unclear=well_formed(outcome.unclear),
        narrower=well_formed(outcome.narrower),
    )
