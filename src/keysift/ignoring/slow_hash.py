"""The hash of a baseline: scrypt with a salt of the file, slow on purpose.

A baseline is public. Whoever has it can hash guesses; each guess costs them what it costs us, about
a tenth of a second and 32 MB of memory, and serves for this file alone. That makes the guessing of
passwords dear, though none that is on a short list is safe; keys that are random are safe anyway.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Final, Literal

import msgspec
from msgspec import Struct

from keysift.catalogue.cache import Cache
from keysift.model import FingerprintKey, Secret

if TYPE_CHECKING:
    from typing import TypeAlias

_BYTES: Final = 16
_SALT_BYTES: Final = 16
_SLACK_BYTES: Final = 1 << 20
_COST: Final = range(1 << 14, (1 << 17) + 1)
"""Below, hashing is too fast; above, a file that somebody else wrote could fill the memory."""

_THREADS: Final = 4
"""At once, at most: each takes 32 MB."""

Identity: TypeAlias = tuple[str, Secret]
"""A detector's id and a value."""


class Scrypt(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How a baseline's values are hashed (RFC 7914).

    Attributes:
        name: Always ``scrypt``.
        n: Cost, a power of two; a hash takes 128 times this, times ``r``, bytes of memory.
        r: Size of a block.
        p: Passes.
        salt: Random, 32 hexadecimal digits; made with the file.
    """

    name: Literal["scrypt"] = "scrypt"
    n: int = 1 << 15
    r: int = 8
    p: int = 1
    salt: str

    @classmethod
    def fresh(cls) -> Scrypt:
        """Return the parameters of a new file."""
        return cls(salt=secrets.token_hex(_SALT_BYTES))

    @property
    def problem(self) -> str:
        """What is wrong with them; empty when nothing is."""
        if self.n not in _COST or self.n & (self.n - 1) or self.r != 8 or self.p not in range(1, 5):
            return f"n must be a power of two from {_COST[0]} to {_COST[-1]}, r 8, and p 1 to 4"
        digits = set("0123456789abcdef")
        if len(self.salt) != 2 * _SALT_BYTES or not digits.issuperset(self.salt):
            return f"salt must be {2 * _SALT_BYTES} hexadecimal digits"
        return ""

    def hash(self, detector: str, secret: Secret) -> str:
        """Return the hash of a detector and a value: 32 hexadecimal digits."""
        return hashlib.scrypt(
            detector.encode() + b"\0" + secret.reveal(),
            salt=bytes.fromhex(self.salt),
            n=self.n,
            r=self.r,
            p=self.p,
            maxmem=128 * self.r * (self.n + self.p) + _SLACK_BYTES,
            dklen=_BYTES,
        ).hex()


class Hasher:
    """Hashes with the parameters of one file, each value once.

    What it has hashed it remembers in the user's cache, under fingerprints that only the holder of
    the user's key can compute: never under values.

    Args:
        scrypt: The parameters.
        key: For the fingerprints.
        cache: Where to remember; None: nowhere.
    """

    def __init__(self, scrypt: Scrypt, key: FingerprintKey, cache: Cache | None) -> None:
        self._scrypt = scrypt
        self._key = key
        self._cache = cache
        kept = cache.get(self._name) if cache is not None else None
        self._known: dict[str, str] = _decoded(kept)

    @property
    def _name(self) -> str:
        own = json.dumps(msgspec.structs.asdict(self._scrypt), sort_keys=True).encode()
        # The key takes part: another key's fingerprints would only take up room.
        return f"baseline-{hashlib.blake2b(own, key=self._key, digest_size=16).hexdigest()}"

    def hash_all(self, wanted: Iterable[Identity]) -> Mapping[Identity, str]:
        """Return the hash of each identity."""
        prints = {one: one[1].fingerprint(self._key, one[0]) for one in set(wanted)}
        missing = [one for one, fingerprint in prints.items() if fingerprint not in self._known]
        if missing:
            # Hashing lets go of the interpreter's lock.
            from concurrent.futures import ThreadPoolExecutor  # noqa: PLC0415 (start-up time)

            with ThreadPoolExecutor(min(_THREADS, os.cpu_count() or 1)) as pool:
                hashes = pool.map(lambda one: self._scrypt.hash(*one), missing)
                self._known |= dict(zip((prints[one] for one in missing), hashes, strict=True))
            if self._cache is not None:
                self._cache.put(self._name, msgspec.json.encode(self._known))
        return {one: self._known[fingerprint] for one, fingerprint in prints.items()}


def _decoded(kept: bytes | None) -> dict[str, str]:
    if kept is None:
        return {}
    try:
        return msgspec.json.decode(kept, type=dict[str, str])
    except msgspec.MsgspecError:
        return {}
