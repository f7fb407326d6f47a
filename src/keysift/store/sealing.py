"""Values at rest: AES-256-GCM with a key that is never in the database.

The associated data name the row, so that a sealed value cannot be moved to another one. Losing the
key loses the values and nothing else.
"""

from __future__ import annotations

import copy
import hashlib
import os
from typing import Any, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from msgspec import Struct, structs

from keysift.errors import StoreError
from keysift.model import Secret

KEY_BYTES: Final = 32

_NONCE_BYTES: Final = 12
# 96 bits, as NIST SP 800-38D recommends; random ones are safe for 2**32 values of one key.

_ID_BYTES: Final = 8


class Sealed(Struct, frozen=True):
    """A sealed value.

    Attributes:
        key_id: Which key opens it.
        nonce: Of this value.
        sealed: The value, encrypted, with its tag.
    """

    key_id: str
    nonce: bytes
    sealed: bytes

    def columns(self) -> dict[str, Any]:
        """Return it as columns of ``secret_values``."""
        return structs.asdict(self)


class Sealer:
    """Seals with one key, and opens with that and older ones.

    Args:
        key: What seals: 32 random bytes.
        *older: Keys that open what was sealed before ``key`` was made.

    Attributes:
        key_id: What tells the key that seals from others, without giving it away.

    Raises:
        ValueError: A key has another length.
    """

    def __init__(self, key: bytes, *older: bytes) -> None:
        # The first of two equal keys wins, and both are the same.
        self._ciphers = {_key_id(one): AESGCM(one) for one in (key, *older)}
        self.key_id = _key_id(key)

    @property
    def key_ids(self) -> tuple[str, ...]:
        """The ids of all keys, of the one that seals first."""
        return tuple(sorted(self._ciphers, key=lambda one: one != self.key_id))

    def sealing_with(self, key_id: str) -> Sealer | None:
        """Return a sealer of the same keys that seals with this one; None without it."""
        if key_id not in self._ciphers:
            return None
        other = copy.copy(self)
        other.key_id = key_id
        return other

    def seal(self, value: Secret, secret: int, name: str) -> Sealed:
        """Seal the value of a secret, or of its half called ``name``.

        Args:
            value: What to seal.
            secret: Number of the secret.
            name: Empty for the secret itself.
        """
        nonce = os.urandom(_NONCE_BYTES)
        cipher = self._ciphers[self.key_id]
        sealed = cipher.encrypt(nonce, value.reveal(), _place(secret, name))
        return Sealed(self.key_id, nonce, sealed)

    def open(self, sealed: Sealed, secret: int, name: str) -> Secret:
        """Return a value.

        Raises:
            StoreError: It was sealed with a key we do not have, or changed, or moved.
        """
        cipher = self._ciphers.get(sealed.key_id)
        if cipher is None:
            known = ", ".join(self.key_ids)
            raise StoreError(f"the value was sealed with key {sealed.key_id}, we have {known}")
        try:
            return Secret(cipher.decrypt(sealed.nonce, sealed.sealed, _place(secret, name)))
        except (InvalidTag, ValueError):
            # A nonce of a wrong length is a ValueError.
            raise StoreError("a sealed value is damaged: its tag does not fit") from None


def _key_id(key: bytes) -> str:
    if len(key) != KEY_BYTES:
        raise ValueError(f"a sealing key has {KEY_BYTES} bytes, this one has {len(key)}")
    return hashlib.blake2b(key, digest_size=_ID_BYTES, person=b"keysift.sealing").hexdigest()


def _place(secret: int, name: str) -> bytes:
    return f"keysift.value/{secret}/{name}".encode()
