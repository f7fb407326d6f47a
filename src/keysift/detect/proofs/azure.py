"""Azure's keys and signatures; ``keysift.catalogue.azure_keys`` has the formats with a checksum.

Microsoft publishes the seeds of the checksums, perhaps not all of them: one that fits proves a key,
and one that does not leaves a value with the right signature.
"""

from __future__ import annotations

import base64
import binascii
import re
from typing import Final
from urllib.parse import unquote_to_bytes

from keysift.catalogue import azure_keys
from keysift.detect.proofs.base import (
    Candidate,
    Outcome,
    Proven,
    Refuted,
    Undecided,
    fact,
    proof,
)
from keysift.detect.proofs.moment import instant, parsed, until
from keysift.model import Severity

_FIRST_YEAR: Final = 2024
_YEARS: Final = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_MONTHS: Final = b"ABCDEFGHIJKL"


@proof(
    "azure-identifiable-key",
    decides="A right Marvin32 proves the key; the signature of the service alone makes it likely.",
    sources=("microsoft/security-utilities, IdentifiableScan and Marvin",),
    learns=("created",),
)
def azure_identifiable_key(candidate: Candidate) -> Outcome:
    """Check an identifiable or annotated key; annotated ones tell the month of their allocation."""
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


@proof(
    "azure-client-secret",
    decides="A right checksum proves the secret; the shape with `Q~` alone makes it likely.",
    sources=("microsoft/security-utilities, `IsAzureAadClientAppIdentifiableSecret`",),
)
def azure_client_secret(candidate: Candidate) -> Outcome:
    """Check the shape of a client secret, and the checksum of those with ``8Q~`` in them."""
    value = candidate.value
    if not _CLIENT_SECRET.fullmatch(value):
        return Undecided()
    if azure_keys.client_secret_checksum(value[:-3]) == value[-3:]:
        return Proven("checksum")
    return Proven("structure")


@proof(
    "azure-devops-token",
    decides="A right CRC-32 proves a token of 52 characters; tokens of an own server may have "
    "none.",
    sources=("microsoft/security-utilities, `AdoPat`",),
)
def azure_devops_token(candidate: Candidate) -> Outcome:
    """Check the CRC-32 inside a token of 52 characters."""
    return Proven("checksum") if azure_keys.is_devops_token(candidate.value) else Undecided()


@proof(
    "azure-storage-key",
    decides="Base64 of 64 bytes, or of 32 for older services; anything else is refuted.",
    sources=("Microsoft documentation, “Manage storage account access keys”",),
)
def azure_storage_key(candidate: Candidate) -> Outcome:
    """Decode an account key."""
    try:
        raw = base64.b64decode(candidate.value, validate=True)
    except (binascii.Error, ValueError):
        return Refuted("not base64")
    if len(raw) not in (32, 64):
        return Refuted(f"{len(raw)} bytes instead of 32 or 64")
    if len(set(raw)) < len(raw) // 4:
        return Refuted("the bytes repeat")
    return Proven("structure")


_SEPARATOR: Final = re.compile(rb"&amp;|\\u0026")
_SCOPES: Final = {b"sp": "permissions", b"srt": "resources", b"ss": "services"}


@proof(
    "azure-sas",
    decides="A signature that is not base64 of 32 bytes refutes it; an expiry in the past makes it "
    "worth little.",
    sources=(
        (
            "Microsoft documentation, “Create a service SAS” and “Create an account SAS”: `se` is "
            "the expiry in ISO 8601, `sig` the base64 of an HMAC-SHA256, `sp` what is permitted"
        ),
    ),
    learns=("expires", "expired", "scope"),
)
def azure_sas(candidate: Candidate) -> Outcome:
    """Read the expiry, the permissions and the signature of a shared access signature."""
    fields = _fields(candidate.value)
    signature = fields.get(b"sig")
    if signature is not None and not _is_base64_of(signature, 32):
        return Refuted("the signature is not base64 of 32 bytes")
    facts = until(parsed(fields.get(b"se", b"").decode("ascii", "replace")))
    scope = [
        f"{word} {fact(fields[key].decode('latin-1'), 20)}"
        for key, word in _SCOPES.items()
        if fields.get(key)
    ]
    if scope:
        facts["scope"] = ", ".join(scope)
    if "expires" not in facts:
        return Undecided(facts)
    if "expired" in facts:
        return Proven("expiry", facts, Severity.LOW)
    return Proven("structure", facts)


@proof(
    "azure-messaging-signature",
    decides="Reads until when a signature of Service Bus or IoT Hub is valid; refutes nothing.",
    sources=(
        (
            "Microsoft documentation, “Service Bus access control with shared access signatures”: "
            "`sr` is the resource, `se` the expiry in seconds since 1970"
        ),
    ),
    learns=("expires", "expired", "host"),
)
def azure_messaging_signature(candidate: Candidate) -> Outcome:
    """Read the resource and the expiry around the signature.

    The groups are ``host`` (the resource) and ``_expires``, as they stand in the text.
    """
    parts = candidate.parts
    facts = {}
    resource = unquote_to_bytes(parts.get("host", b"")).rpartition(b"//")[2].partition(b"/")[0]
    if resource:
        facts["host"] = fact(resource.decode("latin-1"))
    seconds = parts.get("_expires", b"")
    if seconds.isdigit() and len(seconds) <= _SECONDS:
        facts |= until(instant(int(seconds)))
    if "expired" in facts:
        return Proven("expiry", facts, Severity.LOW)
    return Proven("structure", facts) if "expires" in facts else Undecided(facts)


_SECONDS: Final = 12
"""Digits of a time in seconds at most."""


def _fields(query: bytes) -> dict[bytes, bytes]:
    text = _SEPARATOR.sub(b"&", query)
    return {
        name: unquote_to_bytes(value)
        for name, _, value in (pair.partition(b"=") for pair in re.split(rb"[?&]", text))
    }


def _is_base64_of(text: bytes, size: int) -> bool:
    try:
        return len(base64.b64decode(text, validate=True)) == size
    except (binascii.Error, ValueError):
        return False
