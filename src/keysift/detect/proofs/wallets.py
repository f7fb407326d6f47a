"""Keys and seeds of wallets and of NATS: checksums, and the range of a curve."""

from __future__ import annotations

import json
import re
from typing import Final

from keysift.catalogue.checksums import (
    BASE58_XRP,
    BECH32,
    BECH32_CHECKSUM_LENGTH,
    base58_decoded,
    base58_encoded,
    base58check_decoded,
    bech32_checksum,
    crc16_decoded,
)
from keysift.detect.proofs.base import Candidate, Outcome, Proven, Refuted, Undecided, proof

_WRONG: Final = Refuted("the checksum does not fit")
_ZERO_OR_TOO_LARGE: Final = Refuted("no number of the curve")
ORDER: Final = 0xFFFFFFFF_FFFFFFFF_FFFFFFFF_FFFFFFFE_BAAEDCE6_AF48A03B_BFD25E8C_D0364141
"""Of secp256k1 (SEC 2, section 2.4.1): a private key is a smaller number, and not zero."""

_LONGEST: Final = 130


def _is_on_secp256k1(key: bytes) -> bool:
    return 0 < int.from_bytes(key, "big") < ORDER


_WIF: Final = {0x80: "mainnet", 0xEF: "testnet"}


@proof(
    "bitcoin-key",
    decides="A private key in the wallet import format, or one under a passphrase (BIP 38), whose "
    "Base58Check fits and that lies on the curve, is proven; any other is refuted.",
    sources=("The Bitcoin wiki, “Wallet import format” and “Base58Check encoding”", "BIP 38"),
    learns=("network", "encrypted"),
)
def bitcoin_key(candidate: Candidate) -> Outcome:
    """Check a private key of Bitcoin, or of a coin that uses its format and numbers."""
    body = base58check_decoded(candidate.value[:_LONGEST])
    if body is None:
        return _WRONG
    if len(body) == 39 and body.startswith((b"\x01\x42", b"\x01\x43")):
        return Proven("checksum", {"encrypted": "yes"})
    network = _WIF.get(body[0])
    is_key = len(body) == 33 or (len(body) == 34 and body[-1] == 1)
    if network is None or not is_key:
        return Refuted("not in the wallet import format")
    if not _is_on_secp256k1(body[1:33]):
        return _ZERO_OR_TOO_LARGE
    return Proven("checksum", {"network": network})


_EXTENDED: Final = {
    0x0488ADE4: ("xprv", "mainnet"),
    0x049D7878: ("yprv", "mainnet"),
    0x04B2430C: ("zprv", "mainnet"),
    0x0295B005: ("Yprv", "mainnet"),
    0x02AA7A99: ("Zprv", "mainnet"),
    0x04358394: ("tprv", "testnet"),
    0x044A4E28: ("uprv", "testnet"),
    0x045F18BC: ("vprv", "testnet"),
    0x024285B5: ("Uprv", "testnet"),
    0x02575048: ("Vprv", "testnet"),
}
_EXTENDED_BYTES: Final = 78


@proof(
    "extended-key",
    decides="An extended private key whose Base58Check fits and that lies on the curve is proven; "
    "any other is refuted.",
    sources=("BIP 32, “Serialization format”", "SLIP-0132, “Registered HD version bytes”"),
    learns=("network", "kind"),
)
def extended_key(candidate: Candidate) -> Outcome:
    """Check an extended private key: version, depth, parent, number, chain code, 0, the key."""
    body = base58check_decoded(candidate.value[:_LONGEST])
    if body is None or len(body) != _EXTENDED_BYTES:
        return _WRONG
    known = _EXTENDED.get(int.from_bytes(body[:4], "big"))
    if known is None or body[45]:
        return Refuted("no extended private key")
    if not _is_on_secp256k1(body[46:]):
        return _ZERO_OR_TOO_LARGE
    kind, network = known
    depth = "root" if not body[4] else f"depth {body[4]}"
    return Proven("checksum", {"network": network, "kind": f"{kind}, {depth}"})


_XRP_SEEDS: Final = {b"\x21": "secp256k1", b"\x01\xe1\x4b": "ed25519"}
_XRP_SEED_BYTES: Final = 16


@proof(
    "xrp-seed",
    decides="A seed whose Base58Check (in the alphabet of the XRP Ledger) fits is proven; any "
    "other is refuted.",
    sources=("XRPL documentation, “base58 encodings”",),
    learns=("algorithm",),
)
def xrp_seed(candidate: Candidate) -> Outcome:
    """Check a seed of the XRP Ledger."""
    body = base58check_decoded(candidate.value[:_LONGEST], BASE58_XRP)
    if body is None:
        return _WRONG
    for prefix, algorithm in _XRP_SEEDS.items():
        if body.startswith(prefix) and len(body) == len(prefix) + _XRP_SEED_BYTES:
            return Proven("checksum", {"algorithm": algorithm})
    return Refuted("no seed")


_TEZOS: Final = {
    bytes((13, 15, 58, 7)): ("ed25519", 32),
    bytes((43, 246, 78, 7)): ("ed25519", 64),
    bytes((17, 162, 224, 201)): ("secp256k1", 32),
    bytes((16, 81, 238, 189)): ("p256", 32),
    bytes((7, 90, 60, 179, 41)): ("ed25519, encrypted", 56),
    bytes((9, 237, 241, 174, 150)): ("secp256k1, encrypted", 56),
    bytes((9, 48, 57, 115, 171)): ("p256, encrypted", 56),
}
"""Algorithms and lengths by the bytes that make a key begin with ``edsk``, ``spsk`` and so on."""


@proof(
    "tezos-key",
    decides="A secret key whose Base58Check fits is proven; any other is refuted.",
    sources=("tezos/tezos, src/lib_crypto/base58.ml",),
    learns=("algorithm", "encrypted"),
)
def tezos_key(candidate: Candidate) -> Outcome:
    """Check a secret key of Tezos."""
    body = base58check_decoded(candidate.value[:_LONGEST])
    if body is None:
        return _WRONG
    for prefix, (named, size) in _TEZOS.items():
        if body.startswith(prefix) and len(body) == len(prefix) + size:
            algorithm, _, encrypted = named.partition(", ")
            facts = {"algorithm": algorithm} | ({"encrypted": "yes"} if encrypted else {})
            return Proven("checksum", facts)
    return Refuted("no secret key")


_STELLAR_SEED: Final = 18 << 3


@proof(
    "stellar-seed",
    decides="A secret seed whose CRC-16 fits is proven; any other is refuted.",
    sources=("Stellar's SEP-23, “Strkeys”",),
)
def stellar_seed(candidate: Candidate) -> Outcome:
    """Check a secret seed of Stellar: a version byte and 32 bytes."""
    body = crc16_decoded(candidate.value[:_LONGEST])
    if body is None:
        return _WRONG
    is_seed = len(body) == 33 and body[0] == _STELLAR_SEED
    return Proven("checksum") if is_seed else Refuted("no secret seed")


_NKEY_SEED: Final = 18 << 3
_NKEYS: Final = {
    0: "account",
    2 << 3: "cluster",
    13 << 3: "server",
    14 << 3: "operator",
    20 << 3: "user",
    23 << 3: "curve",
}


@proof(
    "nkey-seed",
    decides="A seed whose CRC-16 fits is proven; one of the right length with another is refuted. "
    "Another length decides nothing.",
    sources=("nats-io/nkeys, strkey.go and crc16.go",),
    learns=("kind",),
)
def nkey_seed(candidate: Candidate) -> Outcome:
    """Check a seed of NATS: two bytes for seed and kind, and 32 bytes."""
    if len(candidate.value) != 58:
        return Undecided()
    body = crc16_decoded(candidate.value)
    if body is None:
        return _WRONG
    kind = _NKEYS.get((body[0] & 7) << 5 | body[1] >> 3)
    if body[0] & 0xF8 != _NKEY_SEED or kind is None:
        return Refuted("no seed")
    return Proven("checksum", {"kind": kind})


@proof(
    "nostr-key",
    decides="A secret key whose Bech32 checksum fits and that lies on the curve is proven; any "
    "other is refuted.",
    sources=("Nostr's NIP-19; BIP 173",),
)
def nostr_key(candidate: Candidate) -> Outcome:
    """Check a secret key of Nostr: 32 bytes in Bech32."""
    head, _, text = candidate.value[:_LONGEST].lower().rpartition(b"1")
    values = [BECH32.find(byte) for byte in text]
    if head != b"nsec" or min(values, default=-1) < 0:
        return Refuted("not in Bech32")
    body, check = values[:-BECH32_CHECKSUM_LENGTH], text[-BECH32_CHECKSUM_LENGTH:]
    if bech32_checksum(head, body) != check:
        return _WRONG
    number = sum(value << 5 * place for place, value in enumerate(reversed(body))) >> 4
    is_key = len(body) == 52 and 0 < number < ORDER
    return Proven("checksum") if is_key else _ZERO_OR_TOO_LARGE


@proof(
    "solana-key",
    decides="64 bytes, in base 58 or as a list of numbers, of which the second half is the public "
    "key of the first (Ed25519), are proven; any other are refuted.",
    sources=("Solana documentation, “File system wallets”; RFC 8032",),
    learns=("address",),
)
def solana_key(candidate: Candidate) -> Outcome:
    """Check that both halves of a key pair of Solana belong together."""
    raw = _bytes_of_key(candidate.value[: _LONGEST * 4])
    if raw is None or len(raw) != 64:
        return Refuted("not 64 bytes")
    # Importing cryptography costs more than scanning a small file.
    from cryptography.hazmat.primitives.asymmetric.ed25519 import (  # noqa: PLC0415
        Ed25519PrivateKey,
    )

    public = Ed25519PrivateKey.from_private_bytes(raw[:32]).public_key().public_bytes_raw()
    if public != raw[32:]:
        return Refuted("the halves do not belong together")
    return Proven("key", {"address": base58_encoded(public).decode("ascii")})


def _bytes_of_key(text: bytes) -> bytes | None:
    if not text.startswith(b"["):
        return base58_decoded(text[:_LONGEST])
    try:
        return bytes(json.loads(text))
    except (ValueError, TypeError, RecursionError):
        return None


_WORDS: Final = (12, 15, 18, 21, 24)
_FEWEST_DIFFERENT: Final = 0.6


@proof(
    "bip39-mnemonic",
    decides="12 to 24 words of the list of BIP 39 whose checksum fits are proven; any others, and "
    "phrases that repeat a few words as documentation does, are refuted.",
    sources=("BIP 39",),
    learns=("bits",),
)
def bip39_mnemonic(candidate: Candidate) -> Outcome:
    """Check the words and the checksum of a seed phrase in English."""
    words = re.findall(r"[a-z]+", candidate.value[:4000].decode("latin-1").lower())
    if len(words) not in _WORDS:
        return Refuted(f"{len(words)} words")
    if len(set(words)) < _FEWEST_DIFFERENT * len(words):
        return Refuted("a few words, repeated, as in documentation")
    from mnemonic import Mnemonic  # noqa: PLC0415 (its list of words is rarely needed)

    if not Mnemonic("english").check(" ".join(words)):
        return Refuted("a word is not in the list, or the checksum does not fit")
    return Proven("checksum", {"bits": str(len(words) * 32 // 3)})
