"""Severity and confidence: how bad it would be, and how sure we are."""

from __future__ import annotations

from enum import Enum


class Grade(Enum):
    """Named steps with an order; the value is the word users write and read."""

    @property
    def rank(self) -> int:
        """Position in the order, 0 for the lowest."""
        return list(type(self)).index(self)

    def __str__(self) -> str:
        return str(self.value)


class Severity(Grade):
    """How much harm an attacker could do with a working secret of this type."""

    INFO = "info"
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"


class Confidence(Grade):
    """How likely it is that what was found is a secret of this type at all."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
