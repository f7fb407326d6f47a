"""Verdict: what a provider says about a secret, or why it was not asked."""

from __future__ import annotations

from enum import Enum
from typing import Final

from msgspec import Struct, field

from keysift.errors import KeysiftError
from keysift.model.privilege import Excess, Power, Privilege


class Verdict(Enum):
    """The state of a secret at its provider. Nothing was asked unless the user said so.

    ``CANARY`` needs no question: lists tell, and asking would raise the alarm.
    """

    UNCHECKED = "unchecked"
    ACTIVE = "active"
    INACTIVE = "inactive"
    UNKNOWN = "unknown"
    NOT_CHECKABLE = "not_checkable"
    CANARY = "canary"


class Doubt(Enum):
    """Why a verdict is unknown. None of these says anything about the secret."""

    @property
    def is_passing(self) -> bool:
        """Whether asking again may help: the provider, or the way to it, was not well."""
        return self in _PASSING

    @property
    def is_open(self) -> bool:
        """Whether an earlier verdict still stands: this says nothing of the secret at all."""
        return self not in {
            Doubt.UNEXPECTED_RESPONSE,
            Doubt.DOUBTFUL_REFUSAL,
            Doubt.EXPIRED_OFFLINE,
        }

    @property
    def is_unsettled(self) -> bool:
        """Whether the secret may well work, and somebody who looks into it may find out."""
        return self not in {Doubt.DOUBTFUL_REFUSAL, Doubt.EXPIRED_OFFLINE}

    NETWORK = "network"
    TIMEOUT = "timeout"
    TLS = "tls"
    RATE_LIMITED = "rate_limited"
    SERVER_ERROR = "server_error"
    REDIRECT = "redirect"
    UNEXPECTED_RESPONSE = "unexpected_response"
    TOO_LARGE = "too_large"
    BLOCKED = "blocked"
    INCOMPLETE = "incomplete"
    MALFORMED = "malformed"
    DOUBTFUL_REFUSAL = "doubtful_refusal"
    EXPIRED_OFFLINE = "expired_offline"


_PASSING: Final = frozenset({Doubt.NETWORK, Doubt.TIMEOUT, Doubt.RATE_LIMITED, Doubt.SERVER_ERROR})


class Outcome(Struct, frozen=True):
    """What came of asking about a secret.

    Attributes:
        verdict: The verdict.
        doubt: Why it is unknown; None for any other verdict.
        detail: The same for people; never a value.
        facts: What the provider told.
        retry_after_s: Seconds that it asks to be left alone; None when it did not say.
        powers: What the secret may do, as far as that is known; empty: it is not known.
        privilege: How much that is; None: not known, which is not the same as little.
        warnings: Why it seems broader than it needs to be.
        unclear: What of its powers is not known, and why, for people; empty: nothing. After
            ``at most`` it says why it may be allowed less than its powers.
        narrower: The provider's advice for a narrower one, with its link.
    """

    verdict: Verdict
    doubt: Doubt | None = None
    detail: str = ""
    facts: dict[str, str] = field(default_factory=dict)
    retry_after_s: float | None = None
    powers: tuple[Power, ...] = ()
    privilege: Privilege | None = None
    warnings: tuple[Excess, ...] = ()
    unclear: str = ""
    narrower: str = ""


class CannotAskError(KeysiftError):
    """A provider cannot be asked about a secret, or gave no answer; it becomes a verdict.

    Attributes:
        doubt: Why the verdict is unknown.
    """

    def __init__(self, doubt: Doubt, message: str) -> None:
        super().__init__(message)
        self.doubt = doubt

    @property
    def outcome(self) -> Outcome:
        """The verdict that it becomes."""
        return Outcome(Verdict.UNKNOWN, self.doubt, str(self))
