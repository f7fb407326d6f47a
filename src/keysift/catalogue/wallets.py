"""Example keys and seeds of wallets: counterparts of ``keysift.detect.proofs.wallets``."""

from __future__ import annotations

import json
from collections.abc import Callable
from random import Random
from typing import Final

from keysift.catalogue.checksums import (
    BASE58_XRP,
    BECH32,
    base58_encoded,
    base58check_encoded,
    bech32_checksum,
    crc16_encoded,
)


def _key(source: Random) -> bytes:
    """Return 32 bytes that are a number of secp256k1: the first bit is not set."""
    return bytes([source.randrange(1, 128)]) + source.randbytes(31)


def wif(arguments: str, source: Random) -> str:
    """Return a private key in Bitcoin's wallet import format; ``testnet`` or ``uncompressed``."""
    version = b"\xef" if arguments == "testnet" else b"\x80"
    mark = b"" if arguments == "uncompressed" else b"\x01"
    return base58check_encoded(version + _key(source) + mark).decode()


def xprv(arguments: str, source: Random) -> str:
    """Return an extended private key; ``tprv`` for test networks."""
    version = 0x04358394 if arguments == "tprv" else 0x0488ADE4
    depth = bytes([source.randrange(1, 6)])
    body = version.to_bytes(4, "big") + depth + source.randbytes(40) + b"\0" + _key(source)
    return base58check_encoded(body).decode()


def xrp_seed(arguments: str, source: Random) -> str:
    """Return a seed of the XRP Ledger; ``ed25519`` or the older kind."""
    prefix = b"\x01\xe1\x4b" if arguments == "ed25519" else b"\x21"
    return base58check_encoded(prefix + source.randbytes(16), BASE58_XRP).decode()


def tezos(arguments: str, source: Random) -> str:
    """Return a secret key of Tezos; ``secp256k1``, ``encrypted`` or a seed for Ed25519."""
    prefix, size = {
        "secp256k1": (bytes((17, 162, 224, 201)), 32),
        "encrypted": (bytes((7, 90, 60, 179, 41)), 56),
    }.get(arguments, (bytes((13, 15, 58, 7)), 32))
    return base58check_encoded(prefix + source.randbytes(size)).decode()


def stellar_seed(_: str, source: Random) -> str:
    """Return a secret seed of Stellar."""
    return crc16_encoded(bytes([18 << 3]) + source.randbytes(32)).decode()


_NKEYS: Final = {"account": 0, "server": 13 << 3, "operator": 14 << 3, "user": 20 << 3}


def nkey(arguments: str, source: Random) -> str:
    """Return a seed of NATS: ``account``, ``server``, ``operator`` or ``user``."""
    kind = _NKEYS[arguments or "user"]
    head = bytes([(18 << 3) | (kind >> 5), (kind & 31) << 3])
    return crc16_encoded(head + source.randbytes(32)).decode()


def nsec(_: str, source: Random) -> str:
    """Return a secret key of Nostr."""
    number = int.from_bytes(_key(source), "big") << 4
    values = [(number >> 5 * place) & 31 for place in range(51, -1, -1)]
    text = bytes(BECH32[value] for value in values) + bech32_checksum(b"nsec", values)
    return "nsec1" + text.decode()


def solana(arguments: str, source: Random) -> str:
    """Return a key pair of Solana in base 58, or as a ``list`` of numbers."""
    from cryptography.hazmat.primitives.asymmetric import ed25519  # noqa: PLC0415 (import time)

    seed = source.randbytes(32)
    pair = seed + ed25519.Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()
    return json.dumps(list(pair)) if arguments == "list" else base58_encoded(pair).decode()


def mnemonic(arguments: str, source: Random) -> str:
    """Return a seed phrase of BIP 39, of 12 words or as many as the argument says."""
    from mnemonic import Mnemonic  # noqa: PLC0415 (import time)

    entropy = source.randbytes(int(arguments or "12") * 4 // 3)
    words: str = Mnemonic("english").to_mnemonic(entropy)
    return words


MACROS: Final[dict[str, Callable[[str, Random], str]]] = {
    "mnemonic": mnemonic,
    "nkey": nkey,
    "nsec": nsec,
    "solana": solana,
    "stellar_seed": stellar_seed,
    "tezos": tezos,
    "wif": wif,
    "xprv": xprv,
    "xrp_seed": xrp_seed,
}
"""Macros by name: from arguments and a source of randomness to text."""
