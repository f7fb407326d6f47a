"""Keys and tokens of tools are read as far as their formats are published."""

from __future__ import annotations

import base64

import pytest

from keysift.catalogue.samples import expand
from keysift.detect.proofs import PROOFS, Candidate, Outcome, Proven, Refuted, Undecided
from keysift.model import Severity

SEEDS = range(10)


def prove(proof: str, text: str, **parts: bytes) -> Outcome:
    """Return what a proof says of a value."""
    return PROOFS[proof](Candidate(text.encode("latin-1"), parts))


def facts(outcome: Outcome) -> dict[str, str]:
    """Return the facts of an outcome that is not a refutation."""
    assert not isinstance(outcome, Refuted)
    return dict(outcome.facts)


RIGHT = {
    "vault-token": ("{vault}", "structure", {"kind": "service"}),
    "ansible-vault": ("{ansible_vault}", "structure", {"encrypted": "yes"}),
    "minisign-key": ("{minisign:plain}", "checksum", {"encrypted": "no"}),
    "signify-key": ("{signify:plain}", "checksum", {"encrypted": "no"}),
    "wireguard-key": ("{wireguard}", "structure", {}),
    "nuget-key": ("{nuget}", "structure", {}),
    "putty-private-key": ("{putty}", "checksum", {"encrypted": "no", "algorithm": "ssh-ed25519"}),
    "der-private-key": ("{der:pkcs8}", "key", {"algorithm": "rsa"}),
    "flyio-macaroon": (
        "FlyV1 {flyio},fm2_{base64:80}",
        "structure",
        {"host": "https://api.fly.io/v1"},
    ),
    "aws-bedrock-key": ("{bedrock}", "structure", {"kind": "short-term", "region": "eu-west-1"}),
}
"""A template, the kind of proof, and facts it must give, by proof."""


@pytest.mark.parametrize("proof", RIGHT)
def test_right_values_are_proven(proof: str) -> None:
    """Every example passes, whatever the seed."""
    template, kind, expected = RIGHT[proof]
    for seed in SEEDS:
        outcome = prove(proof, expand(template, seed))
        assert isinstance(outcome, Proven)
        assert outcome.kind == kind
        assert dict(outcome.facts) | expected == outcome.facts


@pytest.mark.parametrize("proof", RIGHT)
def test_truncated_and_hostile_values_are_not_proven(proof: str) -> None:
    """Beginnings, other scripts and huge texts are nothing."""
    value = expand(RIGHT[proof][0], 1)
    hostile = ["", value[: len(value) // 3], "é" * 200, "A" * 200_000, "\0" * 99]
    assert not any(isinstance(prove(proof, text), Proven) for text in hostile)


CHECKED = {
    "minisign-key": "{minisign:plain}",
    "signify-key": "{signify:plain}",
    "putty-private-key": "{putty}",
    "der-private-key": "{der:rsa}",
}
"""Templates of what carries a checksum, by proof."""


@pytest.mark.parametrize("proof", CHECKED)
def test_one_wrong_character_is_noticed(proof: str) -> None:
    """A changed character inside the key does not pass."""
    for seed in SEEDS:
        value = expand(CHECKED[proof], seed)
        place = value.index("Private-Lines") + 25 if proof == "putty-private-key" else -30
        changed = value[:place] + ("A" if value[place] != "A" else "B") + value[place:][1:]
        outcome = prove(proof, changed)
        assert not isinstance(outcome, Proven) or outcome.kind == "structure"


@pytest.mark.parametrize(
    ("proof", "template"),
    [
        ("minisign-key", "{minisign}"),
        ("signify-key", "{signify}"),
        ("putty-private-key", "{putty:encrypted}"),
    ],
)
def test_what_is_encrypted_is_worth_less(proof: str, template: str) -> None:
    """Whoever finds it needs the passphrase as well."""
    outcome = prove(proof, expand(template, 1))
    assert isinstance(outcome, Proven)
    assert outcome.severity is Severity.LOW
    assert outcome.facts["encrypted"] == "yes"


def test_putty_version_2_has_a_code_of_its_own() -> None:
    """Before version 3, the key of the code was a digest of its name."""
    import hashlib  # noqa: PLC0415 (one test needs it)
    import hmac  # noqa: PLC0415 (the same)

    halves = [bytes(range(40)), bytes(range(20))]
    named = [b"ssh-rsa", b"none", b"mine", *halves]
    data = b"".join(len(one).to_bytes(4, "big") + one for one in named)
    key = hashlib.sha1(b"putty-private-key-file-mac-key").digest()  # noqa: S324 (PuTTY's choice)
    public, private = (base64.b64encode(half).decode() for half in halves)
    text = (
        "PuTTY-User-Key-File-2: ssh-rsa\nEncryption: none\nComment: mine\n"
        f"Public-Lines: 1\n{public}\n"
        f"Private-Lines: 1\n{private}\nPrivate-MAC: {hmac.new(key, data, 'sha1').hexdigest()}\n"
    )
    outcome = prove("putty-private-key", text)
    assert isinstance(outcome, Proven)
    assert outcome.kind == "checksum"


def test_unclamped_keys_of_wireguard_decide_nothing() -> None:
    """Programs clamp a key when they use it."""
    assert prove("wireguard-key", base64.b64encode(b"\xff" * 32).decode()) == Undecided()
    assert isinstance(prove("wireguard-key", base64.b64encode(b"\xff" * 31).decode()), Refuted)


def test_the_public_half_of_a_wireguard_key() -> None:
    """It is the key times the base point, whose coordinate is 9 (RFC 7748, section 4.1)."""
    from cryptography.hazmat.primitives.asymmetric import x25519  # noqa: PLC0415 (one test)

    value = expand("{wireguard}", 1)
    key = x25519.X25519PrivateKey.from_private_bytes(base64.b64decode(value))
    base = x25519.X25519PublicKey.from_public_bytes(b"\x09" + bytes(31))
    told = facts(prove("wireguard-key", value))
    assert base64.b64decode(told["public_key"]) == key.exchange(base)


def test_macaroons_of_fly_tell_their_limits() -> None:
    """Organisation, app and validity stand in the caveats; the earliest end counts."""
    told = facts(prove("flyio-macaroon", expand("{flyio}", 1)))
    assert told["organization"].isdigit()
    assert told["project"].isdigit()
    assert told["expires"].startswith("2100")
    expired = prove("flyio-macaroon", expand("{flyio:expired}", 1))
    assert isinstance(expired, Proven)
    assert (expired.kind, expired.severity) == ("expiry", Severity.LOW)


def test_random_tokens_of_vault_decide_nothing() -> None:
    """A server may be told to make tokens without a frame."""
    assert prove("vault-token", expand("hvs.{base62:24}", 1)) == Undecided()


def test_expired_bedrock_keys_are_worth_less() -> None:
    """A short-term key is a presigned request, which says when it ends."""
    outcome = prove("aws-bedrock-key", expand("{bedrock:expired}", 1))
    assert isinstance(outcome, Proven)
    assert (outcome.kind, outcome.severity) == ("expiry", Severity.LOW)
    assert outcome.facts["created"] == "2019-01-01"
    assert outcome.facts["expires"] == "2019-01-01T12:00:00+00:00"


def test_long_term_bedrock_keys_name_their_user() -> None:
    """The name of the IAM user holds the account."""
    template = "ABSK{b64:BedrockAPIKey-ab12-at-123412341234:{base62:64}}"
    told = facts(prove("aws-bedrock-key", expand(template, 1)))
    assert told["account"] == "123412341234"
    assert told["user"] == "BedrockAPIKey-ab12-at-123412341234"


def test_session_tokens_name_their_region() -> None:
    """It stands near the beginning, in clear text."""
    token = "IQoJb3JpZ2lu" + base64.b64encode(b"_ec\x10\x00\x1a\x09eu-west-3" + bytes(90)).decode()
    assert facts(prove("aws-session-token", token)) == {"region": "eu-west-3"}
    assert prove("aws-session-token", "IQoJb3JpZ2lu") == Undecided()


def test_signed_urls_tell_signer_and_expiry() -> None:
    """The query of a presigned URL has both."""
    key = expand("{aws_key_id:123456789012}", 1)
    query = f"X-Amz-Credential={key}%2F20200101%2Feu-west-1%2Fs3%2Faws4_request&amp;X-Amz-Date="
    query += "20200101T000000Z&X-Amz-Expires=3600&X-Amz-Signature="
    outcome = prove("signed-url", "0" * 64, _query=query.encode(), host=b"s3.amazonaws.com")
    assert isinstance(outcome, Proven)
    assert (outcome.kind, outcome.severity) == ("expiry", Severity.LOW)
    assert outcome.facts == {
        "account": "123456789012",
        "region": "eu-west-1",
        "created": "2020-01-01",
        "expires": "2020-01-01T01:00:00+00:00",
        "expired": "yes",
    }
    assert isinstance(prove("signed-url", "0" * 64, host=b"localhost"), Refuted)


def test_queries_of_any_length_are_read() -> None:
    """Only the first fields are looked at."""
    query = b"a=1&" * 5000 + b"X-Amz-Date=20200101T000000Z&X-Amz-Expires=60"
    outcome = prove("signed-url", "0" * 64, _query=query, host=b"s3.amazonaws.com")
    assert outcome == Undecided()


def test_messaging_signatures_tell_resource_and_expiry() -> None:
    """The expiry is in seconds since 1970, the resource percent-encoded."""
    host = b"sb%3A%2F%2Facme.servicebus.windows.net%2Fqueue"
    outcome = prove("azure-messaging-signature", "x", host=host, _expires=b"1500000000")
    assert isinstance(outcome, Proven)
    assert outcome.kind == "expiry"
    assert outcome.facts["host"] == "acme.servicebus.windows.net"
    assert prove("azure-messaging-signature", "x") == Undecided()
