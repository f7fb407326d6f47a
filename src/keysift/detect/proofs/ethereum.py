"""Keys of Ethereum and the addresses they control: secp256k1 by ``cryptography``, Keccak-256 here.

Python's ``sha3_256`` is the later standard, which pads otherwise.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from keysift.detect.proofs.base import Candidate, Outcome, Refuted, Undecided, proof
from keysift.detect.proofs.wallets import ORDER

_LANES: Final = 25
_RATE: Final = 136
_MASK: Final = (1 << 64) - 1
_ROUNDS: Final = 24


def _constants() -> tuple[int, ...]:
    """Return the constants of the rounds: a shift register makes them (FIPS 202)."""
    register, found = 1, []
    for _ in range(_ROUNDS):
        constant = 0
        for place in range(7):
            if register & 1:
                constant |= 1 << ((1 << place) - 1)
            register = register << 1 ^ (0x171 if register & 0x80 else 0)
        found.append(constant)
    return tuple(found)


_CONSTANTS: Final = _constants()


def _rotated(lane: int, bits: int) -> int:
    bits %= 64
    return (lane << bits | lane >> (64 - bits)) & _MASK


def _permuted(state: list[int]) -> list[int]:
    """Return the state after the 24 rounds of Keccak-f[1600]; lane (x, y) is at ``x + 5 * y``."""
    for constant in _CONSTANTS:
        sums = [
            state[x] ^ state[x + 5] ^ state[x + 10] ^ state[x + 15] ^ state[x + 20]
            for x in range(5)
        ]
        state = [
            lane ^ sums[(place + 4) % 5] ^ _rotated(sums[(place + 1) % 5], 1)
            for place, lane in enumerate(state)
        ]
        x, y, lane = 1, 0, state[1]
        for step in range(_ROUNDS):
            x, y = y, (2 * x + 3 * y) % 5
            place = x + 5 * y
            state[place], lane = _rotated(lane, (step + 1) * (step + 2) // 2), state[place]
        state = [
            lane
            ^ (~state[(place + 1) % 5 + place // 5 * 5] & state[(place + 2) % 5 + place // 5 * 5])
            for place, lane in enumerate(state)
        ]
        state[0] ^= constant
    return state


def keccak256(data: bytes) -> bytes:
    """Return Keccak-256 with the padding of the original submission (32 bytes)."""
    padded = bytearray(data + b"\x01" + bytes(-(len(data) + 1) % _RATE))
    padded[-1] |= 0x80
    state = [0] * _LANES
    for start in range(0, len(padded), _RATE):
        for lane in range(_RATE // 8):
            place = start + 8 * lane
            state[lane] ^= int.from_bytes(padded[place : place + 8], "little")
        state = _permuted(state)
    return b"".join(lane.to_bytes(8, "little") for lane in state[:4])


def address_of(key: int) -> str:
    """Return the address that a private key controls, with the capitals that EIP-55 checks.

    Args:
        key: From 1 to the order of secp256k1, less one.
    """
    # Importing cryptography costs more than scanning a small file.
    from cryptography.hazmat.primitives.asymmetric import ec  # noqa: PLC0415

    numbers = ec.derive_private_key(key, ec.SECP256K1()).public_key().public_numbers()
    point = numbers.x.to_bytes(32, "big") + numbers.y.to_bytes(32, "big")
    plain = keccak256(point)[-20:].hex()
    checks = keccak256(plain.encode()).hex()
    return "0x" + "".join(
        char.upper() if int(check, 16) >= 8 else char
        for char, check in zip(plain, checks, strict=False)
    )


def _development() -> dict[str, str]:
    text = (Path(__file__).parent / "ethereum-development.txt").read_text("ascii")
    rows = (line.partition(" ") for line in text.splitlines() if line and line[0] != "#")
    return {address: owner for address, _, owner in rows}


DEVELOPMENT: Final = _development()
"""Addresses, in lower case, whose keys development networks give everybody, by whom."""

_HEX_KEY: Final = re.compile(rb"(?:0x)?(?P<key>[0-9A-Fa-f]{64})")


@proof(
    "ethereum-key",
    decides="32 bytes in hexadecimal that lie on the curve can be a key; zero, what is too large, "
    "and the keys that development networks begin with are refuted.",
    sources=(
        (
            "The Ethereum yellow paper, appendix F: the address is the end of Keccak-256 of the "
            "public key"
        ),
        "The documentation of Hardhat, Foundry (Anvil) and Ganache: the accounts of their networks",
    ),
    learns=("address",),
)
def ethereum_key(candidate: Candidate) -> Outcome:
    """Check the range of a private key, and tell the address that it controls."""
    shape = _HEX_KEY.fullmatch(candidate.value)
    if shape is None:
        return Undecided()
    number = int(shape["key"], 16)
    if not 0 < number < ORDER:
        return Refuted("no number of the curve")
    address = address_of(number)
    if owner := DEVELOPMENT.get(address.lower()):
        return Refuted(f"an account that {owner} gives everybody")
    return Undecided({"address": address})
