"""JSON web tokens: their claims and their expiry, and who signed them with a tutorial's key."""

from __future__ import annotations

import base64
import hmac
from collections.abc import Mapping
from typing import Final

from keysift.detect.proofs.base import (
    Candidate,
    Outcome,
    Proven,
    Refuted,
    Undecided,
    fact,
    proof,
)
from keysift.detect.proofs.payloads import as_text, parsed_json, times
from keysift.model import Confidence, Severity

_CLAIMS: Final = {
    "accountId": "account",
    "account_id": "account",
    "actid": "account",
    "tid": "account",
    "appid": "app",
    "azp": "app",
    "client_id": "app",
    "cid": "app",
    "aud": "audience",
    "iss": "issuer",
    "jti": "key_id",
    "kubernetes.io/serviceaccount/namespace": "namespace",
    "org_id": "organization",
    "organization": "organization",
    "team_id": "organization",
    "project_id": "project",
    "ref": "project",
    "rgn": "region",
    "role": "role",
    "per": "scope",
    "permissions": "scope",
    "scope": "scope",
    "scopes": "scope",
    "scp": "scope",
    "email": "user",
    "preferred_username": "user",
    "upn": "user",
    "kubernetes.io/serviceaccount/service-account.name": "user",
    "sub": "user",
    "uid": "user",
    "user_id": "user",
}
"""Facts by the claims that hold them; of several for one fact, the first that is there counts.

``tid`` is the tenant of Microsoft's tokens; monday.com's, where it is the token, have ``actid``.
"""

_ISSUED: Final = frozenset({"iss", "aud", "jti", "iat", "nbf", "exp"})
"""Claims that a service adds when it issues a token (RFC 7519, section 4.1)."""

_FEW_CLAIMS: Final = 3
_HMAC: Final = {"HS256": "sha256", "HS384": "sha384", "HS512": "sha512"}
_EXAMPLE_KEYS: Final = (
    b"", b"secret", b"your-256-bit-secret", b"your-384-bit-secret", b"your-512-bit-secret",
    b"a-string-secret-at-least-256-bits-long", b"key", b"test", b"password", b"my-secret",
    b"mysecret", b"secret-key", b"secretkey", b"changeme", b"jwt-secret", b"example",
)  # fmt: skip

_LEARNS: Final = tuple(sorted({*_CLAIMS.values(), "algorithm", "created", "expires", "expired"}))


@proof(
    "jwt",
    decides="Refutes what has no header with an algorithm or no claims in JSON, and the token of "
    "the debugger of jwt.io. An expired or unsigned token is worth little. One signed with a key "
    "that tutorials use, or that names neither issuer nor time, is most likely an example.",
    sources=("RFC 7519, RFC 7515 and RFC 7518",),
    learns=(*_LEARNS, "encrypted", "signing_key"),
)
def json_web_token(candidate: Candidate) -> Outcome:
    """Read header and claims of a JSON web token."""
    pieces = candidate.value.split(b".")
    header, claims = (parsed_json(piece) for piece in (*pieces, b"", b"")[:2])
    if not isinstance(header, dict) or "alg" not in header:
        return Refuted("the header is no JSON with an algorithm")
    facts = {"algorithm": fact(header["alg"], 16)}
    if "enc" in header:
        return Proven("structure", facts | {"encrypted": "yes"}, Severity.LOW)
    if not isinstance(claims, dict):
        return Refuted("the claims are no JSON")
    if claims.get("sub") == "1234567890" and claims.get("name") == "John Doe":
        return Refuted("the example of jwt.io")
    facts |= _claims(claims)
    if "expired" in facts:
        return Proven("expiry", facts, Severity.LOW, Confidence.LOW)
    if facts["algorithm"].lower() == "none" or not any(pieces[2:]):
        return Proven("structure", facts, Severity.LOW, Confidence.LOW)
    if _signed_with_example_key(candidate.value, facts["algorithm"]):
        return Proven("structure", facts | {"signing_key": "example"}, None, Confidence.LOW)
    if len(claims) < _FEW_CLAIMS and not _ISSUED.intersection(claims):
        # {"some": "payload"}: it is signed, but no service says that it issued it.
        return Proven("structure", facts, None, Confidence.LOW)
    return Proven("structure", facts)


@proof(
    "jwt-claims",
    decides="Reads the claims of a JSON web token somewhere in a token, and its expiry: an expired "
    "one is worth little. Refutes nothing: the provider's own shape says more.",
    sources=("RFC 7519; the references of the detectors that use it",),
    learns=_LEARNS,
)
def jwt_claims(candidate: Candidate) -> Outcome:
    """Read the claims of a token that its detector has recognised already."""
    start = candidate.value.find(b"eyJ")
    pieces = candidate.value[max(start, 0) :].split(b".")
    header, claims = (parsed_json(piece) for piece in (*pieces, b"", b"")[:2])
    if not isinstance(claims, dict):
        return Undecided()
    facts = _claims(claims)
    if isinstance(header, dict) and "alg" in header:
        facts["algorithm"] = fact(header["alg"], 16)
    if "expired" in facts:
        return Proven("expiry", facts, Severity.LOW)
    return Proven("structure", facts) if facts else Undecided()


def _claims(claims: Mapping[str, object]) -> dict[str, str]:
    facts: dict[str, str] = {}
    for claim, name in _CLAIMS.items():
        if claim == "tid" and "actid" in claims:
            continue
        if text := as_text(claims.get(claim)):
            facts.setdefault(name, text)
    match claims.get("kubernetes.io"):
        case {"namespace": str(namespace), "serviceaccount": {"name": str(name)}}:
            facts |= {"namespace": fact(namespace), "user": fact(name)}
        case _:
            pass
    return facts | times(claims)


def _signed_with_example_key(token: bytes, algorithm: str) -> bool:
    """Tell whether the signature was made with a key that tutorials use (RFC 7518, section 3.2)."""
    digest = _HMAC.get(algorithm)
    if digest is None:
        return False
    signed, _, signature = token.rpartition(b".")
    try:
        expected = base64.urlsafe_b64decode(signature + b"=" * (-len(signature) % 4))
    except ValueError:
        return False
    return any(hmac.digest(key, signed, digest) == expected for key in _EXAMPLE_KEYS)


@proof(
    "supabase-jwt",
    decides="As `jwt`; the anonymous key, which is public by design, is refuted.",
    sources=("Supabase documentation, “Understanding API keys”", "RFC 7519"),
    learns=(*_LEARNS, "encrypted", "signing_key"),
)
def supabase_service_role(candidate: Candidate) -> Outcome:
    """Tell a Supabase service key, which bypasses row security, from the public one."""
    outcome = json_web_token(candidate)
    if isinstance(outcome, Proven) and outcome.facts.get("role") == "anon":
        return Refuted("the public anon key")
    return outcome
