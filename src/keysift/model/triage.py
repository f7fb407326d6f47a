"""Triage: what a person decided about a secret."""

from __future__ import annotations

from enum import Enum


class TriageStatus(Enum):
    """What is to be done about a secret. The value is the word in every report."""

    OPEN = "open"
    FALSE_POSITIVE = "false-positive"
    TEST = "test"
    ACCEPTED = "accepted"
    REVOKED = "revoked"
