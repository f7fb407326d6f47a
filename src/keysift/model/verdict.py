"""Verdict: what a provider says about a secret, or why it was not asked."""

from __future__ import annotations

from enum import Enum


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
