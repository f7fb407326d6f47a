"""Reads the audit log, for whoever only wants to know what was asked."""

from __future__ import annotations

from collections import Counter
from datetime import date
from pathlib import Path
from typing import Final

import msgspec
from msgspec import Struct

from keysift.errors import ConfigurationError

_HALF: Final = ""
"""Provider of half a line: a request, perhaps, to somebody."""


class _Asked(Struct):
    event: str = ""
    provider: str = ""


def asked_on(directory: Path, day: date) -> Counter[str]:
    """Return how many requests were sent on a day (UTC), by provider.

    Nothing is written; a log that is not there has no requests. Half a line, of a machine that
    lost its power, counts as a request to the provider without a name, as in ``AuditLog``.

    Args:
        directory: Of the log.
        day: Which day.

    Raises:
        ConfigurationError: The log cannot be read.
    """
    asked: Counter[str] = Counter()
    path = directory / f"{day.isoformat()}.jsonl"
    try:
        with path.open("rb") as log:
            for raw in log:
                try:
                    line = msgspec.json.decode(raw, type=_Asked)
                except msgspec.DecodeError:
                    line = _Asked("ask", _HALF)
                if line.event == "ask":
                    asked[line.provider] += 1
    except FileNotFoundError:
        return asked
    except OSError as error:
        reason = (error.strerror or type(error).__name__).lower()
        raise ConfigurationError(f"audit log {directory}: {reason}") from None
    return asked
