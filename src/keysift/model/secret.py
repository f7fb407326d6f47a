"""Secret: a value that hides itself.

``repr``, ``str``, logging and JSON show a mask. Equality and deduplication across runs use a keyed
fingerprint (BLAKE2b with a key that belongs to the user or the team), so that a published report
does not let a reader test guesses.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import NewType

FingerprintKey = NewType("FingerprintKey", bytes)
"""Random bytes, as ``fingerprint_key`` lets pass; who holds it can compare guesses."""

_FINGERPRINT_BYTES = 16
_SHOW_HEAD_FROM = 12
_SHOW_TAIL_FROM = 24
_PEM_HEADER = b"-----BEGIN"


def fingerprint_key(raw: bytes) -> FingerprintKey:
    """Return ``raw`` as a key: 16 to 64 bytes.

    Raises:
        ValueError: It is shorter or longer.
    """
    if not 16 <= len(raw) <= 64:
        raise ValueError(f"a fingerprint key has 16 to 64 bytes, this one has {len(raw)}")
    return FingerprintKey(raw)


class Secret:
    """The value of a secret. Only ``reveal`` and ``reveal_text`` give it out."""

    __slots__ = ("_value",)

    def __init__(self, value: bytes) -> None:
        self._value = value

    def reveal(self) -> bytes:
        """Return the value itself. Call sites are audited: keep them few."""
        return self._value

    def reveal_text(self) -> str:
        r"""Return the value as text for people: bytes that are not UTF-8 become ``\xNN``."""
        return self.reveal().decode(errors="backslashreplace")

    def fingerprint(self, key: FingerprintKey, detector: str) -> str:
        """Return the identity of this secret under ``key``: 32 hex digits.

        The detector id takes part, since a finding is detector + value.
        """
        digest = hashlib.blake2b(
            self._value, digest_size=_FINGERPRINT_BYTES, key=key, person=b"keysift.secret"
        )
        digest.update(b"\0" + detector.encode())
        return digest.hexdigest()

    @property
    def mask(self) -> str:
        """A form that can be shown: a recognisable head, never enough to guess the rest.

        Below 12 bytes nothing is shown, below 24 only two characters; the type's public prefix is
        usually longer than the four characters shown of others.
        """
        value = self._value
        if value.startswith(_PEM_HEADER):
            return value.split(b"\n", 1)[0][:64].decode("ascii", "replace").strip() + "…"
        if len(value) < _SHOW_HEAD_FROM:
            return "…"
        if len(value) < _SHOW_TAIL_FROM:
            return _printable(value[:2]) + "…"
        return _printable(value[:4]) + "…" + _printable(value[-2:])

    def __len__(self) -> int:
        return len(self._value)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and self._value == other._value

    def __hash__(self) -> int:
        return hash((Secret, self._value))

    def __repr__(self) -> str:
        return f"Secret({self.mask!r})"

    def __str__(self) -> str:
        return self.mask

    def __reduce__(self) -> tuple[type[Secret], tuple[bytes]]:
        # Worker processes hand secrets to their parent through a pipe.
        return (Secret, (self._value,))


def _printable(raw: bytes) -> str:
    return "".join(chr(byte) if 0x20 <= byte < 0x7F else "·" for byte in raw)


def masked(text: bytes, secrets: Iterable[Secret]) -> bytes:
    """Return a text with the mask of each of these secrets wherever its value stands.

    The longest come first, since a short one may be a part of a long one; empty ones do not count.
    """
    for secret in sorted(filter(len, set(secrets)), key=len, reverse=True):
        text = text.replace(secret.reveal(), secret.mask.encode())
    return text
