"""Random text passes; what people write instead of a secret does not."""

from __future__ import annotations

import base64
import random
import string

import pytest

from keysift.detect.plausibility import (
    doubt_digest,
    doubt_text,
    entropy,
    is_counting,
    least_entropy,
    longest_sequence,
)
from keysift.model import SuppressReason


def test_random_values_are_not_doubted() -> None:
    """Of 20,000 random values, fewer than one in a thousand looks like a placeholder."""
    source = random.Random(7)
    alphabet = string.ascii_letters + string.digits
    values = ["".join(source.choices(alphabet, k=source.randint(16, 48))) for _ in range(20_000)]
    doubted = [value for value in values if doubt_text(value.encode(), value.encode())]
    assert len(doubted) < 20


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ("your-api-key-here", SuppressReason.PLACEHOLDER),
        ("YOUR_TOKEN", SuppressReason.PLACEHOLDER),
        ("changeme", SuppressReason.PLACEHOLDER),
        ("xxxxxxxxxxxxxxxx", SuppressReason.PLACEHOLDER),
        ("0000000000000000", SuppressReason.REPETITION),
        ("abababababababab", SuppressReason.REPETITION),
        ("a1b2a1b2a1b2a1b2", SuppressReason.REPETITION),
        ("0123456789abcdef", SuppressReason.SEQUENCE),
        ("qwertyuiop", SuppressReason.SEQUENCE),
        ("0123-4567-89AB-CDEF", SuppressReason.SEQUENCE),
        ("a0b1c2d3e4f5a6b7c8d9e0f1", SuppressReason.SEQUENCE),
        ("1A2B3C4D5E6F", SuppressReason.SEQUENCE),
        ("${SECRET}", SuppressReason.TEMPLATE),
        ("{{ secret }}", SuppressReason.TEMPLATE),
        ("%(password)s", SuppressReason.TEMPLATE),
        ("<your token>", SuppressReason.TEMPLATE),
        ("0-9A-Za-z_!@#$%^&*", SuppressReason.TEMPLATE),
        ("os.environ['X']", SuppressReason.LOOKUP),
        ("process.env.X", SuppressReason.LOOKUP),
    ],
)
def test_stand_ins_have_their_reason(value: str, reason: SuppressReason) -> None:
    """Each way of writing no secret is named."""
    doubt = doubt_text(value.encode(), value.encode())
    assert doubt is not None
    assert doubt[0] is reason


@pytest.mark.parametrize("before", [b'"sha256": "', b"--hash=sha256:", b"md5=", b"git_commit = '"])
def test_digests_are_known_by_what_introduces_them(before: bytes) -> None:
    """Hexadecimal text after the name of a digest is no key."""
    value = random.Random(1).randbytes(20).hex().encode()
    assert doubt_digest(before + value, len(before), value) is not None
    assert doubt_digest(b"api_key = '" + value, 11, value) is None


@pytest.mark.parametrize("before", [b"keysift/api.py,sha256=", b'"integrity": "sha512-'])
def test_a_digest_in_base64_is_known_by_its_algorithm(before: bytes) -> None:
    """The lines of a wheel's RECORD and of lock files are no keys; other words prove nothing."""
    value = base64.urlsafe_b64encode(random.Random(1).randbytes(33)).rstrip(b"=")
    assert doubt_digest(before + value, len(before), value) is not None
    assert doubt_digest(b"hash_key = '" + value, 12, value) is None


def test_entropy_is_shannon_per_character() -> None:
    """Four equally frequent characters carry two bits each."""
    assert entropy(b"abcdabcd") == pytest.approx(2.0)
    assert entropy(b"") == 0.0


def test_sequences_go_both_ways() -> None:
    """Ascending and descending runs count from four characters on."""
    assert longest_sequence(b"abcdefxx9876") == 10
    assert longest_sequence(b"abcxyz") == 0


@pytest.mark.parametrize("length", [8, 12, 16, 24, 32, 64])
@pytest.mark.parametrize(
    "alphabet",
    [
        string.digits,
        "0123456789abcdef",
        string.ascii_lowercase + string.digits,
        string.ascii_letters + string.digits,
    ],
    ids=["digits", "hexadecimal", "small", "base62"],
)
def test_a_limit_of_entropy_leaves_random_values_alone(alphabet: str, length: int) -> None:
    """However high the limit of a detector, at most one random value in a thousand is below it."""
    source = random.Random(length)
    values = ["".join(source.choices(alphabet, k=length)).encode() for _ in range(3000)]
    below = sum(entropy(value) < least_entropy(value, 9.0) for value in values)
    assert below <= 3


def test_a_limit_of_entropy_is_never_raised() -> None:
    """A detector that asks for less gets what it asks for; text of one character has none."""
    assert least_entropy(b"kT9xQ2mB7wZ4", 1.5) == 1.5
    assert least_entropy(b"", 3.0) == 0.0
    assert entropy(b"aaaaaaaaaaaa") < least_entropy(b"aaaaaaaaaaaa", 3.0)


@pytest.mark.parametrize(
    ("value", "counts"),
    [(b"a0b1c2d3e4f5", True), (b"A1B2C3D4", True), (b"a7b2k9d3q4f5", False), (b"a0b1", False)],
)
def test_letters_and_digits_that_count_in_turn_are_known(
    value: bytes,
    counts: bool,  # noqa: FBT001 (a parameter of the test)
) -> None:
    """Each second character follows the one before it."""
    assert is_counting(value) is counts


@pytest.mark.parametrize("value", [b"abc1" * 4, b"abc123def456" * 3, b"k3Jq9Zx0" * 2])
def test_a_text_repeated_is_no_secret(value: bytes) -> None:
    """A short text some times, or a longer one two or three times."""
    doubt = doubt_text(value, value)
    assert doubt is not None
    assert doubt[0] is SuppressReason.REPETITION
