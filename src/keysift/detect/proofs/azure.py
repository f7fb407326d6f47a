"""Azure's keys with a signature and a checksum; ``keysift.catalogue.azure_keys`` has the formats.

Microsoft publishes the seeds of the checksums, perhaps not all of them: one that fits proves a key,
and one that does not leaves a value with the right signature.
"""

from __future__ import annotations

import re
from typing import Final

from keysift.catalogue import azure_keys
from keysift.detect.proofs.base import Candidate, Outcome, Proven, Undecided

_FIRST_YEAR: Final = 2024
_YEARS: Final = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_MONTHS: Final = b"ABCDEFGHIJKL"


def azure_identifiable_key(candidate: Candidate) -> Outcome:
    """Check the signature and the Marvin32 of an identifiable or annotated key.

    Source: microsoft/security-utilities. Annotated keys also tell the month of their allocation.
    """
    key = candidate.value.replace(b"%3D", b"=").replace(b"%3d", b"=")
    mark_at = azure_keys.ANNOTATED_MARK_AT
    if key[mark_at:].startswith(azure_keys.ANNOTATED_MARK) or azure_keys.is_annotated(key):
        facts = _allocated(key[mark_at + 6 : mark_at + 8])
        kind = "checksum" if azure_keys.is_annotated(key) else "structure"
        return Proven(kind, facts)
    if azure_keys.has_right_checksum(key):
        return Proven("checksum")
    if azure_keys.signature_of(key) in azure_keys.SEEDS:
        return Proven("structure")
    return Undecided()


def _allocated(date: bytes) -> dict[str, str]:
    """Return the month that a year (``A`` is 2024) and a month (``A`` is January) stand for."""
    year, month = _YEARS.find(date[:1]), _MONTHS.find(date[1:])
    if len(date) != 2 or year < 0 or month < 0:
        return {}
    return {"created": f"{_FIRST_YEAR + year}-{month + 1:02d}"}


_CLIENT_SECRET: Final = re.compile(rb"[A-Za-z0-9_~.-]{3}[0-9]Q~[A-Za-z0-9_~.-]{31,34}")


def azure_client_secret(candidate: Candidate) -> Outcome:
    """Check the shape of a client secret, and the checksum of those with ``8Q~`` in them.

    Source: microsoft/security-utilities, ``IsAzureAadClientAppIdentifiableSecret``.
    """
    value = candidate.value
    if not _CLIENT_SECRET.fullmatch(value):
        return Undecided()
    if azure_keys.client_secret_checksum(value[:-3]) == value[-3:]:
        return Proven("checksum")
    return Proven("structure")


def azure_devops_token(candidate: Candidate) -> Outcome:
    """Check the CRC-32 inside a token of 52 characters; tokens of an own server may have none.

    Source: microsoft/security-utilities, ``AdoPat``.
    """
    return Proven("checksum") if azure_keys.is_devops_token(candidate.value) else Undecided()
