"""Signing schemes, by the name that a validity table has for them: one module a family.

All are pure: the same secret, request, time and nonce give the same signed request.
"""

from __future__ import annotations

from typing import Final

from keysift.verify.schemes import aws
from keysift.verify.schemes.base import Parameters, Scheme

__all__ = ["SCHEMES", "Parameters", "Scheme"]

SCHEMES: Final[dict[str, Scheme]] = {
    "aws-sigv4": aws.SIGV4,
}
