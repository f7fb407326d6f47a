"""How Azure builds its keys: signatures, and checksums that anybody can compute.

Source: microsoft/security-utilities, ``IdentifiableSecrets`` and ``IdentifiableMetadata``, for

- *identifiable* keys: base64 of random bytes whose text ends in four characters that name the
  service and six that hold Marvin32 of all bytes before;
- *common annotated* keys: 84 or 88 characters, among them ``JQQJ9``, the month of allocation, four
  characters that name the service, and Marvin32 in base 62;
- client secrets of Entra applications: 37 or 40 characters with ``7Q~`` or ``8Q~`` in them, the
  latter with the beginning of Marvin32 at the end;
- personal access tokens of Azure DevOps until 2024: 52 characters of base 32, with CRC-32
  scattered among 28 random bytes.
"""

from __future__ import annotations

import base64
import binascii
import string
import zlib
from typing import Final

from keysift.catalogue.checksums import BASE62, in_base, marvin32

ANNOTATED_MARK: Final = b"JQQJ9"
ANNOTATED_MARK_AT: Final = 52
ANNOTATED_LENGTHS: Final = (84, 88)
_ANNOTATED_BODY: Final = 80


def _seed(name: str) -> int:
    """Return the seed that is called ``name``: eight characters with a version at the end."""
    return int.from_bytes(name.encode("ascii"), "big")


_MESSAGING: Final = ("Send0000", "Manage00", "Listen00", "System00", "Unknown0")
_SEED_NAMES: Final = {
    "+ASb": _MESSAGING,
    "+AEh": _MESSAGING,
    "+ARm": _MESSAGING,
    "+ABa": ("AbAcct00",),
    "AzFu": ("Master00", "System00", "Functi00"),
    "ACDb": (
        "MastRW00",
        "MastRO00",
        "SysAll00",
        "SystRW00",
        "SystRO00",
        "Resour00",
        "Encryp00",
    ),
    "AzCa": ("Access00",),
    "+ASt": ("Default0",),
    "AzSe": ("Query000", "PAdmin00"),
    "+AMC": ("Classic0",),
    "+ACR": ("ACRDflt0",),
    "+SQL": ("UsrPwd00",),
    "AIoT": ("IoTHub00", "DpsKey00", "Device00"),
    "APIM": ("Tenant00", "IoTHub00", "Gatewy00", "GitKey00"),
    "AZEG": ("Default0",),
}
SEEDS: Final = {
    signature.encode(): tuple(map(_seed, names)) for signature, names in _SEED_NAMES.items()
}
"""Seeds of the checksum by the signature of the service."""

_ANNOTATED_SEED: Final = _seed("Default0")
_CLIENT_SECRET_SEED: Final = _seed("AadPwd00")
_CLIENT_SECRET_DIGITS: Final = (string.ascii_letters + "1234567890.-_~").encode()


def signature_of(key: bytes) -> bytes:
    """Return the four characters of an identifiable key that name the service."""
    return key.rstrip(b"=")[-10:-6]


def has_right_checksum(key: bytes) -> bool:
    """Tell whether the checksum of an identifiable key (base64 or base64url) fits."""
    standard = key.replace(b"-", b"+").replace(b"_", b"/")
    try:
        raw = base64.b64decode(standard, validate=True)
    except binascii.Error:
        return False
    seeds = SEEDS.get(signature_of(key), ())
    return any(_checksum_bytes(raw[:-4], seed) == raw[-4:] for seed in seeds)


def identifiable(body: bytes, signature: bytes) -> bytes:
    """Return the key, in base64, of random characters, a signature and the right checksum.

    Args:
        body: The characters before the signature.
        signature: A key of ``SEEDS``.
    """
    text = body + signature + b"A" * 6
    raw = base64.b64decode(text + b"=" * (-len(text) % 4))
    return base64.b64encode(raw[:-4] + _checksum_bytes(raw[:-4], SEEDS[signature][0]))


def annotated_checksums(body: bytes) -> tuple[bytes, bytes]:
    """Return the checksum of an annotated key, in base 62 and in base64 (8 characters each).

    Args:
        body: The 80 characters before it.

    Raises:
        binascii.Error: ``body`` is no base64.
    """
    check = _checksum_bytes(base64.b64decode(body, validate=True), _ANNOTATED_SEED)
    zeros = len(check) - len(check.lstrip(b"\0"))
    digits = in_base(int.from_bytes(check, "big"), BASE62)
    text = (BASE62[:1] * zeros + digits)[:6].ljust(6, BASE62[:1])
    # The last of six base64 characters holds two bits of four bytes; the rest becomes zero.
    return base64.b64encode(base64.b64decode(text + b"==")), base64.b64encode(check)


def is_annotated(key: bytes) -> bool:
    """Tell whether ``key`` is an annotated key with the right checksum."""
    if len(key) not in ANNOTATED_LENGTHS:
        return False
    body, check = key[:_ANNOTATED_BODY], key[_ANNOTATED_BODY:]
    try:
        return any(right.startswith(check) for right in annotated_checksums(body))
    except binascii.Error:
        return False


def client_secret_checksum(body: bytes) -> bytes:
    """Return the three characters that end a client secret with ``8Q~`` in it."""
    return in_base(marvin32(body, _CLIENT_SECRET_SEED), _CLIENT_SECRET_DIGITS)[:3]


_DEVOPS_CHECK_AT: Final = (22, 8, 7, 2)
"""Where the four bytes of the checksum stand, the least significant first."""

_DEVOPS_BYTES: Final = 32

_DEVOPS_MASKS: Final = (0xE0B9692D, 0x1019F92E)
"""What the checksum is combined with: for tokens of users, and of applications."""


def is_devops_token(token: bytes) -> bool:
    """Tell whether 52 characters of base 32 hold the checksum of an Azure DevOps token."""
    try:
        raw = base64.b32decode(token.upper() + b"====")
    except binascii.Error:
        return False
    if len(raw) != _DEVOPS_BYTES:
        return False
    rest = bytes(byte for place, byte in enumerate(raw) if place not in _DEVOPS_CHECK_AT)
    held = int.from_bytes((raw[place] for place in _DEVOPS_CHECK_AT), "little")
    return zlib.crc32(rest) ^ held in _DEVOPS_MASKS


def devops_token(rest: bytes) -> bytes:
    """Return the token of 28 random bytes, as issued to a user."""
    check = (zlib.crc32(rest) ^ _DEVOPS_MASKS[0]).to_bytes(4, "little")
    raw = bytearray(rest)
    for place, byte in sorted(zip(_DEVOPS_CHECK_AT, check, strict=True)):
        raw.insert(place, byte)
    return base64.b32encode(raw).lower().rstrip(b"=")


def _checksum_bytes(data: bytes, seed: int) -> bytes:
    return marvin32(data, seed).to_bytes(4, "little")
