"""The checksums that issuers put into their tokens, for judging tokens and for making examples.

None of them is a secret or a signature: anybody can compute them, so a right one says that a text
was made by the issuer's scheme, and a wrong one that it was not.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import string
import zlib
from collections.abc import Iterable
from typing import Final

BASE62: Final = (string.digits + string.ascii_uppercase + string.ascii_lowercase).encode()
"""Digits in base 62, in the order of GitHub, npm and Microsoft."""

BASE36: Final = (string.digits + string.ascii_lowercase).encode()
"""Digits in base 36."""

BECH32: Final = b"qpzry9x8gf2tvdw0s3jn54khce6mua7l"
"""The 32 characters of Bech32 (BIP 173) by value."""

BECH32_CHECKSUM_LENGTH: Final = 6

_WORD: Final = 0xFFFFFFFF
_BECH32_GENERATOR: Final = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)


def in_base(number: int, alphabet: bytes, width: int = 0) -> bytes:
    """Write a number, most significant digit first, padded with zeros to ``width``."""
    digits = bytearray()
    while number:
        number, rest = divmod(number, len(alphabet))
        digits.append(alphabet[rest])
    return bytes(reversed(digits)).rjust(width, alphabet[:1])


def crc32_base62(text: bytes) -> bytes:
    """Return CRC-32 in six digits of base 62, as GitHub and npm write it."""
    return in_base(zlib.crc32(text), BASE62, 6)


def crc32_base36(text: bytes) -> bytes:
    """Return CRC-32 in seven digits of base 36, as GitLab writes it."""
    return in_base(zlib.crc32(text), BASE36, 7)


def crc32_hex(text: bytes) -> bytes:
    """Return CRC-32 in eight hexadecimal digits, the most significant byte first."""
    return b"%08x" % zlib.crc32(text)


def crc32_hex_reversed(text: bytes) -> bytes:
    """Return CRC-32 in eight hexadecimal digits, the least significant byte first (Grafana)."""
    return zlib.crc32(text).to_bytes(4, "little").hex().encode()


def bech32_checksum(head: bytes, values: Iterable[int]) -> bytes:
    """Return the six characters that complete a Bech32 text (BIP 173).

    Args:
        head: The human-readable part, in lower case.
        values: The data, in groups of 5 bits.
    """
    expanded = [byte >> 5 for byte in head] + [0] + [byte & 31 for byte in head]
    check = _bech32_polymod([*expanded, *values, *bytes(BECH32_CHECKSUM_LENGTH)]) ^ 1
    places = range(BECH32_CHECKSUM_LENGTH - 1, -1, -1)
    return bytes(BECH32[(check >> 5 * place) & 31] for place in places)


def _bech32_polymod(values: list[int]) -> int:
    check = 1
    for value in values:
        top = check >> 25
        check = (check & 0x1FFFFFF) << 5 ^ value
        for place, term in enumerate(_BECH32_GENERATOR):
            check ^= term if (top >> place) & 1 else 0
    return check


def marvin32(data: bytes, seed: int) -> int:
    """Return Marvin32 of ``data``, folded to 32 bits: the checksum of Microsoft's keys.

    Source: microsoft/SymCrypt, lib/marvin32.c.

    Args:
        data: What to sum up.
        seed: 64 bits.
    """
    low, high = seed & _WORD, seed >> 32
    padded = data + b"\x80" + bytes(-(len(data) + 1) % 4)
    for place in range(0, len(padded), 4):
        word = int.from_bytes(padded[place : place + 4], "little")
        low, high = _marvin_block((low + word) & _WORD, high)
    low, high = _marvin_block(low, high)
    return low ^ high


def _marvin_block(low: int, high: int) -> tuple[int, int]:
    high ^= low
    low = (_rotated(low, 20) + high) & _WORD
    high = _rotated(high, 9) ^ low
    low = (_rotated(low, 27) + high) & _WORD
    return low, _rotated(high, 19)


def _rotated(word: int, bits: int) -> int:
    return (word << bits | word >> (32 - bits)) & _WORD


BASE58: Final = b"123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
"""Digits in base 58, in the order of Bitcoin."""

BASE58_XRP: Final = b"rpshnaf39wBUDNEGHJKLM4PQRST7VWXYZ2bcdeCg65jkm8oFqi1tuvAxyz"
"""Digits in base 58, in the order of the XRP Ledger (XRPL documentation, "base58 encodings")."""

_CHECK_BYTES: Final = 4


def base58_decoded(text: bytes, alphabet: bytes = BASE58) -> bytes | None:
    """Return the bytes of a number in base 58; None for what holds other characters."""
    number = 0
    for char in text:
        digit = alphabet.find(char)
        if digit < 0:
            return None
        number = number * len(alphabet) + digit
    zeros = len(text) - len(text.lstrip(alphabet[:1]))
    return bytes(zeros) + number.to_bytes((number.bit_length() + 7) // 8, "big")


def base58_encoded(data: bytes, alphabet: bytes = BASE58) -> bytes:
    """Write bytes as a number in base 58; a leading zero byte is a leading first digit."""
    zeros = len(data) - len(data.lstrip(b"\0"))
    return alphabet[:1] * zeros + in_base(int.from_bytes(data, "big"), alphabet)


def base58check_decoded(text: bytes, alphabet: bytes = BASE58) -> bytes | None:
    """Return what Base58Check holds, without its checksum; None when that does not fit.

    Source: the Bitcoin wiki, "Base58Check encoding": the first four bytes of SHA-256 twice.
    """
    raw = base58_decoded(text, alphabet)
    if raw is None or len(raw) <= _CHECK_BYTES:
        return None
    body, check = raw[:-_CHECK_BYTES], raw[-_CHECK_BYTES:]
    return body if _double_sha256(body).startswith(check) else None


def base58check_encoded(body: bytes, alphabet: bytes = BASE58) -> bytes:
    """Write bytes in Base58Check."""
    return base58_encoded(body + _double_sha256(body)[:_CHECK_BYTES], alphabet)


def _double_sha256(data: bytes) -> bytes:
    return hashlib.sha256(hashlib.sha256(data).digest()).digest()


def crc16_decoded(text: bytes) -> bytes | None:
    """Return what base 32 with a CRC-16 at its end holds; None when that does not fit.

    CRC-16 of XMODEM, the least significant byte first. Sources: nats-io/nkeys, strkey.go; Stellar's
    SEP-23.
    """
    try:
        raw = base64.b32decode(text + b"=" * (-len(text) % 8))
    except (binascii.Error, ValueError):
        return None
    body, check = raw[:-2], raw[-2:]
    return body if body and binascii.crc_hqx(body, 0).to_bytes(2, "little") == check else None


def crc16_encoded(body: bytes) -> bytes:
    """Write bytes in base 32 with their CRC-16, without padding."""
    check = binascii.crc_hqx(body, 0).to_bytes(2, "little")
    return base64.b32encode(body + check).rstrip(b"=")
