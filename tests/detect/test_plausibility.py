"""Random text passes; what people write instead of a secret does not."""

from __future__ import annotations

import base64
import random
import string

import pytest

from keysift.detect.plausibility import doubt_digest, doubt_text, entropy, longest_sequence
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
