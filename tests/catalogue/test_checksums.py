"""Checksums agree with the vectors of their specifications."""

from __future__ import annotations

import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keysift.catalogue import azure_keys
from keysift.catalogue.checksums import (
    BASE36,
    BASE62,
    BECH32,
    bech32_checksum,
    crc32_base36,
    crc32_base62,
    crc32_hex,
    crc32_hex_reversed,
    in_base,
    marvin32,
)

CHECK = b"123456789"
"""The text whose CRC-32 every description of it states: 0xCBF43926."""


@given(number=st.integers(0, 2**64), alphabet=st.sampled_from([BASE36, BASE62]))
def test_digits_stand_for_their_number(number: int, alphabet: bytes) -> None:
    """Digits read from the left give the number again."""
    read = 0
    for digit in in_base(number, alphabet):
        read = read * len(alphabet) + alphabet.index(digit)
    assert read == number


def test_small_numbers_are_padded() -> None:
    """A CRC-32 always takes six digits of base 62, seven of base 36, eight of base 16."""
    assert [len(sum_(b"")) for sum_ in (crc32_base62, crc32_base36, crc32_hex)] == [6, 7, 8]
    assert crc32_base62(b"") == b"000000"


def test_hexadecimal_forms() -> None:
    """The two hexadecimal forms differ in the order of their bytes."""
    assert crc32_hex(CHECK) == b"cbf43926"
    assert crc32_hex_reversed(CHECK) == b"2639f4cb"


def test_base_36_agrees_with_python() -> None:
    """Python reads base 36 itself."""
    assert int(crc32_base36(CHECK), 36) == zlib.crc32(CHECK)


def test_bech32_vectors() -> None:
    """The valid strings of BIP 173 have the checksum that they end in."""
    assert bech32_checksum(b"a", []) == b"2uel5l"
    assert (
        bech32_checksum(
            b"split",
            [BECH32.index(byte) for byte in b"checkupstagehandshakeupstreamerranterredcaperred"],
        )
        == b"2y9e3w"
    )


@pytest.mark.parametrize(
    ("seed", "data", "expected"),
    [
        (0xD53CD9CECD0893B7, b"abc", 0x22C74339 ^ 0x492769BF),
        (0x004FB61A001BDBCC, b"", 0x30ED35C1 ^ 0x00CD3C7D),
        (0x0DDDDEEEEFFFF000, b"abcdefghijklmnopqrstuvwxyz", 0xA128EB7E ^ 0x7260ACA2),
    ],
)
def test_marvin_vectors(seed: int, data: bytes, expected: int) -> None:
    """Marvin32 agrees with the vectors of Microsoft's implementations."""
    assert marvin32(data, seed) == expected


@given(data=st.binary(max_size=70), seed=st.integers(0, 2**64 - 1))
def test_marvin_fits_in_32_bits(data: bytes, seed: int) -> None:
    """No data and no seed make Marvin32 larger than a word."""
    assert 0 <= marvin32(data, seed) < 2**32


@given(data=st.binary(max_size=120))
def test_no_bytes_are_an_azure_key_by_mistake(data: bytes) -> None:
    """Whatever the bytes, the checks of Azure's keys answer with a bool."""
    checks = (azure_keys.has_right_checksum, azure_keys.is_annotated, azure_keys.is_devops_token)
    assert not any(check(data) for check in checks)


@given(rest=st.binary(min_size=28, max_size=28))
def test_devops_tokens_hold_their_checksum(rest: bytes) -> None:
    """28 random bytes make a token of 52 characters that passes."""
    token = azure_keys.devops_token(rest)
    assert len(token) == 52
    assert azure_keys.is_devops_token(token)


@given(body=st.text("ABCxyz019", min_size=80, max_size=80))
def test_annotated_keys_pass_in_both_lengths(body: str) -> None:
    """The 84 characters are the beginning of the 88, in base 62 as in base64."""
    for check in azure_keys.annotated_checksums(body.encode()):
        key = body.encode() + check
        assert len(key) == 88
        assert azure_keys.is_annotated(key)
        assert azure_keys.is_annotated(key[:84])
