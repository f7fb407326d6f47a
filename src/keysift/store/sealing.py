"""Values at rest: AES-256-GCM with a key that is never in the database.

The associated data name the row, so that a sealed value cannot be moved to another one. Losing the
key loses the values and nothing else.
"""

from __future__ import annotations

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
    """Seals and opens with one key.

    Args:
        key: 32 random bytes.

    Attributes:
        key_id: What tells this key from others without giving it away.

    Raises:
        ValueError: The key has another length.
    """

    def __init__(self, key: bytes) -> None:
        if len(key) != KEY_BYTES:
            raise ValueError(f"a sealing key has {KEY_BYTES} bytes, this one has {len(key)}")
        self._cipher = AESGCM(key)
        digest = hashlib.blake2b(key, digest_size=_ID_BYTES, person=b"keysift.sealing")
        self.key_id = digest.hexdigest()

    def seal(self, value: Secret, secret: int, name: str) -> Sealed:
        """Seal the value of a secret, or of its half called ``name``.

        Args:
            value: What to seal.
            secret: Number of the secret.
            name: Empty for the secret itself.
        """
        nonce = os.urandom(_NONCE_BYTES)
        sealed = self._cipher.encrypt(nonce, value.reveal(), _place(secret, name))
        return Sealed(self.key_id, nonce, sealed)

    def open(self, sealed: Sealed, secret: int, name: str) -> Secret:
        """Return a value.

        Raises:
            StoreError: It was sealed with another key, or changed, or moved.
        """
        if sealed.key_id != self.key_id:
            raise StoreError(
                f"the value was sealed with key {sealed.key_id}, this is key {self.key_id}"
            )
        try:
            return Secret(self._cipher.decrypt(sealed.nonce, sealed.sealed, _place(secret, name)))
        except InvalidTag:
            raise StoreError("a sealed value is damaged: its tag does not fit") from None


def _place(secret: int, name: str) -> bytes:
    return f"keysift.value/{secret}/{name}".encode()
