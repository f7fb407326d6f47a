"""Keys and files of tools: Vault, Ansible, WireGuard, minisign, signify."""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from typing import Final

from keysift.detect.proofs.base import (
    Candidate,
    Outcome,
    Proven,
    Refuted,
    Undecided,
    proof,
)
from keysift.model import Severity

_SSC_HEAD: Final = b"\x08\x01\x12\x20"
"""Version 1, then an HMAC of 32 bytes, in the wire format of protocol buffers."""


@proof(
    "vault-token",
    decides="A service token that is a signed token in base64 (version, HMAC, body) is likely one; "
    "others decide nothing, because a server may be told to make random ones.",
    sources=("hashicorp/vault, vault/tokens/token.proto", "protobuf.dev, “Encoding”"),
    learns=("kind",),
)
def vault_token(candidate: Candidate) -> Outcome:
    """Read the frame of a server-side consistent token."""
    text = candidate.value.partition(b".")[2]
    raw = _base64(text.replace(b"-", b"+").replace(b"_", b"/"))
    body = raw[36:] if raw else b""
    if not raw or not raw.startswith(_SSC_HEAD) or body[:1] != b"\x1a":
        return Undecided()
    is_whole = len(body) > 2 and body[1] < 0x80 and len(body) == body[1] + 2
    return Proven("structure", {"kind": "service"}) if is_whole else Undecided()


_VAULT_PARTS: Final = 3


@proof(
    "ansible-vault",
    decides="Hexadecimal of three lines of hexadecimal (salt, HMAC of 32 bytes, ciphertext) is an "
    "encrypted file; anything else decides nothing: "
    "what is indented, or cut short, may be a part of one.",
    sources=("Ansible documentation, “Ansible Vault payload format 1.1 - 1.2”",),
    learns=("encrypted",),
)
def ansible_vault(candidate: Candidate) -> Outcome:
    """Undo the two layers of hexadecimal of an encrypted file."""
    digits = re.sub(rb"\\n|\s", b"", candidate.value)
    try:
        parts = binascii.unhexlify(digits).split(b"\n")
        sizes = [len(binascii.unhexlify(part)) for part in parts]
    except (binascii.Error, ValueError):
        return Undecided()
    if len(sizes) != _VAULT_PARTS or sizes[1] != 32 or not sizes[2] or sizes[2] % 16:
        return Undecided()
    return Proven("structure", {"encrypted": "yes"})


_KEY_BYTES: Final = 32


@proof(
    "wireguard-key",
    decides="A private key of 32 bytes that is clamped, as `wg genkey` makes it, is likely one; "
    "another decides nothing, because programs clamp when they use it. What is not 32 bytes is "
    "refuted.",
    sources=("wg(8), `genkey`; RFC 7748, section 5: which bits are cleared and set",),
    learns=("public_key",),
)
def wireguard_key(candidate: Candidate) -> Outcome:
    """Look at the bits of a Curve25519 key, and tell its public half."""
    raw = _base64(candidate.value)
    if raw is None or len(raw) != _KEY_BYTES:
        return Refuted("not base64 of 32 bytes")
    if raw[0] & 7 or raw[31] & 0xC0 != 0x40:
        return Undecided()
    # Importing cryptography costs more than scanning a small file.
    from cryptography.hazmat.primitives.asymmetric.x25519 import (  # noqa: PLC0415
        X25519PrivateKey,
    )

    public = X25519PrivateKey.from_private_bytes(raw).public_key().public_bytes_raw()
    return Proven("structure", {"public_key": base64.b64encode(public).decode("ascii")})


_MINISIGN_BYTES: Final = 158
_PLAIN_MINISIGN: Final = b"\0\0"


@proof(
    "minisign-key",
    decides="A key without a password whose BLAKE2b fits is proven, one under a password is "
    "likely; any other is refuted.",
    sources=("jedisct1/minisign, “Secret key format” of its documentation",),
    learns=("encrypted", "key_id"),
)
def minisign_key(candidate: Candidate) -> Outcome:
    """Check a secret key of minisign: algorithms, salt, limits, then id, key and checksum."""
    raw = _base64(candidate.value)
    if raw is None or len(raw) != _MINISIGN_BYTES or raw[:2] != b"Ed" or raw[4:6] != b"B2":
        return Refuted("not in minisign's format")
    if raw[2:4] != _PLAIN_MINISIGN:
        return Proven("structure", {"encrypted": "yes"}, Severity.LOW)
    number, key, check = raw[54:62], raw[62:126], raw[126:]
    if hashlib.blake2b(raw[:2] + number + key, digest_size=32).digest() != check:
        return Refuted("the checksum does not fit")
    return Proven("checksum", {"encrypted": "no", "key_id": number[::-1].hex().upper()})


_SIGNIFY_BYTES: Final = 104


@proof(
    "signify-key",
    decides="A key without a passphrase whose SHA-512 fits is proven, one under a passphrase is "
    "likely; any other is refuted.",
    sources=("openbsd/src, usr.bin/signify/signify.c, `struct enckey`",),
    learns=("encrypted", "key_id"),
)
def signify_key(candidate: Candidate) -> Outcome:
    """Check a secret key of signify: algorithms, rounds, salt, checksum, number, key."""
    raw = _base64(candidate.value)
    if raw is None or len(raw) != _SIGNIFY_BYTES or raw[:4] != b"EdBK":
        return Refuted("not in signify's format")
    check, number, key = raw[24:32], raw[32:40], raw[40:]
    if any(raw[4:8]):
        return Proven("structure", {"encrypted": "yes", "key_id": number.hex()}, Severity.LOW)
    if hashlib.sha512(key).digest()[:8] != check:
        return Refuted("the checksum does not fit")
    return Proven("checksum", {"encrypted": "no", "key_id": number.hex()})


def _base64(text: bytes) -> bytes | None:
    whole = text.rstrip(b"=")
    try:
        return base64.b64decode(whole + b"=" * (-len(whole) % 4), validate=True)
    except (binascii.Error, ValueError):
        return None
