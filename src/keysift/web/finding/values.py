"""Whether a value can be revealed, and why not."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum

from keysift.store.sealing import Sealed, Sealer


class Kept(Enum):
    """Whether a value can be revealed. The value is what to say to whoever asks."""

    YES = ""
    NOT_KEPT = (
        "The value is not in the store: it was crawled with --no-values, or purged. "
        "Only its mask and its fingerprint are known."
    )
    NO_KEY = (
        "The value is in the store, sealed; the dashboard was started without the key that opens "
        "it. Start it with the key in KEYSIFT_SEALING_KEY."
    )
    OTHER_KEY = (
        "The value is in the store, sealed with a key that the dashboard does not have. Add that "
        "key to KEYSIFT_SEALING_KEY, after a comma, and start it again."
    )

    @property
    def sentence(self) -> str:
        """Why it cannot be revealed; empty: it can."""
        return self.value


def kept(sealed: Mapping[str, Sealed], sealer: Sealer | None) -> Kept:
    """Tell whether the values of a secret can be revealed.

    Args:
        sealed: Its values, by name.
        sealer: What would open them.
    """
    if not sealed:
        return Kept.NOT_KEPT
    if sealer is None:
        return Kept.NO_KEY
    if any(one.key_id not in sealer.key_ids for one in sealed.values()):
        return Kept.OTHER_KEY
    return Kept.YES
