"""Signed JSON web tokens that prove a private key (RFC 7515, RFC 7519, RFC 7523)."""

from __future__ import annotations

import html
import json
import re
from base64 import b64decode, urlsafe_b64encode
from collections.abc import Mapping
from typing import Any, Final, Literal

import msgspec
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from msgspec import field

from keysift.model import CannotAskError, Doubt
from keysift.verify.message import Moment
from keysift.verify.schemes.base import Parameters, Scheme, mac

_BEGIN: Final = re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?-----END [A-Z ]*-----", re.DOTALL)
_ESCAPED_LINE: Final = re.compile(r"(?:\\+r)?\\+n")
_MAX_ESCAPED: Final = 3
_P256_BYTES: Final = 32


class Token(Parameters, frozen=True):
    """What a token says, and the key that signs it.

    Attributes:
        algorithm: How it is signed (RFC 7518, section 3.1).
        key: The key: PEM, or for HS256 any text.
        claims: What it says, beside when it was issued and until when it is valid.
        from_now: Whether it also says that it is not valid before now (``nbf``).
        header: More of its header, such as ``kid``.
        lifetime_s: How long it is valid.
    """

    algorithm: Literal["HS256", "RS256", "ES256", "EdDSA"]
    key: str
    claims: dict[str, str | list[str]]
    from_now: bool = False
    header: dict[str, str] = field(default_factory=dict)
    lifetime_s: int = 300


def token(own: Token, moment: Moment) -> Mapping[str, str]:
    """Return the token as ``jwt``."""
    issued = int(moment.now.timestamp())
    claims: dict[str, object] = {**own.claims, "iat": issued, "exp": issued + own.lifetime_s}
    if own.from_now:
        claims["nbf"] = issued
    header = {"alg": own.algorithm, "typ": "JWT", **own.header}
    content = f"{_encoded(header)}.{_encoded(claims)}"
    return {"jwt": f"{content}.{_b64url(_signature(own, content))}"}


class GoogleAccount(Parameters, frozen=True):
    """A service account of Google.

    Attributes:
        account: Its key file, or how that stands in code.
        scope: What the token is to be good for.
    """

    account: str
    scope: str


_GOOGLE: Final = "https://oauth2.googleapis.com/token"


def google(own: GoogleAccount, moment: Moment) -> Mapping[str, str]:
    """Return the assertion that Google takes for a token, as ``jwt``.

    The audience is always Google's: where the file wants its assertions to go is not believed.

    Source: https://developers.google.com/identity/protocols/oauth2/service-account#authorizingrequests
    """
    fields = _account(own.account)
    claims: dict[str, str | list[str]] = {
        "iss": fields["client_email"],
        "scope": own.scope,
        "aud": _GOOGLE,
    }
    header = {"kid": fields["private_key_id"]} if fields.get("private_key_id") else {}
    return token(
        Token(algorithm="RS256", key=fields["private_key"], claims=claims, header=header), moment
    )


_FIELDS: Final = ("client_email", "private_key_id", "private_key")


def _account(text: str) -> dict[str, str]:
    """Return the fields of a key file, however it is escaped."""
    text = html.unescape(text)
    found = _json(text)
    for _ in range(_MAX_ESCAPED):
        if isinstance(found, dict):
            break
        # Inside a string of JSON or of a language like it, everything is escaped once more.
        inner = _json(f'"{text}"')
        if not isinstance(inner, str):
            break
        text = inner
        found = _json(text)
    if not isinstance(found, dict):
        found = {name: one[1] for name in _FIELDS if (one := re.search(_IN_CODE % name, text))}
    fields = {name: one for name in _FIELDS if isinstance(one := found.get(name), str)}
    if not {"client_email", "private_key"} <= fields.keys():
        raise CannotAskError(Doubt.MALFORMED, "it is no key file of a service account")
    return fields


_IN_CODE: Final = r"\b%s\\*[\"']\s*[:=]\s*\\*[\"']([^\"']+?)\\*[\"']"


def _json(text: str) -> Any:  # noqa: ANN401 (what JSON holds)
    try:
        return json.loads(text, strict=False)
    except (ValueError, RecursionError):
        return None


def _encoded(content: Mapping[str, object]) -> str:
    return _b64url(msgspec.json.encode(content))


def _b64url(content: bytes) -> str:
    return urlsafe_b64encode(content).decode().rstrip("=")


def _signature(own: Token, content: str) -> bytes:
    if own.algorithm == "HS256":
        return mac(own.key.encode(), content)
    key = private_key(own.key)
    match own.algorithm, key:
        case "RS256", rsa.RSAPrivateKey():
            return key.sign(content.encode(), padding.PKCS1v15(), hashes.SHA256())
        case "ES256", ec.EllipticCurvePrivateKey() if isinstance(key.curve, ec.SECP256R1):
            r, s = decode_dss_signature(key.sign(content.encode(), _ecdsa()))
            return r.to_bytes(_P256_BYTES, "big") + s.to_bytes(_P256_BYTES, "big")
        case "EdDSA", ed25519.Ed25519PrivateKey():
            return key.sign(content.encode())
        case _:
            raise CannotAskError(Doubt.MALFORMED, "its key is of another kind than it should be")


def _ecdsa() -> ec.ECDSA:
    """Signatures that come out the same twice (RFC 6979), where OpenSSL has them."""
    try:
        return ec.ECDSA(hashes.SHA256(), deterministic_signing=True)
    except UnsupportedAlgorithm:
        return ec.ECDSA(hashes.SHA256())


def private_key(text: str) -> object:
    """Return a private key from PEM, which may stand in a string of code.

    Raises:
        CannotAskError: It cannot be read; the message repeats nothing of it.
    """
    found = _BEGIN.search(_ESCAPED_LINE.sub("\n", text))
    try:
        if found is None:
            return _bare(text)
        return load_pem_private_key(found[0].encode(), None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        # `from None`: it may hold part of the key.
        raise CannotAskError(Doubt.MALFORMED, "its private key cannot be read") from None


def _bare(text: str) -> object:
    """Return an Ed25519 key from the base64 of it, with or without its public half."""
    raw = b64decode(text, validate=True)
    return ed25519.Ed25519PrivateKey.from_private_bytes(raw[:32])


TOKEN: Final = Scheme(Token, values=token, makes=frozenset({"jwt"}))
GOOGLE: Final = Scheme(GoogleAccount, values=google, makes=frozenset({"jwt"}))
