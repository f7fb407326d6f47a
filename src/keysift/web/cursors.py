"""Places in lists as text for addresses. What comes back may be anything."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from datetime import datetime
from typing import Final

import msgspec

from keysift.errors import UsageError
from keysift.store.queries.keyset import Key, Place, Value

_LARGEST: Final = 2**63 - 1
_WRONG: Final = "This address does not name a page of the list. Begin at the first one."


def written(place: Place | None) -> str:
    """Return a place as text; empty for None."""
    if place is None:
        return ""
    raw = msgspec.json.encode([place.side, *place.values])
    return urlsafe_b64encode(raw).decode().rstrip("=")


def read(text: str, keys: Sequence[Key]) -> Place | None:
    """Return the place that a text names; None for an empty one.

    Args:
        text: From ``written``, or from somebody else.
        keys: The order of the list.

    Raises:
        UsageError: It names none.
    """
    if not text:
        return None
    try:
        raw = urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4))
        side, *values = msgspec.json.decode(raw, type=list[int | str])
        found = tuple(_value(one, key) for one, key in zip(values, keys, strict=True))
    except ValueError:
        # Also what msgspec and base64 raise, and text that is not ASCII.
        raise UsageError(_WRONG) from None
    if side == "after":
        return Place(found, "after")
    if side == "before":
        return Place(found, "before")
    raise UsageError(_WRONG)


def _value(value: int | str, key: Key) -> Value:
    if key.kind is datetime:
        parsed = datetime.fromisoformat(str(value))
        if parsed.tzinfo is None:
            raise ValueError
        return parsed
    if key.kind is int:
        if isinstance(value, str) or abs(value) > _LARGEST:
            raise ValueError
        return value
    if not isinstance(value, str):
        raise ValueError  # noqa: TRY004 (told apart from nothing)
    return value
