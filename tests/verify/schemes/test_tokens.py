"""Signed tokens: their signatures hold, and what cannot sign says so without a value."""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from keysift.catalogue.samples import expand
from keysift.model import CannotAskError, Doubt
from keysift.verify.schemes.tokens import GoogleAccount, Token, google, private_key, token
from tests.verify.schemes.moments import at

NOW = at("2026-03-02T12:34:56")


def pem(key: Any) -> str:  # noqa: ANN401 (any private key)
    """Return a key in its usual form."""
    content: bytes = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return content.decode()


def read(jwt: str) -> tuple[dict[str, Any], dict[str, Any], bytes, bytes]:
    """Return header, claims, what is signed, and the signature."""
    head, claims, signature = (urlsafe_b64decode(part + "==") for part in jwt.split("."))
    return json.loads(head), json.loads(claims), jwt.rpartition(".")[0].encode(), signature


def test_hs256() -> None:
    """The first example of RFC 7515 has line breaks in its header; jwt.io's has none."""
    own = Token(
        algorithm="HS256",
        key="your-256-" + "bit-secret",
        claims={"sub": "1234567890", "name": "John Doe"},
    )
    header, claims, _, signature = read(token(own, NOW)["jwt"])
    assert header == {"alg": "HS256", "typ": "JWT"}
    assert claims == {
        "sub": "1234567890",
        "name": "John Doe",
        "iat": 1772454896,
        "exp": 1772454896 + 300,
    }
    assert len(signature) == 32


def test_not_before_now() -> None:
    """Some providers want to be told so."""
    own = Token(algorithm="HS256", key="k", claims={"uris": ["GET acme.example/me"]}, from_now=True)
    claims = read(token(own, NOW)["jwt"])[1]
    assert claims["nbf"] == claims["iat"]
    assert claims["uris"] == ["GET acme.example/me"]


def test_rs256() -> None:
    """The public key verifies the signature, however the key's line breaks are written."""
    key = rsa.generate_private_key(65537, 2048)
    made = [
        token(Token(algorithm="RS256", key=text, claims={"iss": "1"}, header={"kid": "a"}), NOW)
        for text in (pem(key), pem(key).replace("\n", "\\n"), f'"{pem(key)}",')
    ]
    assert made[0] == made[1] == made[2]
    header, _, content, signature = read(made[0]["jwt"])
    assert header["kid"] == "a"
    key.public_key().verify(signature, content, padding.PKCS1v15(), hashes.SHA256())


def test_es256() -> None:
    """Both numbers of the signature have their full length."""
    key = ec.generate_private_key(ec.SECP256R1())
    own = Token(algorithm="ES256", key=pem(key), claims={"iss": "1"})
    _, _, content, signature = read(token(own, NOW)["jwt"])
    assert len(signature) == 64
    numbers = (int.from_bytes(signature[:32]), int.from_bytes(signature[32:]))
    key.public_key().verify(encode_dss_signature(*numbers), content, ec.ECDSA(hashes.SHA256()))


def test_ed25519() -> None:
    """Some keys are the base64 of the key and its public half."""
    key = ed25519.Ed25519PrivateKey.generate()
    own = Token(algorithm="EdDSA", key=pem(key), claims={"iss": "1"})
    _, _, content, signature = read(token(own, NOW)["jwt"])
    key.public_key().verify(signature, content)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "no key",
        "-----BEGIN PRIVATE KEY-----\nbm8ga2V5\n-----END PRIVATE KEY-----",
        "-----BEGIN PRIVATE KEY-----\n",
    ],
)
def test_a_key_that_cannot_be_read(text: str) -> None:
    """It is malformed, and the message repeats nothing."""
    with pytest.raises(CannotAskError) as caught:
        private_key(text)
    assert caught.value.doubt is Doubt.MALFORMED
    assert str(caught.value) == "its private key cannot be read"


def test_a_key_of_another_kind() -> None:
    """A key that cannot sign so is not sent."""
    key = ec.generate_private_key(ec.SECP256R1())
    with pytest.raises(CannotAskError):
        token(Token(algorithm="RS256", key=pem(key), claims={}), NOW)


@pytest.mark.parametrize("dress", ["{}", "'''{}'''", "escaped", "markup", "python"])
def test_google_accounts(dress: str) -> None:
    """The assertion goes to Google, wherever the file wants it to go."""
    text = expand("{gcp_service_account}", 7)
    account = json.loads(text)
    account["token_uri"] = "https://evil.example/token"  # noqa: S105 (an address)
    text = json.dumps(account)
    shown = {
        "escaped": json.dumps(text)[1:-1],
        "markup": text.replace('"', "&quot;"),
        "python": repr(account),
    }.get(dress, text)
    own = GoogleAccount(account=shown, scope="openid")
    header, claims, content, signature = read(google(own, NOW)["jwt"])
    assert header["kid"] == account["private_key_id"]
    assert claims["iss"] == account["client_email"]
    assert claims["aud"] == "https://oauth2.googleapis.com/token"
    assert "evil" not in content.decode()
    key = private_key(account["private_key"])
    assert isinstance(key, rsa.RSAPrivateKey)
    key.public_key().verify(signature, content, padding.PKCS1v15(), hashes.SHA256())


@pytest.mark.parametrize("text", ["{}", "[]", '{"client_email": 7, "private_key": []}', "\x00"])
def test_what_is_no_google_account(text: str) -> None:
    """It is malformed."""
    with pytest.raises(CannotAskError) as caught:
        google(GoogleAccount(account=text, scope="openid"), NOW)
    assert caught.value.doubt is Doubt.MALFORMED
