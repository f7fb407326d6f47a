"""Moments of documented signatures."""

from __future__ import annotations

from datetime import UTC, datetime

from keysift.verify.message import Moment


def at(text: str, nonce: str = "") -> Moment:
    """Return the moment of an ISO 8601 date and time in UTC."""
    return Moment(datetime.fromisoformat(text).replace(tzinfo=UTC), nonce)
