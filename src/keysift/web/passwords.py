"""Passwords: Argon2id, and the same time for accounts that do not exist."""

from __future__ import annotations

import secrets
from threading import BoundedSemaphore
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from keysift.errors import UsageError

SHORTEST: Final = 12
"""Characters of a password at least (NIST SP 800-63B-4 asks for 15 where nothing else is asked)."""
LONGEST: Final = 1_000

_HASHER: Final = PasswordHasher()
"""With the library's parameters, which are those of RFC 9106 for machines with little memory."""

_AT_ONCE: Final = BoundedSemaphore(2)
"""Each takes 64 MiB and a processor; more at once would let a stranger exhaust both."""

_NOBODYS: Final = _HASHER.hash(secrets.token_urlsafe())


def hashed(password: str) -> str:
    """Return what is kept of a password.

    Raises:
        UsageError: It is too short, or too long.
    """
    if not SHORTEST <= len(password) <= LONGEST:
        raise UsageError(f"a password has {SHORTEST} to {LONGEST:,} characters")
    return _HASHER.hash(password.encode("utf-8", "surrogateescape"))


def is_right(password: str, kept: str | None) -> bool:
    """Tell whether a password is that of an account.

    Args:
        password: What was given.
        kept: What is kept of the right one; None: there is no such account, which takes as long.
    """
    if len(password) > LONGEST:
        return False
    with _AT_ONCE:
        try:
            _HASHER.verify(kept or _NOBODYS, password.encode("utf-8", "surrogateescape"))
        except (VerificationError, InvalidHashError):
            return False
    return kept is not None
