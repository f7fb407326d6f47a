"""What a person wrote for a secret is refuted; what a generator made is not."""

from __future__ import annotations

import base64
import random
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keysift.detect.proofs import PROOFS, Candidate, Outcome, Refuted, Undecided
from keysift.model import Confidence

_SEEDS = range(200)


def _outcome(proof: str, value: bytes, **parts: bytes) -> Outcome:
    return PROOFS[proof](Candidate(value, parts))


def _random(seed: int, alphabet: str, length: int) -> bytes:
    source = random.Random(seed)
    return "".join(source.choice(alphabet) for _ in range(length)).encode()


@pytest.mark.parametrize(
    "value",
    [
        b"my-secret-token-value",
        b"test_token_for_user",
        b"some/path/to/key_v2.pem",
        b"/v1/audio/speech",
        b"settings.SHOP_API_KEY",
        b"self.tokenizer.next",
        b"EC_PRIME256V1_KEY",
        b"fingerprint=53c9",
        b"12345678-1234-1234-1234-1234567890ab",
        b"organization-membership-updated2",
        base64.b64encode(b"super-secret-key"),
        base64.b64encode(b"the sample nonce"),
    ],
)
def test_readable_values_are_refuted(value: bytes) -> None:
    """Words, paths, code, names, UUIDs and readable base64 are no random secrets."""
    assert isinstance(_outcome("random-text", value), Refuted)


_GENERATED = {
    "hexadecimal 16": (string.hexdigits[:16], 16),
    "hexadecimal 32": (string.hexdigits[:16], 32),
    "small 13": (string.ascii_lowercase + string.digits, 13),
    "small 32": (string.ascii_lowercase + string.digits, 32),
    "base32 32": (string.ascii_uppercase + "234567", 32),
    "base62 24": (string.ascii_letters + string.digits, 24),
    "base64 43": (string.ascii_letters + string.digits + "+/", 43),
    "base64 88": (string.ascii_letters + string.digits + "+/", 88),
    "base64url 43": (string.ascii_letters + string.digits + "-_", 43),
}


@pytest.mark.parametrize("shape", list(_GENERATED))
def test_generated_values_stay(shape: str) -> None:
    """Of 3,000 values of a generator, at most three are taken for something readable."""
    alphabet, length = _GENERATED[shape]
    refuted = sum(
        isinstance(_outcome("random-text", _random(seed, alphabet, length)), Refuted)
        for seed in range(3000)
    )
    assert refuted <= 3


@pytest.mark.parametrize("prefix", [b"T-", b"R_", b"Key"])
def test_hexadecimal_text_behind_a_prefix_stays(prefix: bytes) -> None:
    """Sixteen different characters are few for random letters, and all that hexadecimal has."""
    refuted = sum(
        isinstance(_outcome("random-text", prefix + _random(seed, "0123456789abcdef", 32)), Refuted)
        for seed in _SEEDS
    )
    assert refuted <= len(_SEEDS) // 50


@pytest.mark.parametrize("label", [b"next_token", b"X-CSRF-Token", b"cache_key", b"clientToken"])
def test_public_names_refute_any_value(label: bytes) -> None:
    """A page token or a cache key is public, however random it looks."""
    value = _random(1, string.ascii_letters + string.digits, 40)
    assert isinstance(_outcome("random-text", value, label=label), Refuted)


@pytest.mark.parametrize(
    "password",
    [
        b"password",
        b"s3cr3t",
        b"changeme",
        b"my_password",
        b"testpass1",
        b"abc",
        b"getpass()",
        b"${DB_PASSWORD}",
        b"options.password",
        b"INCORRECT_PASSWORD",
        b"tiger",
    ],
)
def test_stand_ins_for_passwords_are_refuted(password: bytes) -> None:
    """Words for a password, and code that gets one, are not passwords."""
    assert isinstance(_outcome("real-password", password), Refuted)


def test_a_password_like_the_user_is_refuted() -> None:
    """User and password being the same is a default, not a secret."""
    assert isinstance(_outcome("real-password", b"gitlabber", user=b"gitlabber"), Refuted)


@pytest.mark.parametrize(
    "host",
    [
        b"localhost",
        b"127.0.0.1",
        b"[::1]",
        b"db.example.com",
        b"db.example.org:5432",
        b"hostname",
        b"192.0.2.7",
        b"mydb.test",
        b"my-host",
        b"localhost:27017,localhost:27018",
    ],
)
def test_credentials_of_reserved_hosts_are_doubted(host: bytes) -> None:
    """Nobody can use a password at this machine or at a host of RFC 2606 and RFC 5737.

    What a generator made is less sure, as the host may be left out; any other is refuted.
    """
    password = _random(2, string.ascii_letters + string.digits, 14)
    generated = _outcome("real-uri-credentials", password, host=host)
    assert isinstance(generated, Undecided)
    assert generated.confidence is Confidence.LOW
    assert isinstance(_outcome("real-uri-credentials", b"orders-db-1", host=host), Refuted)


@pytest.mark.parametrize("host", [b"db7.orders-prod.net", b"10.20.3.4", b"[2a01:4f8:c0c::7]", b""])
def test_credentials_of_real_hosts_stay(host: bytes) -> None:
    """A generated password at any other host may be real."""
    password = _random(3, string.ascii_letters + string.digits, 14)
    assert isinstance(_outcome("real-uri-credentials", password, host=host), Undecided)


def test_percent_encoding_is_undone_first() -> None:
    """``p%61ssword`` is the word password."""
    assert isinstance(_outcome("real-uri-credentials", b"p%61ssword"), Refuted)


def test_basic_credentials_tell_their_user() -> None:
    """The user of Basic credentials is a fact, the password is not."""
    password = _random(4, string.ascii_letters + string.digits, 14)
    value = base64.b64encode(b"ci-bot:" + password)
    assert _outcome("real-basic-credentials", value) == Undecided(facts={"user": "ci-bot"})


@pytest.mark.parametrize(
    "text", [b"no colon here", b"user:password", b"a:\x00\x01\x02\x03", b"x:y"]
)
def test_other_base64_is_no_basic_credentials(text: bytes) -> None:
    """Base64 that is not a user, a colon and a real password is refuted."""
    assert isinstance(_outcome("real-basic-credentials", base64.b64encode(text)), Refuted)


@given(value=st.binary(max_size=80), host=st.binary(max_size=40), user=st.binary(max_size=20))
def test_any_bytes_are_judged(value: bytes, host: bytes, user: bytes) -> None:
    """No value makes these proofs fail."""
    for name in PROOFS:
        if name.startswith(("real-", "random-")):
            outcome = _outcome(name, value, host=host, user=user, label=user)
            assert isinstance(outcome, (Refuted, Undecided))


@pytest.mark.parametrize(
    "name",
    [
        *("NEXTCLOUD_TOKEN", "SPLUNK_TOKEN", "PAGERDUTY_API_KEY", "HCAPTCHA_SECRET"),
        *("RECAPTCHA_PRIVATE_KEY", "PRIMARY_ACCESS_KEY", "syncthingApiKey", "HASH_SECRET"),
        *("cacheApiKey", "SHOP_API_KEY", "publisher_token"),
    ],
)
def test_names_of_products_are_not_public(name: str) -> None:
    """Only whole parts of a name say that it is public: ``page`` is not in ``PAGERDUTY``."""
    assert isinstance(_outcome("public-name", b"x", label=name.encode()), Undecided)


@pytest.mark.parametrize(
    "name",
    [
        *("nextPageToken", "next_token", "csrfmiddlewaretoken", "X-CSRF-Token", "sha256_key"),
        *("RECAPTCHA_SITE_KEY", "bos_token", "syncToken", "primaryKey", "TINI_GPG_KEY"),
        "FAKE_API_KEY",
    ],
)
def test_names_that_say_public_are_known(name: str) -> None:
    """Pages of lists, forms, digests, tokens of languages and keys of databases are no secrets."""
    assert isinstance(_outcome("public-name", b"x", label=name.encode()), Refuted)


def test_encoded_text_is_refuted() -> None:
    """A secret in it is found by decoding it."""
    assert isinstance(_outcome("encoded-text", base64.b64encode(b"user: shop of tools")), Refuted)
    assert isinstance(_outcome("encoded-text", _random(1, string.ascii_letters, 40)), Undecided)


@pytest.mark.parametrize("host", [b"192.168.1.4", b"db.corp.net"])
def test_hosts_of_inner_networks_are_real(host: bytes) -> None:
    """What opens something inside a network is a secret all the same."""
    outcome = _outcome("real-uri-credentials", b"k7Qw9ZpT4xVb2", user=b"shop", host=host)
    assert isinstance(outcome, Undecided)
    assert outcome.confidence is None
