"""Example keys and tokens of tools: counterparts of ``keysift.detect.proofs``."""

from __future__ import annotations

import base64
import hashlib
import hmac
import textwrap
from collections.abc import Callable
from random import Random
from typing import Final

import msgspec

_FAR: Final = 4_102_444_800
"""Seconds since 1970 at the beginning of 2100."""


def _b64(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


def minisign(arguments: str, source: Random) -> str:
    """Return a secret key of minisign, ``plain`` or under a password."""
    number, key = source.randbytes(8), source.randbytes(64)
    if arguments != "plain":
        return _b64(b"EdScB2" + source.randbytes(152))
    check = hashlib.blake2b(b"Ed" + number + key, digest_size=32).digest()
    return _b64(b"Ed\0\0B2" + bytes(48) + number + key + check)


def signify(arguments: str, source: Random) -> str:
    """Return a secret key of signify, ``plain`` or under a passphrase."""
    key = source.randbytes(64)
    rounds = bytes(4) if arguments == "plain" else (42).to_bytes(4, "big")
    check = hashlib.sha512(key).digest()[:8]
    return _b64(b"EdBK" + rounds + source.randbytes(16) + check + source.randbytes(8) + key)


def wireguard(_: str, source: Random) -> str:
    """Return a private key of WireGuard, clamped as ``wg genkey`` does."""
    key = bytearray(source.randbytes(32))
    key[0] &= 248
    key[31] = key[31] & 127 | 64
    return _b64(bytes(key))


def ansible_vault(_: str, source: Random) -> str:
    """Return the body of an encrypted file of Ansible: hexadecimal in lines of 80."""
    parts = (source.randbytes(32), source.randbytes(32), source.randbytes(16 * 8))
    return "\n".join(textwrap.wrap("\n".join(part.hex() for part in parts).encode().hex(), 80))


def putty(arguments: str, source: Random) -> str:
    """Return a PuTTY key file of version 3 with the right code, or one that is ``encrypted``."""
    algorithm, comment = b"ssh-ed25519", b"a key"
    encryption = b"aes256-cbc" if arguments == "encrypted" else b"none"
    halves = (source.randbytes(51), source.randbytes(36))
    named = (algorithm, encryption, comment, *halves)
    data = b"".join(len(one).to_bytes(4, "big") + one for one in named)
    mac = hmac.new(b"", data, "sha256").hexdigest()
    public, private = ("\n".join(textwrap.wrap(_b64(half), 64)) for half in halves)
    return (
        f"PuTTY-User-Key-File-3: {algorithm.decode()}\nEncryption: {encryption.decode()}\n"
        f"Comment: {comment.decode()}\nPublic-Lines: {len(public.splitlines())}\n{public}\n"
        f"Private-Lines: {len(private.splitlines())}\n{private}\nPrivate-MAC: {mac}\n"
    )


def nuget(_: str, source: Random) -> str:
    """Return a key of nuget.org, version 4."""
    halves = (b"v4" + source.randbytes(10), source.randbytes(16))
    return "".join(base64.b32encode(half).decode().rstrip("=").lower() for half in halves)


def vault(_: str, source: Random) -> str:
    """Return a service token of Vault: version, HMAC and body in protocol buffers."""
    body = b"\x0a\x18" + source.randbytes(24).hex()[:24].encode() + b"\x10" + bytes([5])
    raw = b"\x08\x01\x12\x20" + source.randbytes(32) + b"\x1a" + bytes([len(body)]) + body
    return "hvs." + base64.urlsafe_b64encode(raw).decode().rstrip("=")


def flyio(arguments: str, source: Random) -> str:
    """Return a token of Fly.io for one app; ``expired`` lies in the past."""
    until = 1_500_000_000 if arguments == "expired" else _FAR
    app = source.randrange(10**5, 10**6)
    caveats = [0, [source.randrange(10**4, 10**5), 31], 3, [{app: 31}], 4, [1_400_000_000, until]]
    nonce = [source.randbytes(16), source.randbytes(16), False]
    whole = [nonce, "https://api.fly.io/v1", caveats, source.randbytes(32)]
    return "fm2_" + _b64(msgspec.msgpack.encode(whole))


def der(arguments: str, source: Random) -> str:
    """Return a private key in base64 without its armour, of the kinds of the macro ``pem``."""
    from keysift.catalogue.structures import pem  # noqa: PLC0415 (which has all macros)

    return "".join(pem(arguments, source).splitlines()[1:-1])


def bedrock(arguments: str, source: Random) -> str:
    """Return a short-term key of Amazon Bedrock; ``expired`` lies in the past."""
    from keysift.catalogue.structures import aws_key_id  # noqa: PLC0415 (which has all macros)

    day, seconds = ("20190101", 43200) if arguments == "expired" else ("20250101", 10**8 * 5)
    scope = f"{aws_key_id('ASIA', source)}%2F{day}%2Feu-west-1%2Fbedrock%2Faws4_request"
    query = (
        f"bedrock.amazonaws.com/?Action=CallWithBearerToken&X-Amz-Algorithm=AWS4-HMAC-SHA256"
        f"&X-Amz-Credential={scope}&X-Amz-Date={day}T000000Z&X-Amz-Expires={seconds}"
        f"&X-Amz-SignedHeaders=host&X-Amz-Signature={source.randbytes(32).hex()}&Version=1"
    )
    return "bedrock-api-key-" + _b64(query.encode())


MACROS: Final[dict[str, Callable[[str, Random], str]]] = {
    "ansible_vault": ansible_vault,
    "bedrock": bedrock,
    "der": der,
    "flyio": flyio,
    "minisign": minisign,
    "nuget": nuget,
    "putty": putty,
    "signify": signify,
    "vault": vault,
    "wireguard": wireguard,
}
"""Macros by name: from arguments and a source of randomness to text."""
